import {
  conditioned,
  ENSEMBLES,
  effort,
  ensemble,
  geometric,
  matrices,
  mustFail,
  rankDeficient,
  seeds,
  views,
  withSingularValues,
} from '@x/testkit';
import fc from 'fast-check';
import { Matrix, SVD } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import {
  at,
  block,
  conditionNumber,
  type Dense,
  dense,
  eigh,
  fromRows,
  identity,
  NonFiniteError,
  norm2,
  nullSpace,
  pseudoInverse,
  rank,
  type Svd,
  singularValues,
  svd,
  toRows,
  transpose,
  zeros,
} from '../src/index.ts';
import { LARGE_SHAPES, large } from './matrices.ts';
import { caught, diagonal, expectSameBits, frobenius, map, maxAbs, minus, orthogonalityError, product, U } from './residuals.ts';

const sizes = fc.constantFrom([0, 20] as const, [0, 20] as const, [30, 80] as const);
const anyMatrix = sizes.chain((range) => views(matrices({ rows: range, cols: range }, ENSEMBLES)));

/** Householder reductions and plane rotations are backward stable with a bound linear in the sizes (Higham 19.4, Parlett 8.15). */
function backwardError(A: Dense): number {
  return 8 * (A.rows + A.cols + 4) * U;
}

function column(values: Float64Array): Dense {
  return dense(values.length, 1, values);
}

describe('Theorem (backward stability): |A - U S V^T|_F <= c (m + n) u |A|_F, U and V orthonormal to c (m + n) u, S descending', () => {
  const claim = (decompose: (A: Dense) => Svd, given: fc.Arbitrary<Dense> = anyMatrix, runs = effort(100)) =>
    fc.assert(
      fc.property(given, (A) => {
        const { U: left, singularValues: s, V } = decompose(A);
        const k = Math.min(A.rows, A.cols);
        expect(s.length).toBe(k);
        expect(orthogonalityError(left)).toBeLessThanOrEqual(backwardError(A));
        expect(orthogonalityError(V)).toBeLessThanOrEqual(backwardError(A));
        s.forEach((value, i) => {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(s[i - 1] ?? Number.POSITIVE_INFINITY);
        });
        const back = product(product(block(left, 0, 0, A.rows, k), diagonal(s)), transpose(block(V, 0, 0, A.cols, k)));
        // Scaling back denormal singular values costs one rounding of 2^-1074 each.
        expect(frobenius(minus(A, back))).toBeLessThanOrEqual(2 * backwardError(A) * frobenius(A) + (k + 1) ** 2 * 2 ** -1074);
      }),
      { numRuns: runs },
    );
  it('holds for the thin form', () => claim((A) => svd(A)));
  it.each(LARGE_SHAPES)('holds for %d x %d', (m, n) => claim((A) => svd(A), large(m, n), effort(1)));
  it('holds for the full form of 300 x 129', () => claim((A) => svd(A, { mode: 'full' }), large(300, 129), effort(1)));
  it('holds for the full form', () =>
    claim((A) => {
      const factors = svd(A, { mode: 'full' });
      expect([factors.U.cols, factors.V.cols]).toEqual([A.rows, A.cols]);
      return factors;
    }));
  it('fails for the eigenvectors of A^T A, which lose the left vectors of small singular values', () => mustFail(() => claim(byGram)));
  it('fails when signs of V do not follow those of S', () => {
    mustFail(() =>
      claim((A) => {
        const factors = svd(A);
        return { ...factors, V: map(factors.V.rows, factors.V.cols, (i, j) => Math.abs(at(factors.V, i, j))) };
      }),
    );
  });
});

describe('seen, not proved: the errors are at most 16 sqrt(m + n) u, a thirtieth of the bound, for large m and n', () => {
  const claim = (decompose: (A: Dense) => Svd, A: Dense): void => {
    const { U: left, singularValues: s, V } = decompose(A);
    const envelope = 16 * Math.sqrt(A.rows + A.cols) * U;
    expect(orthogonalityError(left)).toBeLessThanOrEqual(envelope);
    expect(orthogonalityError(V)).toBeLessThanOrEqual(envelope);
    expect(frobenius(minus(A, product(product(left, diagonal(s)), transpose(V))))).toBeLessThanOrEqual(envelope * frobenius(A));
  };
  const side = effort(100, 150);
  it.each([
    [2 * side, 2 * side],
    [4 * side, side],
    [side, 2 * side],
  ])('holds for %d x %d', (m, n) => {
    const [G, k] = [ensemble('gaussian', m, n, 4), Math.min(m, n)];
    claim(svd, G);
    claim(
      svd,
      map(m, n, (i, j) => at(G, i, j) * 10 ** (-(i + j) / 40)),
    );
    claim(svd, withSingularValues(m, n, geometric(k, 1e14), 2));
    claim(
      svd,
      withSingularValues(
        m,
        n,
        Float64Array.from({ length: k }, (_, i) => (2 * i < k ? 2 : 1)),
        3,
      ),
    );
  });
  it('fails when ten bits of A are lost', () => {
    mustFail(() =>
      claim((A) => svd(map(150, 150, (i, j) => at(A, i, j) * (1 + 1024 * U * Math.cos(i + j)))), ensemble('gaussian', 150, 150, 5)),
    );
  });
});

function byGram(A: Dense): Svd {
  if (A.rows < A.cols) {
    const { U: left, singularValues: s, V } = byGram(transpose(A));
    return { U: V, singularValues: s, V: left };
  }
  const { values, vectors } = eigh(product(transpose(A), A));
  const n = A.cols;
  const s = values.map((value) => Math.sqrt(Math.max(0, value))).reverse();
  const V = map(n, n, (i, j) => at(vectors, i, n - 1 - j));
  const AV = product(A, V);
  return { U: map(A.rows, n, (i, j) => at(AV, i, j) / ((s[j] as number) || 1)), singularValues: s, V };
}

describe('Theorem (Weyl): singular values are those of a matrix within c (m + n) u |A| of A', () => {
  const claim = (valuesOf: (A: Dense) => Float64Array) =>
    fc.assert(
      fc.property(
        sizes.chain((range) => views(conditioned({ rows: range, cols: range }, [1, 1e15]))),
        (A) => {
          const k = Math.min(A.rows, A.cols);
          // |A|_2 = 1; the ensemble is k u away from its singular values too.
          const bound = (backwardError(A) + 8 * k * U) * Math.sqrt(k);
          expect(maxAbs(minus(column(valuesOf(A)), column(A.singularValues)))).toBeLessThanOrEqual(bound);
        },
      ),
    );
  it('holds with vectors', () => claim((A) => svd(A).singularValues));
  it('holds for values alone', () => claim(singularValues));
  it('fails for square roots of the eigenvalues of A^T A', () => mustFail(() => claim((A) => byGram(A).singularValues)));
});

describe('Theorem (Demmel and Kahan 1990): singular values of a bidiagonal matrix keep their relative accuracy', () => {
  /**
   * Upper bidiagonal matrices: det = product of the diagonal, so the singular values multiply to it. Rows scaled down, rows scaled up, and
   * ones beside larger numbers, where one singular value is tiny among entries of size 1.
   */
  const claim = (valuesOf: (A: Dense) => Float64Array) =>
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 30 }),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom('down', 'up', 'beside'),
        (n, decades, kind) => {
          const row = (i: number): number => (kind === 'beside' ? 1 : 10 ** (-decades * (kind === 'down' ? i : n - 1 - i)));
          const B = map(n, n, (i, j) => (i === j ? row(i) : j !== i + 1 ? 0 : kind === 'beside' ? 1 + decades : row(i)));
          let logDeterminant = 0;
          for (let i = 0; i < n; i++) logDeterminant += Math.log(at(B, i, i));
          let logProduct = 0;
          for (const value of valuesOf(B)) logProduct += Math.log(value);
          // Each entry of e that is dropped changes a value by the stopping tolerance, 100 u, relatively; n are dropped, and
          // rounding adds as much. The logarithms add a rounding each.
          expect(Math.abs(logProduct - logDeterminant)).toBeLessThanOrEqual(n * (200 * n * U + 10 * Math.abs(logDeterminant) * U));
        },
      ),
    );
  it('holds', () => claim(singularValues));
  it('fails for values that are accurate beside the largest only', () => {
    mustFail(() => claim((B) => singularValues(B).map((value) => value + U)));
  });
});

describe('svd', () => {
  it('agrees with ml-matrix', () => {
    for (const [m, n] of [
      [50, 50],
      [70, 20],
      [20, 70],
    ] as const) {
      const A = ensemble('gaussian', m, n, m);
      const reference = Float64Array.from(new SVD(new Matrix(toRows(A)), { autoTranspose: true }).diagonal);
      expect(maxAbs(minus(column(svd(A).singularValues), column(reference)))).toBeLessThanOrEqual(2 * backwardError(A) * frobenius(A));
    }
  });

  it('gives values alone that equal those with vectors to the last few bits', () => {
    const A = ensemble('gaussian', 60, 45, 1);
    expect(maxAbs(minus(column(singularValues(A)), column(svd(A).singularValues)))).toBeLessThanOrEqual(2 * backwardError(A) * norm2(A));
  });

  it('keeps its accuracy at the ends of the range', () => {
    const A = ensemble('gaussian', 30, 20, 2);
    const { singularValues: s } = svd(A);
    for (const scale of [2 ** 1015, 2 ** 650, 2 ** 300, 2 ** -300, 2 ** -664, 2 ** -900, 2 ** -1000]) {
      const scaled = svd(map(30, 20, (i, j) => at(A, i, j) * scale));
      expect(maxAbs(minus(column(scaled.singularValues.map((value) => value / scale)), column(s)))).toBeLessThanOrEqual(
        2 * backwardError(A) * frobenius(A),
      );
      expect(orthogonalityError(scaled.U)).toBeLessThanOrEqual(backwardError(A));
    }
  });

  it('handles empty, single, zero and repeated', () => {
    expect(svd(zeros(0, 3), { mode: 'full' })).toEqual({ U: zeros(0, 0), singularValues: new Float64Array(0), V: identity(3) });
    expect(svd(zeros(3, 0))).toEqual({ U: zeros(3, 0), singularValues: new Float64Array(0), V: zeros(0, 0) });
    expect(svd(fromRows([[-5]])).singularValues).toEqual(new Float64Array([5]));
    const zero = svd(zeros(40, 35));
    expect(zero.singularValues).toEqual(new Float64Array(35));
    expect(orthogonalityError(zero.U)).toBe(0);
    expect(svd(identity(40)).singularValues).toEqual(new Float64Array(40).fill(1));
  });

  it('handles the Hilbert matrix', () => {
    const n = 12;
    const H = map(n, n, (i, j) => 1 / (i + j + 1));
    // log10 of the 2-norm condition number of order 12 is 16.2: the smallest value is lost in rounding.
    expect(conditionNumber(H)).toBeGreaterThan(1e15);
    expect(Math.abs(norm2(H) - 1.7953720595619975)).toBeLessThanOrEqual(2 * backwardError(H));
  });

  it('names the first bad entry', () => {
    const A = map(20, 30, (i, j) => (i === 7 && j === 29 ? Number.NaN : 1));
    for (const work of [
      () => svd(A),
      () => singularValues(A),
      () => pseudoInverse(A),
      () => rank(A),
      () => nullSpace(A),
      () => conditionNumber(A),
    ]) {
      const error = caught(work);
      expect(error).toBeInstanceOf(NonFiniteError);
      expect(error).toMatchObject({ argument: 'A', index: [7, 29] });
    }
    expect(() => svd(dense(1, 1, new Float32Array(1)) as never)).toThrow('Float32Array');
    expect(() => rank(zeros(1, 1), { tolerance: Number.NaN })).toThrow('tolerance');
  });

  it('gives the same bits without SIMD', () => {
    fc.assert(
      fc.property(
        sizes.chain((range) => matrices({ rows: range, cols: range }, ENSEMBLES)),
        fc.boolean(),
        ({ rows: m, cols: n, data }, full) => {
          const k = Math.min(m, n);
          const [uCols, vCols] = full ? [m, n] : [k, k];
          expectSameBits(data, [k, m * uCols, n * vCols], (kernel, a, s = 0, u = 0, v = 0) => kernel.dsvd(m, n, a, s, uCols, u, vCols, v));
        },
      ),
      { numRuns: effort(40) },
    );
  });
});

describe('rank and null space', () => {
  const deficient = sizes.chain((range) => views(rankDeficient({ rows: range, cols: range })));
  const claim = (basisOf: (A: Dense) => Dense) =>
    fc.assert(
      fc.property(deficient, (A) => {
        expect(rank(A)).toBe(A.rank);
        const N = basisOf(A);
        expect([N.rows, N.cols]).toEqual([A.cols, A.cols - A.rank]);
        expect(orthogonalityError(N)).toBeLessThanOrEqual(backwardError(A));
        // Null vectors are determined to within the backward error of A.
        expect(frobenius(product(A, N))).toBeLessThanOrEqual(2 * backwardError(A) * frobenius(A));
      }),
    );
  it('are those of integer matrices of known rank', () => claim((A) => nullSpace(A)));
  it('are not read off the thin form, which misses most of the null space of wide matrices', () => {
    mustFail(() => claim((A) => block(svd(A).V, 0, rank(A), A.cols, Math.min(A.rows, A.cols) - rank(A))));
  });

  it('complete the null space of a wide matrix', () => {
    const N = nullSpace(fromRows([[1, 1, 1, 1]]));
    expect([N.rows, N.cols]).toEqual([4, 3]);
  });
});

describe('the four Penrose conditions', () => {
  const cases = fc.tuple(
    sizes.chain((range) =>
      views(fc.oneof(conditioned({ rows: range, cols: range }, [1, 1e6]), rankDeficient({ rows: range, cols: range }))),
    ),
    seeds(),
  );
  const claim = (invert: (A: Dense) => Dense) =>
    fc.assert(
      fc.property(cases, ([A]) => {
        const X = invert(A);
        const [AX, XA] = [product(A, X), product(X, A)];
        const s = singularValues(A);
        const smallest = s[rank(A) - 1] ?? 1;
        const condition = norm2(A) / smallest + 1;
        const bound = 20 * backwardError(A) * condition ** 2;
        expect(maxAbs(minus(product(AX, A), A))).toBeLessThanOrEqual(bound * (norm2(A) + 1));
        expect(maxAbs(minus(product(XA, X), X))).toBeLessThanOrEqual(bound * (1 / smallest + 1));
        expect(maxAbs(minus(AX, transpose(AX)))).toBeLessThanOrEqual(bound);
        expect(maxAbs(minus(XA, transpose(XA)))).toBeLessThanOrEqual(bound);
      }),
    );
  it('hold for the pseudo-inverse', () => claim((A) => pseudoInverse(A)));
  it('fail when no singular value is cut off', () => {
    mustFail(() => claim((A) => pseudoInverse(A, { tolerance: 0 })));
  });
});

describe('norm and condition number', () => {
  it('are those of a known spectrum', () => {
    const A = withSingularValues(30, 20, geometric(20, 1e5), 3);
    expect(Math.abs(norm2(A) - 1)).toBeLessThanOrEqual(2 * backwardError(A));
    expect(Math.abs(conditionNumber(A) - 1e5)).toBeLessThanOrEqual(1e5 ** 2 * 4 * backwardError(A));
  });

  it('the default tolerance of the rank is max(m, n) 2^-52', () => {
    const tall = (small: number): Dense => map(4096, 2, (i, j) => (i !== j ? 0 : j === 0 ? 1 : small));
    expect([2 ** -41, 2 ** -39].map((small) => rank(tall(small)))).toEqual([1, 2]);
  });

  it('have their conventions', () => {
    expect(norm2(zeros(0, 4))).toBe(0);
    expect(conditionNumber(zeros(0, 4))).toBe(1);
    expect(conditionNumber(zeros(2, 2))).toBe(Number.POSITIVE_INFINITY);
    expect(rank(zeros(0, 4))).toBe(0);
    expect(nullSpace(zeros(0, 2))).toEqual(identity(2));
    expect(pseudoInverse(zeros(2, 3))).toEqual(zeros(3, 2));
  });
});
