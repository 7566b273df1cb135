/** Columns whose squares would leave the range of f64 are scaled first, exactly, by powers of two. */
import { at, dense } from '../dense.ts';
import { isCsr, type Matrix } from '../sparse/csr.ts';

/** Powers of two that bring the largest entry of each column, or `floor` where that is larger, near 1. */
export function safeScale(A: Matrix, floor: number): Float64Array {
  const largest = new Float64Array(A.cols).fill(floor);
  const see = (j: number, x: number): void => {
    largest[j] = Math.max(largest[j]!, Math.abs(x));
  };
  if (isCsr(A)) for (let p = 0; p < A.data.length; p++) see(A.indices[p]!, A.data[p]!);
  else for (let i = 0; i < A.rows; i++) for (let j = 0; j < A.cols; j++) see(j, at(A, i, j));
  // 2^1000 leaves room for the inverse of a column of denormal numbers.
  return largest.map((x) => (x > 0 ? 2 ** Math.min(Math.round(-Math.log2(x)), 1000) : 1));
}

/** A with column j multiplied by scale[j]; A itself without a scale. */
export function scaleColumns(A: Matrix, scale: Float64Array | undefined): Matrix {
  if (scale === undefined) return A;
  if (isCsr(A)) return { ...A, data: A.data.map((x, p) => x * scale[A.indices[p]!]!) };
  const data = new Float64Array(A.rows * A.cols);
  for (let i = 0, p = 0; i < A.rows; i++) for (let j = 0; j < A.cols; j++) data[p++] = at(A, i, j) * scale[j]!;
  return dense(A.rows, A.cols, data);
}

/** A with row i multiplied by scale[i], as f64. */
export function scaleRows(A: Matrix, scale: Float64Array): Matrix {
  if (isCsr(A)) {
    const data = A.data.slice();
    for (let i = 0; i < A.rows; i++) for (let p = A.indptr[i]!; p < A.indptr[i + 1]!; p++) data[p]! *= scale[i]!;
    return { ...A, data };
  }
  const data = new Float64Array(A.rows * A.cols);
  for (let i = 0, p = 0; i < A.rows; i++) for (let j = 0; j < A.cols; j++) data[p++] = at(A, i, j) * scale[i]!;
  return dense(A.rows, A.cols, data);
}
