import { ensemble } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { csrFromDense, type Dense } from '../src/index.ts';
import { type Kernel, kernel, plainKernel } from '../src/kernel/instance.ts';

const plain = plainKernel();

/** What `run` leaves in `length` f64 at the pointer it returns, by both kernels. */
function both(run: (k: Kernel, put: (x: Float64Array | Int32Array) => number) => number, length: number): Float64Array[] {
  return [kernel(), plain].map((k) => {
    const put = (x: Float64Array | Int32Array): number => {
      const at = k.allocate(x.byteLength);
      new Uint8Array(k.memory.buffer, at, x.byteLength).set(new Uint8Array(x.buffer, x.byteOffset, x.byteLength));
      return at;
    };
    const at = run(k, put);
    return new Float64Array(k.memory.buffer, at, length).slice();
  });
}

/** The entries of A, those below the diagonal as zeros where `upper`. */
function upperPart(A: Dense, upper: boolean): Float64Array {
  return A.data.map((x, p) => (upper && p % A.cols < Math.floor(p / A.cols) ? 0 : x));
}

describe('random numbers have the same bits without SIMD, also where keys and counters exceed 2^31', () => {
  const words = [0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
  it.each(words)('%i', (word) => {
    for (const low of [5, 0x7ffffffa, 0xfffffffa]) {
      // Twenty blocks cross the end of the low word, and of its positive half.
      for (const fill of ['philoxUniforms', 'philoxNormals'] as const) {
        const [simd, scalar] = both((k, put) => {
          const out = put(new Float64Array(40));
          k[fill](out, low, word, 20, word, 3, 0xdeadbeef, word);
          return out;
        }, 40);
        expect(scalar).toEqual(simd);
      }
    }
    const A = ensemble('gaussian', 64, 3, 1);
    const [simd, scalar] = both((k, put) => {
      const [a, out] = [put(A.data), put(new Float64Array(48))];
      k.dosnap(64, 3, a, 0, 0, 5, 3, 16, word, 0x80000001, 0xdeadbeef, word, out);
      return out;
    }, 48);
    expect(scalar).toEqual(simd);
  });
});

it.each([1, 2, 3, 8, 9])('sketches, transforms and row sums of %i columns have the same bits without SIMD', (d) => {
  const A = ensemble('gaussian', 64, d, d);
  const tall = ensemble('gaussian', 131, d, d);
  const S = csrFromDense(ensemble('sparse', 64, 7, d));
  const Z = ensemble('gaussian', 7, d, d + 1);
  const cases = [
    // Entries by one and by four, and more rows than are drawn at a time.
    ...[1, 3, 4, 6, 9].map((s) =>
      both((k, put) => {
        const [a, out] = [put(tall.data), put(new Float64Array(16 * d))];
        k.dosnap(131, d, a, 0, 0, 5, s, 16, 1, 2, 3, 4, out);
        return out;
      }, 16 * d),
    ),
    both((k, put) => {
      const [indptr, indices, data, out] = [put(S.indptr), put(S.indices), put(S.data), put(new Float64Array(16 * 7))];
      k.dosnap(64, 7, data, indptr, indices, 5, 3, 16, 1, 2, 3, 4, out);
      return out;
    }, 16 * 7),
    both((k, put) => {
      const x = put(A.data);
      k.dhadamard(64, d, x);
      return x;
    }, 64 * d),
    both((k, put) => {
      const [a, sums] = [put(A.data), put(new Float64Array(64))];
      k.daddRowSquares(64, d, a, sums);
      return sums;
    }, 64),
    ...[false, true].map((upper) =>
      both((k, put) => {
        const Y = upperPart(ensemble('gaussian', d, 11, d), upper);
        const [a, z, panels, sums] = [put(tall.data), put(Y), k.allocate(8 * d * 16), put(new Float64Array(131))];
        k.dpackColumns(d, 11, z, panels);
        k.daddProductSquares(131, d, 11, a, panels, upper, sums);
        return sums;
      }, 131),
    ),
    both((k, put) => {
      const [indptr, indices, data, z, out] = [put(S.indptr), put(S.indices), put(S.data), put(Z.data), put(new Float64Array(64 * d))];
      k.dcsrmm(64, indptr, indices, data, d, z, out);
      return out;
    }, 64 * d),
  ];
  for (const [simd, scalar] of cases) expect(scalar).toEqual(simd);
});
