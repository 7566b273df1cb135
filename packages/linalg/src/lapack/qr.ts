import { checkChoice, checkObject } from '../check.ts';
import { type Dense, zeros } from '../dense.ts';
import { allocate, readDense, readVector, withWorkspace, writeDense } from '../kernel/workspace.ts';
import { columnsFromRange, columnsToRange, fromRange, toRange } from './range.ts';
import { type RankOptions, rankTolerance } from './rank.ts';
import { checkDouble } from './support.ts';

/** A = Q R. */
export interface Qr {
  /** Orthonormal columns: m x k, or m x m for the full form, k = min(m, n). */
  readonly Q: Dense;
  /** Upper trapezoidal: k x n, or m x n for the full form. */
  readonly R: Dense;
}

export interface QrOptions {
  /** 'thin' (default): Q is m x min(m, n). 'full': Q is m x m, its last columns an orthonormal basis of the complement of col(A). */
  readonly mode?: 'thin' | 'full';
}

/**
 * QR factorisation by Householder reflectors: A = Q R. The diagonal of R may have any signs.
 *
 * @param A - m x n, f64, any strides and any rank; not changed.
 * @throws ShapeError; NonFiniteError naming the first bad entry, or the result where R overflows; ArgumentError for an
 *   unknown mode.
 * Cost: 4 m n^2 - 4 n^3 / 3 operations for the thin form, m >= n.
 * Source: R. Schreiber and C. Van Loan, A storage-efficient WY representation for products of Householder transformations,
 * SIAM J. Sci. Stat. Comput. 10 (1989).
 */
export function qr(A: Dense, options: QrOptions = {}): Qr {
  checkDouble('qr', 'A', A);
  checkObject('qr', 'options', options);
  checkChoice('qr', 'mode', options.mode ?? 'thin', ['thin', 'full']);
  const { rows: m, cols: n } = A;
  const k = Math.min(m, n);
  const full = options.mode === 'full';
  const cols = full ? m : k;
  return withWorkspace((kernel) => {
    const a = writeDense(kernel, A);
    const q = allocate(kernel, 8 * m * cols);
    const r = allocate(kernel, 8 * k * n);
    const powers = columnsToRange(kernel, 'qr', A, a);
    kernel.dqr(m, n, a, cols, q, r);
    columnsFromRange(kernel, 'qr', A, r, powers);
    const R = readDense(kernel, A.data, r, k, n);
    return { Q: readDense(kernel, A.data, q, m, cols), R: full ? withZeroRows(R, m) : R };
  });
}

/** The factor R of `qr` alone (thin, min(m, n) x n), at half the cost. */
export function rFactor(A: Dense): Dense {
  checkDouble('rFactor', 'A', A);
  const { rows: m, cols: n } = A;
  const k = Math.min(m, n);
  return withWorkspace((kernel) => {
    const a = writeDense(kernel, A);
    const r = allocate(kernel, 8 * k * n);
    const powers = columnsToRange(kernel, 'rFactor', A, a);
    kernel.dqr(m, n, a, k, 0, r);
    columnsFromRange(kernel, 'rFactor', A, r, powers);
    return readDense(kernel, A.data, r, k, n);
  });
}

function withZeroRows(R: Dense, rows: number): Dense {
  if (R.rows === rows) return R;
  const padded = zeros(rows, R.cols);
  padded.data.set(R.data);
  return padded;
}

/** A P = Q R: column j of Q R is column permutation[j] of A. */
export interface PivotedQr {
  /** m x k with orthonormal columns, k = min(m, n); the first `rank` of them span col(A) numerically. */
  readonly Q: Dense;
  /** k x n, upper trapezoidal, |R_00| >= |R_11| >= ... */
  readonly R: Dense;
  readonly permutation: Int32Array;
  /** How many |R_ii| exceed tolerance * |R_00|. */
  readonly rank: number;
}

/**
 * QR factorisation with column pivoting, which reveals the rank: A P = Q R, at each step the column with the largest
 * remaining norm first. A tall A is reduced by a plain QR first.
 *
 * The rank is reliable in practice, not in theory: Kahan's matrix of order n is nearly singular with no small R_ii. Where
 * that matters use the singular values (`rank`).
 *
 * @param A - m x n, f64, any strides; not changed.
 * @throws ShapeError; NonFiniteError naming the first bad entry, or the result where R overflows; ArgumentError when the tolerance is not in [0, 1].
 * Cost: 4 m n^2 operations and less.
 * Source: P. Businger and G. Golub, Linear least squares solutions by Householder transformations, Numer. Math. 7 (1965).
 */
export function pivotedQr(A: Dense, options: RankOptions = {}): PivotedQr {
  checkDouble('pivotedQr', 'A', A);
  const { rows: m, cols: n } = A;
  const k = Math.min(m, n);
  const tolerance = rankTolerance('pivotedQr', A, options);
  return withWorkspace((kernel) => {
    const a = writeDense(kernel, A);
    const q = allocate(kernel, 8 * m * k);
    const r = allocate(kernel, 8 * k * n);
    const order = allocate(kernel, 4 * n);
    const power = toRange(kernel, 'pivotedQr', 'A', A, a);
    const rank = kernel.dqrPivoted(m, n, a, tolerance, q, r, order);
    fromRange(kernel, 'pivotedQr', A.data, r, k * n, 1 / power);
    return {
      Q: readDense(kernel, A.data, q, m, k),
      R: readDense(kernel, A.data, r, k, n),
      permutation: readVector(kernel, new Int32Array(0), order, n),
      rank,
    };
  });
}
