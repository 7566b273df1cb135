import { effort, mustFail, random, seeds, strided, toFloat32, views } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ArgumentError,
  at,
  block,
  type Dense,
  dense,
  type Float,
  type GemmOptions,
  gemm,
  identity,
  multiply,
  rankKUpdate,
  rankOneUpdate,
  ShapeError,
  toRows,
  transpose,
  zeros,
} from '../src/index.ts';
import { matricesOf } from './matrices.ts';
import { add, gamma, minus, productEntry, roundoff, times, tiniest } from './reference.ts';

type Product = <T extends Float>(options: GemmOptions<T>) => Dense<T>;

/** Shapes on both sides of the tiles (2, 4 and 8), of the block of rows (192) and of the depth (384). */
const SIDE = fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 0, max: 20 }) }, fc.integer({ min: 21, max: 110 }));
const DEPTH = fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 0, max: 20 }) }, fc.integer({ min: 250, max: 540 }));
const FACTOR = fc.oneof(fc.constantFrom(0, 1, -1), fc.double({ min: -4, max: 4, noNaN: true }).map(Math.fround));

type Side = fc.Arbitrary<number>;
const problemsOf = (rows: Side, cols: Side, depth: Side) =>
  fc.tuple(rows, cols, depth, FACTOR, FACTOR, fc.boolean()).chain(([m, n, k, alpha, beta, single]) =>
    fc.record({ A: matricesOf(m, k), B: matricesOf(k, n), C: matricesOf(m, n) }).map(({ A, B, C }) => {
      if (!single) return { A, B, C, alpha, beta } as GemmOptions<Float>;
      return { A: narrow(A), B: narrow(B), C: narrow(C), alpha, beta } as GemmOptions<Float>;
    }),
  );
const problems = problemsOf(SIDE, SIDE, DEPTH);
/** Sums of three blocks and more, and results wider than the block of columns (4096). */
const deep = problemsOf(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 9 }), fc.constantFrom(768, 769, 1153, 1537));
const wide = problemsOf(fc.integer({ min: 1, max: 3 }), fc.constantFrom(4097, 4110), fc.integer({ min: 1, max: 3 }));

/** Rounded to f32, the layout kept. */
function narrow(A: Dense<Float>): Dense<Float32Array> {
  return { ...A, data: Float32Array.from(A.data) };
}

/** Every entry within gamma_(k+3) (|alpha| |A| |B| + |beta| |C|), and everything between the entries of C untouched. */
function meetsComponentBound(product: Product, given: fc.Arbitrary<GemmOptions<Float>> = problems, runs = effort(100)): void {
  fc.assert(
    fc.property(given, (problem) => {
      const { A, B, alpha = 1, beta = 0 } = problem;
      const C = problem.C as Dense<Float>;
      const before = { ...C, data: C.data.slice() };
      const result = product(problem);
      expect(result).toBe(C);
      const u = roundoff(A);
      const expected = before.data.slice();
      for (let i = 0; i < C.rows; i++) {
        for (let j = 0; j < C.cols; j++) {
          const { value, magnitude } = productEntry(A, B, i, j);
          const old = beta === 0 ? 0 : at(before, i, j);
          const exact = add(times(alpha, value), times(beta, [old, 0]));
          const scale = Math.abs(alpha) * magnitude + Math.abs(beta * old);
          // The second term: every operation may underflow, and alpha multiplies what the products lost; the third: the reference itself.
          const underflow = (A.cols * Math.max(1, Math.abs(alpha)) + 3) * tiniest(A);
          const bound = gamma(A.cols + 3, u) * scale + underflow + 2 ** -100 * scale;
          if (!(Math.abs(minus(at(C, i, j), exact)) <= bound)) expect(Math.abs(minus(at(C, i, j), exact))).toBeLessThanOrEqual(bound);
          expected[C.offset + i * C.rowStride + j * C.colStride] = at(C, i, j);
        }
      }
      expect(C.data).toEqual(expected);
    }),
    { numRuns: runs },
  );
}

describe('P1: |C^ - C| <= gamma_(k+3) (|alpha| |A| |B| + |beta| |C|), any shape, strides, alpha and beta', () => {
  it('holds for gemm', () => meetsComponentBound(gemm));
  it('holds for sums of many blocks', () => meetsComponentBound(gemm, deep, effort(30)));
  it('holds for wide results', () => meetsComponentBound(gemm, wide, effort(6)));
  const fast: Product = (options) => gemm({ ...options, fast: true });
  it('holds for the fused sums of `fast`', () => {
    meetsComponentBound(fast);
    meetsComponentBound(fast, deep, effort(30));
    meetsComponentBound(fast, wide, effort(3));
  });

  it('fails when the last term of each sum is lost', () => {
    const lossy: Product = (options) => {
      const depth = Math.max(0, options.A.cols - 1);
      return gemm({ ...options, A: block(options.A, 0, 0, options.A.rows, depth), B: block(options.B, 0, 0, depth, options.B.cols) });
    };
    mustFail(() => meetsComponentBound(lossy));
  });

  it('fails when the last column is not written', () => {
    const narrowly: Product = (options) => {
      const cols = Math.max(0, options.B.cols - 1);
      const C = options.C as NonNullable<typeof options.C>;
      gemm({ ...options, B: block(options.B, 0, 0, options.B.rows, cols), C: block(C, 0, 0, C.rows, cols) });
      return C;
    };
    mustFail(() => meetsComponentBound(narrowly));
  });

  it('fails when f64 is computed in f32', () => {
    const coarse: Product = (options) => {
      const C = options.C as NonNullable<typeof options.C>;
      gemm({ ...options, A: narrow(options.A), B: narrow(options.B), C: narrow(C) }).data.forEach((x, p) => {
        C.data[p] = x;
      });
      return C;
    };
    mustFail(() => meetsComponentBound(coarse));
  });

  it('fails when beta C is added once for each block of the sum', () => {
    const twice: Product = (options) => {
      const { A, B, beta = 0 } = options;
      const C = options.C as NonNullable<typeof options.C>;
      gemm({ ...options, A: block(A, 0, 0, A.rows, Math.min(256, A.cols)), B: block(B, 0, 0, Math.min(256, A.cols), B.cols) });
      if (A.cols <= 256) return C;
      return gemm({ ...options, A: block(A, 0, 256, A.rows, A.cols - 256), B: block(B, 256, 0, A.cols - 256, B.cols), beta, C });
    };
    mustFail(() => meetsComponentBound(twice));
  });
});

describe('gemm', () => {
  it('multiplies', () => {
    const A = dense(2, 3, new Float64Array([1, 2, 3, 4, 5, 6]));
    const product = [
      [14, 32],
      [32, 77],
    ];
    expect(toRows(multiply(A, transpose(A)))).toEqual(product);
    expect(toRows(multiply(toFloat32(A), transpose(toFloat32(A))))).toEqual(product);
  });

  it('gives a zero matrix for an empty sum, and an empty matrix for an empty shape', () => {
    expect(multiply(zeros(2, 0), zeros(0, 3))).toEqual(zeros(2, 3));
    expect(multiply(zeros(0, 4), zeros(4, 3))).toEqual(zeros(0, 3));
    expect(multiply(zeros(2, 4), zeros(4, 0))).toEqual(zeros(2, 0));
  });

  it('may write over an operand', () => {
    const A = dense(2, 2, new Float64Array([1, 2, 3, 4]));
    gemm({ A, B: A, C: A });
    expect(toRows(A)).toEqual([
      [7, 10],
      [15, 22],
    ]);
  });

  it('propagates NaN and infinities like IEEE sums, and only along their row and column', () => {
    fc.assert(
      fc.property(seeds(), fc.constantFrom(Number.NaN, Infinity, -Infinity), (seed, bad) => {
        const r = random(seed);
        const [m, n, k] = [r.integer(1, 12), r.integer(1, 20), r.integer(1, 12)];
        const A = dense(
          m,
          k,
          Float64Array.from({ length: m * k }, () => r.integer(1, 9)),
        );
        const B = dense(
          k,
          n,
          Float64Array.from({ length: k * n }, () => r.integer(1, 9)),
        );
        const row = r.integer(0, m - 1);
        A.data[row * k + r.integer(0, k - 1)] = bad;
        const C = multiply(A, B);
        for (let i = 0; i < m; i++)
          for (let j = 0; j < n; j++) expect(at(C, i, j)).toEqual(i === row ? bad : productEntry(A, B, i, j).value[0]);
      }),
    );
    expect(at(multiply(dense(1, 2, new Float64Array([Infinity, 1])), dense(2, 1, new Float64Array([0, 1]))), 0, 0)).toBeNaN();
  });

  it('does not read C when beta is 0, nor A and B when alpha is 0', () => {
    const nan = dense(2, 2, new Float64Array(4).fill(Number.NaN));
    expect(gemm({ A: identity(2), B: identity(2), C: { ...nan, data: nan.data.slice() } }).data).toEqual(identity(2).data);
    expect(gemm({ A: nan, B: nan, alpha: 0, beta: 2, C: identity(2) }).data).toEqual(new Float64Array([2, 0, 0, 2]));
  });

  it('gives the same bits for a view as for its copy when both have contiguous rows', () => {
    fc.assert(
      fc.property(views(matricesOf(17, 9)), seeds(), (A, seed) => {
        const B = strided(
          dense(
            9,
            13,
            Float64Array.from({ length: 117 }, (_, i) => Math.fround(Math.cos(i))),
          ),
          seed,
        );
        const compact = (X: Dense) =>
          dense(
            X.rows,
            X.cols,
            Float64Array.from({ length: X.rows * X.cols }, (_, p) => at(X, Math.floor(p / X.cols), p % X.cols)),
          );
        expect(multiply(A, B)).toEqual(multiply(compact(A), compact(B)));
      }),
    );
  });

  it('refuses shapes, types and sizes that do not fit, before any work', () => {
    const A = zeros(2, 3);
    expect(() => multiply(A, A)).toThrow(new ShapeError('gemm: A is 2 x 3 and B is 2 x 3; A must have as many columns as B has rows'));
    expect(() => gemm({ A, B: zeros(3, 2), beta: 1 })).toThrow(ShapeError);
    expect(() => gemm({ A, B: zeros(3, 2), C: zeros(2, 3) })).toThrow(ShapeError);
    expect(() => gemm({ A: { ...A, rows: 3 }, B: zeros(3, 2) })).toThrow(ShapeError);
    expect(() => multiply<Float>(A, toFloat32(zeros(3, 2)))).toThrow(ArgumentError);
    expect(() => gemm({ A, B: zeros(3, 2), alpha: '2' as never })).toThrow(ArgumentError);
    const huge = { rows: 1e5, cols: 1e5, data: new Float64Array(1), offset: 0, rowStride: 0, colStride: 0 };
    expect(() => multiply(huge, huge)).toThrow(expect.objectContaining({ name: 'OutOfMemoryError', bytes: 8e10 }));
  });
});

describe('updates', () => {
  it('rankOneUpdate and rankKUpdate add the outer product in place, also to a view', () => {
    fc.assert(
      fc.property(views(matricesOf(5, 7)), fc.integer({ min: -3, max: 3 }), (C, alpha) => {
        const twin = { ...C, data: C.data.slice() };
        const x = new Float64Array([1, 2, 3, 4, 5]);
        const y = new Float64Array([1, 0, -1, 2, 0, 1, 3]);
        expect(rankOneUpdate(C, x, y, alpha)).toBe(C);
        rankKUpdate(twin, dense(5, 1, x), dense(7, 1, y), alpha);
        expect(C.data).toEqual(twin.data);
      }),
    );
  });

  const ownRow = (update: typeof rankOneUpdate) => {
    const C = dense(3, 3, Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9));
    const [x, y] = [C.data.subarray(3, 6), C.data.subarray(0, 3)];
    expect(Array.from(update(C, x, y).data)).toEqual([5, 10, 15, 9, 15, 21, 13, 20, 27]);
  };
  it('rankOneUpdate takes x and y as they were where they are parts of C', () => ownRow(rankOneUpdate));
  it('not where it reads them as it writes', () =>
    mustFail(() =>
      ownRow((C, x, y) => {
        for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) C.data[3 * i + j]! += x[i]! * y[j]!;
        return C;
      }),
    ));

  it('refuses lengths that do not fit', () => {
    expect(() => rankOneUpdate(zeros(2, 3), [1, 2, 3], [1, 2])).toThrow(ShapeError);
    expect(() => rankKUpdate(zeros(2, 3), zeros(2, 1), zeros(2, 1))).toThrow(ShapeError);
  });
});
