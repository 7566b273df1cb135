/**
 * Sums over vectors, with the order and the error bounds of ./reduce. Steps in bytes, so that a row, a column or a reversed
 * vector serve alike. NaN and infinities propagate.
 */
import { BLOCK, firstHalf, sumBlock } from './reduce';

/** x^T y. */
export function dot<T>(n: i32, x: usize, xStep: usize, y: usize, yStep: usize): T {
  if (n <= BLOCK) return sumBlock<T>(true, n, x, xStep, y, yStep);
  const half = firstHalf(n);
  const rest = <usize>half;
  return dot<T>(half, x, xStep, y, yStep) + dot<T>(n - half, x + rest * xStep, xStep, y + rest * yStep, yStep);
}

/** sum x_i. */
export function sum<T>(n: i32, x: usize, xStep: usize): T {
  if (n <= BLOCK) return sumBlock<T>(false, n, x, xStep, 0, 0);
  const half = firstHalf(n);
  return sum<T>(half, x, xStep) + sum<T>(n - half, x + <usize>half * xStep, xStep);
}
