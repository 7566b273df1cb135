import { ensembleVector, matrices, mustFail, seeds, views } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asum, at, axpy, block, type Dense, dense, dot, type Float, gemv, nrm2, scale, transpose, zeros } from '../src/index.ts';
import { distance, exactDot, toNumber } from './big-elementary.ts';
import { bothKernels } from './kernels.ts';

const U = 2 ** -53;
const U32 = 2 ** -24;
/** gamma_k of Higham: what k roundings can do. */
const gamma = (k: number, u = U): number => (k * u) / (1 - k * u);
const halvings = (n: number, block: number): number => Math.max(0, Math.ceil(Math.log2(n / block)));

/** Vectors of every kind and of lengths around the ends of chains, vectors and blocks. */
const ENSEMBLE_NAMES = ['gaussian', 'uniform', 'cauchy', 'integer', 'sparse', 'graded', 'spiked'] as const;
const lengths = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(255, 256, 257, 511, 512, 513, 1024, 1025, 5000));
const pairs = fc
  .tuple(lengths, fc.constantFrom(...ENSEMBLE_NAMES), seeds())
  .map(([n, name, seed]) => [ensembleVector(name, n, seed), ensembleVector(name, n, seed ^ 1)] as const);

/** A sum that loses everything but its first term when the terms are added one after the other: 1 + 2^-54 + 2^-54 + ... */
const absorbed = new Float64Array(1 << 17).fill(2 ** -27);
absorbed[0] = 1;

const oneChain = (x: Float, y: Float): number => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
};

describe('dot: |error| <= gamma_d sum |x_i y_i|, d = 130 + ceil(log2(n / 256))', () => {
  const within = (candidate: typeof dot, x: Float, y: Float): void => {
    const bound = gamma(130 + halvings(x.length, 256)) * toNumber(exactDot(x.map(Math.abs), y.map(Math.abs)));
    expect(distance(candidate(x, y), exactDot(x, y))).toBeLessThanOrEqual(bound);
  };
  it('holds in f64 and f32', () => {
    fc.assert(
      fc.property(pairs, ([x, y]) => {
        within(dot, x, y);
        within(dot, Float32Array.from(x), Float32Array.from(y));
      }),
    );
    within(dot, absorbed, absorbed);
  });
  it('fails for a sum in one chain', () => mustFail(() => within(oneChain, absorbed, absorbed)));
  it('propagates NaN and infinities', () => {
    expect(dot(new Float64Array([1, Number.NaN]), new Float64Array([1, 1]))).toBeNaN();
    expect(dot(new Float64Array([1, Infinity]), new Float64Array([1, 1]))).toBe(Infinity);
    expect(dot(new Float64Array(0), new Float64Array(0))).toBe(0);
  });
});

describe('nrm2: relative error <= gamma_d / 2 + u at any scale', () => {
  const within = (candidate: typeof nrm2, x: Float64Array, exponent: number): void => {
    const scaled = x.map((value) => value * 2 ** exponent);
    const squares = toNumber(exactDot(x, x));
    const norm = candidate(scaled) / 2 ** exponent;
    // sqrt in f64 of the exact sum adds two roundings of the reference.
    expect(Math.abs(norm - Math.sqrt(squares))).toBeLessThanOrEqual(
      (gamma(130 + halvings(x.length, 256)) / 2 + 3 * U) * Math.sqrt(squares),
    );
  };
  // Scaled entries stay normal: 2^-1022 at the low end; entries are below 2^60 in magnitude at the high end.
  const exponents = fc.constantFrom(-960, -500, -300, 0, 300, 500, 900);
  const normals = fc.tuple(lengths, seeds()).map(([n, seed]) => ensembleVector('integer', n, seed));
  it('holds', () => {
    fc.assert(fc.property(normals, exponents, (x, e) => within(nrm2, x, e)));
  });
  it('fails for the square root of the plain sum of squares', () => {
    const plain = (x: Float): number => Math.sqrt(dot(x, x));
    mustFail(() => within(plain, new Float64Array([3, 4]), 900));
    mustFail(() => within(plain, new Float64Array([3, 4]), -960));
  });
  it('denormal, zero, infinite and NaN entries', () => {
    expect(nrm2(new Float64Array([3 * 2 ** -1074, 4 * 2 ** -1074]))).toBe(5 * 2 ** -1074);
    expect(nrm2(new Float64Array(5))).toBe(0);
    expect(nrm2(new Float64Array(0))).toBe(0);
    expect(nrm2(new Float64Array([1, -Infinity, 1e-300]))).toBe(Infinity);
    expect(nrm2(new Float64Array([1, -Infinity, Number.NaN]))).toBeNaN();
    expect(nrm2(new Float32Array([3e38, 3e38]))).toBeCloseTo(3e38 * Math.SQRT2 * (1 + 2 ** -30), -31);
  });
});

describe('asum: relative error <= gamma_d, d = 127 + ceil(log2(n / 128))', () => {
  const within = (candidate: typeof asum, x: Float64Array): void => {
    const ones = new Float64Array(x.length).fill(1);
    const reference = exactDot(x.map(Math.abs), ones);
    expect(distance(candidate(x), reference)).toBeLessThanOrEqual(gamma(127 + halvings(x.length, 128)) * toNumber(reference));
  };
  const squared = absorbed.map((x) => x * x);
  it('holds', () => {
    fc.assert(fc.property(pairs, ([x]) => within(asum, x)));
    within(asum, squared);
  });
  it('fails for a sum in one chain', () => {
    const ones = new Float64Array(squared.length).fill(1);
    mustFail(() => within((x) => oneChain(x, ones), squared));
  });
});

describe('axpy and scale', () => {
  it('are the two roundings of IEEE arithmetic, in place', () => {
    fc.assert(
      fc.property(pairs, fc.double({ noNaN: true, min: -1e3, max: 1e3 }), ([x, y], alpha) => {
        const expected = y.map((value, i) => value + alpha * x[i]!);
        const to = y.slice();
        expect(axpy(alpha, x, to)).toBe(to);
        expect(to).toEqual(expected);
        const scaled = x.slice();
        expect(scale(alpha, scaled)).toBe(scaled);
        expect(scaled).toEqual(x.map((value) => alpha * value));
      }),
    );
  });
});

describe('gemv: |error of A x| <= gamma_d |A| |x|', () => {
  /** d as documented; the product with alpha and the sum with beta y are one rounding each. */
  const depth = (A: Dense<Float>): number => {
    const chains = 64 / A.data.BYTES_PER_ELEMENT;
    return A.rowStride === 1 && A.colStride !== 1 ? A.cols + 1 : 513 / chains + Math.log2(chains) + halvings(A.cols, 512);
  };
  const within = <T extends Float>(candidate: typeof gemv<T>, A: Dense<T>, x: T, u: number): void => {
    const got = candidate({ A, x });
    expect(got.length).toBe(A.rows);
    for (let i = 0; i < A.rows; i++) {
      const row = Float64Array.from({ length: A.cols }, (_, j) => at(A, i, j));
      const bound = gamma(depth(A), u) * toNumber(exactDot(row.map(Math.abs), x.map(Math.abs)));
      expect(distance(got[i]!, exactDot(row, x))).toBeLessThanOrEqual(bound);
    }
  };
  const operands = fc
    .tuple(views(matrices({ rows: [0, 9], cols: [0, 40] }, ENSEMBLE_NAMES)), seeds())
    .map(([A, seed]) => [A, ensembleVector('gaussian', A.cols, seed)] as const);
  const single = (A: Dense): Dense<Float32Array> => ({ ...A, data: Float32Array.from(A.data) });

  it('holds for views, transposes, long rows, f64 and f32', () => {
    fc.assert(
      fc.property(operands, ([A, x]) => {
        within(gemv, A, x, U);
        within(gemv, transpose(transpose(A)), x, U);
        within(gemv, single(A), Float32Array.from(x), U32);
      }),
    );
    const long = dense(2, absorbed.length, Float64Array.from([...absorbed, ...absorbed]));
    within(gemv, long, absorbed, U);
    within(gemv, block(long, 0, 3, 1, 1027), ensembleVector('gaussian', 1027, 1), U);
  });
  it('fails for rows summed in one chain', () => {
    const naive = (({ A, x }: { A: Dense; x: Float64Array }) =>
      Float64Array.from({ length: A.rows }, (_, i) =>
        oneChain(A.data.subarray(i * A.cols, (i + 1) * A.cols), x),
      )) as typeof gemv<Float64Array>;
    mustFail(() => within(naive, dense(1, absorbed.length, absorbed), absorbed, U));
  });
  it('alpha and beta; beta = 0, the default, does not read y', () => {
    const A = dense(2, 2, new Float64Array([1, 2, 3, 4]));
    const x = new Float64Array([1, 1]);
    const y = new Float64Array([10, 20]);
    expect(gemv({ alpha: 2, A, x, beta: 3, y })).toEqual(new Float64Array([36, 74]));
    expect(gemv({ A, x, y: new Float64Array([1, 1]) })).toEqual(new Float64Array([3, 7]));
    const garbage = new Float64Array([Number.NaN, Infinity]);
    expect(gemv({ A, x, y: garbage })).toBe(garbage);
    expect(garbage).toEqual(new Float64Array([3, 7]));
    expect(gemv({ A: transpose(A), x, beta: -1, y: new Float64Array([1, 1]) })).toEqual(new Float64Array([3, 5]));
  });
  it('0 x n and n x 0', () => {
    expect(gemv({ A: zeros(0, 3), x: new Float64Array(3) })).toEqual(new Float64Array(0));
    expect(gemv({ A: zeros(3, 0), x: new Float64Array(0) })).toEqual(new Float64Array(3));
  });
  it('propagates NaN and infinities', () => {
    expect(gemv({ A: dense(1, 2, new Float64Array([Number.NaN, 0])), x: new Float64Array(2) })).toEqual(new Float64Array([Number.NaN]));
    expect(gemv({ A: dense(1, 1, new Float64Array([Infinity])), x: new Float64Array([0]) })).toEqual(new Float64Array([Number.NaN]));
  });
});

describe('gemv in the kernel: same bits with SIMD and without, for any strides of the same rows', () => {
  const { simd, plain } = bothKernels();
  const multiply = (k: typeof simd, m: number, n: number, rowStride: number, colStride: number, a: Float, x: Float): number[] => {
    const mark = k.mark();
    const make = a.constructor as Float64ArrayConstructor;
    const [pa, px, py] = [k.allocate(a.byteLength), k.allocate(x.byteLength), k.allocate(m * a.BYTES_PER_ELEMENT)];
    new make(k.memory.buffer, pa, a.length).set(a);
    new make(k.memory.buffer, px, n).set(x);
    (a instanceof Float32Array ? k.sgemv : k.dgemv)(m, n, 1, pa, rowStride, colStride, px, 0, py);
    const y = Array.from(new make(k.memory.buffer, py, m));
    k.release(mark);
    return y;
  };
  const sizes = fc.tuple(fc.constantFrom(1, 2, 3, 5), fc.oneof(fc.integer({ min: 0, max: 70 }), fc.constantFrom(511, 513, 1030)), seeds());
  it('holds', () => {
    fc.assert(
      fc.property(sizes, ([m, n, seed]) => {
        const a = ensembleVector('graded', m * n, seed);
        const x = ensembleVector('graded', n, seed ^ 1);
        const apart = new Float64Array(2 * a.length);
        a.forEach((value, p) => {
          apart[2 * p] = value;
        });
        for (const type of [Float64Array, Float32Array]) {
          const [at, xt, wide] = [type.from(a), type.from(x), type.from(apart)];
          const rows = multiply(simd, m, n, n, 1, at, xt);
          expect(multiply(plain, m, n, n, 1, at, xt)).toEqual(rows);
          expect(multiply(simd, m, n, 2 * n, 2, wide, xt)).toEqual(rows);
          const z = type.from(ensembleVector('gaussian', m, seed ^ 2));
          expect(multiply(plain, n, m, 1, n, at, z)).toEqual(multiply(simd, n, m, 1, n, at, z));
        }
      }),
    );
  });
});
