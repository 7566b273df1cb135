import { checkOperand } from '../blas/operands.ts';
import { checkLength, checkNumber, checkObject, checkType } from '../check.ts';
import type { Dense, Float } from '../dense.ts';
import { ShapeError } from '../errors.ts';
import { allocate, readVector, withWorkspace, writeOperand, writeVector } from '../kernel/workspace.ts';

/** What `gemv` takes. */
export interface GemvOptions<T extends Float> {
  /** Factor of A x. Default 1. */
  readonly alpha?: number;
  /** m x n. */
  readonly A: Dense<T>;
  /** n entries. */
  readonly x: T;
  /** Factor of y. Default 0, which does not read y. */
  readonly beta?: number;
  /** m entries; receives the result in place when given. */
  readonly y?: T;
}

/**
 * y <- alpha A x + beta y, in the arithmetic of the element type, with the same bits on every platform. For A^T x pass `transpose(A)`.
 *
 * |error of A x| <= gamma_d |A| |x| componentwise, d = 513 / w + log2(w) + ceil(log2(n / 512)) with w = 8 (f64) or 16 (f32) where
 * rows are contiguous or A has general strides, and d = n + 1 where columns are contiguous. NaN and infinities propagate.
 *
 * @returns y.
 * @throws ShapeError when A, x and y do not fit; ArgumentError when their element types differ; OutOfMemoryError.
 * Cost: 2 m n flops and a copy of A into the kernel.
 */
export function gemv<T extends Float>(options: GemvOptions<T>): T {
  checkObject('gemv', 'options', options);
  const { alpha = 1, A, x, y, beta = 0 } = options;
  checkOperand('gemv', 'A', A, A);
  checkLength('gemv', 'x', x, A.cols);
  checkType('gemv', 'x', x, A.data);
  checkNumber('gemv', 'alpha', alpha);
  checkNumber('gemv', 'beta', beta);
  if (y !== undefined) {
    checkLength('gemv', 'y', y, A.rows);
    checkType('gemv', 'y', y, A.data);
  } else if (beta !== 0) {
    throw new ShapeError(`gemv: beta is ${beta} and y is missing; without y it must be 0`);
  }
  return withWorkspace((k) => {
    const a = writeOperand(k, A);
    const px = writeVector(k, x);
    const py = y === undefined ? allocate(k, A.rows * A.data.BYTES_PER_ELEMENT) : writeVector(k, y);
    const multiply = A.data instanceof Float32Array ? k.sgemv : k.dgemv;
    multiply(A.rows, A.cols, alpha, a.pointer, a.row, a.col, px, beta, py);
    const product = readVector(k, A.data, py, A.rows);
    if (y === undefined) return product;
    y.set(product as never);
    return y;
  });
}
