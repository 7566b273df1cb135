/** The factorisations over the whole range of numbers: the same digits at every scale, and never NaN from finite numbers. */
import { effort, mustFail, random, seeds } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Cholesky,
  cholesky,
  choleskySolve,
  conditionNumber,
  type Dense,
  dense,
  determinant,
  eigh,
  type Float,
  fromRows,
  inverse,
  type Lu,
  leastSquares,
  logDeterminant,
  lowerFactor,
  lu,
  norm2,
  pivotedQr,
  pseudoInverse,
  qr,
  rank,
  singularValues,
  solve,
  svd,
  transpose,
  trsm,
  upperFactor,
} from '../src/index.ts';
import { caught, diagonal, frobenius, map, minus, orthogonalityError, product, U } from './residuals.ts';
import { elimination, substitute, times, whole } from './scales.ts';

function symmetric(n: number, seed: number): Dense {
  const A = whole(n, n, seed);
  return map(n, n, (i, j) => (i === j ? 10 * n : A.data[Math.max(i, j) * n + Math.min(i, j)]! % 10));
}

const orders = fc.integer({ min: 1, max: 40 });
/** Powers of two by which whole numbers below 2^10 stay in range; the ends often. */
const scales = (least = -1074, most = 1013): fc.Arbitrary<number> =>
  fc.oneof(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: least + 20 }), fc.integer({ min: most - 20, max: most }));

describe('bit for bit, f(2^k A) is f(A) with its powers of two', () => {
  const luClaim = (factorise: (A: Dense) => Lu) =>
    fc.assert(
      fc.property(orders, orders, seeds(), scales(), (m, n, seed, k) => {
        const A = whole(m, n, seed);
        const [one, other] = [factorise(A), factorise(times(k, A))];
        expect(other.swaps).toEqual(one.swaps);
        expect(lowerFactor(other)).toEqual(lowerFactor(one));
        expect(upperFactor(other)).toEqual(times(k, upperFactor(one)));
      }),
      { numRuns: effort(200) },
    );
  it('for lu', () => luClaim(lu));
  it('not for elimination without scaling', () => mustFail(() => luClaim(elimination)));

  const solveClaim = (solveWith: (A: Dense, B: Dense) => Dense, given: (n: number, seed: number) => Dense) =>
    fc.assert(
      fc.property(orders, seeds(), scales(), scales(), (n, seed, i, j) => {
        fc.pre(Math.abs(j - i) <= 960);
        const [A, B] = [given(n, seed), whole(n, 3, seed + 1)];
        expect(solveWith(times(i, A), times(j, B))).toEqual(times(j - i, solveWith(A, B)));
      }),
      { numRuns: effort(400) },
    );
  const square = (n: number, seed: number): Dense => whole(n, n, seed);
  const triangular = (n: number, seed: number): Dense => {
    const { data } = whole(n, n, seed);
    return map(n, n, (i, j) => (j === i ? 10 * n : j > i ? 0 : data[i * n + j]! % 10));
  };
  it('for solve', () => solveClaim(solve, square));
  it('not for solves without scaling', () => mustFail(() => solveClaim((A, B) => substitute(elimination(A), B), square)));
  it('for trsm', () => solveClaim((A, B) => trsm({ A, B, triangle: 'lower' }), triangular));
  it('for inverse', () => {
    fc.assert(
      fc.property(orders, seeds(), scales(-1000), (n, seed, k) => {
        const A = whole(n, n, seed);
        expect(inverse(times(k, A))).toEqual(times(-k, inverse(A)));
      }),
    );
  });

  const choleskyClaim = <T extends Float>(
    least: number,
    most: number,
    from: (data: Float64Array) => T,
    factor: (A: Dense<T>) => Cholesky<T>,
  ) =>
    fc.assert(
      fc.property(orders, seeds(), scales(least, most), scales(least, most), (n, seed, i, j) => {
        const k = 2 * Math.round(i / 2);
        fc.pre(k >= least && Math.abs(j - k) <= 0.9 * most);
        const A = dense(n, n, from(symmetric(n, seed).data));
        const B = dense(n, 3, from(whole(n, 3, seed).data));
        const [one, other] = [factor(A), factor(times(k, A))];
        expect(other.L).toEqual(times(k / 2, one.L));
        expect(choleskySolve(other, times(j, B))).toEqual(times(j - k, choleskySolve(one, B)));
      }),
      { numRuns: effort(200) },
    );
  const single = (data: Float64Array): Float32Array => Float32Array.from(data);
  it('for cholesky and even k', () => choleskyClaim(-1074, 1013, (data) => data, cholesky));
  it('for cholesky in f32', () => choleskyClaim(-149, 117, single, cholesky));
  it('not without scaling', () => mustFail(() => choleskyClaim(-1074, 1013, (data) => data, plainCholesky)));

  const determinantClaim = (det: (A: Dense) => number) =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), seeds(), fc.array(scales(-850), { minLength: 12, maxLength: 12 }), (n, seed, powers) => {
        const A = whole(n, n, seed);
        // The last column brings the determinant back to where it was.
        const last = -powers.slice(0, n - 1).reduce((sum, k) => sum + k, 0);
        fc.pre(Math.abs(last) < 1000);
        const k = [...powers.slice(0, n - 1), last];
        expect(det(map(n, n, (i, j) => A.data[i * n + j]! * 2 ** k[j]!))).toBe(det(A));
      }),
      { numRuns: effort(100) },
    );
  const gradedClaim = (exponents: number, factorise: (A: Dense) => Lu) =>
    fc.assert(
      fc.property(orders, seeds(), fc.integer({ min: -300, max: 990 - 3 * exponents }), (n, seed, k) => {
        const r = random(seed);
        const [rows, cols] = [
          map(n, 1, () => r.integer(-exponents, exponents)).data,
          map(n, 1, () => r.integer(-exponents, exponents)).data,
        ];
        const A = map(n, n, (i, j) => (1 + r.uniform()) * 2 ** (rows[i]! + cols[j]!));
        const [one, other] = [factorise(A), factorise(times(k, A))];
        expect(lowerFactor(other)).toEqual(lowerFactor(one));
        expect(upperFactor(other)).toEqual(times(k, upperFactor(one)));
        const x = other.zeroPivot === undefined ? solve(times(k, A), dense(n, 1, A.data.slice(0, n))) : undefined;
        if (x) expect(x).toEqual(times(-k, solve(A, dense(n, 1, A.data.slice(0, n)))));
      }),
      { numRuns: effort(100) },
    );
  it('for rows and columns that differ by factors of up to 2^160', () => gradedClaim(80, lu));
  it('not where multipliers underflow', () => {
    // The second pivot is -3 (1 + 2^-40) 2^-1000 at the first scale; at the second it is denormal and has no room for the 2^-40.
    const A = fromRows([
      [1, 3 * 2 ** -500],
      [(1 + 2 ** -40) * 2 ** -500, 0],
    ]);
    const x = (k: number): number => solve(times(k, A), Float64Array.of(0, 2 ** -300))[1]!;
    expect(x(-20) / 2 ** 20).toBe(x(0));
    expect(Math.abs(x(-60) / 2 ** 60 / x(0) - 1)).toBeGreaterThan(2 ** -41);
  });

  /** The last pivot is x^2 times the scale. */
  const chain = (x: number): Dense =>
    fromRows([
      [1, 0, 1],
      [x, 1, 0],
      [0, x, 0],
    ]);
  const pivotClaim = (solveWith: (A: Dense, b: Float64Array) => Float64Array) =>
    fc.assert(
      fc.property(fc.integer({ min: -300, max: -200 }), fc.integer({ min: -700, max: 0 }), (e, k) => {
        expect(solveWith(times(k, chain(2 ** e)), Float64Array.of(1, 0, 0))).toEqual(Float64Array.of(0, 0, 2 ** -k));
      }),
      { numRuns: effort(100) },
    );
  it('solves where a pivot vanishes before columns are scaled', () => pivotClaim(solve));
  it('does not without', () => mustFail(() => pivotClaim((A, b) => substitute(elimination(A), dense(3, 1, b)).data)));
  it('knows the determinant there, and that the inverse overflows', () => {
    const A = times(-700, chain(2 ** -200));
    expect(logDeterminant(A)).toEqual({ sign: 1, logAbs: expect.closeTo(-2500 * Math.LN2, 9) });
    expect(caught(() => inverse(A))).toMatchObject({ argument: 'result' });
  });

  it('for determinants of columns of any scales', () => determinantClaim(determinant));
  it('not for the product of the pivots', () => {
    mustFail(() =>
      determinantClaim((A) =>
        lu(A).swaps.reduce((d, other, i, { length }) => (other === i ? d : -d) * lu(A).factors.data[i * (length + 1)]!, 1),
      ),
    );
  });
});

function plainCholesky(A: Dense): Cholesky {
  const n = A.rows;
  const L = map(n, n, (i, j) => (j <= i ? A.data[i * n + j]! : 0));
  for (let k = 0; k < n; k++) {
    for (let i = k; i < n; i++) for (let j = 0; j < k; j++) L.data[i * n + k]! -= L.data[i * n + j]! * L.data[k * n + j]!;
    const root = Math.max(Math.sqrt(L.data[k * n + k]!), Number.MIN_VALUE);
    for (let i = k; i < n; i++) L.data[i * n + k]! /= root;
  }
  return { L };
}

describe('within their bounds, the other factorisations of 2^k A are those of A', () => {
  /** Residuals and errors are taken after the results are brought back; what is denormal there has an error of 2^-1074. */
  const claim = (check: (A: Dense, k: number, slack: number) => void) =>
    fc.assert(
      fc.property(orders, orders, seeds(), scales(), (a, b, seed, k) => {
        const [m, n] = [Math.max(a, b), Math.min(a, b)];
        const A = whole(m, n, seed);
        check(A, k, 64 * (m + n + 4) * U * frobenius(A) + 2 * m * n * 2 ** (-1074 - k));
      }),
      { numRuns: effort(150) },
    );
  type Factor = (A: Dense) => { readonly Q: Dense; readonly R: Dense };
  const qrClaim = (factor: Factor) =>
    claim((A, k, slack) => {
      const { Q, R } = factor(times(k, A));
      expect(orthogonalityError(Q)).toBeLessThanOrEqual(64 * (A.rows + 4) * U);
      expect(frobenius(minus(A, product(Q, times(-k, R))))).toBeLessThanOrEqual(slack);
    });
  const unpermuted: Factor = (A) => {
    const { Q, R, permutation } = pivotedQr(A);
    const order = Int32Array.from(permutation);
    const back = map(R.rows, R.cols, (i, j) => R.data[i * R.cols + order.indexOf(j)]!);
    return { Q, R: back };
  };
  it('for qr', () => qrClaim(qr));
  it('for pivotedQr', () => qrClaim(unpermuted));
  it('counts the rank of pivotedQr before R is scaled back, where a pivot may vanish', () => {
    const A = fromRows([
      [1024, 1023, 1000],
      [1025, 1024, 1001],
      [1000, 999, 978],
    ]);
    expect([pivotedQr(A).rank, pivotedQr(times(-1074, A)).rank]).toEqual([3, 3]);
  });
  it('not for reflectors without scaling', () => mustFail(() => qrClaim(reflectors)));

  it('for svd and norms', () => {
    claim((A, k, slack) => {
      const { U: left, singularValues: s, V } = svd(times(k, A));
      expect(Math.max(orthogonalityError(left), orthogonalityError(V))).toBeLessThanOrEqual(64 * (A.rows + 4) * U);
      const back = product(product(left, times(-k, diagonal(s))), transpose(V));
      expect(frobenius(minus(A, back))).toBeLessThanOrEqual(slack);
      expect(Math.abs(norm2(times(k, A)) / 2 ** k - norm2(A))).toBeLessThanOrEqual(slack);
      expect(rank(times(k, A))).toBe(A.cols);
      expect(conditionNumber(times(k, A))).toBeLessThan(3);
    });
  });

  it('for eigh', () => {
    claim((M, k, slack) => {
      const A = symmetric(M.cols, M.data[0]! + 1000);
      const { values, vectors: V } = eigh(times(k, A));
      expect(orthogonalityError(V)).toBeLessThanOrEqual(64 * (A.rows + 4) * U);
      const back = product(product(V, times(-k, diagonal(values))), transpose(V));
      expect(frobenius(minus(A, back))).toBeLessThanOrEqual(slack + 64 * (A.rows + 4) * U * frobenius(A));
    });
  });

  const fitClaim = (fit: (A: Dense, b: Float64Array) => Float64Array) =>
    claim((A, k) => {
      const b = whole(A.rows, 1, 1).data;
      // Scales of b from one end to the other, as far as x stays in range.
      for (const j of [Math.max(k - 960, -1074), k, Math.min(k + 960, 1013)]) {
        const x = fit(times(k, A), times(j, dense(A.rows, 1, b)).data);
        const scaled = x.map((value) => value * 2 ** (k - j));
        const truth = leastSquares(A, b).X;
        // Condition below 3: both are within 3^2 c (m + n) u of the minimiser.
        const bound = 64 * 9 * (A.rows + A.cols) * U * Math.sqrt(A.rows) + 2 ** -960;
        for (const [i, value] of truth.entries()) expect(Math.abs(scaled[i]! - value)).toBeLessThanOrEqual(bound);
      }
    });
  it('for leastSquares', () => fitClaim((A, b) => leastSquares(A, b).X));
  it('not for normal equations without scaling', () => {
    mustFail(() =>
      fitClaim((A, b) => substitute(elimination(product(transpose(A), A)), product(transpose(A), dense(b.length, 1, b))).data),
    );
  });

  it('for pseudoInverse', () => {
    fc.assert(
      fc.property(orders, orders, seeds(), scales(-1000), (m, n, seed, k) => {
        const A = whole(m, n, seed);
        const back = product(product(A, times(k, pseudoInverse(times(k, A)))), A);
        expect(frobenius(minus(A, back))).toBeLessThanOrEqual(64 * 9 * (m + n + 4) * U * frobenius(A) * 3);
      }),
    );
  });
});

/** Householder's QR as textbooks have it. */
function reflectors(A: Dense): { Q: Dense; R: Dense } {
  const { rows: m, cols: n } = A;
  const R = map(m, n, (i, j) => A.data[i * n + j]!);
  const Q = map(m, m, (i, j) => Number(i === j));
  for (let k = 0; k < n; k++) {
    const x = Float64Array.from({ length: m }, (_, i) => (i < k ? 0 : R.data[i * n + k]!));
    const norm = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
    x[k]! += x[k]! < 0 ? -norm : norm;
    const squares = x.reduce((sum, value) => sum + value * value, 0) || 1;
    const reflect = (M: Dense, across: boolean) => {
      for (let j = 0; j < (across ? M.rows : M.cols); j++) {
        const at = (i: number): number => (across ? j * M.cols + i : i * M.cols + j);
        let dot = 0;
        for (let i = k; i < m; i++) dot += x[i]! * M.data[at(i)]!;
        for (let i = k; i < m; i++) M.data[at(i)]! -= ((2 * dot) / squares) * x[i]!;
      }
    };
    reflect(R, false);
    reflect(Q, true);
  }
  return { Q, R };
}

describe('bidiagonal matrices: every singular value to relative accuracy over the whole range', () => {
  /** Blocks of two, each at a scale of its own: their values are those of the blocks alone. */
  const claim = (valuesOf: (A: Dense) => Float64Array) =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1000, max: 1010 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 9 }),
        (k, extra) => {
          const n = 2 * k.length;
          const B = map(n + extra, n, (i, j) => (i === j ? 3 + (i & 1) : j === i + 1 && (i & 1) === 0 ? 2 : 0) * 2 ** (k[j >> 1] ?? 0));
          const alone = singularValues(
            fromRows([
              [3, 2],
              [0, 4],
            ]),
          );
          const truth = Float64Array.from(k.flatMap((p) => [alone[0]! * 2 ** p, alone[1]! * 2 ** p])).sort();
          const values = valuesOf(B).sort();
          // 2 x 2 blocks settle in a few rotations; what is dropped is below 100 u (bdsqr).
          for (const [i, value] of truth.entries()) expect(Math.abs(values[i]! - value)).toBeLessThanOrEqual(200 * n * U * value);
        },
      ),
      { numRuns: effort(200) },
    );
  it('holds for values alone', () => claim(singularValues));
  it('holds with vectors', () => claim((A) => svd(A).singularValues));
  it('fails for a matrix scaled to near 1 first', () => {
    mustFail(() =>
      claim((A) => {
        const power = Math.floor(Math.log2(norm2(A)));
        return times(power, dense(A.cols, 1, singularValues(times(-power, A)))).data;
      }),
    );
  });
  it('keeps the diagonal of a diagonal matrix as it is', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1074, max: 1021 }), { minLength: 1, maxLength: 9 }), (k) => {
        expect(singularValues(diagonal(k.map((p) => 2 ** p)))).toEqual(
          Float64Array.from(k.map((p) => 2 ** p))
            .sort()
            .reverse(),
        );
      }),
    );
  });
});
