import { dense, philox, type Rng } from '@x/linalg';
import { effort } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elliptope, prepareSpectrahedron, type Spectrahedron, spectrahedron, spectraplex } from '../../src/index.ts';
import { type Kernel, newKernel, plainKernel } from '../../src/kernel/instance.ts';
import { float64Copy, float64Region } from '../../src/kernel/memory.ts';
import { fastestWay, type HessianWay, loadPencil } from '../../src/spectrahedron/loaded.ts';
import { logDet } from '../../src/spectrahedron/log-det.ts';
import { centredAt, type Pencil } from '../../src/spectrahedron/pencil.ts';
import { randomSpectrahedron } from './bodies.ts';
import { inverseOf, logDetMetric, matrixOf, multiply, pencilAt, traceOf } from './reference.ts';

async function pencilOf(body: Spectrahedron): Promise<Pencil> {
  const { pencil, center } = await prepareSpectrahedron(body);
  return centredAt(pencil, center);
}

/** {x : I + sum x_i (u_i u_i^T - 2 v_i v_i^T) >= 0}, with the identity's negative among the matrices' span or not: bounded by the box rows. */
function lowRank(n: number, d: number, rng: Rng): Spectrahedron {
  // In a block beside the others, diag(1 + x_i, 1 - x_i) bounds x_i.
  const N = n + 2 * d;
  const A = Array.from({ length: d }, (_, i) => {
    const vectors = new Float64Array(4 * N);
    rng.fillNormal(vectors.subarray(0, n));
    rng.fillNormal(vectors.subarray(N, N + n));
    vectors[2 * N + n + 2 * i] = 1;
    vectors[3 * N + n + 2 * i + 1] = 1;
    return { vectors: dense(4, N, vectors), weights: [0.1, -0.2, 1, -1] };
  });
  return spectrahedron({
    A,
    C: dense(
      N,
      N,
      Float64Array.from({ length: N * N }, (_, p) => (p % (N + 1) === 0 ? -1 : 0)),
    ),
  });
}

/** A point inside, away from the centre. */
function inside(pencil: Pencil, rng: Rng): Float64Array {
  const barrier = logDet(pencil);
  const L = new Float64Array(pencil.order * pencil.order);
  barrier.factor(new Float64Array(pencil.dimension), L);
  const direction = rng.fillNormal(new Float64Array(pencil.dimension));
  const spectrum = barrier.spectrumAlong(L, direction);
  return direction.map((v) => (0.7 * v) / Math.max(1e-300, -spectrum[0]!));
}

const WAYS = ['dense', 'sparse', 'lowRank'] as const;

describe('the Hessian of -log det', () => {
  const bodies: readonly (readonly [string, (rng: Rng) => Spectrahedron, readonly HessianWay[]])[] = [
    ['random', (rng) => randomSpectrahedron(5, 7, rng), ['dense', 'sparse']],
    [
      '1 x 1',
      () => spectrahedron({ A: [dense(2, 2, Float64Array.of(1, 0, 0, -1))], C: dense(2, 2, Float64Array.of(0, 0, 0, -1)) }),
      WAYS.slice(0, 2),
    ],
    ['elliptope', () => elliptope(6), ['dense', 'sparse']],
    ['spectraplex', () => spectraplex(4), ['dense', 'sparse']],
    ['low rank', (rng) => lowRank(4, 3, rng), WAYS],
    ['larger than one block', (rng) => randomSpectrahedron(37, 5, rng), ['dense', 'sparse']],
  ];
  it.each(bodies)('%s: every way gives tr(S^-1 B_i S^-1 B_j) and the gradient -tr(S^-1 B_j)', async (_, make, ways) => {
    const rng = philox(41);
    const pencil = await pencilOf(make(rng));
    const { order: n, dimension: d } = pencil;
    const y = inside(pencil, rng);
    const expected = logDetMetric(pencil, [...y]);
    const inverse = inverseOf(pencilAt(pencil, [...y]));
    // Solves with L lose at most its condition, which is that of S at most 1e4 here; n d terms are added.
    const tolerance = 2 ** -52 * 1e4 * n * d;
    for (const way of ways) {
      const barrier = logDet(pencil, way);
      const L = new Float64Array(n * n);
      expect(barrier.factor(y, L)).toBe(true);
      const gradient = new Float64Array(d);
      const H = new Float64Array(d * d);
      barrier.derivatives(L, gradient, H);
      for (let i = 0; i < d; i++) {
        for (let j = 0; j <= i; j++) {
          const size = Math.sqrt(expected[i]![i]! * expected[j]![j]!);
          expect(Math.abs(H[i * d + j]! - expected[i]![j]!), `${way} ${i} ${j}`).toBeLessThanOrEqual(tolerance * size);
        }
        const size = Math.sqrt(n * expected[i]![i]!);
        expect(Math.abs(gradient[i]! + traceOf(multiply(inverse, matrixOf(pencil, i))))).toBeLessThanOrEqual(tolerance * size);
      }
    }
  });

  it('takes the way that suits the matrices', async () => {
    expect(fastestWay(await pencilOf(elliptope(10)))).toBe('sparse');
    expect(fastestWay(await pencilOf(randomSpectrahedron(12, 30, philox(1))))).toBe('dense');
    expect(fastestWay(await pencilOf(lowRank(20, 4, philox(1))))).toBe('lowRank');
  });

  it('says where S is not positive definite', async () => {
    const pencil = await pencilOf(elliptope(3));
    expect(logDet(pencil).factor([0.9, 0.9, -0.9], new Float64Array(9))).toBe(false);
  });
});

describe('the plain fallback', () => {
  it('computes the same bits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), fc.constantFrom(...WAYS), async (seed, way) => {
        const rng = philox(seed, 5);
        const pencil = await pencilOf(way === 'lowRank' ? lowRank(5, 3, rng) : randomSpectrahedron(6, 8, rng));
        const y = inside(pencil, rng);
        const noise = rng.fillNormal(new Float64Array(pencil.dimension));
        expect(steps(plainKernel(), pencil, way, y, noise)).toEqual(steps(newKernel(), pencil, way, y, noise));
      }),
      { seed: 42, numRuns: effort(20) },
    );
  });

  function steps(kernel: Kernel, pencil: Pencil, way: HessianWay, y: Float64Array, noise: Float64Array): number[][] {
    const { order: n, dimension: d } = pencil;
    const record = loadPencil(kernel, pencil, way);
    const at = float64Copy(kernel, y);
    const along = float64Copy(kernel, noise);
    const L = float64Region(kernel, n * n);
    const H = float64Copy(kernel, new Float64Array(d * d));
    const gradient = float64Region(kernel, d);
    const M = float64Region(kernel, n * n);
    kernel.spectraFactor(record, at.pointer, L.pointer);
    kernel.spectraHessian(record, L.pointer, H.pointer);
    kernel.spectraGradient(record, L.pointer, gradient.pointer);
    kernel.spectraAlong(record, L.pointer, along.pointer, M.pointer);
    return [L, H, gradient, M].map((region) => [...region.view()]);
  }
});
