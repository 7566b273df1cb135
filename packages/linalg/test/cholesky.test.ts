import { effort, mustFail, positiveDefinite, positiveDefinites, seeds, toFloat32, views } from '@x/testkit';
import fc from 'fast-check';
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import {
  at,
  type Cholesky,
  cholesky,
  choleskyInverse,
  choleskyLogDeterminant,
  choleskySolve,
  type Dense,
  dense,
  type Float,
  fromRows,
  identity,
  NonFiniteError,
  NotPositiveDefiniteError,
  ShapeError,
  toRows,
  transpose,
} from '../src/index.ts';
import { LARGE_ORDERS } from './matrices.ts';
import { gamma, roundoff } from './reference.ts';
import { caught, expectSameBits, expectWithin, map, maxAbs, minus, product, U } from './residuals.ts';

/** Small orders, and orders that reach the recursion. */
const orders: fc.Arbitrary<readonly [number, number]> = fc.constantFrom([0, 20] as const, [0, 20] as const, [33, 100] as const);
const matrices = orders.chain((order) => views(positiveDefinites(order, [1, 1e12])));
const large = (n: number): fc.Arbitrary<Dense> => views(positiveDefinites([n, n], [1, 1e12]));

type Factorise = <T extends Float>(A: Dense<T>) => Cholesky<T>;

/** The bound is on the lower triangle, which is what is read. */
function lowerOf(A: Dense<Float>): Dense {
  return map(A.rows, A.rows, (i, j) => (i >= j ? at(A, i, j) : at(A, j, i)));
}

describe('Theorem (Higham, Accuracy and Stability, 10.3 and 10.5): |A - L L^T| <= gamma_(n+1) |L| |L^T|', () => {
  /** |L| |L^T| <= max a_ii / (1 - gamma_(n+1)); the residual adds gamma_n of the same. */
  const claim = (factorise: Factorise, given: fc.Arbitrary<Dense> = matrices, runs = effort(100)) =>
    fc.assert(
      fc.property(given, fc.boolean(), (A64, single) => {
        const A: Dense<Float> = single ? toFloat32(positiveDefinite(A64.rows, 1e3, 1)) : A64;
        const { L } = factorise(A);
        const u = roundoff(A);
        const n = A.rows;
        const bound = (2 * gamma(n + 2, u) * maxAbs(A)) / (1 - gamma(n + 1, u));
        expect(maxAbs(minus(lowerOf(A), product(L, transpose(L))))).toBeLessThanOrEqual(bound);
        expectWithin(L, (i, j) => (i < j ? 0 : Number.POSITIVE_INFINITY));
      }),
      { numRuns: runs },
    );
  it('holds', () => claim(cholesky));
  it.each(LARGE_ORDERS)('holds for order %d', (n) => claim(cholesky, large(n), effort(2)));
  it('fails when the last row misses the contribution of the first column', () => {
    mustFail(() =>
      claim(<T extends Float>(A: Dense<T>) => {
        const { L } = cholesky(A);
        const n = L.rows;
        if (n > 1) L.data[n * n - 1] = Math.hypot(at(L, n - 1, n - 1), at(L, n - 1, 0));
        return { L };
      }),
    );
  });
});

describe('Theorem (Higham 10.4): the solution has a backward error of at most gamma_(3n+1) n', () => {
  const claim = (solveWith: (A: Dense, b: Float64Array) => Float64Array, given: fc.Arbitrary<Dense> = matrices, runs = effort(100)) =>
    fc.assert(
      fc.property(given, seeds(), (A, seed) => {
        const n = A.rows;
        const b = Float64Array.from({ length: n }, (_, i) => Math.sin(seed + i));
        const x = solveWith(A, b);
        // |b - A x| <= gamma |L| |L^T| |x|, each row of |L| |L^T| sums to at most n max a_ii; measuring adds gamma_n |A| |x|.
        const bound = 2 * gamma(3 * n + 1, U) * maxAbs(A) * x.reduce((sum, value) => sum + Math.abs(value), 0);
        const residual = minus(dense(n, 1, b), product(lowerOf(A), dense(n, 1, x)));
        expect(maxAbs(residual)).toBeLessThanOrEqual(bound + n * U * maxAbs(dense(n, 1, b)));
      }),
      { numRuns: runs },
    );
  it('holds', () => claim((A, b) => choleskySolve(cholesky(A), b)));
  it.each(LARGE_ORDERS)('holds for order %d', (n) => claim((A, b) => choleskySolve(cholesky(A), b), large(n), effort(1)));
  it('fails for one triangular solve instead of two', () => {
    mustFail(() =>
      claim((A, b) => {
        const { L } = cholesky(A);
        return choleskySolve({ L }, product(L, dense(b.length, 1, b))).data;
      }),
    );
  });
});

describe('cholesky', () => {
  it('agrees with ml-matrix', () => {
    const A = positiveDefinite(60, 100, 3);
    const L = new CholeskyDecomposition(new Matrix(toRows(A))).lowerTriangularMatrix.to2DArray();
    // Both are within n u of L with a condition number of about 100.
    expect(maxAbs(minus(cholesky(A).L, fromRows(L)))).toBeLessThanOrEqual(100 * 60 * U);
  });

  it('reads only the lower triangle', () => {
    const A = positiveDefinite(50, 100, 4);
    const half = map(50, 50, (i, j) => (i >= j ? at(A, i, j) : Number.NaN));
    expect(cholesky(half)).toEqual(cholesky(A));
    expect(() => cholesky(transpose(half))).toThrow(NonFiniteError);
  });

  it('names the first pivot that is not positive, and its value', () => {
    const A = identity(70);
    A.data[40 * 71] = -3;
    const error = caught(() => cholesky(A));
    expect(error).toBeInstanceOf(NotPositiveDefiniteError);
    expect(error).toMatchObject({ pivot: 40, value: -3 });
    expect(
      caught(() =>
        cholesky(
          fromRows([
            [1, 1],
            [1, 1],
          ]),
        ),
      ),
    ).toMatchObject({ pivot: 1, value: 0 });
  });

  it('refuses bad shapes and entries', () => {
    expect(() => cholesky(dense(2, 3, new Float64Array(6)))).toThrow(ShapeError);
    const A = identity(40);
    A.data[39 * 40 + 7] = Number.POSITIVE_INFINITY;
    expect(caught(() => cholesky(A))).toMatchObject({ argument: 'A', index: [39, 7] });
    const factor = cholesky(identity(3));
    expect(() => choleskySolve(factor, new Float64Array(2))).toThrow(ShapeError);
    expect(caught(() => choleskySolve(factor, new Float64Array([1, Number.NaN, 2])))).toMatchObject({ argument: 'B', index: [1, 0] });
  });

  it('takes entries near the ends of the range', () => {
    for (const scale of [1e300, 1e-300, 2 ** -1060]) {
      const { L } = cholesky(map(3, 3, (i, j) => (i === j ? 4 * scale : scale)));
      const back = product(L, transpose(L));
      expect(Math.abs(at(back, 2, 2) / scale - 4)).toBeLessThan(1e-3);
    }
  });

  it('handles orders 0 and 1, and several right-hand sides', () => {
    expect(cholesky(identity(0)).L.data.length).toBe(0);
    expect(choleskyLogDeterminant(cholesky(identity(0)))).toBe(0);
    const factor = cholesky(fromRows([[4]]));
    expect(at(factor.L, 0, 0)).toBe(2);
    expect(toRows(choleskySolve(factor, fromRows([[8, 4, 2]])))).toEqual([[2, 1, 0.5]]);
    expect(choleskyLogDeterminant(factor)).toBeCloseTo(Math.log(4), 15);
  });

  it('inverts to an exactly symmetric matrix', () => {
    const A = positiveDefinite(45, 10, 5);
    const X = choleskyInverse(cholesky(A));
    expect(maxAbs(minus(X, transpose(X)))).toBe(0);
    // Condition 10: the product is within a few n u times 10 of I.
    expect(maxAbs(minus(product(A, X), identity(45)))).toBeLessThanOrEqual(10 * gamma(3 * 45, U) * 10);
  });

  it('gives the same bits without SIMD', () => {
    for (const n of [1, 5, 32, 33, 90]) {
      const A = positiveDefinite(n, 100, n);
      expectSameBits(A.data, [], (k, a) => k.dcholesky(n, a));
    }
  });
});
