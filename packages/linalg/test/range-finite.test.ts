/** The factorisations of whatever is finite: finite results, or an error that says what is wrong. */
import { effort, mustFail, random, seeds } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cholesky,
  choleskySolve,
  conditionNumber,
  type Dense,
  dense,
  determinant,
  eigenvalues,
  eigh,
  inverse,
  type Lu,
  leastSquares,
  logDeterminant,
  lu,
  luSolve,
  NonFiniteError,
  NotPositiveDefiniteError,
  nullSpace,
  pivotedQr,
  pseudoInverse,
  qr,
  rank,
  rFactor,
  SingularError,
  solve,
  svd,
  transpose,
  trsm,
} from '../src/index.ts';
import { caught, map, orthogonalityError, product, U } from './residuals.ts';

import { elimination, substitute, times, whole } from './scales.ts';

describe('finite input gives finite results, or an error that says what is wrong', () => {
  /** Entries of any size: each over the whole range, all near one end, or mixed with zeros. */
  const wild = (m: number, n: number, seed: number): { A: Dense; toMiddle: number | undefined } => {
    const r = random(seed);
    const [least = 0, most = 0] = [
      [-1074, 1023],
      [1000, 1023],
      [-1074, -1040],
      [-600, 600],
      [900, 1023],
      [-1074, -800],
    ][r.integer(0, 5)]!;
    const zeros = r.integer(0, 3);
    const A = map(m, n, () =>
      r.integer(0, 3) < zeros - 1 ? 0 : (r.integer(0, 1) ? 1 : -1) * (1 + r.uniform()) * 2 ** r.integer(least, most),
    );
    // Near one end, 2^toMiddle A is the same matrix at a scale where nothing overflows or vanishes.
    return { A, toMiddle: most - least < 300 ? -2 * Math.round((least + most) / 4) : undefined };
  };
  const holdsFinite = (value: unknown): boolean =>
    typeof value === 'number'
      ? Number.isFinite(value)
      : ArrayBuffer.isView(value)
        ? (value as Float64Array).every((x) => Number.isFinite(x))
        : typeof value !== 'object' || Object.values(value as object).every(holdsFinite);
  /**
   * What `work` returns, unless it is right to throw: a matrix near one end must be singular, or not positive definite, at the
   * middle of the range too, and `size`, the binary logarithm of the largest entry there, brought back, beyond the range.
   */
  type Attempt = <R>(work: (A: Dense, B: Dense) => R, size: (result: R, a: number, b: number) => number) => R | undefined;
  const top = ({ data }: { data: Float64Array }): number => Math.log2(data.reduce((most, x) => Math.max(most, Math.abs(x)), 0));
  /** Where a singular value is rounding errors alone, X grows from row to row of a triangle, or U has vanished before it is used. */
  const unknown = (): number => Number.POSITIVE_INFINITY;
  const expectOrthonormal = (Q: Dense | undefined): void => {
    if (Q) expect(orthogonalityError(Q)).toBeLessThanOrEqual(64 * (Q.rows + Q.cols + 4) * U);
  };
  /** A and B with the powers of two that bring them to the middle. */
  interface Drawn {
    readonly A: Dense;
    readonly B: Dense;
    readonly a: number | undefined;
    readonly b: number | undefined;
  }
  const anything = (m: number, n: number, seed: number): Drawn => {
    const [{ A, toMiddle: a }, { A: B, toMiddle: b }] = [wild(m, n, seed), wild(m, 2, seed + 1)];
    return { A, B, a, b };
  };
  /**
   * Half of the time anything; else W or a matrix made of it with rows and columns at scales of their own, and B with the scales of its
   * rows and one of its own: then X has the scales of the columns, the other way round.
   */
  const graded =
    (matrix: (W: Dense) => Dense, symmetric = false) =>
    (m: number, n: number, seed: number): Drawn => {
      const r = random(seed + 2);
      if (r.integer(0, 1) === 0) return anything(m, n, seed);
      const order = Math.min(m, n);
      const W = matrix(whole(order, order, seed));
      const [least = 0, most = 0] = [
        [-1040, -900],
        [-450, 450],
        [900, 990],
        [-200, 200],
      ][r.integer(0, 3)]!;
      const grades = (): Float64Array => map(order, 1, () => Math.round(r.integer(least, most) / 2)).data;
      const rows = grades();
      const cols = symmetric ? rows : grades();
      const shift = symmetric ? 0 : r.integer(-100, 0);
      const C = whole(order, 2, seed + 1);
      return {
        A: map(order, order, (i, j) => W.data[i * order + j]! * 2 ** rows[i]! * 2 ** cols[j]!),
        B: map(order, 2, (i, c) => C.data[2 * i + c]! * 2 ** (rows[i]! + shift)),
        a: undefined,
        b: undefined,
      };
    };
  /** Each of the attempts of `run` must return something in at least this share of the runs. */
  const claim = (share: number, run: (attempt: Attempt, A: Dense, B: Dense) => void, draw = anything) => {
    const answers: number[] = [];
    const numRuns = effort(300);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 45 }), fc.integer({ min: 1, max: 45 }), seeds(), (m, n, seed) => {
        const { A, B, a, b } = draw(m, n, seed);
        let site = 0;
        const attempt: Attempt = (work, size) => {
          answers[site] ??= 0;
          try {
            const result = work(A, B);
            expect(holdsFinite(result)).toBe(true);
            answers[site]!++;
            return result;
          } catch (error) {
            const known = error instanceof SingularError || error instanceof NotPositiveDefiniteError;
            if (!known && !(error instanceof NonFiniteError && error.argument === 'result')) throw error;
            if (a === undefined || b === undefined || size === unknown) return undefined;
            const middle = () => work(times(a, A), times(b, B));
            if (known) {
              expect(caught(middle)).toBeInstanceOf(error.constructor);
              return undefined;
            }
            expect(middle).not.toThrow();
            // A factor of 2 for rounding, one for sums that overflow although the result does not.
            expect(size(middle(), -a, -b)).toBeGreaterThanOrEqual(1022);
            return undefined;
          } finally {
            site++;
          }
        };
        run(attempt, A, B);
      }),
      { numRuns },
    );
    expect(Math.min(...answers) / numRuns).toBeGreaterThanOrEqual(share);
  };
  const squareOf = (A: Dense): Dense =>
    dense(Math.min(A.rows, A.cols), Math.min(A.rows, A.cols), A.data.slice(0, Math.min(A.rows, A.cols) ** 2));
  const rowsOf = (B: Dense, rows: number): Dense => ({ ...B, rows });

  it('qr, pivotedQr, leastSquares', () => {
    claim(0.3, (attempt) => {
      const sizeOfR = ({ R }: { R: Dense }, a: number): number => top(R) + a;
      expectOrthonormal(attempt((A) => qr(A), sizeOfR)?.Q);
      expectOrthonormal(attempt((A) => qr(A, { mode: 'full' }), sizeOfR)?.Q);
      expectOrthonormal(attempt((A) => pivotedQr(A), sizeOfR)?.Q);
      attempt(rFactor, (R, a) => top(R) + a);
      attempt(
        (A, B) => leastSquares(A, B),
        ({ X, residualNorms }, a, b) => Math.max(top(X) - a, top({ data: residualNorms })) + b,
      );
      attempt((A, B) => leastSquares(A, B, { tolerance: 0 }), unknown);
    });
  });

  it('svd, eigh and what rests on them', () => {
    claim(0.3, (attempt, A) => {
      const { U: left, V } =
        attempt(
          (A) => svd(A),
          ({ singularValues: data }, a) => top({ data }) + a,
        ) ?? {};
      expectOrthonormal(left);
      expectOrthonormal(V);
      const eigen = attempt(
        (A) => eigh(squareOf(A)),
        ({ values: data }, a) => top({ data }) + a,
      );
      expectOrthonormal(eigen?.vectors);
      attempt(
        (A) => eigenvalues(squareOf(A)),
        (data, a) => top({ data }) + a,
      );
      attempt(
        (A) => pseudoInverse(A),
        (X, a) => top(X) - a,
      );
      attempt((A) => pseudoInverse(A, { tolerance: 0 }), unknown);
      expect(nullSpace(A).cols).toBe(A.cols - rank(A));
      expect(conditionNumber(A)).toBeGreaterThanOrEqual(1);
    });
  });

  const sizeOfX = (X: Dense, a: number, b: number): number => top(X) + b - a;
  const systems = (factorise: (A: Dense) => Lu, solveWith: (A: Dense, B: Dense) => Dense) =>
    claim(0.3, (attempt) => {
      attempt(factorise, ({ factors }, a) => top(factors) + a);
      attempt((A, B) => solveWith(squareOf(A), rowsOf(B, squareOf(A).rows)), sizeOfX);
    });
  it('lu and solve', () => systems(lu, solve));
  it('not solves that always find an overflow, or a singular matrix', () => {
    for (const error of [new NonFiniteError('', 'result', []), new SingularError('', 0)]) {
      mustFail(() =>
        systems(lu, () => {
          throw error;
        }),
      );
    }
  });
  it('not elimination without scaling', () => mustFail(() => systems(elimination, (A, B) => substitute(elimination(A), B))));
  const right = (A: Dense, B: Dense): Dense => rowsOf(B, squareOf(A).rows);
  const lower = (W: Dense): Dense => map(W.rows, W.rows, (i, j) => (j > i ? 0 : i === j ? 10 * W.rows : W.data[i * W.rows + j]! % 10));

  it('luSolve, inverse, determinants', () => {
    claim(
      0.4,
      (attempt, wildA) => {
        const S = squareOf(wildA);
        attempt((A, B) => luSolve(lu(squareOf(A)), right(A, B)), unknown);
        attempt(
          (A) => inverse(squareOf(A)),
          (X, a) => top(X) - a,
        );
        const { sign, logAbs } = logDeterminant(S);
        const det = determinant(S);
        expect(det === 0 || Math.sign(det) === sign).toBe(true);
        // Sums of n logarithms up to 745 in size.
        const bound = S.rows ** 2 * 2048 * U;
        if (Math.abs(logAbs) < 700) expect(Math.abs(Math.log(Math.abs(det)) - logAbs)).toBeLessThanOrEqual(bound);
      },
      graded((W) => W),
    );
  });
  it('trsm', () => {
    claim(
      0.4,
      (attempt) => {
        attempt((A, B) => trsm({ A: squareOf(A), B: right(A, B), triangle: 'lower' }), unknown);
        attempt((A, B) => trsm({ A: squareOf(A), B: transpose(right(A, B)), triangle: 'lower', side: 'right', transposed: true }), unknown);
      },
      graded(lower),
    );
  });
  it('cholesky and choleskySolve', () => {
    const positive = (W: Dense): Dense => {
      const L = lower(W);
      return product(L, transpose(L));
    };
    claim(
      0.4,
      (attempt) => {
        attempt((A) => cholesky(squareOf(A)), unknown);
        attempt((A, B) => choleskySolve(cholesky(squareOf(A)), right(A, B)), sizeOfX);
      },
      graded(positive, true),
    );
  });
  it('not where all is singular or not positive definite', () => {
    for (const error of [new SingularError('', 0), new NotPositiveDefiniteError('', 0, 0)]) {
      const fails = (): never => {
        throw error;
      };
      mustFail(() =>
        claim(
          0.4,
          (attempt) => attempt(fails, unknown),
          graded((W) => W),
        ),
      );
    }
  });
});
