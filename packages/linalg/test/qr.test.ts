import { ENSEMBLES, effort, ensemble, matrices, mustFail, rankDeficient, views } from '@x/testkit';
import fc from 'fast-check';
import { Matrix, QrDecomposition } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import {
  at,
  block,
  type Dense,
  dense,
  fromRows,
  identity,
  NonFiniteError,
  type PivotedQr,
  pivotedQr,
  type Qr,
  qr,
  rFactor,
  toRows,
  transpose,
  zeros,
} from '../src/index.ts';
import { LARGE_SHAPES, large } from './matrices.ts';
import { gamma } from './reference.ts';
import { caught, columnNorm, expectSameBits, expectWithin, map, maxAbs, minus, orthogonalityError, product, U } from './residuals.ts';

const sizes = fc.constantFrom([0, 20] as const, [0, 20] as const, [30, 90] as const);
const anyMatrix = sizes.chain((range) => views(matrices({ rows: range, cols: range }, ENSEMBLES)));

/** n reflectors of length m, each applied with a relative error of gamma_(m+8) at most. */
function backwardError(m: number, n: number): number {
  return n * gamma(m + 8, U);
}

function expectUpperTrapezoidal(R: Dense): void {
  expectWithin(R, (i, j) => (j < i ? 0 : Number.POSITIVE_INFINITY));
}

describe('Theorem (Higham, Accuracy and Stability, 19.4): each column of A - Q R is gamma~_(m k) of that column, Q orthonormal', () => {
  const claim = (factorise: (A: Dense) => Qr, given: fc.Arbitrary<Dense> = anyMatrix, runs = effort(100)) =>
    fc.assert(
      fc.property(given, (A) => {
        const { Q, R } = factorise(A);
        const k = Q.cols;
        expectUpperTrapezoidal(R);
        const bound = backwardError(A.rows, Math.min(A.rows, A.cols)) + gamma(k, U) * Math.sqrt(k);
        expect(orthogonalityError(Q)).toBeLessThanOrEqual(2 * bound + gamma(A.rows, U));
        const error = minus(A, product(Q, R));
        // An underflow costs 2^-1074 an operation.
        for (let j = 0; j < A.cols; j++) {
          expect(columnNorm(error, j)).toBeLessThanOrEqual(bound * columnNorm(A, j) + A.rows * (k + 1) ** 2 * 2 ** -1074);
        }
      }),
      { numRuns: runs },
    );
  it('holds for the thin form', () => claim((A) => qr(A)));
  it.each(LARGE_SHAPES)('holds for %d x %d', (m, n) => claim((A) => qr(A), large(m, n), effort(1)));
  it('holds for the full form of 300 x 129', () => claim((A) => qr(A, { mode: 'full' }), large(300, 129), effort(1)));
  it('holds for the full form', () =>
    claim((A) => {
      const factors = qr(A, { mode: 'full' });
      expect([factors.Q.rows, factors.Q.cols, factors.R.rows, factors.R.cols]).toEqual([A.rows, A.rows, A.rows, A.cols]);
      return factors;
    }));
  it('fails for classical Gram-Schmidt, whose Q is not orthonormal', () => mustFail(() => claim(gramSchmidt)));
  it('fails when a sign of R is lost', () => {
    mustFail(() =>
      claim((A) => {
        const { Q, R } = qr(A);
        return { Q, R: map(R.rows, R.cols, (i, j) => (i === j ? Math.abs(at(R, i, j)) : at(R, i, j))) };
      }),
    );
  });
});

function gramSchmidt(A: Dense): Qr {
  const k = Math.min(A.rows, A.cols);
  const [Q, R] = [zeros(A.rows, k), zeros(k, A.cols)];
  for (let j = 0; j < A.cols; j++) {
    const v = Float64Array.from({ length: A.rows }, (_, i) => at(A, i, j));
    for (let p = 0; p < Math.min(j, k); p++) {
      let dot = 0;
      for (let i = 0; i < A.rows; i++) dot += at(Q, i, p) * at(A, i, j);
      R.data[p * A.cols + j] = dot;
      for (let i = 0; i < A.rows; i++) v[i]! -= dot * at(Q, i, p);
    }
    if (j >= k) continue;
    const norm = Math.hypot(...v);
    R.data[j * A.cols + j] = norm;
    for (let i = 0; i < A.rows; i++) Q.data[i * k + j] = (v[i] as number) / norm;
  }
  return { Q, R };
}

describe('qr', () => {
  it('agrees with ml-matrix up to signs', () => {
    const A = ensemble('well-conditioned', 60, 40, 2);
    const reference = fromRows(new QrDecomposition(new Matrix(toRows(A))).upperTriangularMatrix.to2DArray());
    const { R } = qr(A);
    const signed = map(40, 40, (i, j) => at(R, i, j) * Math.sign(at(R, i, i)) * Math.sign(at(reference, i, i)));
    // Condition 10: R is determined to within 10 times the backward errors of both.
    expect(maxAbs(minus(signed, reference))).toBeLessThanOrEqual(2 * 10 * backwardError(60, 40));
  });

  it('gives R alone with the same bits', () => {
    const A = ensemble('gaussian', 50, 45, 3);
    expect(rFactor(A)).toEqual(qr(A).R);
  });

  it('handles empty, single and tall-skinny matrices', () => {
    expect(qr(zeros(0, 3))).toEqual({ Q: zeros(0, 0), R: zeros(0, 3) });
    expect(qr(zeros(3, 0), { mode: 'full' }).Q).toEqual(identity(3));
    expect(Math.abs(at(qr(fromRows([[-3]])).R, 0, 0))).toBe(3);
    const A = ensemble('gaussian', 3000, 7, 4);
    expect(orthogonalityError(qr(A).Q)).toBeLessThanOrEqual(2 * backwardError(3000, 7));
  });

  it('neither overflows nor loses columns at the ends of the range', () => {
    // Squares of 1e-160 are denormal numbers: they do not vanish, but keep few digits.
    const scales = [1e300, 1, 1e-160, 1e-300, 2 ** -1060];
    const A = map(9, 5, (i, j) => (scales[j] as number) * Math.sin((i + 1) * (j + 2)));
    const { Q, R } = qr(A);
    expect(orthogonalityError(Q)).toBeLessThanOrEqual(2 * backwardError(9, 5));
    for (let j = 0; j < 5; j++) expect(columnNorm(R, j) / columnNorm(A, j)).toBeCloseTo(1, j < 4 ? 13 : 3);
  });

  it('names the first bad entry', () => {
    const A = map(40, 3, (i, j) => (i === 33 && j === 2 ? Number.NEGATIVE_INFINITY : 1));
    for (const work of [() => qr(A), () => rFactor(A), () => pivotedQr(A)]) {
      const error = caught(work);
      expect(error).toBeInstanceOf(NonFiniteError);
      expect(error).toMatchObject({ argument: 'A', index: [33, 2] });
    }
    expect(() => qr(dense(1, 1, new Float32Array(1)) as never)).toThrow('Float32Array');
  });

  it('gives the same bits without SIMD', () => {
    fc.assert(
      fc.property(
        sizes.chain((range) => matrices({ rows: range, cols: range }, ENSEMBLES)),
        ({ rows: m, cols: n, data }) => {
          const k = Math.min(m, n);
          expectSameBits(data, [m * k, k * n], (kernel, a, q = 0, r = 0) => {
            kernel.dqr(m, n, a, k, q, r);
            return 0;
          });
          expectSameBits(data, [m * k, k * n, n], (kernel, a, q = 0, r = 0, order = 0) => {
            kernel.dqrPivoted(m, n, a, 0, q, r, order);
            return 0;
          });
        },
      ),
      { numRuns: effort(40) },
    );
  });
});

function permuted(A: Dense, order: Int32Array): Dense {
  return map(A.rows, A.cols, (i, j) => at(A, i, order[j] as number));
}

describe('pivoted QR: A P = Q R, |r_ii|^2 >= sum of |r_pj|^2 over p = i ... j for every later column j', () => {
  const claim = (factorise: (A: Dense) => PivotedQr, given: fc.Arbitrary<Dense> = anyMatrix, runs = effort(100)) =>
    fc.assert(
      fc.property(given, (A) => {
        const { Q, R, permutation } = factorise(A);
        const k = Q.cols;
        expect(Int32Array.from(permutation).sort()).toEqual(Int32Array.from({ length: A.cols }, (_, i) => i));
        expectUpperTrapezoidal(R);
        const bound = 2 * backwardError(A.rows, k) + gamma(k, U) * Math.sqrt(k);
        expect(orthogonalityError(Q)).toBeLessThanOrEqual(2 * bound + gamma(A.rows, U));
        const AP = permuted(A, permutation);
        const error = minus(AP, product(Q, R));
        const underflow = A.rows * (k + 1) ** 2 * 2 ** -1074;
        for (let j = 0; j < A.cols; j++) expect(columnNorm(error, j)).toBeLessThanOrEqual(bound * columnNorm(AP, j) + underflow);
        const sizes = Float64Array.from({ length: A.cols }, (_, j) => columnNorm(AP, j));
        // Updated norms keep at least half of the digits.
        const rest = map(k, A.cols, (i, j) => (j > i ? columnNorm(block(R, i, j, Math.min(j, k - 1) - i + 1, 1), 0) : 0));
        expectWithin(rest, (i, j) => Math.abs(at(R, i, i)) * (1 + 1e-7) + bound * sizes[j]! + underflow);
      }),
      { numRuns: runs },
    );
  it('holds', () => claim((A) => pivotedQr(A)));
  it.each(LARGE_SHAPES)('holds for %d x %d', (m, n) => claim((A) => pivotedQr(A), large(m, n), effort(1)));
  it('fails without pivoting', () => {
    mustFail(() => claim((A) => ({ ...qr(A), permutation: Int32Array.from({ length: A.cols }, (_, i) => i), rank: 0 })));
  });
});

describe('the numerical rank of pivoted QR', () => {
  const claim = (rankOf: (A: Dense) => number) =>
    fc.assert(
      fc.property(
        sizes.chain((range) => views(rankDeficient({ rows: range, cols: range }))),
        (A) => {
          expect(rankOf(A)).toBe(A.rank);
        },
      ),
    );
  it('is that of integer matrices of known rank', () => claim((A) => pivotedQr(A).rank));
  it('is not read off an R without pivoting', () => {
    mustFail(() =>
      claim((A) => {
        const { R } = qr(A);
        let rank = 0;
        while (rank < R.rows && Math.abs(at(R, rank, rank)) > 1e-12 * Math.abs(at(R, 0, 0))) rank++;
        return rank;
      }),
    );
  });

  it('is fooled by the matrix of Kahan, as documented', () => {
    const [n, angle] = [90, 1.2];
    const [s, c] = [Math.sin(angle), Math.cos(angle)];
    const kahan = map(n, n, (i, j) => (i === j ? s ** i * (1 + (n - i) * 1e-13) : j > i ? -c * s ** i : 0));
    const { R, rank } = pivotedQr(kahan);
    expect(rank).toBe(n);
    expect(Math.abs(at(R, n - 1, n - 1)) / Math.abs(at(R, 0, 0))).toBeGreaterThan(1e-4);
  });

  it('obeys the tolerance', () => {
    const A = fromRows([
      [1, 0],
      [0, 1e-6],
      [0, 0],
    ]);
    expect(pivotedQr(A).rank).toBe(2);
    expect(pivotedQr(A, { tolerance: 1e-5 }).rank).toBe(1);
    const tall = (small: number): Dense => map(4096, 2, (i, j) => (i !== j ? 0 : j === 0 ? 1 : small));
    expect([2 ** -41, 2 ** -39].map((small) => pivotedQr(tall(small)).rank)).toEqual([1, 2]);
    expect(() => pivotedQr(A, { tolerance: 2 })).toThrow('tolerance');
    expect(pivotedQr(zeros(3, 2)).rank).toBe(0);
    expect(pivotedQr(transpose(zeros(0, 2)))).toMatchObject({ rank: 0, permutation: new Int32Array(0) });
  });
});
