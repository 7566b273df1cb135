import { effort, matrices, mustFail, seeds, views } from '@x/testkit';
import fc from 'fast-check';
import { LuDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import {
  at,
  type Dense,
  dense,
  determinant,
  fromRows,
  identity,
  inverse,
  type Lu,
  logDeterminant,
  lowerFactor,
  lu,
  luSolve,
  NonFiniteError,
  permutation,
  ShapeError,
  SingularError,
  toRows,
  upperFactor,
  zeros,
} from '../src/index.ts';
import { LARGE_ORDERS, LARGE_SHAPES, large } from './matrices.ts';
import { gamma } from './reference.ts';
import { caught, expectSameBits, expectWithin, map, maxAbs, minus, product, U } from './residuals.ts';

const shapes = fc.constantFrom([0, 20] as const, [0, 20] as const, [30, 90] as const);
const anyMatrix = shapes.chain((range) => views(matrices({ rows: range, cols: range })));

function abs(A: Dense): Dense {
  return map(A.rows, A.cols, (i, j) => Math.abs(at(A, i, j)));
}

describe('Theorem (Higham, Accuracy and Stability, 9.3): |P A - L U| <= gamma_k |L| |U|, and |L| <= 1', () => {
  const claim = (factorise: (A: Dense) => Lu, given: fc.Arbitrary<Dense> = anyMatrix, runs = effort(100)) =>
    fc.assert(
      fc.property(given, (A) => {
        const factorisation = factorise(A);
        const [L, M, order] = [lowerFactor(factorisation), upperFactor(factorisation), permutation(factorisation)];
        expect(Int32Array.from(order).sort()).toEqual(Int32Array.from(order, (_, i) => i));
        expect(maxAbs(L)).toBeLessThanOrEqual(1);
        const PA = map(A.rows, A.cols, (i, j) => at(A, order[i] as number, j));
        const [error, size] = [minus(PA, product(L, M)), product(abs(L), abs(M))];
        // The residual is measured with another gamma_k; a division adds one rounding; an underflow 2^-1074 an operation.
        const k = L.cols + 1;
        expectWithin(error, (i, j) => 2 * gamma(k, U) * at(size, i, j) + k * 2 ** -1073);
      }),
      { numRuns: runs },
    );
  it('holds', () => claim(lu));
  it.each(LARGE_SHAPES)('holds for %d x %d', (m, n) => claim(lu, large(m, n), effort(1)));
  it('fails without row swaps', () => mustFail(() => claim(withoutPivoting)));
  it('fails when the swaps of the second half of the columns are not applied to the first', () => {
    mustFail(() =>
      claim((A) => {
        const { factors, swaps, zeroPivot } = lu(A);
        const half = Math.floor(swaps.length / 2);
        for (let i = swaps.length - 1; i >= half; i--) swapRows(factors, i, swaps[i] as number, half);
        return { factors, swaps, zeroPivot };
      }),
    );
  });
});

function withoutPivoting(A: Dense): Lu {
  const F = map(A.rows, A.cols, (i, j) => at(A, i, j));
  const k = Math.min(A.rows, A.cols);
  for (let p = 0; p < k; p++) {
    if (at(F, p, p) === 0) continue;
    for (let i = p + 1; i < A.rows; i++) {
      const factor = at(F, i, p) / at(F, p, p);
      F.data[i * A.cols + p] = factor;
      for (let j = p + 1; j < A.cols; j++) F.data[i * A.cols + j]! -= factor * at(F, p, j);
    }
  }
  return { factors: F, swaps: Int32Array.from({ length: k }, (_, i) => i), zeroPivot: undefined };
}

function swapRows(A: Dense, i: number, j: number, cols: number): void {
  for (let c = 0; c < cols; c++) {
    const kept = at(A, i, c);
    A.data[i * A.cols + c] = at(A, j, c);
    A.data[j * A.cols + c] = kept;
  }
}

describe('Theorem (Higham 9.4): the solution has a backward error of at most gamma_(3n) |L| |U|', () => {
  const systems = fc
    .tuple(shapes, seeds())
    .chain(([range, seed]) =>
      fc.tuple(
        views(matrices({ rows: range, cols: range }, ['gaussian', 'cauchy', 'spiked', 'well-conditioned', 'ill-conditioned'])),
        fc.constant(seed),
      ),
    );
  const claim = (solveWith: (factorisation: Lu, B: Dense) => Dense, given: typeof systems = systems, runs = effort(100)) =>
    fc.assert(
      fc.property(given, ([M, seed]) => {
        const n = Math.min(M.rows, M.cols);
        const A = { ...M, rows: n, cols: n };
        const factorisation = lu(A);
        fc.pre(factorisation.zeroPivot === undefined);
        const B = map(n, 3, (i, j) => Math.sin(seed + i + 7 * j));
        const X = solveWith(factorisation, B);
        const order = permutation(factorisation);
        const size = product(product(abs(lowerFactor(factorisation)), abs(upperFactor(factorisation))), abs(X));
        const PB = map(n, 3, (i, j) => at(B, order[i] as number, j));
        const PA = map(n, n, (i, j) => at(A, order[i] as number, j));
        const error = minus(PB, product(PA, X));
        expectWithin(error, (i, j) => 2 * gamma(3 * n, U) * at(size, i, j) + U * Math.abs(at(PB, i, j)));
      }),
      { numRuns: runs },
    );
  it('holds', () => claim(luSolve));
  it.each(LARGE_ORDERS)('holds for order %d', (n) => claim(luSolve, fc.tuple(large(n, n), seeds()), effort(1)));
  it('fails when the right-hand side is not permuted', () => {
    mustFail(() => claim((F, B) => luSolve({ ...F, swaps: F.swaps.map((_, i) => i) }, B)));
  });
});

describe('lu and what rests on it', () => {
  it('agrees with ml-matrix', () => {
    const A = map(50, 50, (i, j) => Math.sin(1 + i * 50 + j * j));
    const reference = new LuDecomposition(new Matrix(toRows(A)));
    const difference = minus(upperFactor(lu(A)), fromRows(reference.upperTriangularMatrix.to2DArray()));
    // The same pivots, so both are the exact factors of matrices within gamma_n |L| |U| of A.
    expect(maxAbs(difference)).toBeLessThanOrEqual(1e4 * gamma(50, U) * maxAbs(upperFactor(lu(A))));
  });

  it('computes determinants, also beyond the range of numbers', () => {
    const A = fromRows([
      [0, 2, 1],
      [3, 0, 0],
      [0, 0, 5],
    ]);
    expect(determinant(A)).toBe(-30);
    expect(logDeterminant(A)).toEqual({ sign: -1, logAbs: Math.log(3) + Math.log(2) + Math.log(5) });
    expect(determinant(identity(0))).toBe(1);
    expect(determinant(zeros(3, 3))).toBe(0);
    expect(logDeterminant(zeros(2, 2))).toEqual({ sign: 0, logAbs: Number.NEGATIVE_INFINITY });
    const large = map(400, 400, (i, j) => (i === j ? 1e3 : 0));
    expect(determinant(large)).toBe(Number.POSITIVE_INFINITY);
    expect(logDeterminant(large).logAbs).toBeCloseTo(400 * Math.log(1e3), 8);
  });

  it('inverts', () => {
    const A = map(40, 40, (i, j) => (i === j ? 40 : Math.cos(i + 3 * j)));
    // Diagonally dominant with condition below 4: A X is within 4 gamma_(3n) n of I.
    expect(maxAbs(minus(product(A, inverse(A)), identity(40)))).toBeLessThanOrEqual(4 * gamma(120, U) * 40);
  });

  it('names the zero pivot of a singular matrix', () => {
    const A = identity(30);
    A.data[12 * 31] = 0;
    expect(lu(A).zeroPivot).toBe(12);
    for (const work of [() => inverse(A), () => luSolve(lu(A), identity(30))]) {
      const error = caught(work);
      expect(error).toBeInstanceOf(SingularError);
      expect(error).toMatchObject({ pivot: 12 });
    }
  });

  it('survives pivots whose reciprocal overflows', () => {
    const A = fromRows([
      [2 ** -1074, 2 ** -1074],
      [2 ** -1074, 2 ** -1073],
    ]);
    expect(toRows(lowerFactor(lu(A)))).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(toRows(upperFactor(lu(A)))).toEqual([
      [2 ** -1074, 2 ** -1074],
      [0, 2 ** -1074],
    ]);
  });

  it('refuses bad input', () => {
    expect(() => inverse(zeros(2, 3))).toThrow(ShapeError);
    expect(() => determinant(zeros(2, 3))).toThrow(ShapeError);
    expect(() => luSolve(lu(identity(3)), new Float64Array(4))).toThrow(ShapeError);
    const A = map(5, 9, (i, j) => (i === 3 && j === 8 ? Number.NaN : 1));
    const error = caught(() => lu(A));
    expect(error).toBeInstanceOf(NonFiniteError);
    expect(error).toMatchObject({ argument: 'A', index: [3, 8] });
    expect(() => lu(dense(1, 1, new Float32Array(1)) as never)).toThrow('Float32Array');
  });

  it('gives the same bits without SIMD', () => {
    for (const [m, n] of [
      [1, 1],
      [7, 5],
      [40, 40],
      [90, 70],
      [30, 80],
    ] as const) {
      const A = map(m, n, (i, j) => Math.sin(1 + i * n + j));
      expectSameBits(A.data, [n], (k, a, pivots) => k.dlu(m, n, a, pivots as number, false));
    }
  });
});
