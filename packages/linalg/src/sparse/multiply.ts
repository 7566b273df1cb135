import { checkDense } from '../check.ts';
import { type Dense, dense } from '../dense.ts';
import { ShapeError } from '../errors.ts';
import { newArray } from '../memory.ts';
import { type Csr, checkCsr } from './csr.ts';

/**
 * A x for a vector, A X for a dense matrix. Non-finite entries propagate as in `gemm`, except that an entry which is not stored
 * is a zero that multiplies nothing.
 *
 * @throws ShapeError when the sizes do not agree or A is not well formed; OutOfMemoryError.
 * Cost: 2 nnz flops a column.
 */
export function csrMultiply(A: Csr, x: Float64Array): Float64Array;
export function csrMultiply(A: Csr, X: Dense): Dense;
export function csrMultiply(A: Csr, X: Float64Array | Dense): Float64Array | Dense {
  checkCsr('csrMultiply', 'A', A);
  if (X instanceof Float64Array) {
    checkInner('csrMultiply', 'x', X.length, A.cols);
    return multiplyVector(A, X, newArray('csrMultiply', Float64Array, A.rows));
  }
  checkDense('csrMultiply', 'X', X);
  checkInner('csrMultiply', 'X', X.rows, A.cols);
  const Y = dense(A.rows, X.cols, newArray('csrMultiply', Float64Array, A.rows * X.cols));
  for (let i = 0; i < A.rows; i++) {
    for (let p = A.indptr[i]!; p < A.indptr[i + 1]!; p++) addRow(Y, i, A.data[p]!, X, A.indices[p]!);
  }
  return Y;
}

/**
 * A^T y for a vector, A^T Y for a dense matrix, without forming A^T.
 *
 * @throws ShapeError when the sizes do not agree or A is not well formed; OutOfMemoryError.
 * Cost: 2 nnz flops a column.
 */
export function csrMultiplyTransposed(A: Csr, y: Float64Array): Float64Array;
export function csrMultiplyTransposed(A: Csr, Y: Dense): Dense;
export function csrMultiplyTransposed(A: Csr, Y: Float64Array | Dense): Float64Array | Dense {
  checkCsr('csrMultiplyTransposed', 'A', A);
  if (Y instanceof Float64Array) {
    checkInner('csrMultiplyTransposed', 'y', Y.length, A.rows);
    return multiplyTransposedVector(A, Y, newArray('csrMultiplyTransposed', Float64Array, A.cols));
  }
  checkDense('csrMultiplyTransposed', 'Y', Y);
  checkInner('csrMultiplyTransposed', 'Y', Y.rows, A.rows);
  const X = dense(A.cols, Y.cols, newArray('csrMultiplyTransposed', Float64Array, A.cols * Y.cols));
  for (let i = 0; i < A.rows; i++) {
    for (let p = A.indptr[i]!; p < A.indptr[i + 1]!; p++) addRow(X, A.indices[p]!, A.data[p]!, Y, i);
  }
  return X;
}

/** y <- A x, unchecked. */
export function multiplyVector(A: Csr, x: Float64Array, y: Float64Array): Float64Array {
  const { indptr, indices, data } = A;
  for (let i = 0; i < A.rows; i++) {
    let sum = 0;
    for (let p = indptr[i]!; p < indptr[i + 1]!; p++) sum += data[p]! * x[indices[p]!]!;
    y[i] = sum;
  }
  return y;
}

/** x <- A^T y, unchecked. */
export function multiplyTransposedVector(A: Csr, y: Float64Array, x: Float64Array): Float64Array {
  const { indptr, indices, data } = A;
  x.fill(0);
  for (let i = 0; i < A.rows; i++) {
    const yi = y[i]!;
    for (let p = indptr[i]!; p < indptr[i + 1]!; p++) x[indices[p]!]! += data[p]! * yi;
  }
  return x;
}

/** Row `to` of the row-major Y += scale * row `from` of X. */
function addRow(Y: Dense, to: number, scale: number, X: Dense, from: number): void {
  const target = Y.data;
  const source = X.data;
  for (let j = 0, t = to * Y.cols, s = X.offset + from * X.rowStride; j < X.cols; j++, s += X.colStride) target[t++]! += scale * source[s]!;
}

function checkInner(operation: string, name: string, got: number, needed: number): void {
  if (got !== needed) throw new ShapeError(`${operation}: ${name} has ${got} rows; A needs ${needed}`);
}
