import { conditioned, ensemble, matrices, mustFail, rankDeficient, strided, views, withCondition } from '@x/testkit';
import fc from 'fast-check';
import { Matrix as MlMatrix, SingularValueDecomposition } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import {
  at,
  conditionNumber,
  csrFromDense,
  type Dense,
  dense,
  fromRows,
  leverageScores,
  multiply,
  NonFiniteError,
  philox,
  ShapeError,
  singularValues,
  toRows,
  zeros,
} from '../src/index.ts';

type Scorer = (A: Dense) => Float64Array;
const exact: Scorer = (A) => leverageScores(A).scores;

const UNIT = 2 ** -53;
const sum = (x: Float64Array): number => x.reduce((s, v) => s + v, 0);
const tall = { rows: [0, 60], cols: [0, 12] } as const;

/** What one pass may lose (see orthonormalize.ts), and the rounding of n squares. */
const rounding = (A: Dense): number => 1e-11 + 8 * (A.rows + A.cols) * UNIT;

/** A change of A by a few roundings moves a score by at most twice the condition number of A with unit columns times that. */
const perturbation = (A: Dense, condition: number): number => rounding(A) + 16 * (A.rows + A.cols) * condition * UNIT;

/** U U^T's diagonal with U from ml-matrix's SVD of the matrix with unit columns. */
function bySvd(A: Dense): Float64Array {
  const unit = fromRows(toRows(A));
  for (let j = 0; j < A.cols; j++) {
    const norm = Math.hypot(...Array.from({ length: A.rows }, (_, i) => at(A, i, j)));
    for (let i = 0; i < A.rows; i++) unit.data[i * A.cols + j]! /= norm || 1;
  }
  const { leftSingularVectors: U, diagonal: s } = new SingularValueDecomposition(new MlMatrix(toRows(unit)), { autoTranspose: true });
  const tolerance = 2 * Math.max(A.rows, A.cols) * UNIT * Math.max(...s);
  return Float64Array.from({ length: A.rows }, (_, i) => s.reduce((t, value, c) => (value > tolerance ? t + U.get(i, c) ** 2 : t), 0));
}

function expectClose(a: Float64Array, b: ArrayLike<number>, tolerance: number): void {
  expect(a).toHaveLength(b.length);
  expect(Math.max(0, ...Array.from(a, (x, i) => Math.abs(x - b[i]!)))).toBeLessThanOrEqual(tolerance);
}

describe('Property 1: scores lie in [0, 1], sum to the rank, and are 0 for zero rows and 1 for a row that alone carries a direction', () => {
  const claim = (scorer: Scorer, A: Dense, rank: number): void => {
    const tau = scorer(A);
    expect(tau.every((t) => t >= 0 && t <= 1)).toBe(true);
    expect(Math.abs(sum(tau) - rank)).toBeLessThanOrEqual(A.cols * rounding(A));
    expect(toRows(A).findIndex((row, i) => row.every((x) => x === 0) && tau[i] !== 0)).toBe(-1);
  };
  it('on every ensemble, whatever the strides', () =>
    fc.assert(fc.property(views(matrices({ rows: [0, 400], cols: [0, 24] })), (A) => claim(exact, A, leverageScores(A).rank))));
  it('with the rank of a product of integer factors', () =>
    fc.assert(fc.property(views(rankDeficient({ rows: [0, 60], cols: [0, 16] })), (A) => claim(exact, A, A.rank))));
  it('on columns at the ends of the range of numbers', () =>
    fc.assert(
      fc.property(
        matrices({ rows: [20, 60], cols: [1, 6] }, ['gaussian', 'cauchy']),
        fc.array(fc.integer({ min: -1060, max: 1000 }), { minLength: 6, maxLength: 6 }),
        (A, powers) => {
          // Two steps: 2^-1060 alone is denormal, but so are the products.
          const scaled = dense(
            A.rows,
            A.cols,
            A.data.map((x, p) => x * 2 ** (powers[p % A.cols]! / 2) * 2 ** (powers[p % A.cols]! / 2)),
          );
          claim(exact, scaled, A.cols);
        },
      ),
    ));
  it('a row that alone carries a direction', () =>
    fc.assert(
      fc.property(matrices({ rows: [1, 60], cols: [1, 8] }, ['gaussian', 'spiked', 'sparse']), (A) => {
        const wider = fromRows(toRows(A).map((row, i) => [...row, i === 0 ? 1 : 0]));
        expect(exact(wider)[0]).toBeGreaterThanOrEqual(1 - rounding(wider));
      }),
    ));
  it('fails for squared norms normalised to the right sum', () =>
    mustFail(() =>
      fc.assert(
        fc.property(conditioned({ rows: [20, 60], cols: [3, 8] }, [1e2, 1e4]), (A) => {
          const rank = A.cols;
          const norms = Float64Array.from(toRows(A), (row) => sum(Float64Array.from(row, (x) => x * x)));
          const total = sum(norms);
          claim(() => norms.map((x) => (rank * x) / total), A, rank);
        }),
      ),
    ));
});

describe('Property 2: scores belong to the column space', () => {
  const invariant = (scorer: Scorer, A: Dense, M: Dense): void => {
    const AM = multiply(A, M);
    const before = scorer(A);
    const condition = conditionNumber(A) * conditionNumber(M);
    expectClose(scorer(AM), before, perturbation(A, condition));
  };
  const pairs = fc
    .tuple(conditioned({ rows: [13, 60], cols: [1, 12] }, [1, 1e3]), fc.nat({ max: 1e6 }), fc.integer({ min: 0, max: 4 }))
    .map(([A, seed, digits]): [Dense, Dense] => [A, withCondition(A.cols, A.cols, 10 ** digits, seed)]);
  it('and do not change with the basis', () => fc.assert(fc.property(pairs, ([A, M]) => invariant(exact, A, M))));
  it('fails for normalised squared norms', () =>
    mustFail(() =>
      fc.assert(
        fc.property(pairs, ([A, M]) =>
          invariant(
            (B) => {
              const norms = Float64Array.from(toRows(B), (row) => sum(Float64Array.from(row, (x) => x * x)));
              return norms.map((x) => (B.cols * x) / sum(norms));
            },
            A,
            M,
          ),
        ),
      ),
    ));

  it('permuted rows have permuted scores; doubled rows have halves; another row lowers the rest', () =>
    fc.assert(
      fc.property(conditioned({ rows: [4, 60], cols: [1, 8], tall: true }, [1, 1e4]), fc.nat({ max: 1e6 }), (A, seed) => {
        const rows = toRows(A);
        const tolerance = perturbation(A, 1e4 * A.cols);
        const tau = exact(A);
        const shift = seed % A.rows;
        const turned = [...rows.slice(shift), ...rows.slice(0, shift)];
        expectClose(exact(fromRows(turned)), [...tau.subarray(shift), ...tau.subarray(0, shift)], tolerance);
        expectClose(
          exact(fromRows([...rows, ...rows])).subarray(0, A.rows),
          tau.map((t) => t / 2),
          tolerance,
        );
        const more = exact(fromRows([...rows, Array.from(ensemble('cauchy', 1, A.cols, seed).data)]));
        expect(tau.every((t, i) => more[i]! <= t + tolerance)).toBe(true);
      }),
    ));
});

describe('Property 3: against independent computations', () => {
  it('the SVD of ml-matrix', () =>
    fc.assert(
      fc.property(
        matrices({ ...tall, rows: [1, 60], cols: [1, 12] }, [
          'gaussian',
          'uniform',
          'cauchy',
          'integer',
          'spiked',
          'duplicate-rows',
          'zero-rows',
          'rank-deficient',
          'ill-conditioned',
        ]),
        (A) => {
          const { scores, conditionEstimate } = leverageScores(A);
          // A rank-deficient matrix has the condition of the part that counts: small for these whole numbers.
          const condition = Number.isFinite(conditionEstimate) ? conditionEstimate : 1e4;
          expectClose(scores, bySvd(A), perturbation(A, condition));
        },
      ),
    ));

  it('simple regression: 1/n + (x - mean)^2 / sum of squares, on the x of Anscombe I and IV', () => {
    for (const x of [
      [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5],
      [8, 8, 8, 8, 8, 8, 8, 19, 8, 8, 8],
    ]) {
      const mean = x.reduce((s, v) => s + v, 0) / 11;
      const squares = x.reduce((s, v) => s + (v - mean) ** 2, 0);
      expectClose(
        exact(fromRows(x.map((v) => [1, v]))),
        x.map((v) => 1 / 11 + (v - mean) ** 2 / squares),
        1e-11,
      );
    }
  });

  it('a Vandermonde matrix of condition 1e9, where normal equations are off by a hundredth', () => {
    // Monomials on 60 points of [0, 1]; the same space in Chebyshev polynomials of 2t - 1 has condition 3.
    const t = Float64Array.from({ length: 60 }, (_, i) => i / 59);
    const d = 15;
    const monomials = fromRows(Array.from(t, (x) => Array.from({ length: d }, (_, j) => x ** j)));
    const chebyshev = fromRows(Array.from(t, (x) => Array.from({ length: d }, (_, j) => Math.cos(j * Math.acos(Math.min(1, 2 * x - 1))))));
    const truth = exact(chebyshev);
    const { scores, conditionEstimate } = leverageScores(monomials);
    expect(conditionEstimate).toBeGreaterThan(1e9);
    expectClose(scores, truth, perturbation(monomials, conditionEstimate));
    mustFail(() => expectClose(byNormalEquations(monomials), truth, 1e-2));
  });

  /** What step 1 alone amounts to, by elimination. */
  function byNormalEquations(A: Dense): Float64Array {
    const d = A.cols;
    const G = Array.from({ length: d }, (_, i) =>
      Array.from({ length: d }, (_, j) => toRows(A).reduce((s, row) => s + row[i]! * row[j]!, 0)),
    );
    return Float64Array.from(toRows(A), (a) => {
      const M = G.map((row, i) => [...row, a[i]!]);
      for (let k = 0; k < d; k++)
        for (let i = k + 1; i < d; i++) {
          const factor = M[i]![k]! / M[k]![k]!;
          for (let j = k; j <= d; j++) M[i]![j]! -= factor * M[k]![j]!;
        }
      const x = new Array<number>(d).fill(0);
      for (let i = d - 1; i >= 0; i--) x[i] = (M[i]![d]! - M[i]!.reduce((s, v, j) => (j > i && j < d ? s + v * x[j]! : s), 0)) / M[i]![i]!;
      return a.reduce((s, v, i) => s + v * x[i]!, 0);
    });
  }
});

describe('sparse matrices, ridge, estimates, memory', () => {
  it('sparse and dense agree', () =>
    fc.assert(
      fc.property(matrices({ rows: [0, 120], cols: [0, 10] }, ['sparse', 'integer', 'gaussian', 'rank-deficient', 'zero-rows']), (A) => {
        const a = leverageScores(A);
        const b = leverageScores(csrFromDense(A));
        expect(b.rank).toBe(a.rank);
        expectClose(b.scores, a.scores, perturbation(A, Number.isFinite(a.conditionEstimate) ? a.conditionEstimate : 1e4));
      }),
    ));

  it('ridge scores are those of A with sqrt(lambda) I below, and sum to the effective dimension', () =>
    fc.assert(
      fc.property(
        matrices({ rows: [1, 60], cols: [1, 8] }, ['gaussian', 'cauchy', 'rank-deficient', 'ill-conditioned']),
        fc.integer({ min: -9, max: 9 }),
        (A, digits) => {
          const ridge = 10 ** digits;
          const { scores } = leverageScores(A, { ridge });
          const augmented = fromRows([
            ...toRows(A),
            ...Array.from({ length: A.cols }, (_, i) => Array.from({ length: A.cols }, (_, j) => (i === j ? Math.sqrt(ridge) : 0))),
          ]);
          const full = leverageScores(augmented);
          expectClose(scores, full.scores.subarray(0, A.rows), perturbation(augmented, full.conditionEstimate));
          const dimension = singularValues(A).reduce((s, x) => s + x ** 2 / (x ** 2 + ridge), 0);
          expect(Math.abs(sum(scores) - dimension)).toBeLessThanOrEqual(A.rows * perturbation(augmented, full.conditionEstimate));
        },
      ),
    ));

  it('the estimate bounds the condition number, by at most a factor d', () =>
    fc.assert(
      fc.property(conditioned({ rows: [13, 60], cols: [1, 12] }, [1, 1e11]), (A) => {
        const norms = Array.from({ length: A.cols }, (_, j) => Math.hypot(...toRows(A).map((row) => row[j]!)));
        const truth = conditionNumber(fromRows(toRows(A).map((row) => row.map((x, j) => x / norms[j]!))));
        const { conditionEstimate } = leverageScores(A);
        // A smallest singular value below the rounding errors of a step is known to a factor only.
        const slack = 1 + 1e-3;
        expect(conditionEstimate).toBeGreaterThanOrEqual(truth / slack);
        expect(conditionEstimate).toBeLessThanOrEqual(A.cols * truth * slack);
      }),
    ));

  it('100,000 rows need no n x n matrix', () => {
    const A = dense(100_000, 4, philox(1).fillNormal(new Float64Array(400_000)));
    expect(sum(exact(A))).toBeCloseTo(4, 9);
  });

  it('refuses what is not finite or well formed', () => {
    const A = zeros(3, 2);
    A.data[3] = Number.NaN;
    for (const bad of [A, csrFromDense(A)]) {
      expect(() => leverageScores(bad)).toThrow(expect.objectContaining({ argument: 'A', index: [1, 1] }));
      expect(() => leverageScores(bad)).toThrow(NonFiniteError);
    }
    expect(() => leverageScores({ ...zeros(3, 2), offset: 1 })).toThrow(ShapeError);
    expect(() => leverageScores(zeros(3, 2), { ridge: -1 })).toThrow(/ridge/);
    expect(leverageScores(zeros(0, 0))).toEqual({ scores: new Float64Array(0), rank: 0, conditionEstimate: 1 });
    expect(leverageScores(zeros(3, 2)).scores).toEqual(new Float64Array(3));
    expect(leverageScores(strided(ensemble('gaussian', 9, 3, 1), 2)).scores).toEqual(exact(ensemble('gaussian', 9, 3, 1)));
  });
});
