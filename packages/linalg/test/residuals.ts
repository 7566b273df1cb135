/** What the tests of the factorisations measure. Plain loops in f64; each residual carries rounding errors of its own, which the bounds allow for. */
import { expect } from 'vitest';
import { at, copy, type Dense, type Float, zeros } from '../src/index.ts';
import type { Kernel } from '../src/kernel/instance.ts';
import { bothKernels } from './kernels.ts';

export const U: number = 2 ** -53;

export function product(A: Dense<Float>, B: Dense<Float>): Dense {
  const n = B.cols;
  const C = zeros(A.rows, n);
  const [c, b] = [C.data, copy(B).data];
  for (let i = 0; i < A.rows; i++) {
    for (let p = 0; p < A.cols; p++) {
      const a = at(A, i, p);
      for (let j = 0; j < n; j++) c[i * n + j]! += a * b[p * n + j]!;
    }
  }
  return C;
}

/** Entry by entry. */
export function map(rows: number, cols: number, entry: (i: number, j: number) => number): Dense {
  const A = zeros(rows, cols);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) A.data[i * cols + j] = entry(i, j);
  return A;
}

export function diagonal(values: ArrayLike<number>): Dense {
  return map(values.length, values.length, (i, j) => (i === j ? (values[i] as number) : 0));
}

export function minus(A: Dense<Float>, B: Dense<Float>): Dense {
  expect([B.rows, B.cols]).toEqual([A.rows, A.cols]);
  return map(A.rows, A.cols, (i, j) => at(A, i, j) - at(B, i, j));
}

/** Each |a_ij| is at most the bound of that entry. */
export function expectWithin(A: Dense<Float>, bound: (i: number, j: number) => number): void {
  for (let i = 0; i < A.rows; i++) {
    for (let j = 0; j < A.cols; j++) {
      if (!(Math.abs(at(A, i, j)) <= bound(i, j))) expect(Math.abs(at(A, i, j)), `[${i}, ${j}]`).toBeLessThanOrEqual(bound(i, j));
    }
  }
}

/** max |a_ij|; NaN when an entry is NaN, so that no bound accepts it. */
export function maxAbs(A: Dense<Float>): number {
  let largest = 0;
  for (let i = 0; i < A.rows; i++) {
    for (let j = 0; j < A.cols; j++) {
      const value = Math.abs(at(A, i, j));
      if (Number.isNaN(value)) return value;
      if (value > largest) largest = value;
    }
  }
  return largest;
}

/** ||column j||_2, scaled against overflow. */
export function columnNorm(A: Dense<Float>, j: number): number {
  let largest = 0;
  for (let i = 0; i < A.rows; i++) largest = Math.max(largest, Math.abs(at(A, i, j)));
  if (largest === 0) return 0;
  let sum = 0;
  for (let i = 0; i < A.rows; i++) sum += (at(A, i, j) / largest) ** 2;
  return largest * Math.sqrt(sum);
}

export function frobenius(A: Dense<Float>): number {
  const largest = maxAbs(A);
  if (largest === 0) return 0;
  let sum = 0;
  for (let j = 0; j < A.cols; j++) sum += (columnNorm(A, j) / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/** max |Q^T Q - I|. */
export function orthogonalityError(Q: Dense): number {
  return maxAbs(
    minus(
      product({ ...Q, rows: Q.cols, cols: Q.rows, rowStride: Q.colStride, colStride: Q.rowStride }, Q),
      diagonal(new Float64Array(Q.cols).fill(1)),
    ),
  );
}

/** Runs `work` on the SIMD kernel and on its plain twin; what it wrote to `outputs` (element counts) must agree bit by bit. */
export function expectSameBits(
  input: Float64Array,
  outputs: readonly number[],
  work: (k: Kernel, a: number, ...results: number[]) => number,
): void {
  const { simd, plain } = bothKernels();
  const [one, other] = [simd, plain].map((k) => {
    const mark = k.mark();
    const a = k.allocate(input.byteLength);
    const results = outputs.map((length) => k.allocate(8 * length));
    heap(k).set(input, a / 8);
    for (const [i, pointer] of results.entries()) heap(k).fill(0, pointer / 8, pointer / 8 + (outputs[i] as number));
    const full = k.mark();
    const code = work(k, a, ...results);
    expect(k.mark()).toBe(full);
    const bits = [a, ...results].map((pointer, i) => {
      const length = i === 0 ? input.length : (outputs[i - 1] as number);
      return new Uint8Array(heap(k).slice(pointer / 8, pointer / 8 + length).buffer);
    });
    k.release(mark);
    return { code, bits };
  });
  expect(other).toEqual(one);
}

function heap(k: Kernel): Float64Array {
  return new Float64Array(k.memory.buffer);
}

/** What `work` throws. */
export function caught(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
