import { checkDense } from '../check.ts';
import type { Dense, Float } from '../dense.ts';
import type { Kernel } from '../kernel/instance.ts';
import { readVector, withWorkspace, writeDense, writeVector } from '../kernel/workspace.ts';
import { checkLength, checkSameType } from './check.ts';

/** Arguments of `gemv`. */
export interface Gemv<T extends Float> {
  /** Default 1. */
  readonly alpha?: number;
  /** m x n. */
  readonly A: Dense<T>;
  /** n entries. */
  readonly x: T;
  /** Default 0 when there is no y, else 1; 0 overwrites y without reading it. */
  readonly beta?: number;
  /** m entries, overwritten. Default: a new vector. */
  readonly y?: T;
}

/**
 * y <- alpha A x + beta y, in the arithmetic of the element type, with the same bits on every platform. For A^T x pass `transpose(A)`.
 *
 * |error of A x| <= gamma_d |A| |x| componentwise, d = 513 / w + log2(w) + ceil(log2(n / 512)) with w = 8 (f64) or 16 (f32) where
 * rows are contiguous or A has general strides, and d = n + 1 where columns are contiguous. NaN and infinities propagate.
 *
 * @returns y.
 * @throws ShapeError when A, x and y do not fit; ArgumentError when their element types differ.
 * Cost: 2 m n flops and a copy of A into the kernel.
 */
export function gemv<T extends Float>({ alpha = 1, A, x, y, beta = y === undefined ? 0 : 1 }: Gemv<T>): T {
  checkDense('gemv', 'A', A);
  checkLength('gemv', 'x', x, A.cols);
  checkSameType('gemv', 'x', x, A.data);
  if (y !== undefined) {
    checkLength('gemv', 'y', y, A.rows);
    checkSameType('gemv', 'y', y, A.data);
  }
  return withWorkspace((k) => {
    // Columns that are contiguous stay so: the kernel has a loop for them, and copying a transpose entry by entry is slow.
    const byColumns = A.rowStride === 1 && A.colStride !== 1;
    const a = writeDense(k, byColumns ? { ...A, rows: A.cols, cols: A.rows, rowStride: A.colStride, colStride: 1 } : A);
    const px = writeVector(k, x);
    const py = y === undefined ? k.allocate(A.rows * A.data.BYTES_PER_ELEMENT) : writeVector(k, y);
    const multiply = routine(k, A.data);
    multiply(A.rows, A.cols, alpha, a, byColumns ? 1 : A.cols, byColumns ? A.rows : 1, px, beta, py);
    const result = readVector(k, A.data, py, A.rows);
    if (y === undefined) return result;
    y.set(result as never);
    return y;
  });
}

function routine(k: Kernel, like: Float): Kernel['dgemv'] {
  return like instanceof Float32Array ? k.sgemv : k.dgemv;
}
