import type { Dense } from '../dense.ts';
import { allocate, readDense, readVector, view, withWorkspace, writeDense } from '../kernel/workspace.ts';
import { fromRange, times, toRange } from './range.ts';
import { type RankOptions, rankTolerance } from './rank.ts';
import { asColumns, checkDouble, isVector } from './support.ts';

/** A minimiser of ||A X - B||, column by column. */
export interface LeastSquares<X> {
  /** The minimiser of least norm: n x r, or n entries for a vector. */
  readonly X: X;
  /** ||A x_j - b_j||_2 for each column. */
  readonly residualNorms: Float64Array;
  /** Numerical rank of A that was used; X is the only minimiser when it is n. */
  readonly rank: number;
}

/**
 * Least squares by QR with column pivoting: X minimises ||A X - B||_2 column by column; of all minimisers the one of least
 * norm, so that rank-deficient and wide A are allowed.
 *
 * For dense A of any shape and rank, several right-hand sides, and where the rank matters. `lstsq` takes sparse A too, and sketches
 * it where A is sparse, or dense, very tall and at least 500 columns wide: faster there, for one right-hand side.
 *
 * @param A - m x n, f64, any strides; not changed.
 * @param B - m x r matrix, any strides, or vector of m entries; not changed.
 * @throws ShapeError; NonFiniteError naming the first bad entry, or the result where X or a norm overflows;
 *   ArgumentError when the tolerance is not in [0, 1].
 * Cost: 2 m n^2 + 4 m n r operations and what a pivoted QR of the n x n factor takes.
 * Source: G. Golub, Numerical methods for solving linear least squares problems, Numer. Math. 7 (1965).
 */
export function leastSquares(A: Dense, B: Dense, options?: RankOptions): LeastSquares<Dense>;
export function leastSquares(A: Dense, b: Float64Array, options?: RankOptions): LeastSquares<Float64Array>;
export function leastSquares(A: Dense, B: Dense | Float64Array, options: RankOptions = {}): LeastSquares<Dense | Float64Array> {
  checkDouble('leastSquares', 'A', A);
  const columns = asColumns('leastSquares', 'B', B, A.rows, A.data);
  const tolerance = rankTolerance('leastSquares', A, options);
  const { rows: m, cols: n } = A;
  const r = columns.cols;
  return withWorkspace((k) => {
    const a = writeDense(k, A);
    const b = writeDense(k, columns);
    const powerA = toRange(k, 'leastSquares', 'A', A, a);
    const powerB = toRange(k, 'leastSquares', 'B', columns, b);
    // X is computed at its own size, or a smaller one, so that it overflows only where it does.
    const less = Math.min(powerA, 1);
    if (less < 1) times(view(k, A.data, b, m * r), less);
    const x = allocate(k, 8 * n * r);
    const norms = allocate(k, 8 * r);
    const rank = k.dleastSquares(m, n, r, a, b, tolerance, x, norms);
    fromRange(k, 'leastSquares', A.data, x, n * r, powerA / less / powerB);
    fromRange(k, 'leastSquares', A.data, norms, r, 1 / less / powerB);
    return {
      X: isVector(B) ? readVector(k, B, x, n) : readDense(k, A.data, x, n, r),
      residualNorms: readVector(k, A.data, norms, r),
      rank,
    };
  });
}
