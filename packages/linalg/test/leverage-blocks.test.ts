/** Leverage scores of blocks of rows: those of the whole matrix, whatever the blocks. */
import { conditioned, ensemble, matrices, mustFail, rankDeficient, views } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AbortedError,
  block,
  csrFromDense,
  type Dense,
  dense,
  leverageScores,
  leverageScoresOfBlocks,
  type Matrix,
  singularValues,
  toRows,
  zeros,
} from '../src/index.ts';

/** Blocks of these heights, one after the other, again and again; every other one sparse. */
function* cut(A: Dense, heights: readonly number[]): Generator<Matrix> {
  let first = 0;
  for (let i = 0; i === 0 || first < A.rows; i++) {
    const rows = Math.min(heights[i % heights.length]!, A.rows - first);
    const part = block(A, first, 0, rows, A.cols);
    yield i % 2 ? csrFromDense(part) : part;
    first += rows;
  }
}

const heights = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 4 });

describe('the scores of the whole matrix', () => {
  /** Both are as far from the exact scores as one pass may leave them, and a change of A by a few roundings (see leverage.test.ts). */
  const claim = async (A: Dense, parts: readonly number[], ridge: number, drop = 0): Promise<void> => {
    const whole = leverageScores(A, { ridge });
    const got = await leverageScoresOfBlocks(() => cut(block(A, drop, 0, A.rows - drop, A.cols), parts), { ridge });
    expect(got.rank).toBe(whole.rank);
    const values = singularValues(A);
    const condition = whole.rank < A.cols ? values[0]! / (values[whole.rank - 1] ?? 1) : whole.conditionEstimate;
    const most = 2e-11 + 32 * (A.rows + A.cols) * (1 + condition) * 2 ** -53;
    for (let i = 0; i < A.rows; i++) expect(Math.abs(got.scores[i]! - whole.scores[i]!)).toBeLessThanOrEqual(most);
  };
  const ridges = fc.constantFrom(0, 0, 1e-3, 2);
  it('for any entries', () =>
    fc.assert(fc.asyncProperty(views(matrices({ rows: [0, 300], cols: [0, 12] })), heights, ridges, (A, parts, r) => claim(A, parts, r))));
  it('for ill-conditioned columns', () =>
    fc.assert(fc.asyncProperty(conditioned({ rows: [20, 300], cols: [1, 12] }, [1, 1e10]), heights, (A, parts) => claim(A, parts, 0))));
  it('for any rank', () =>
    fc.assert(fc.asyncProperty(rankDeficient({ rows: [0, 60], cols: [0, 12] }), heights, (A, parts) => claim(A, parts, 0))));
  it('for columns at the ends of the range of numbers, and blocks that differ by as much', () =>
    fc.assert(
      fc.asyncProperty(
        matrices({ rows: [60, 90], cols: [1, 6] }, ['gaussian', 'cauchy']),
        fc.array(fc.integer({ min: -1060, max: 900 }), { minLength: 6, maxLength: 6 }),
        heights,
        (A, powers, parts) => {
          const data = A.data.map((x, p) => {
            const [i, j] = [Math.floor(p / A.cols), p % A.cols];
            const power = powers[j]! + (i > 30 ? 100 : 0);
            return x * 2 ** (power / 2) * 2 ** (power / 2);
          });
          return claim(dense(A.rows, A.cols, data), parts, 0);
        },
      ),
    ));
  it('fails where a block is left out', () =>
    mustFail(() => fc.assert(fc.asyncProperty(matrices({ rows: [20, 40], cols: [3, 6] }, ['gaussian']), (A) => claim(A, [5], 0, 5)))));
});

it('takes two passes where the columns are well conditioned, else three', async () => {
  const passes = async (A: Dense): Promise<number> => {
    let most = 0;
    await leverageScoresOfBlocks(() => cut(A, [50]), { onProgress: (pass) => (most = Math.max(most, pass)) });
    return most;
  };
  expect(await passes(ensemble('gaussian', 200, 5, 1))).toBe(2);
  const near = toRows(ensemble('gaussian', 200, 5, 1)).flatMap(([a, b, c, d, e]) => [a!, b!, c!, d!, a! + 1e-6 * e!]);
  expect(await passes(dense(200, 5, Float64Array.from(near)))).toBe(3);
});

it('reads asynchronous blocks; none at all is an empty matrix', async () => {
  const A = ensemble('cauchy', 90, 4, 2);
  async function* slowly(): AsyncGenerator<Matrix> {
    for (const part of cut(A, [20])) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      yield part;
    }
  }
  const { scores } = await leverageScoresOfBlocks(slowly);
  leverageScores(A).scores.forEach((tau, i) => {
    expect(Math.abs(scores[i]! - tau)).toBeLessThanOrEqual(1e-11);
  });
  expect(await leverageScoresOfBlocks(() => [])).toEqual({ scores: new Float64Array(0), rank: 0, conditionEstimate: 1 });
  expect((await leverageScoresOfBlocks(() => [zeros(2, 3), zeros(1, 3)])).scores).toEqual(new Float64Array(3));
});

describe('an abort by an event', () => {
  const A = ensemble('gaussian', 1000, 5, 3);
  const abortedIn = async (pass: number): Promise<AbortedError> => {
    const control = new AbortController();
    const onProgress = (at: number, rows: number): void => {
      if (at === pass && rows === 400) setTimeout(() => control.abort(), 0);
    };
    // One block waits, so that the timer comes first.
    async function* waiting(): AsyncGenerator<Matrix> {
      for (const part of cut(A, [100])) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        yield part;
      }
    }
    const error = await leverageScoresOfBlocks(waiting, { signal: control.signal, onProgress }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(AbortedError);
    return error as AbortedError;
  };
  it('in the first pass leaves nothing', async () => expect((await abortedIn(1)).partial).toBeUndefined());
  it('in the last one leaves the scores of the rows so far', async () => {
    const partial = (await abortedIn(2)).partial as Float64Array;
    expect(partial.length).toBeGreaterThanOrEqual(400);
    expect(partial.length).toBeLessThan(1000);
    expect(partial).toEqual((await leverageScoresOfBlocks(() => cut(A, [100]))).scores.slice(0, partial.length));
  });
});
