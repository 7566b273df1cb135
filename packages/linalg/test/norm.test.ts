import { ensemble, matrices, mustFail, seeds, toFloat32, views } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, type Dense, dense, diagonal, type Float, norm, norm2, trace, transpose, zeros } from '../src/index.ts';
import { exactDot, toNumber } from './big-elementary.ts';

const U = 2 ** -53;
/** gamma_k of Higham: what k roundings can do. */
const gamma = (k: number): number => (k * U) / (1 - k * U);
const entries = (A: Dense<Float>): Float64Array =>
  Float64Array.from({ length: A.rows * A.cols }, (_, p) => at(A, Math.floor(p / A.cols), p % A.cols));

type Norm = typeof norm;

describe('frobenius: relative error <= gamma_d / 2 + u at any scale, d of nrm2', () => {
  const within = (candidate: Norm, A: Dense<Float>, exponent = 0): void => {
    const x = entries(A);
    const exact = Math.sqrt(toNumber(exactDot(x, x)));
    const scaled = { ...A, data: A.data.map((value: number) => value * 2 ** exponent) as Float };
    const d = 130 + Math.max(0, Math.ceil(Math.log2(x.length / 256)));
    // The reference is rounded twice.
    expect(Math.abs(candidate(scaled) / 2 ** exponent - exact)).toBeLessThanOrEqual((gamma(d) / 2 + 3 * U) * exact);
  };
  it('holds in f64 and f32, for views', () => {
    fc.assert(
      fc.property(views(matrices()), (A) => {
        within(norm, A);
        within(norm, toFloat32(A));
      }),
    );
  });
  it.each([-900, 900])('holds at 2^%i, where squares leave the range', (exponent) => within(norm, ensemble('gaussian', 9, 7, 1), exponent));
  it('fails for the root of the sum of squares', () => {
    const plain: Norm = (A) => Math.sqrt(entries(A).reduce((sum, x) => sum + x * x, 0));
    for (const exponent of [-900, 900]) mustFail(() => within(plain, ensemble('gaussian', 9, 7, 1), exponent));
  });
});

describe('one and infinity: the greatest column and row sums', () => {
  /** Exact, because sums of whole numbers are. */
  const claim = (candidate: Norm): void =>
    fc.assert(
      fc.property(views(matrices({}, ['integer'])), (A) => {
        const sum = (count: number, entry: (p: number) => number): number =>
          Array.from({ length: count }, (_, p) => Math.abs(entry(p))).reduce((a, b) => a + b, 0);
        const rows = Array.from({ length: A.rows }, (_, i) => sum(A.cols, (j) => at(A, i, j)));
        const cols = Array.from({ length: A.cols }, (_, j) => sum(A.rows, (i) => at(A, i, j)));
        for (const M of [A, toFloat32(A)]) {
          expect(candidate(M, 'infinity')).toBe(Math.max(0, ...rows));
          expect(candidate(M, 'one')).toBe(Math.max(0, ...cols));
        }
      }),
    );
  it('holds in f64 and f32, for views', () => claim(norm));
  it('fails when the two are taken for each other', () => mustFail(() => claim((A, kind) => norm(A, kind === 'one' ? 'infinity' : 'one'))));
  it('fails for sums without magnitudes', () =>
    mustFail(() => claim((A, kind) => norm({ ...A, data: A.data.map((x: number) => Math.max(x, 0)) as Float }, kind))));
  it('overflow only where the norm does', () => {
    const A = dense(2, 2, new Float64Array([1e308, -5e307, 1e308, 1e307]));
    expect(norm(A, 'infinity')).toBe(1.5e308);
    expect(norm(A, 'one')).toBe(Infinity);
    expect(norm(A)).toBeCloseTo(1.5e308, -307);
  });
});

/** norm2 and the others bound one another; the constants are the textbook's, the slack pays for rounding. */
it('||A||_2 <= ||A||_F <= sqrt(rank) ||A||_2 and ||A||_2^2 <= ||A||_1 ||A||_inf', () => {
  fc.assert(
    fc.property(views(matrices({ rows: [1, 12], cols: [1, 12] }, ['gaussian', 'uniform', 'integer'])), (A) => {
      const two = norm2(A);
      const slack = 1 + 16 * (A.rows + A.cols + 4) * U;
      expect(two).toBeLessThanOrEqual(norm(A) * slack);
      expect(norm(A)).toBeLessThanOrEqual(Math.sqrt(Math.min(A.rows, A.cols)) * two * slack);
      expect(two ** 2).toBeLessThanOrEqual(norm(A, 'one') * norm(A, 'infinity') * slack);
    }),
  );
});

it('norms of empty matrices are 0; NaN and infinities propagate, NaN before infinities', () => {
  for (const kind of ['frobenius', 'one', 'infinity'] as const) {
    for (const A of [zeros(0, 3), zeros(3, 0), zeros(0, 0)]) expect(norm(A, kind)).toBe(0);
    expect(norm(dense(2, 2, new Float64Array([1, -Infinity, 2, 3])), kind)).toBe(Infinity);
    expect(norm(dense(2, 2, new Float64Array([Infinity, 1, 2, Number.NaN])), kind)).toBeNaN();
  }
});

describe('diagonal and trace', () => {
  it('the diagonal of any shape, of views, in its element type', () => {
    fc.assert(
      fc.property(views(matrices()), (A) => {
        const expected = Array.from({ length: Math.min(A.rows, A.cols) }, (_, i) => at(A, i, i));
        expect([...diagonal(A)]).toEqual(expected);
        expect(diagonal(toFloat32(A))).toEqual(Float32Array.from(expected));
      }),
    );
  });
  it('the diagonal is a copy', () => {
    const A = dense(1, 1, new Float64Array([1]));
    diagonal(A)[0] = 2;
    expect(A.data[0]).toBe(1);
  });
  it('|trace(A) - sum a_ii| <= gamma_(n-1) sum |a_ii|, in f32 too', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), seeds(), (n, seed) => {
        const A = ensemble('gaussian', n, n, seed);
        for (const M of [A, transpose(A), toFloat32(A)]) {
          const d = Float64Array.from(diagonal(M as Dense));
          const ones = d.map(() => 1);
          const bound = gamma(Math.max(0, n - 1)) * toNumber(exactDot(d.map(Math.abs), ones));
          expect(Math.abs(trace(M) - toNumber(exactDot(d, ones)))).toBeLessThanOrEqual(bound + U * Math.abs(trace(M)));
        }
      }),
    );
  });
});
