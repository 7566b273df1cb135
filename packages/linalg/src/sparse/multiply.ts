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
  return product('csrMultiply', A, false, X, 'x');
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
  return product('csrMultiplyTransposed', A, true, Y, 'y');
}

function product(operation: string, A: Csr, transposed: boolean, X: Float64Array | Dense, name: string): Float64Array | Dense {
  checkCsr(operation, 'A', A);
  const [rows, inner] = transposed ? [A.cols, A.rows] : [A.rows, A.cols];
  if (X instanceof Float64Array) {
    checkInner(operation, name, X.length, inner);
    return (transposed ? multiplyTransposedVector : multiplyVector)(A, X, newArray(operation, Float64Array, rows));
  }
  const matrix = name.toUpperCase();
  checkDense(operation, matrix, X);
  checkInner(operation, matrix, X.rows, inner);
  const Y = dense(rows, X.cols, newArray(operation, Float64Array, rows * X.cols));
  for (let i = 0; i < A.rows; i++) {
    for (let p = A.indptr[i]!; p < A.indptr[i + 1]!; p++) {
      const j = A.indices[p]!;
      addRow(Y, transposed ? j : i, A.data[p]!, X, transposed ? i : j);
    }
  }
  return Y;
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
