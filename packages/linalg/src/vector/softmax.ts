import { checkDense } from '../check.ts';
import { at, type Dense, type Float } from '../dense.ts';
import { NonFiniteError } from '../errors.ts';
import { allocate, readDense, readVector, withWorkspace, writeDense } from '../kernel/workspace.ts';

/**
 * Softmax of each row: e^(a_ij) / sum_l e^(a_il), computed from a_ij - max_l a_il, so that nothing overflows.
 *
 * An entry may be -Infinity (a mask) and gives 0; a row that is all -Infinity gives a row of zeros. Results have the same bits on
 * every platform. Relative error of an entry that is not denormal, with u the unit roundoff and row maximum m: at most
 * (m - a_ij + ln n + 5 + d) u to first order, d = 512 / w + log2(w) + ceil(log2(n / 512)), w = 8 (f64) or 16 (f32).
 *
 * @returns a new row-major matrix.
 * @throws ShapeError when A reaches outside its data; NonFiniteError naming the first entry that is NaN or +Infinity.
 * Cost: about 5 ns (f64) or 2 ns (f32) an entry.
 */
export function softmaxRows<T extends Float>(A: Dense<T>): Dense<T> {
  checkLogits('softmaxRows', A);
  return withWorkspace((k) => {
    const a = writeDense(k, A);
    if (A.data instanceof Float32Array) k.ssoftmaxRows(A.rows, A.cols, a);
    else k.dsoftmaxRows(A.rows, A.cols, a);
    return readDense(k, A.data, a, A.rows, A.cols);
  });
}

/**
 * ln sum_j e^(a_ij) of each row, from m + ln sum_j e^(a_ij - m) with m the greatest entry; -Infinity for a row of -Infinity and for
 * no columns. Entries as for `softmaxRows`. Error at most (ln n + 3 + d) u + 2 u |result| to first order.
 *
 * @returns one entry a row.
 * @throws as softmaxRows.
 */
export function logSumExpRows<T extends Float>(A: Dense<T>): T {
  checkLogits('logSumExpRows', A);
  return withWorkspace((k) => {
    const a = writeDense(k, A);
    const to = allocate(k, A.rows * A.data.BYTES_PER_ELEMENT);
    if (A.data instanceof Float32Array) k.slogSumExpRows(A.rows, A.cols, a, to);
    else k.dlogSumExpRows(A.rows, A.cols, a, to);
    return readVector(k, A.data, to, A.rows);
  });
}

/** -Infinity is a mask and allowed; NaN and +Infinity are not. */
function checkLogits(operation: string, A: Dense<Float>): void {
  checkDense(operation, 'A', A);
  for (let i = 0; i < A.rows; i++) {
    for (let j = 0; j < A.cols; j++) {
      const value = at(A, i, j);
      if (!(value < Infinity)) {
        throw new NonFiniteError(`${operation}: A[${i}, ${j}] is ${value}; entries must be finite, or -Infinity for a mask`, 'A', [i, j]);
      }
    }
  }
}
