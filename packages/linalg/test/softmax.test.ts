import { effort, ensemble, mustFail, seeds, views } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, type Dense, dense, exp, type Float, log, logSumExpRows, softmaxRows, transpose, zeros } from '../src/index.ts';
import { add, type Big, bigExp, bigLog, distance, divide, toNumber } from './big-elementary.ts';
import { bothKernels } from './kernels.ts';

const U = { f64: 2 ** -53, f32: 2 ** -24 };
/** Roundings on the way of one term through a sum of n: assembly/level1/reduce.ts. */
const depth = (n: number, chains: number): number => 512 / chains + Math.log2(chains) + Math.max(0, Math.ceil(Math.log2(n / 512)));

const logits = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(530)), seeds(), fc.constantFrom(0.1, 5, 60))
  .map(([rows, cols, seed, spread]) => {
    const A = ensemble('gaussian', rows, cols, seed);
    return dense(
      rows,
      cols,
      A.data.map((x) => x * spread + 300),
    );
  });

const row = (A: Dense<Float>, i: number): number[] => Array.from({ length: A.cols }, (_, j) => at(A, i, j));
/** sum e^(x_j - peak). Masked entries add nothing. */
function exactSum(x: number[], peak: number): Big {
  return x.filter((v) => v > -Infinity).reduce<Big>((sum, v) => add(sum, bigQuotient(v, peak)), { m: 0n, e: 0 });
}
/** e^(v - peak), from e^v / e^peak so that nothing is rounded on the way. */
const bigQuotient = (v: number, peak: number): Big => divide(bigExp(v), bigExp(peak));

function withinSoftmax(candidate: typeof softmaxRows, A: Dense<Float>): void {
  const single = A.data instanceof Float32Array;
  const u = single ? U.f32 : U.f64;
  const tiny = single ? 2 ** -126 : 2 ** -1022;
  const P = candidate(A);
  for (let i = 0; i < A.rows; i++) {
    const x = row(A, i);
    const peak = Math.max(...x);
    const S = exactSum(x, peak);
    x.forEach((v, j) => {
      const reference = divide(bigQuotient(v, peak), S);
      const relative = (peak - v + Math.log(A.cols) + 5 + depth(A.cols, single ? 16 : 8)) * u;
      // Second-order terms are below 1% at these sizes; denormal results carry one absolute rounding instead.
      expect(distance(at(P, i, j), reference)).toBeLessThanOrEqual(
        1.01 * relative * toNumber(reference) + 2 * tiny * u * (toNumber(reference) < tiny ? 1 : 0),
      );
    });
  }
}

const single = (A: Dense): Dense<Float32Array> => ({ ...A, data: Float32Array.from(A.data) });

describe('softmaxRows: relative error <= (max - a_ij + ln n + 5 + d) u', () => {
  it('holds in f64 and f32, for views and transposes', () => {
    fc.assert(
      fc.property(views(logits), (A) => {
        withinSoftmax(softmaxRows, A);
        withinSoftmax(softmaxRows, single(A));
        withinSoftmax(softmaxRows, transpose(transpose(A)));
      }),
      { numRuns: effort(12) },
    );
  });
  it('fails without subtracting the maximum, at logits about 300', () => {
    const plain = ((A: Dense<Float32Array>) => {
      const E = A.data.map((x) => exp(x));
      const P = E.map((e, p) => e / E.subarray(p - (p % A.cols), p - (p % A.cols) + A.cols).reduce((a, b) => a + b));
      return dense(A.rows, A.cols, P);
    }) as typeof softmaxRows;
    mustFail(() => withinSoftmax(plain, dense(1, 2, new Float32Array([300, 301]))));
  });
  it('rows sum to 1 within (2 + d) u, and equal logits give equal shares', () => {
    fc.assert(
      fc.property(logits, (A) => {
        const P = softmaxRows(A);
        for (let i = 0; i < A.rows; i++) {
          const total = row(P, i).reduce((a, b) => a + b, 0);
          expect(Math.abs(total - 1)).toBeLessThanOrEqual((A.cols + 2 + depth(A.cols, 8)) * U.f64);
        }
      }),
    );
    expect(softmaxRows(dense(1, 4, new Float64Array(4).fill(1e4))).data).toEqual(new Float64Array(4).fill(0.25));
  });
  it('masks: -Infinity gives 0, a row of -Infinity zeros; the argument is left alone', () => {
    const A = dense(2, 3, new Float64Array([0, -Infinity, 0, -Infinity, -Infinity, -Infinity]));
    const before = A.data.slice();
    expect(softmaxRows(A).data).toEqual(new Float64Array([0.5, 0, 0.5, 0, 0, 0]));
    expect(A.data).toEqual(before);
    expect(softmaxRows(zeros(0, 3)).rows).toBe(0);
    expect(softmaxRows(zeros(3, 0)).data.length).toBe(0);
  });
});

describe('logSumExpRows: |error| <= (ln n + 3 + d) u + 2 u |result|', () => {
  const within = (candidate: typeof logSumExpRows, A: Dense<Float>): void => {
    const isSingle = A.data instanceof Float32Array;
    const u = isSingle ? U.f32 : U.f64;
    const y = candidate(A);
    for (let i = 0; i < A.rows; i++) {
      const x = row(A, i);
      const peak = Math.max(...x);
      const reference = peak + Math.log(toNumber(exactSum(x, peak)));
      // The reference is itself rounded in f64: 3 u of it.
      const bound =
        1.01 * (Math.log(A.cols) + 3 + depth(A.cols, isSingle ? 16 : 8)) * u +
        2 * u * Math.abs(reference) +
        3 * U.f64 * Math.abs(reference);
      expect(Math.abs(y[i]! - reference)).toBeLessThanOrEqual(bound);
    }
  };
  it('holds in f64 and f32', () => {
    fc.assert(
      fc.property(views(logits), (A) => {
        within(logSumExpRows, A);
        within(logSumExpRows, single(A));
      }),
      { numRuns: effort(12) },
    );
  });
  it('fails without subtracting the maximum', () => {
    const plain = ((A: Dense) => new Float64Array([log(A.data.reduce((sum, x) => sum + exp(x), 0))])) as typeof logSumExpRows;
    mustFail(() => within(plain, dense(1, 2, new Float64Array([-800, -801]))));
  });
  it('masks and empty rows', () => {
    expect(logSumExpRows(dense(2, 2, new Float64Array([-Infinity, 3, -Infinity, -Infinity])))).toEqual(new Float64Array([3, -Infinity]));
    expect(logSumExpRows(zeros(2, 0))).toEqual(new Float64Array([-Infinity, -Infinity]));
  });
});

it('softmax and log-sum-exp have the same bits with SIMD and without', () => {
  const { simd, plain } = bothKernels();
  const run = (k: typeof simd, name: 'softmaxRows' | 'logSumExpRows', A: Dense<Float>): number[] => {
    const mark = k.mark();
    const make = A.data.constructor as Float64ArrayConstructor;
    const [a, to] = [k.allocate(A.data.byteLength), k.allocate(A.rows * 8)];
    new make(k.memory.buffer, a, A.data.length).set(A.data);
    const kind = A.data instanceof Float32Array ? 's' : 'd';
    if (name === 'softmaxRows') k[`${kind}softmaxRows`](A.rows, A.cols, a);
    else k[`${kind}logSumExpRows`](A.rows, A.cols, a, to);
    const result = Array.from(name === 'softmaxRows' ? new make(k.memory.buffer, a, A.data.length) : new make(k.memory.buffer, to, A.rows));
    k.release(mark);
    return result;
  };
  fc.assert(
    fc.property(logits, (A) => {
      for (const name of ['softmaxRows', 'logSumExpRows'] as const) {
        expect(run(plain, name, A)).toEqual(run(simd, name, A));
        expect(run(plain, name, single(A))).toEqual(run(simd, name, single(A)));
      }
    }),
  );
});

it('the 320-bit logarithm and exponential are inverse to each other', () => {
  for (const x of [0.5, 3, 700]) expect(toNumber(bigLog(toNumber(bigExp(x))))).toBeCloseTo(x, 12);
});
