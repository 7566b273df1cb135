import { checkChoice, checkObject } from '../check.ts';
import { at, block, copy, type Dense } from '../dense.ts';
import type { Kernel } from '../kernel/instance.ts';
import { allocate, type Pointer, readDense, readVector, withWorkspace, writeDense } from '../kernel/workspace.ts';
import { fromRange, RANGE, toRange } from './range.ts';
import { numericalRank, type RankOptions, rankTolerance } from './rank.ts';
import { checkConverged, checkDouble } from './support.ts';

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
 * @throws ShapeError; NonFiniteError naming the first bad entry, or the result where a singular value overflows;
 *   ArgumentError for an unknown mode; NotConvergedError when the iteration reaches 30 k sweeps, which no matrix is known to do.
 * Cost: about 20 n^3 operations for m = n, 4 m n^2 + 20 n^3 for m > 1.5 n; see `singularValues` for the values alone.
 * Source: J. Demmel and W. Kahan, Accurate singular values of bidiagonal matrices, SIAM J. Sci. Stat. Comput. 11 (1990).
 */
export function svd(A: Dense, options: SvdOptions = {}): Svd {
  checkDouble('svd', 'A', A);
  checkObject('svd', 'options', options);
  checkChoice('svd', 'mode', options.mode ?? 'thin', ['thin', 'full']);
  const { rows, cols } = A;
  const k = Math.min(rows, cols);
  return options.mode === 'full' ? decompose('svd', A, rows, cols) : decompose('svd', A, k, k);
}

function decompose(operation: string, A: Dense, uCols: number, vCols: number, relative = false): Svd {
  const { rows: m, cols: n } = A;
  return withWorkspace((kernel) => {
    const u = allocate(kernel, 8 * m * uCols);
    const v = allocate(kernel, 8 * n * vCols);
    return {
      singularValues: computeValues(kernel, operation, A, relative, uCols, u, vCols, v),
      U: readDense(kernel, A.data, u, m, uCols),
      V: readDense(kernel, A.data, v, n, vCols),
    };
  });
}

const BIDIAGONAL: typeof RANGE = [RANGE[0], 2 ** 1022];

/** Singular values, at the scale of their computation, so that none overflows, where `relative`; vectors unless u and v are 0. */
function computeValues(
  kernel: Kernel,
  operation: string,
  A: Dense,
  relative: boolean,
  uCols = 0,
  u: Pointer = 0,
  vCols = 0,
  v: Pointer = 0,
): Float64Array {
  const { rows: m, cols: n } = A;
  const k = Math.min(m, n);
  const a = writeDense(kernel, A);
  // An upper bidiagonal matrix stays as it is while its singular values are in range: scaling would cost it small ones.
  const power = toRange(kernel, operation, 'A', A, a, isBidiagonal(A) ? BIDIAGONAL : RANGE);
  const s = allocate(kernel, 8 * k);
  checkConverged(operation, k, kernel.dsvd(m, n, a, s, uCols, u, vCols, v));
  fromRange(kernel, operation, A.data, s, k, relative ? 1 : 1 / power);
  return readVector(kernel, A.data, s, k);
}

/** The singular values of `svd` alone, descending; errors as there. Cost: 8 n^3 / 3 operations for m = n. */
export function singularValues(A: Dense): Float64Array {
  checkDouble('singularValues', 'A', A);
  return valuesOf('singularValues', A);
}

function valuesOf(operation: string, A: Dense, relative = false): Float64Array {
  return withWorkspace((kernel) => computeValues(kernel, operation, A, relative));
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
  return numericalRank(valuesOf('rank', A, true), tolerance);
}

/** sigma_max / sigma_min of the min(m, n) singular values; Infinity when the smallest is zero, 1 for an empty matrix. Errors as `svd`. */
export function conditionNumber(A: Dense): number {
  checkDouble('conditionNumber', 'A', A);
  const values = valuesOf('conditionNumber', A, true);
  if (values.length === 0) return 1;
  const smallest = values[values.length - 1] as number;
  return smallest === 0 ? Number.POSITIVE_INFINITY : (values[0] as number) / smallest;
}

/**
 * Moore-Penrose inverse, n x m: V diag(1 / s) U^T over the singular values above tolerance times the largest.
 *
 * @throws As `svd`, but for the result where an entry of it overflows; ArgumentError when the tolerance is not in [0, 1].
 * Cost: that of `svd` and 2 m n k operations.
 */
export function pseudoInverse(A: Dense, options: RankOptions = {}): Dense {
  checkDouble('pseudoInverse', 'A', A);
  const tolerance = rankTolerance('pseudoInverse', A, options);
  const { rows: m, cols: n } = A;
  return withWorkspace((kernel) => {
    const a = writeDense(kernel, A);
    const x = allocate(kernel, 8 * m * n);
    const power = toRange(kernel, 'pseudoInverse', 'A', A, a);
    checkConverged('pseudoInverse', Math.min(m, n), kernel.dpseudoInverse(m, n, a, tolerance, power, x));
    fromRange(kernel, 'pseudoInverse', A.data, x, m * n);
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
  const { singularValues: s, V } = decompose('nullSpace', A, A.rows, A.cols, true);
  const first = numericalRank(s, tolerance);
  return copy(block(V, 0, first, A.cols, A.cols - first));
}

function isBidiagonal(A: Dense): boolean {
  if (A.rows < A.cols) return false;
  for (let i = 0; i < A.rows; i++) for (let j = 0; j < A.cols; j++) if (j !== i && j !== i + 1 && at(A, i, j) !== 0) return false;
  return true;
}
