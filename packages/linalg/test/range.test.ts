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
  eigenvalues,
  eigh,
  type Float,
  fromRows,
  inverse,
  type Lu,
  leastSquares,
  logDeterminant,
  lowerFactor,
  lu,
  luSolve,
  NonFiniteError,
  NotPositiveDefiniteError,
  norm2,
  nullSpace,
  pivotedQr,
  pseudoInverse,
  qr,
  rank,
  rFactor,
  SingularError,
  singularValues,
  solve,
  svd,
  transpose,
  trsm,
  upperFactor,
} from '../src/index.ts';
import { caught, diagonal, frobenius, map, minus, orthogonalityError, product, U } from './residuals.ts';

/** 2^k A, each entry rounded once; |k| <= 2046. */
function times<T extends Float>(k: number, { rows, cols, data }: Dense<T>): Dense<T> {
  const half = Math.trunc(k / 2);
  return dense(rows, cols, data.map((x) => x * 2 ** half * 2 ** (k - half)) as T);
}

/** Whole numbers, so that they are exact at every scale; of full rank, condition below 3; the largest of column j is not in row j. */
function whole(m: number, n: number, seed: number): Dense {
  const r = random(seed);
  return map(m, n, (i, j) => r.integer(-9, 9) + ((i + 1) % m === j ? 10 * Math.max(m, n) : 0));
}

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
    // The second pivot is -2^-1000 at the first scale, 2^-1320 or 0 at the second.
    const A = fromRows([
      [1, 2 ** -500],
      [2 ** -500, 0],
    ]);
    expect(logDeterminant(A)).toEqual({ sign: -1, logAbs: expect.closeTo(-1000 * Math.LN2, 9) });
    expect(caught(() => solve(times(-320, A), Float64Array.of(1, 1)))).toMatchObject({ name: 'SingularError', pivot: 1 });
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

/** Gaussian elimination with partial pivoting as textbooks have it. */
function elimination(A: Dense): Lu {
  const { rows: m, cols: n } = A;
  const data = A.data.slice();
  const swaps = new Int32Array(Math.min(m, n));
  for (let p = 0; p < swaps.length; p++) {
    let best = p;
    for (let i = p; i < m; i++) if (Math.abs(data[i * n + p]!) > Math.abs(data[best * n + p]!)) best = i;
    swaps[p] = best;
    for (let j = 0; j < n; j++) [data[p * n + j], data[best * n + j]] = [data[best * n + j]!, data[p * n + j]!];
    for (let i = p + 1; i < m; i++) {
      data[i * n + p]! /= data[p * n + p]!;
      const factor = data[i * n + p]!;
      for (let j = p + 1; j < n; j++) data[i * n + j]! -= factor * data[p * n + j]!;
    }
  }
  return { factors: dense(m, n, data), swaps, zeroPivot: undefined };
}

function substitute({ factors, swaps }: Lu, B: Dense): Dense {
  const n = factors.rows;
  const X = map(n, B.cols, (i, j) => B.data[i * B.cols + j]!);
  const [x, f] = [X.data, factors.data];
  for (let c = 0; c < B.cols; c++) {
    swaps.forEach((other, i) => {
      [x[i * B.cols + c], x[other * B.cols + c]] = [x[other * B.cols + c]!, x[i * B.cols + c]!];
    });
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) x[i * B.cols + c]! -= f[i * n + j]! * x[j * B.cols + c]!;
    for (let i = n - 1; i >= 0; i--) {
      for (let j = i + 1; j < n; j++) x[i * B.cols + c]! -= f[i * n + j]! * x[j * B.cols + c]!;
      x[i * B.cols + c]! /= f[i * n + i]!;
    }
  }
  return X;
}

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
  /** Each of the attempts of `run` must return something in at least this share of the runs. */
  const claim = (share: number, run: (attempt: Attempt, A: Dense, B: Dense) => void) => {
    const answers: number[] = [];
    const numRuns = effort(300);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 45 }), fc.integer({ min: 1, max: 45 }), seeds(), (m, n, seed) => {
        const { A, toMiddle: a } = wild(m, n, seed);
        const { A: B, toMiddle: b } = wild(m, 2, seed + 1);
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
  it('the others', () => {
    claim(0.02, (attempt, wildA) => {
      const S = squareOf(wildA);
      const right = (A: Dense, B: Dense): Dense => rowsOf(B, squareOf(A).rows);
      attempt((A, B) => luSolve(lu(squareOf(A)), right(A, B)), unknown);
      attempt(
        (A) => inverse(squareOf(A)),
        (X, a) => top(X) - a,
      );
      attempt((A, B) => trsm({ A: squareOf(A), B: right(A, B), triangle: 'lower' }), unknown);
      attempt((A, B) => trsm({ A: squareOf(A), B: transpose(right(A, B)), triangle: 'upper', side: 'right', transposed: true }), unknown);
      attempt((A, B) => choleskySolve(cholesky(squareOf(A)), right(A, B)), sizeOfX);
      const { sign, logAbs } = logDeterminant(S);
      const det = determinant(S);
      expect(det === 0 || Math.sign(det) === sign).toBe(true);
      // Sums of n logarithms up to 745 in size.
      const bound = S.rows ** 2 * 2048 * U;
      if (Math.abs(logAbs) < 700) expect(Math.abs(Math.log(Math.abs(det)) - logAbs)).toBeLessThanOrEqual(bound);
    });
  });
});

describe('results beyond the range', () => {
  it.each([
    ['qr', () => qr(fromRows([[1.5e308], [1.5e308]]))],
    ['pivotedQr', () => pivotedQr(fromRows([[1.5e308], [1.5e308]]))],
    [
      'lu',
      () =>
        lu(
          fromRows([
            [1e308, 1e308],
            [1e308, -1e308],
          ]),
        ),
    ],
    ['inverse', () => inverse(fromRows([[1e-310]]))],
    ['pseudoInverse', () => pseudoInverse(fromRows([[1e-310]]))],
    ['solve', () => solve(fromRows([[1e-300]]), Float64Array.of(1e300))],
    ['luSolve', () => luSolve(lu(fromRows([[1e-300]])), Float64Array.of(1e300))],
    ['leastSquares', () => leastSquares(fromRows([[1e-300]]), Float64Array.of(1e300))],
    [
      'trsm',
      () =>
        trsm({
          A: fromRows([
            [1e-300, 0],
            [1, 1],
          ]),
          B: fromRows([[1e300], [1]]),
          triangle: 'lower',
        }),
    ],
    [
      'choleskySolve',
      () =>
        choleskySolve(
          cholesky(
            fromRows([
              [1e-300, 0],
              [0, 1],
            ]),
          ),
          Float64Array.of(1e300, 1),
        ),
    ],
    ['norm2', () => norm2(fromRows([[1.5e308, 1.5e308]]))],
    [
      'eigenvalues',
      () =>
        eigenvalues(
          fromRows([
            [1e308, 1e308],
            [1e308, 1e308],
          ]),
        ),
    ],
  ] as const)('%s says so', (name, work) => {
    const error = caught(work);
    expect(error).toBeInstanceOf(NonFiniteError);
    expect(error).toMatchObject({ argument: 'result', index: [] });
    expect((error as Error).message).toContain(`${name}: the result overflows`);
  });

  it('do not keep solve, leastSquares and others from results within it', () => {
    const A = fromRows([
      [1e308, 1e308],
      [1e308, -1e308],
    ]);
    expect(solve(A, Float64Array.of(1, 2))).toEqual(Float64Array.of(1.5e-308, -5e-309));
    const zero = fromRows([
      [1e200, 0, 0],
      [0, 1e200, 0],
      [0, 0, 0],
    ]);
    expect(determinant(zero)).toBe(0);
    const swapped = fromRows([
      [0, 0],
      [1, 0],
    ]);
    expect(determinant(swapped)).toBe(0);
    expect(logDeterminant(zero)).toEqual({ sign: 0, logAbs: Number.NEGATIVE_INFINITY });
    expect(determinant(A)).toBe(Number.NEGATIVE_INFINITY);
    expect(logDeterminant(A)).toEqual({ sign: -1, logAbs: expect.closeTo(Math.log(2) + 616 * Math.log(10), 9) });
    expect(determinant(fromRows([[Number.MAX_VALUE]]))).toBe(Number.MAX_VALUE);
    expect(determinant(fromRows([[-5e-324]]))).toBe(-5e-324);
    const B = fromRows([
      [1.7e308, 1.7e308],
      [1.7e308, -1.7e308],
    ]);
    expect([rank(B), nullSpace(B).cols]).toEqual([2, 0]);
    expect(conditionNumber(B)).toBeCloseTo(1, 12);
    expect(leastSquares(fromRows([[1e308], [1e308]]), Float64Array.of(1e308, 1e308)).X[0]).toBeCloseTo(1, 12);
    expect(solve(diagonal([1e300, 1e-300]), Float64Array.of(1e300, 1e-300))).toEqual(Float64Array.of(1, 1));
    const graded = diagonal([2 ** 1000, 2 ** -500]);
    expect(leastSquares(graded, Float64Array.of(0, 2 ** 500), { tolerance: 0 }).X).toEqual(Float64Array.of(0, 2 ** 1000));
    expect(leastSquares(graded, Float64Array.of(2 ** 500, 2 ** -100)).residualNorms[0]).toBe(2 ** -100);
    const inverted = pseudoInverse(diagonal([2 ** 1000, 2 ** -1000]), { tolerance: 0 });
    expect(inverted).toEqual(diagonal([2 ** -1000, 2 ** 1000]));
  });
});
