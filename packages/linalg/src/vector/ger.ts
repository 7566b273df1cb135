import { checkDense } from '../check.ts';
import type { Dense, Float } from '../dense.ts';
import { checkLength } from './check.ts';

/** Arguments of `ger`. */
export interface Ger<T extends Float> {
  /** Default 1. */
  readonly alpha?: number;
  /** m entries. */
  readonly x: Float;
  /** n entries. */
  readonly y: Float;
  /** m x n, updated in place. */
  readonly A: Dense<T>;
}

/**
 * Rank-1 update A <- A + alpha x y^T, in place and with any strides. Each entry is (alpha x_i) y_j + a_ij in f64, rounded once to the
 * type of A. NaN and infinities propagate. For a rank-k update use `gemm`.
 *
 * @returns A.
 * @throws ShapeError when A, x and y do not fit.
 */
export function ger<T extends Float>({ alpha = 1, x, y, A }: Ger<T>): Dense<T> {
  checkDense('ger', 'A', A);
  checkLength('ger', 'x', x, A.rows);
  checkLength('ger', 'y', y, A.cols);
  const { rows, cols, data, offset, rowStride, colStride } = A;
  for (let i = 0; i < rows; i++) {
    const factor = alpha * x[i]!;
    for (let j = 0, p = offset + i * rowStride; j < cols; j++, p += colStride) data[p]! += factor * y[j]!;
  }
  return A;
}
