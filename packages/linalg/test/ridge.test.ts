/** Ridge leverage scores against exact arithmetic. */
import { effort, mustFail, random, seeds } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csrFromDense, type Dense, type LeverageScores, leverageScores } from '../src/index.ts';
import { map } from './residuals.ts';
import { times } from './scales.ts';

type Scorer = (A: Dense, ridge: number) => LeverageScores;

/** Bareiss' elimination without fractions; 0 where a leading minor vanishes, which those of positive definite matrices do not. */
function determinantOf(rows: bigint[][]): bigint {
  const M = rows.map((row) => row.slice());
  let last = 1n;
  for (let p = 0; p < M.length; p++) {
    for (let i = p + 1; i < M.length; i++)
      for (let j = p + 1; j < M.length; j++) M[i]![j] = last === 0n ? 0n : (M[i]![j]! * M[p]![p]! - M[i]![p]! * M[p]![j]!) / last;
    last = M[p]![p]!;
  }
  return last;
}

/** a_i^T G^-1 a_i = 1 - det(G - a_i a_i^T) / det G with G = A^T A + ridge I, to 2^-60. */
function exactScores(A: bigint[][], d: number, ridge: bigint): Float64Array {
  const G = Array.from({ length: d }, (_, j) =>
    Array.from({ length: d }, (_, k) => A.reduce((sum, a) => sum + a[j]! * a[k]!, j === k ? ridge : 0n)),
  );
  const whole = determinantOf(G);
  return Float64Array.from(A, (a) => {
    const without = determinantOf(G.map((row, j) => row.map((x, k) => x - a[j]! * a[k]!)));
    return Number(((whole - without) << 60n) / whole) * 2 ** -60;
  });
}

/** Whole numbers; the last columns differ from the first by 2^-digits of them. Ridges from 1 to far above the squares. */
const claim = (scorer: Scorer): void =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 0, max: 90 }),
      fc.integer({ min: -450, max: 450 }),
      seeds(),
      (n, d, digits, log, scale, seed) => {
        const r = random(seed);
        const A = map(n, d, () => r.integer(-9, 9));
        for (let i = 0; i < n; i++) for (let j = 1; j < d; j++) A.data[i * d + j]! += A.data[i * d]! * 2 ** digits;
        const whole = Array.from({ length: n }, (_, i) => Array.from(A.data.subarray(i * d, i * d + d), BigInt));
        const truth = exactScores(whole, d, 1n << BigInt(log));
        // 2^k A with 4^k times the ridge has the same scores.
        const { scores, rank, conditionEstimate } = scorer(times(scale, A), 2 ** log * 4 ** scale);
        expect(rank).toBe(d);
        // What one pass may lose, and a change of A by a few roundings (leverage.test.ts).
        const most = 1e-11 + 32 * (n + d) * (1 + conditionEstimate) * 2 ** -53;
        truth.forEach((t, i) => {
          expect(Math.abs(scores[i]! - t)).toBeLessThanOrEqual(most);
        });
      },
    ),
    { numRuns: effort(400) },
  );

describe('Ridge leverage scores are a_i^T (A^T A + ridge I)^-1 a_i', () => {
  it('holds', () => claim((A, ridge) => leverageScores(A, { ridge })));
  it('holds for sparse matrices', () => claim((A, ridge) => leverageScores(csrFromDense(A), { ridge })));
  it('fails without the ridge, with half of it, and with its root', () => {
    mustFail(() => claim((A) => leverageScores(A)));
    mustFail(() => claim((A, ridge) => leverageScores(A, { ridge: ridge / 2 })));
    mustFail(() => claim((A, ridge) => leverageScores(A, { ridge: Math.sqrt(ridge) })));
  });
  it('fails where a ridge counts as that of columns with unit norm', () =>
    mustFail(() =>
      claim((A, ridge) => {
        const squares = A.data.reduce((sum, x) => sum + x * x, 0) || 1;
        return leverageScores(A, { ridge: Math.min(ridge * squares, Number.MAX_VALUE) });
      }),
    ));
});
