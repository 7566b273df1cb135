import { at, type Dense, type Float } from '../dense.ts';
import { emptyLike } from '../storage.ts';
import { checkOperand } from './operands.ts';

/**
 * The Kronecker product of an m x n matrix A and a p x q matrix B, both f64 or both f32: m p x n q, made of the blocks a_ij B.
 * NaN and infinities propagate.
 *
 * @throws ArgumentError, ShapeError when A or B is not a matrix or their element types differ; OutOfMemoryError.
 * Cost: m n p q products.
 */
export function kron<T extends Float>(A: Dense<T>, B: Dense<T>): Dense<T> {
  checkOperand('kron', 'A', A, A);
  checkOperand('kron', 'B', B, A);
  const C = emptyLike('kron', A, A.rows * B.rows, A.cols * B.cols);
  for (let i = 0, to = 0; i < C.rows; i++) {
    for (let j = 0; j < A.cols; j++) {
      const factor = at(A, Math.floor(i / B.rows), j);
      for (let q = 0; q < B.cols; q++) C.data[to++] = factor * at(B, i % B.rows, q);
    }
  }
  return C;
}
