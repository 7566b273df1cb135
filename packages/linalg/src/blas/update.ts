import { checkNumber, checkNumbers } from '../check.ts';
import { type Dense, type Float, transpose } from '../dense.ts';
import { ShapeError } from '../errors.ts';
import { gemm } from './gemm.ts';
import { checkOperand, checkOutput, checkShape } from './operands.ts';

/**
 * C <- C + alpha x y^T in place, for m numbers x and n numbers y. Written in JavaScript: it does two operations for each
 * entry it reads, so a copy into the kernel would cost more than the update. x and y may be parts of C. NaN and infinities propagate.
 *
 * @returns C.
 * @throws ShapeError when the lengths do not fit; ArgumentError when alpha is not a number or x or y not an array of them.
 * Cost: 2 m n flops.
 */
export function rankOneUpdate<T extends Float>(C: Dense<T>, x: ArrayLike<number>, y: ArrayLike<number>, alpha: number = 1): Dense<T> {
  checkOperand('rankOneUpdate', 'C', C, C);
  checkOutput('rankOneUpdate', 'C', C, C.rows, C.cols);
  checkNumber('rankOneUpdate', 'alpha', alpha);
  const { rows, cols, data, offset, rowStride, colStride } = C;
  checkNumbers('rankOneUpdate', 'x', x);
  checkNumbers('rankOneUpdate', 'y', y);
  if (x.length !== rows || y.length !== cols) {
    throw new ShapeError(`rankOneUpdate: x and y have ${x.length} and ${y.length} entries; C is ${rows} x ${cols}`);
  }
  const [u, v] = [new Float64Array(x), new Float64Array(y)];
  for (let i = 0; i < rows; i++) {
    const factor = alpha * u[i]!;
    for (let j = 0, p = offset + i * rowStride; j < cols; j++, p += colStride) data[p]! += factor * v[j]!;
  }
  return C;
}

/**
 * C <- C + alpha U V^T in place, for U m x k and V n x k.
 *
 * @returns C.
 * @throws ShapeError, ArgumentError, OutOfMemoryError as `gemm`.
 * Cost: 2 m n k flops.
 */
export function rankKUpdate<T extends Float>(C: Dense<T>, U: Dense<T>, V: Dense<T>, alpha: number = 1): Dense<T> {
  checkOperand('rankKUpdate', 'C', C, C);
  checkOperand('rankKUpdate', 'U', U, C);
  checkOperand('rankKUpdate', 'V', V, C);
  checkNumber('rankKUpdate', 'alpha', alpha);
  checkShape('rankKUpdate', 'V', V, V.rows, U.cols);
  checkOutput('rankKUpdate', 'C', C, U.rows, V.rows);
  return gemm({ A: U, B: transpose(V), alpha, beta: 1, C });
}
