import { dense, philox } from '@x/linalg';
import { describe, expect, it } from 'vitest';
import { type ActivationSpec, hypercubeFixedPoints, type LoopedNet, loopedNet, solveBatch, solveFixedPoint } from '../src/index.ts';
import { type Kernel, newKernel, plainKernel } from '../src/kernel/instance.ts';
import { floatsAt, placeFloats } from '../src/kernel/memory.ts';
import { loadNet } from '../src/kernel/program.ts';

const SPECS: ActivationSpec[] = [
  'identity',
  'relu',
  'tanh',
  'sigmoid',
  'gelu',
  'silu',
  'hard-tanh',
  'cubic',
  { kind: 'leaky-relu', slope: -0.3 },
  { kind: 'polynomial', coefficients: [0.1, -1, 0.3, 0.7] },
  { kind: 'polynomial', coefficients: [] },
  { kind: 'exp-polynomial', coefficients: [0.5, -2, 0.25] },
];

/** Layers of d, hidden and d neurons, with weights of a size that takes sigmoids to their ends. */
function block(d: number, hidden: number, activation: ActivationSpec, residual: number): LoopedNet {
  const rng = philox(11, d);
  const layer = (rows: number, cols: number) => ({
    weights: dense(rows, cols, rng.fillNormal(new Float64Array(rows * cols))),
    bias: rng.fillNormal(new Float64Array(rows)),
    activation,
  });
  return loopedNet(hidden === 0 ? layer(d, d) : [layer(hidden, d), layer(d, hidden)], { residual });
}

/** Rows of ordinary numbers, and some that are small, large or none. */
function points(rows: number, d: number): Float64Array {
  const awkward = [0, -0, 1e-310, -1e-8, 0.17, 20, -40, 400, -373, 746, -745.1, -1e300, Infinity, -Infinity, Number.NaN];
  return philox(12)
    .fillNormal(new Float64Array(rows * d))
    .map((v, p) => (p % 7 === 3 ? awkward[((p / 7) % awkward.length) | 0] : 2 * v));
}

function onKernel(kernel: Kernel, net: LoopedNet, X: Float64Array, rows: number): Float64Array {
  const x = placeFloats(kernel, X);
  const out = kernel.allocate(8 * X.length);
  loadNet(kernel, net)(rows, x, out);
  return floatsAt(kernel, out, X.length).slice();
}

describe('the kernel gives the bits of one point at a time, and so does the plain fallback', () => {
  it.each(SPECS.map((spec) => [JSON.stringify(spec), spec] as const))('%s', (_, spec) => {
    for (const [d, hidden, residual] of [
      [1, 0, 0],
      [2, 0, 0.5],
      [5, 3, 0],
      [4, 9, -1],
    ] as const) {
      const net = block(d, hidden, spec, residual);
      for (const rows of [1, 7, 8, 19]) {
        const X = points(rows, d);
        const expected = new Float64Array(rows * d);
        for (let i = 0; i < rows; i++) net.evaluate(X.subarray(i * d, (i + 1) * d), expected.subarray(i * d, (i + 1) * d));
        expect(onKernel(newKernel(), net, X, rows)).toEqual(expected);
        expect(onKernel(plainKernel(), net, X, rows)).toEqual(expected);
        const batch = new Float64Array(rows * d);
        net.batch(X, batch, rows);
        expect(batch).toEqual(expected);
      }
    }
  });

  it('more rows than are copied at once', () => {
    const net = block(5, 0, 'tanh', 0);
    const rows = 4000;
    const X = points(rows, 5);
    const [batch, one] = [new Float64Array(rows * 5), new Float64Array(5)];
    net.batch(X, batch, rows);
    for (let i = 0; i < rows; i++) {
      net.evaluate(X.subarray(5 * i, 5 * i + 5), one);
      expect(batch.subarray(5 * i, 5 * i + 5)).toEqual(one);
    }
  });
});

describe('solveBatch on a network', () => {
  it.each(['infinity', 'euclidean'] as const)('gives what one by one gives, in the %s norm, for more problems than go together', (norm) => {
    const d = 5;
    const rng = philox(4);
    const net = loopedNet({
      weights: dense(
        d,
        d,
        rng.fillNormal(new Float64Array(d * d)).map((v) => 0.6 * v),
      ),
      bias: rng.fillNormal(new Float64Array(d)),
      activation: 'tanh',
    });
    const rows = 2000;
    const X0 = rng.fillNormal(new Float64Array(rows * d));
    const options = { method: 'picard', norm, maxIterations: 300 } as const;
    const together = solveBatch(net.batch, dense(rows, d, X0), options);
    // The same map without what the kernel knows of it.
    const apart = solveBatch((X, out, count) => net.batch(X, out, count), dense(rows, d, X0), options);
    expect(apart).toEqual(together);
    for (let i = 0; i < rows; i += 7) {
      const single = solveFixedPoint(net.evaluate, X0.subarray(i * d, (i + 1) * d), options);
      expect(together.X.data.slice(i * d, (i + 1) * d)).toEqual(single.x);
      expect([together.reasons[i], together.iterations[i], together.residuals[i]]).toEqual([
        single.reason,
        single.iterations,
        single.residual,
      ]);
    }
  });
  it('a map may solve something itself', () => {
    const inner = hypercubeFixedPoints({ dimension: 3, kind: 'tanh' }).net;
    const f = (X: Float64Array, out: Float64Array, rows: number) => {
      const { X: ends } = solveBatch(inner.batch, dense(rows, 3, X.slice(0, 3 * rows)), { method: 'picard' });
      for (let p = 0; p < 3 * rows; p++) out[p] = 0.5 * X[p] + 0.5 * ends.data[p];
    };
    const starts = philox(5).fillNormal(new Float64Array(3000));
    const result = solveBatch(f, dense(1000, 3, starts), { method: 'picard' });
    expect(result.converged).toBe(1000);
    // Each coordinate ends in the fixed point on its start's side.
    for (let p = 0; p < 3000; p++) if (Math.abs(starts[p]) > 0.1) expect(Math.sign(result.X.data[p])).toBe(Math.sign(starts[p]));
  });
});
