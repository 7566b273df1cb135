import type { Dense } from '../dense.ts';
import type { Kernel } from '../kernel/instance.ts';
import { allocate, type Pointer, readDense, readVector, withWorkspace, writeDense } from '../kernel/workspace.ts';
import { fromRange, toRange } from './range.ts';
import { checkConverged, checkFiniteTriangle, checkSquareDouble } from './support.ts';

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
 * @throws ShapeError when A is not square; NonFiniteError naming the first bad entry of the lower triangle, or the
 *   result where an eigenvalue overflows; NotConvergedError when the iteration reaches 30 n sweeps, which no matrix is known to do.
 * Cost: about 9 n^3 operations; see `eigenvalues` for the values alone.
 * Source: G. Golub and C. Van Loan, Matrix Computations, 4th ed., section 8.3.
 */
export function eigh(A: Dense): SymmetricEigen {
  checkSquareDouble('eigh', 'A', A);
  const n = A.rows;
  return withWorkspace((k) => {
    const vectors = allocate(k, 8 * n * n);
    return { values: decompose(k, 'eigh', A, vectors), vectors: readDense(k, A.data, vectors, n, n) };
  });
}

/** The eigenvalues of `eigh` alone, ascending; errors as there. Cost: 4 n^3 / 3 operations. */
export function eigenvalues(A: Dense): Float64Array {
  checkSquareDouble('eigenvalues', 'A', A);
  return withWorkspace((k) => decompose(k, 'eigenvalues', A, 0));
}

/** Off-diagonal entries are dropped below 2^-461; the product of two others, divided by a shift, must not vanish (assembly/lapack/steqr.ts). */
const RANGE = [2 ** -200, 2 ** 100] as const;

function decompose(k: Kernel, operation: string, A: Dense, vectors: Pointer): Float64Array {
  const n = A.rows;
  const a = writeDense(k, A);
  const values = allocate(k, 8 * n);
  k.dmirror(n, a, n, 1, false);
  const power = toRange(k, operation, 'A', A, a, RANGE, checkFiniteTriangle);
  checkConverged(operation, n, k.deigh(n, a, values, vectors));
  fromRange(k, operation, A.data, values, n, 1 / power);
  return readVector(k, A.data, values, n);
}
