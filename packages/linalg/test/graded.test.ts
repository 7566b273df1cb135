/** Rows and columns of different sizes: where elimination still works, where it does not, and which pivot errors name. */
import { effort, mustFail, random, seeds } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  at,
  cholesky,
  type Dense,
  dense,
  determinant,
  inverse,
  type Lu,
  logDeterminant,
  lowerFactor,
  lu,
  luSolve,
  NonFiniteError,
  NotPositiveDefiniteError,
  permutation,
  SingularError,
  solve,
  trsm,
  upperFactor,
} from '../src/index.ts';
import { exact, size } from './exact.ts';
import { caught, map } from './residuals.ts';
import { elimination, times, whole } from './scales.ts';

const orders = fc.integer({ min: 1, max: 8 });
const graded = (A: Dense, rows: readonly number[], cols: readonly number[]): Dense =>
  map(A.rows, A.cols, (i, j) => at(A, i, j) * 2 ** rows[i]! * 2 ** cols[j]!);
/** Wilkinson's matrix: partial pivoting doubles its last column at each step, to 2^(n - 1). */
const wilkinson = (n: number): Dense => map(n, n, (i, j) => (j === n - 1 || i === j ? 1 : i > j ? -1 : 0));

describe('the limits that the README states', () => {
  /** P A = L U to gamma_n |L| |U| and a few 2^-1074, and no zero pivot, for rows and columns from 1 down to 2^-span. */
  const claim = (factorise: (A: Dense) => Lu, span: number): void =>
    fc.assert(
      fc.property(orders, seeds(), (n, seed) => {
        const r = random(seed);
        const grades = (): number[] => Array.from({ length: n }, () => -r.integer(0, span));
        const A = graded(whole(n, n, seed), grades(), grades());
        const factorisation = factorise(A);
        expect(factorisation.zeroPivot).toBe(undefined);
        const [L, U, order] = [lowerFactor(factorisation), upperFactor(factorisation), permutation(factorisation)];
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            let [sum, sizes] = [0n, 0n];
            for (let k = 0; k < n; k++) {
              sum += exact(at(L, i, k)) * exact(at(U, k, j));
              sizes += size(exact(at(L, i, k)) * exact(at(U, k, j)));
            }
            const error = size((exact(at(A, order[i]!, j)) << 1074n) - sum);
            expect(error <= ((sizes * BigInt(n)) >> 52n) + (BigInt(2 * n) << 1074n)).toBe(true);
          }
        }
      }),
      { numRuns: effort(200) },
    );
  it('LU of rows and columns whose sizes differ by 1e150', () => claim(lu, Math.floor(Math.log2(1e150))));
  it('fails for elimination that takes what is below 1e-290 for 0', () =>
    mustFail(() =>
      claim((A) => {
        const { factors, ...rest } = elimination(
          dense(
            A.rows,
            A.cols,
            A.data.map((x) => (Math.abs(x) < 1e-290 ? 0 : x)),
          ),
        );
        return { ...rest, factors };
      }, 498),
    ));
  it('beyond 1e150 a regular matrix can be found singular, until it is scaled', () => {
    // The last pivot is x^2.
    const at = (x: number): Dense => dense(3, 3, Float64Array.of(1, 0, 1, x, 1, 0, 0, x, 0));
    const [inside, outside] = [at(1e-150), at(1e-210)];
    expect(lu(inside).zeroPivot).toBe(undefined);
    expect(solve(inside, Float64Array.of(1, 0, 0))).toEqual(Float64Array.of(0, 0, 1));
    expect(lu(outside).zeroPivot).toBe(2);
    expect(caught(() => solve(outside, Float64Array.of(1, 0, 0)))).toMatchObject({ pivot: 2 });
    expect(lu(graded(outside, [0, 0, 700], [0, 0, 0])).zeroPivot).toBe(undefined);
  });
  it('growth while LU eliminates, below 2^700, overflows at no scale', () => {
    const n = 34;
    const x = Float64Array.from({ length: n }, (_, i) => 1 + (i % 3));
    const W = wilkinson(n);
    const b = x.map((_, i) => x.reduce((sum, v, j) => sum + at(W, i, j) * v, 0));
    for (const k of [0, 957, 958, 984, 985, 989, 990, 991, 1022, 1023]) {
      // Its elimination is exact, in whole numbers below 2^53.
      expect(solve(times(k, W), b).map((v) => v * 2 ** k)).toEqual(x);
      expect(Math.sign(determinant(times(k, W)))).toBe(1);
    }
    const large = wilkinson(700);
    expect(solve(times(1023, large), new Float64Array(700))).toEqual(new Float64Array(700));
    expect(logDeterminant(times(1023, large)).logAbs).toBeCloseTo((700 * 1023 + 699) * Math.LN2, 6);
  });
  it('what overflows as a factor is an error of the result', () => {
    for (const [order, k] of [
      [80, 1000],
      [900, 1000],
    ] as const) {
      const error = caught(() => lu(times(k, wilkinson(order))));
      expect(error).toBeInstanceOf(NonFiniteError);
      expect(error).toMatchObject({ argument: 'result' });
    }
    expect(caught(() => solve(times(1000, wilkinson(900)), new Float64Array(900)))).toMatchObject({ argument: 'result' });
  });
});

describe('errors name the pivot, whatever the sizes of rows and columns', () => {
  /** Grades over the range, or one scale at which whole numbers are denormal. */
  const scales = (n: number, seed: number): number[] => {
    const r = random(seed + 1);
    const denormal = r.integer(0, 2) === 0;
    const common = -r.integer(525, 536);
    return Array.from({ length: n }, () => (denormal ? common : r.integer(-240, 240)));
  };
  /** Unit lower triangular. */
  const unitLower = (n: number, seed: number, sizes: readonly number[]): Dense => {
    const r = random(seed + 2);
    return map(n, n, (i, j) => (i === j ? 1 : i > j ? sizes[r.integer(0, sizes.length - 1)]! : 0));
  };
  type Named = { readonly pivot: number; readonly value?: number };
  const named = (work: () => unknown): Named | undefined => caught(work) as Named | undefined;

  /** Squares on the diagonal of L D L^T, and at p what is not positive: all pivots are exact. */
  const choleskyClaim = (factorise: (A: Dense) => unknown): void =>
    fc.assert(
      fc.property(orders, seeds(), fc.nat(), fc.constantFrom(0, -1, -4), (n, seed, place, value) => {
        const p = place % n;
        const L = unitLower(n, seed, [-2, -1, 0, 1, 2]);
        const d = Array.from({ length: n }, (_, k) => (k === p ? value : k % 2 ? 1 : 4));
        const A = map(n, n, (i, j) => d.reduce<number>((sum, x, k) => sum + at(L, i, k) * x * at(L, j, k), 0));
        const g = scales(n, seed);
        const error = named(() => factorise(graded(A, g, g)));
        expect(error).toBeInstanceOf(NotPositiveDefiniteError);
        expect(error).toMatchObject({ pivot: p, value: value * 2 ** g[p]! * 2 ** g[p]! });
      }),
      { numRuns: effort(300) },
    );
  it('cholesky', () => choleskyClaim(cholesky));
  it('not cholesky of what is left when denormal numbers count as 0', () =>
    mustFail(() =>
      choleskyClaim((A) =>
        cholesky(
          dense(
            A.rows,
            A.rows,
            A.data.map((x) => (Math.abs(x) < 2 ** -1022 ? 0 : x)),
          ),
        ),
      ),
    ));

  /** L with entries below 1, so that no row is swapped and all is exact, times U with a zero on the diagonal at p. */
  const luClaim = (pivotOf: (A: Dense) => number | undefined): void =>
    fc.assert(
      fc.property(orders, seeds(), fc.nat(), (n, seed, place) => {
        const p = place % n;
        const r = random(seed);
        const L = unitLower(n, seed, [-0.5, 0, 0.5]);
        const U = map(n, n, (i, j) => (i > j || (i === j && i === p) ? 0 : 2 * (i === j ? 1 + r.integer(0, 3) : r.integer(-3, 3))));
        const A = map(n, n, (i, j) => Array.from({ length: n }, (_, k) => at(L, i, k) * at(U, k, j)).reduce((a, b) => a + b));
        const g = scales(n, seed);
        // Sizes of columns change no pivot.
        expect(
          pivotOf(
            graded(
              A,
              new Array(n).fill(0),
              g.map((x) => 2 * x),
            ),
          ),
        ).toBe(p);
      }),
      { numRuns: effort(300) },
    );
  it('lu, luSolve, solve, inverse', () => {
    luClaim((A) => lu(A).zeroPivot);
    luClaim((A) => named(() => luSolve(lu(A), new Float64Array(A.rows)))?.pivot);
    luClaim((A) => named(() => solve(A, new Float64Array(A.rows)))?.pivot);
    luClaim((A) => named(() => inverse(A))?.pivot);
  });
  it('not the last pivot', () => mustFail(() => luClaim((A) => A.rows - 1)));

  it('trsm: the first zero on the diagonal, and none for the least number', () =>
    fc.assert(
      fc.property(orders, seeds(), fc.nat(), fc.boolean(), (n, seed, place, lower) => {
        const p = place % n;
        const g = scales(n, seed);
        const triangle = lower ? 'lower' : 'upper';
        const zeroFrom = (least: number): Dense =>
          graded(
            map(n, n, (i, j) => (i === j && i >= p && i % 2 === p % 2 ? least : 1)),
            g,
            g,
          );
        const B = dense(n, 1, new Float64Array(n));
        const error = named(() => trsm({ A: zeroFrom(0), B, triangle }));
        expect(error).toBeInstanceOf(SingularError);
        expect(error?.pivot).toBe(p);
        const tiny = map(n, n, (i, j) => (i === j ? Number.MIN_VALUE : 1));
        expect(trsm({ A: tiny, B, triangle }).data).toEqual(B.data);
      }),
      { numRuns: effort(100) },
    ));
});
