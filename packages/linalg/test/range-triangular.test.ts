/** Triangular systems over the whole range of numbers, against exact arithmetic. */
import { effort, mustFail, random, seeds } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  at,
  choleskySolve,
  copy,
  type Dense,
  dense,
  fromRows,
  luSolve,
  NonFiniteError,
  type TrsmOptions,
  toRows,
  transpose,
  trsm,
} from '../src/index.ts';
import { exact, size } from './exact.ts';
import { map } from './residuals.ts';

type Solver = (options: TrsmOptions) => Dense;

/** Substitution as textbooks have it. */
const textbook: Solver = ({ A, B, triangle, side, transposed = false, unitDiagonal }) => {
  if (side === 'right')
    return transpose(textbook({ A, B: transpose(B), triangle, transposed: !transposed, unitDiagonal: unitDiagonal === true }));
  const op = transposed ? transpose(A) : A;
  const n = op.rows;
  const order = Array.from({ length: n }, (_, p) => ((triangle === 'upper') !== transposed ? n - 1 - p : p));
  const X = copy(B);
  for (let c = 0; c < B.cols; c++) {
    for (const [p, i] of order.entries()) {
      for (const j of order.slice(0, p)) X.data[i * B.cols + c]! -= at(op, i, j) * at(X, j, c);
      if (!unitDiagonal) X.data[i * B.cols + c]! /= at(op, i, i);
    }
  }
  return X;
};
const options = {
  triangle: fc.constantFrom('lower' as const, 'upper' as const),
  side: fc.constantFrom('left' as const, 'right' as const),
  transposed: fc.boolean(),
  unitDiagonal: fc.boolean(),
};
type How = Pick<TrsmOptions, 'triangle' | 'side' | 'transposed' | 'unitDiagonal'>;
/** Whether op(A), or its transpose on the right, is upper triangular. */
const takenBackwards = ({ triangle, side, transposed }: How): boolean =>
  ((triangle === 'upper') !== (transposed === true)) !== (side === 'right');
/** The problem that, as `how` says, is T X = B for a lower triangular T: where it wants an upper one, rows and columns are taken backwards. */
function posed(T: Dense, B: Dense, how: How): TrsmOptions {
  const n = T.rows;
  const [L, C] = takenBackwards(how)
    ? [map(n, n, (i, j) => at(T, n - 1 - i, n - 1 - j)), map(n, B.cols, (i, c) => at(B, n - 1 - i, c))]
    : ([T, B] as const);
  const op = how.side === 'right' ? transpose(L) : L;
  return { ...how, A: how.transposed ? transpose(op) : op, B: how.side === 'right' ? transpose(C) : C };
}

describe('trsm finds X exactly where all is exact, although products exceed the range', () => {
  const claim = (solver: Solver): void =>
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 70 }), seeds(), fc.record(options), (n, seed, how) => {
        const r = random(seed);
        // Whole numbers with T Y = C, C below 2^11: the first column absorbs the rest. T < 2^26, |t y| up to 2^30.
        const Y = map(n, 1, (i) => (i === 0 ? 2 ** 12 : r.integer(-(2 ** 20), 2 ** 20)));
        const T = map(n, n, (i, j) => (j > i ? 0 : i === j ? 1 : r.integer(-(2 ** 10), 2 ** 10)));
        const C = map(n, 1, (i) => {
          if (i === 0) return Y.data[0]!;
          let sum = Y.data[i]!;
          for (let j = 1; j < i; j++) sum += T.data[i * n + j]! * Y.data[j]!;
          T.data[i * n] = -Math.round(sum / 2 ** 12);
          return sum + T.data[i * n]! * 2 ** 12;
        });
        // Rows and columns at scales where A and B are near the end and X is not.
        const rows = map(n, 1, () => r.integer(900, 996)).data;
        const cols = how.unitDiagonal ? rows.map((k) => -k) : map(n, 1, () => r.integer(-20, 0)).data;
        const A = map(n, n, (i, j) => T.data[i * n + j]! * 2 ** (rows[i]! + cols[j]!));
        const B = map(n, 1, (i) => C.data[i]! * 2 ** rows[i]!);
        const problem = posed(A, B, how);
        const X = map(n, 1, (i) => Y.data[i]! * 2 ** -cols[i]!);
        expect(copy(solver(problem))).toEqual(copy(posed(A, X, how).B));
      }),
      { numRuns: effort(150) },
    );
  it('holds', () => claim(trsm));
  it('fails for textbook substitution', () => mustFail(() => claim(textbook)));
  it('and in f32', () => {
    const A = fromRows(
      [
        [2 ** -60, 0, 0],
        [2 ** 100, 2 ** 120, 0],
        [0, -1, 1],
      ],
      Float32Array,
    );
    const B = fromRows([[1], [0], [2 ** 40]], Float32Array);
    expect(trsm({ A, B, triangle: 'lower' }).data).toEqual(Float32Array.of(2 ** 60, -(2 ** 40), 0));
  });
});

/** Entries over the whole range, over parts of it, or graded; a diagonal that does not vanish. */
function wildTriangle(n: number, seed: number): Dense {
  const r = random(seed);
  const [least = 0, most = 0] = [
    [-1074, 1023],
    [-600, 600],
    [900, 1023],
    [-1074, -900],
    [-200, 200],
  ][r.integer(0, 4)]!;
  const grades = map(n, 1, () => r.integer(least, most)).data;
  const graded = r.integer(0, 1) === 1;
  const zeros = r.integer(0, 2);
  return map(n, n, (i, j) => {
    if (j > i || (j < i && r.integer(0, 3) < zeros)) return 0;
    const exponent = graded ? Math.min(Math.max(grades[i]! - r.integer(0, 40), -1074), 1023) : r.integer(least, most);
    return (r.integer(0, 1) ? 1 : -1) * (1 + r.uniform()) * 2 ** exponent;
  });
}

/** log2(2^x + 2^y). */
const logSum = (x: number, y: number): number => Math.max(x, y) + Math.log2(1 + 2 ** -Math.abs(x - y)) || Math.max(x, y);

/** The logarithms of M^-1 c, which bound what substitution finds for |b| <= c; M is |T| with minus signs off the diagonal. */
function growth(T: Dense, c: Float64Array, upper: boolean): Float64Array {
  const n = T.rows;
  const y = new Float64Array(n);
  for (let p = 0; p < n; p++) {
    const i = upper ? n - 1 - p : p;
    let sum = c[i]!;
    for (let q = 0; q < p; q++) {
      const j = upper ? n - 1 - q : q;
      sum = logSum(sum, Math.log2(Math.abs(at(T, i, j))) + y[j]!);
    }
    y[i] = sum - Math.log2(Math.abs(at(T, i, i)));
  }
  return y;
}

const power = (k: number, B: Dense): Dense =>
  dense(
    B.rows,
    B.cols,
    copy(B).data.map((x) => x * 2 ** k),
  );
const logs = (b: Float64Array): Float64Array => b.map((v) => Math.log2(Math.abs(v)));

type Exact = readonly (readonly bigint[])[];
const exactRows = (T: Dense): Exact => toRows(T).map((row) => row.map(exact));
const times = (T: Exact, x: readonly bigint[]): bigint[] => T.map((row) => row.reduce((sum, a, j) => sum + a * x[j]!, 0n));
const sizes = (T: Exact): Exact => T.map((row) => row.map(size));

/**
 * |T_1 T_2 x - b| <= 3 gamma_n |T_1| |T_2| |x| of two systems solved one after the other, exactly, and what underflows on the way:
 * 2^-1074 in each of 2 n operations and in the solutions, or more where b is so large that it is scaled down before.
 */
function expectSmallResidual(factors: readonly Dense[], x: Float64Array, b: Float64Array): void {
  const n = BigInt(x.length);
  const tiny = Math.max(...b.map(Math.abs)) > 2 ** 990 ? 2n ** 64n : 1n;
  const one = 1n << 1074n;
  let value = Array.from(x, exact);
  let bound = value.map(size);
  let slack = value.map(() => 0n);
  for (const T of factors.toReversed()) {
    const rows = exactRows(T);
    value = times(rows, value);
    bound = times(sizes(rows), bound);
    const lost = times(
      sizes(rows),
      value.map(() => tiny),
    );
    slack = times(sizes(rows), slack).map((s, i) => s + (lost[i]! + 2n * n * tiny * one) * one ** BigInt(factors.length - 1));
  }
  for (const [i, v] of value.entries()) {
    const residual = size(v - exact(b[i]!) * one ** BigInt(factors.length));
    if (residual << 53n > 3n * (n + 1n) * bound[i]! + (slack[i]! << 53n)) expect.fail(`row ${i}: the residual exceeds its bound`);
  }
}

describe('Higham, theorem 8.5, over the whole range of numbers: small residuals, or an overflow that is real', () => {
  const wildRight = (n: number, seed: number): Float64Array => {
    const r = random(seed);
    const middle = r.integer(-900, 900);
    return map(n, 1, () => (r.uniform() - 0.5) * 2 ** Math.min(1023, middle + r.integer(-200, 200))).data;
  };
  /** Each factor is lower or upper triangular; `solver` finds x with T_1 T_2 x = b, or finds that it overflows. */
  const claim = (
    factorsOf: (n: number, seed: number) => readonly Dense[],
    solver: (factors: readonly Dense[], b: Float64Array, seed: number) => Float64Array,
  ): void => {
    let solved = 0;
    const numRuns = effort(400);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), seeds(), (n, seed) => {
        const [factors, b] = [factorsOf(n, seed), wildRight(n, seed + 1)];
        let x: Float64Array;
        try {
          x = solver(factors, b, seed);
        } catch (error) {
          if (!(error instanceof NonFiniteError && error.argument === 'result')) throw error;
          let y = logs(b);
          const largest = factors.map((T) => {
            y = growth(T, y, isUpper(T));
            return Math.max(...y);
          });
          expect(Math.max(...largest)).toBeGreaterThanOrEqual(1023);
          return;
        }
        if (!x.every(Number.isFinite)) expect.fail('the result is not finite');
        expectSmallResidual(factors, x, b);
        solved++;
      }),
      { numRuns },
    );
    expect(solved / numRuns).toBeGreaterThanOrEqual(0.4 / factorsOf(1, 0).length);
  };
  const isUpper = (T: Dense): boolean => T.data.some((v, p) => v !== 0 && p % T.cols > Math.floor(p / T.cols));
  const positive = (T: Dense): Dense => map(T.rows, T.rows, (i, j) => (i === j ? Math.abs(at(T, i, j)) : at(T, i, j)));
  const unit = (T: Dense): Dense => map(T.rows, T.rows, (i, j) => (i === j ? 1 : at(T, i, j)));

  const one = (n: number, seed: number): readonly Dense[] => [wildTriangle(n, seed)];
  const byTrsm =
    (solver: Solver) =>
    ([T]: readonly Dense[], b: Float64Array, seed: number): Float64Array => {
      const r = random(seed + 2);
      const how = {
        triangle: (['lower', 'upper'] as const)[r.integer(0, 1)]!,
        side: (['left', 'right'] as const)[r.integer(0, 1)]!,
        transposed: r.integer(0, 1) === 1,
      };
      const { data } = solver(posed(T!, dense(b.length, 1, b), how));
      return takenBackwards(how) ? data.slice().reverse() : data.slice();
    };
  it('for trsm', () => claim(one, byTrsm(trsm)));
  it('not for textbook substitution', () => mustFail(() => claim(one, byTrsm(textbook))));
  it('not where B alone is scaled', () => {
    const scaled: Solver = (problem) => power(64, textbook({ ...problem, B: power(-64, problem.B) }));
    mustFail(() =>
      claim(
        one,
        byTrsm((problem) => (textbook(problem).data.every(Number.isFinite) ? textbook(problem) : scaled(problem))),
      ),
    );
  });

  const cholesky = (n: number, seed: number): readonly Dense[] => {
    const L = positive(wildTriangle(n, seed));
    return [L, copy(transpose(L))];
  };
  it('for choleskySolve', () => claim(cholesky, ([L], b) => choleskySolve({ L: L! }, b)));
  it('not for textbook substitution, twice', () => mustFail(() => claim(cholesky, twice)));

  const lu = (n: number, seed: number): readonly Dense[] => [unit(wildTriangle(n, seed)), copy(transpose(wildTriangle(n, seed + 3)))];
  it('for luSolve', () =>
    claim(lu, ([L, R], b, seed) => {
      const n = b.length;
      const r = random(seed + 4);
      const swaps = Int32Array.from({ length: n }, (_, i) => r.integer(i, n - 1));
      const permuted = b.slice();
      for (let i = n - 1; i >= 0; i--) [permuted[i], permuted[swaps[i]!]] = [permuted[swaps[i]!]!, permuted[i]!];
      return luSolve({ factors: map(n, n, (i, j) => at(i > j ? L! : R!, i, j)), swaps, zeroPivot: undefined }, permuted);
    }));
  it('not for textbook substitution with both', () => mustFail(() => claim(lu, twice)));

  function twice(factors: readonly Dense[], b: Float64Array): Float64Array {
    return factors.reduce((x, A) => textbook({ A, B: dense(x.length, 1, x), triangle: isUpper(A) ? 'upper' : 'lower' }).data, b);
  }
});
