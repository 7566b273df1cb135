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

  it('refuses bad starts; none at all is fine; an abort carries what is there', () => {
    expect(() => solveBatch(rowwise(f, 1), dense(1, 1, new Float64Array([Number.NaN])))).toThrow(NonFiniteError);
    expect(solveBatch(rowwise(f, d), dense(0, d, new Float64Array(0)))).toMatchObject({ converged: 0, calls: 0 });
    const signal = AbortSignal.abort();
    expect(() => solveBatch(rowwise(f, d), dense(30, d, starts), { signal })).toThrow(AbortedError);
  });
});
