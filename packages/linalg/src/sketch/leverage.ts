import { checkRange } from '../check.ts';
import { withWorkspace } from '../kernel/workspace.ts';
import type { Matrix } from '../sparse/csr.ts';
import { scaleColumns } from './columns.ts';
import { applyFactors } from './factors.ts';
import { type Basis, orthonormalize } from './orthonormalize.ts';
import { checkMatrix, f64At } from './rows.ts';

export interface LeverageOptions {
  /** lambda >= 0 of ridge leverage scores a_i^T (A^T A + lambda I)^-1 a_i; default 0. */
  readonly ridge?: number;
}

export interface LeverageScores {
  /** One for each row, in [0, 1]. */
  readonly scores: Float64Array;
  /** The sum of the scores before rounding: rank(A), or with a ridge the number of columns that count. */
  readonly rank: number;
  /** Of A with unit columns: at least the condition number and at most d times it; Infinity where columns depend on each other. */
  readonly conditionEstimate: number;
}

/**
 * Leverage scores of the rows of A: tau_i = a_i^T (A^T A)^+ a_i, the squared row norms of an orthonormal basis of col(A). They sum
 * to the numerical rank, decided at max(n, d) 2^-52 of the largest singular value of A with unit columns.
 *
 * @param A - n x d of any rank, dense or sparse; not changed.
 * @throws ShapeError; NonFiniteError naming the first bad entry; ArgumentError when the ridge is negative.
 * Cost: 2 n d^2 flops while the condition number is below about 1e3, twice that up to 1e7, with a QR by blocks beyond; O(d^2)
 * memory and a few blocks of rows beside A. Sparse A costs sum nnz_i^2 and nnz d instead of n d^2 for each product with A.
 * Source: Drineas, Magdon-Ismail, Mahoney, Woodruff, arXiv 1109.3843, section 2.
 */
export function leverageScores(A: Matrix, options: LeverageOptions = {}): LeverageScores {
  const { ridge = 0 } = options;
  checkMatrix('leverageScores', 'A', A);
  checkRange('leverageScores', 'ridge', ridge, 0);
  const basis = orthonormalize('leverageScores', A, ridge);
  return { scores: rowNorms('leverageScores', A, basis), rank: basis.rank, conditionEstimate: basis.conditionEstimate };
}

/** The squared row norms of A times the basis' factors, rounded down to 1 where they exceed it. */
export function rowNorms(operation: string, A: Matrix, { columnScale, factors }: Pick<Basis, 'columnScale' | 'factors'>): Float64Array {
  return withWorkspace((k) => {
    const sums = k.allocate(8 * A.rows);
    f64At(k, sums, A.rows).fill(0);
    const width = factors.at(-1)?.cols ?? 0;
    applyFactors(k, operation, scaleColumns(A, columnScale), factors, (block, first, count) =>
      k.daddRowSquares(count, width, block, sums + 8 * first),
    );
    return f64At(k, sums, A.rows).map((tau) => Math.min(tau, 1));
  });
}
