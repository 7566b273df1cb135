import { AbortedError, dense, NonFiniteError, philox } from '@x/linalg';
import { describe, expect, it } from 'vitest';
import { type BatchFn, solveBatch, solveFixedPoint, type VecFn } from '../src/index.ts';
import { tanhNet } from './maps.ts';

const rowwise =
  (f: VecFn, d: number): BatchFn =>
  (X, out, rows) => {
    for (let i = 0; i < rows; i++) f(X.subarray(i * d, (i + 1) * d), out.subarray(i * d, (i + 1) * d));
  };

describe('solveBatch', () => {
  const d = 6;
  const starts = philox(3).fillNormal(new Float64Array(30 * d));
  const f = tanhNet(d, 1.4, 2);

  it.each(['picard', 'anderson', 'broyden', 'newton', 'rre'] as const)('gives what %s gives one by one, bit by bit', (method) => {
    const batch = solveBatch(rowwise(f, d), dense(30, d, starts), { method, maxIterations: 300 });
    for (let i = 0; i < 30; i++) {
      const single = solveFixedPoint(f, starts.subarray(i * d, (i + 1) * d), { method, maxIterations: 300 });
      expect(batch.X.data.slice(i * d, (i + 1) * d)).toEqual(single.x);
      expect([batch.reasons[i], batch.iterations[i], batch.residuals[i]]).toEqual([single.reason, single.iterations, single.residual]);
    }
    expect(batch.converged).toBe(batch.reasons.filter((reason) => reason === 'converged').length);
  });

  it('calls f for what is under way only', () => {
    let points = 0;
    const counted: BatchFn = (X, out, rows) => {
      points += rows;
      rowwise(f, d)(X, out, rows);
    };
    const { iterations, calls } = solveBatch(counted, dense(30, d, starts), { method: 'picard' });
    expect(points).toBe(iterations.reduce((sum, n) => sum + n, 0));
    expect(calls).toBe(Math.max(...iterations));
  });

  it('has a plain iteration of its own, with the same reasons to stop as one by one', () => {
    const maps: VecFn[] = [
      (x, out) => out.set([-x[0], 0.5 * x[1]]),
      (x, out) => out.set([3 * x[0], x[1]]),
      (x, out) => out.set([x[0] > 2 ? Number.NaN : x[0] + 0.7, x[1]]),
      (x, out) => out.set([x[0] + 1e-3, 0]),
      (x, out) => out.set([0.5 * x[0], 0.2 * x[1]]),
    ];
    for (const [k, g] of maps.entries()) {
      for (const norm of ['infinity', 'euclidean'] as const) {
        const X0 = dense(3, 2, new Float64Array([1, 2, -1, 0.5, 0, 0.1]));
        const batch = solveBatch(rowwise(g, 2), X0, { method: 'picard', norm, maxIterations: 400 });
        const singles = [0, 1, 2].map((i) =>
          solveFixedPoint(g, X0.data.subarray(2 * i, 2 * i + 2), { method: 'picard', norm, maxIterations: 400 }),
        );
        expect(batch.reasons).toEqual(singles.map(({ reason }) => reason));
        expect([...batch.iterations]).toEqual(singles.map(({ iterations }) => iterations));
        expect([...batch.residuals]).toEqual(singles.map(({ residual }) => residual));
        if (k === 0) expect(batch.reasons[0]).toBe('oscillating');
        if (k === 2) expect(batch.reasons[0]).toBe('diverged');
        if (k === 3) expect(batch.reasons[0]).toBe('stagnated');
      }
    }
  });

  it('refuses bad starts; none at all is fine; an abort carries what is there', () => {
    expect(() => solveBatch(rowwise(f, 1), dense(1, 1, new Float64Array([Number.NaN])))).toThrow(NonFiniteError);
    expect(solveBatch(rowwise(f, d), dense(0, d, new Float64Array(0)))).toMatchObject({ converged: 0, calls: 0 });
    const signal = AbortSignal.abort();
    expect(() => solveBatch(rowwise(f, d), dense(30, d, starts), { signal })).toThrow(AbortedError);
  });
});
