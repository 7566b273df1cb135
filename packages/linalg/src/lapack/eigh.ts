import type { Dense } from '../dense.ts';
import { NotConvergedError } from '../errors.ts';
import { allocate, readDense, readVector, withWorkspace, writeDense } from '../kernel/workspace.ts';
import { checkSquareDouble, NOT_FINITE, refuseNonFiniteTriangle } from './support.ts';

/** A = V diag(values) V^T. */
export interface SymmetricEigen {
  /** Ascending. */
  readonly values: Float64Array;
  /** n x n, orthogonal; column j belongs to values[j]. Its sign is arbitrary. */
  readonly vectors: Dense;
}

/**
 * Eigenvalues and orthonormal eigenvectors of a real symmetric matrix: A = V diag(values) V^T.
 *
 * Only the lower triangle of A is read, as by `cholesky`. For the upper one pass `transpose(A)`.
 *
 * @param A - n x n, f64, any strides; not changed.
 * @throws ShapeError when A is not square; NonFiniteError naming the first bad entry of the lower triangle;
 *   NotConvergedError when the iteration reaches 30 n sweeps, which no matrix is known to do.
 * Cost: about 9 n^3 operations; see `eigenvalues` for the values alone.
 * Source: G. Golub and C. Van Loan, Matrix Computations, 4th ed., section 8.3.
 */
export function eigh(A: Dense): SymmetricEigen {
  checkSquareDouble('eigh', 'A', A);
  const n = A.rows;
  return withWorkspace((k) => {
    const a = writeDense(k, A);
    const values = allocate(k, 8 * n);
    const vectors = allocate(k, 8 * n * n);
    checkEigenCode('eigh', A, k.deigh(n, a, values, vectors));
    return { values: readVector(k, A.data, values, n), vectors: readDense(k, A.data, vectors, n, n) };
  });
}

/** The eigenvalues of `eigh` alone, ascending; errors as there. Cost: 4 n^3 / 3 operations. */
export function eigenvalues(A: Dense): Float64Array {
  checkSquareDouble('eigenvalues', 'A', A);
  return withWorkspace((k) => {
    const a = writeDense(k, A);
    const values = allocate(k, 8 * A.rows);
    checkEigenCode('eigenvalues', A, k.deigh(A.rows, a, values, 0));
    return readVector(k, A.data, values, A.rows);
  });
}

function checkEigenCode(operation: string, A: Dense, code: number): void {
  if (code === NOT_FINITE) refuseNonFiniteTriangle(operation, 'A', A);
  if (code >= 0) {
    const sweeps = 30 * A.rows;
    throw new NotConvergedError(`${operation}: ${code} off-diagonal entries did not vanish in ${sweeps} sweeps`, sweeps, code);
  }
}
