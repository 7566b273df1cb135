import { checkDense, checkSquare } from '../check.ts';
import { at, type Dense, type Float } from '../dense.ts';

/** The entries (i, i) of a matrix of any shape, copied: min(m, n) of them. @throws ArgumentError, ShapeError when A is not a matrix. */
export function diagonal<T extends Float>(A: Dense<T>): T {
  checkDense('diagonal', 'A', A);
  const type = A.data.constructor as Float64ArrayConstructor;
  return type.from({ length: Math.min(A.rows, A.cols) }, (_, i) => at(A, i, i)) as T;
}

/** The sum of the diagonal, accumulated in f64 from the first entry on; NaN and infinities propagate. @throws ShapeError unless A is square. */
export function trace(A: Dense<Float>): number {
  checkSquare('trace', 'A', A);
  let sum = 0;
  for (const x of diagonal(A)) sum += x;
  return sum;
}
