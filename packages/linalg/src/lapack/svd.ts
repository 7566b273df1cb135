import { checkChoice, checkObject } from '../check.ts';
import { block, copy, type Dense } from '../dense.ts';
import { NotConvergedError } from '../errors.ts';
import { allocate, readDense, readVector, withWorkspace, writeDense } from '../kernel/workspace.ts';
import { numericalRank, type RankOptions, rankTolerance } from './rank.ts';
import { checkDouble, NOT_FINITE, OK, refuseNonFinite } from './support.ts';

/** A = U diag(singularValues) V^T. */
export interface Svd {
  /** Orthonormal columns: m x k, or m x m for the full form, k = min(m, n). */
  readonly U: Dense;
  /** k values >= 0, descending. */
  readonly singularValues: Float64Array;
  /** Orthonormal columns: n x k, or n x n for the full form. Not transposed: A = U S V^T. */
  readonly V: Dense;
}

export interface SvdOptions {
  /**
   * 'thin' (default): k = min(m, n) columns in U and in V. 'full': square U and V; the columns of V beyond the rank span the
   * whole null space of A, those of U the null space of A^T, for wide and tall A alike.
   */
  readonly mode?: 'thin' | 'full';
}

/**
 * Singular value decomposition: A = U diag(singularValues) V^T.
 *
 * @param A - m x n, f64, any strides and any rank; not changed.
 * @returns Each pair of singular vectors has an arbitrary common sign.
 * @throws ShapeError; NonFiniteError naming the first bad entry; ArgumentError for an unknown mode; NotConvergedError when the iteration
 *   reaches 30 k sweeps, which no matrix is known to do.
 * Cost: about 20 n^3 operations for m = n, 4 m n^2 + 20 n^3 for m > 1.5 n; see `singularValues` for the values alone.
 * Source: J. Demmel and W. Kahan, Accurate singular values of bidiagonal matrices, SIAM J. Sci. Stat. Comput. 11 (1990).
 */
export function svd(A: Dense, options: SvdOptions = {}): Svd {
  checkDouble('svd', 'A', A);
  checkObject('svd', 'options', options);
  checkChoice('svd', 'mode', options.mode ?? 'thin', ['thin', 'full']);
  const { rows: m, cols: n } = A;
  const k = Math.min(m, n);
  const full = options.mode === 'full';
  const uCols = full ? m : k;
  const vCols = full ? n : k;
  return withWorkspace((kernel) => {
    const a = writeDense(kernel, A);
    const s = allocate(kernel, 8 * k);
    const u = allocate(kernel, 8 * m * uCols);
    const v = allocate(kernel, 8 * n * vCols);
    checkSvdCode('svd', A, kernel.dsvd(m, n, a, s, uCols, u, vCols, v));
    return {
      U: readDense(kernel, A.data, u, m, uCols),
      singularValues: readVector(kernel, A.data, s, k),
      V: readDense(kernel, A.data, v, n, vCols),
    };
  });
}

/** The singular values of `svd` alone, descending; errors as there. Cost: 8 n^3 / 3 operations for m = n. */
export function singularValues(A: Dense): Float64Array {
  checkDouble('singularValues', 'A', A);
  return valuesOf('singularValues', A);
}

function valuesOf(operation: string, A: Dense): Float64Array {
  const { rows: m, cols: n } = A;
  const k = Math.min(m, n);
  return withWorkspace((kernel) => {
    const a = writeDense(kernel, A);
    const s = allocate(kernel, 8 * k);
    checkSvdCode(operation, A, kernel.dsvd(m, n, a, s, 0, 0, 0, 0));
    return readVector(kernel, A.data, s, k);
  });
}

/** ||A||_2, the largest singular value; 0 for an empty matrix. Errors as `svd`. */
export function norm2(A: Dense): number {
  checkDouble('norm2', 'A', A);
  return valuesOf('norm2', A)[0] ?? 0;
}

/** Numerical rank: how many singular values exceed tolerance times the largest. Errors as `svd`; ArgumentError for the tolerance. */
export function rank(A: Dense, options: RankOptions = {}): number {
  checkDouble('rank', 'A', A);
  const tolerance = rankTolerance('rank', A, options);
  return numericalRank(valuesOf('rank', A), tolerance);
}

/** sigma_max / sigma_min of the min(m, n) singular values; Infinity when the smallest is zero, 1 for an empty matrix. Errors as `svd`. */
export function conditionNumber(A: Dense): number {
  checkDouble('conditionNumber', 'A', A);
  const values = valuesOf('conditionNumber', A);
  if (values.length === 0) return 1;
  const smallest = values[values.length - 1] as number;
  return smallest === 0 ? Number.POSITIVE_INFINITY : (values[0] as number) / smallest;
}

/**
 * Moore-Penrose inverse, n x m: V diag(1 / s) U^T over the singular values above tolerance times the largest.
 *
 * @throws As `svd`; ArgumentError when the tolerance is not in [0, 1].
 * Cost: that of `svd` and 2 m n k operations.
 */
export function pseudoInverse(A: Dense, options: RankOptions = {}): Dense {
  checkDouble('pseudoInverse', 'A', A);
  const tolerance = rankTolerance('pseudoInverse', A, options);
  const { rows: m, cols: n } = A;
  return withWorkspace((kernel) => {
    const a = writeDense(kernel, A);
    const x = allocate(kernel, 8 * m * n);
    checkSvdCode('pseudoInverse', A, kernel.dpseudoInverse(m, n, a, tolerance, x));
    return readDense(kernel, A.data, x, n, m);
  });
}

/**
 * An orthonormal basis of the null space of A: n x (n - rank), for wide, square and tall A alike.
 *
 * @throws As `svd`; ArgumentError when the tolerance is not in [0, 1].
 */
export function nullSpace(A: Dense, options: RankOptions = {}): Dense {
  checkDouble('nullSpace', 'A', A);
  const tolerance = rankTolerance('nullSpace', A, options);
  const { singularValues: s, V } = svd(A, { mode: 'full' });
  const first = numericalRank(s, tolerance);
  return copy(block(V, 0, first, A.cols, A.cols - first));
}

function checkSvdCode(operation: string, A: Dense, code: number): void {
  if (code === NOT_FINITE) refuseNonFinite(operation, 'A', A);
  if (code !== OK) {
    const sweeps = 30 * Math.min(A.rows, A.cols);
    throw new NotConvergedError(`${operation}: ${code} off-diagonal entries did not vanish in ${sweeps} sweeps`, sweeps, code);
  }
}
