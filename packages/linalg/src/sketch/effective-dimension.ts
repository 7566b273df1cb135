import { checkRange } from '../check.ts';
import { dense } from '../dense.ts';
import { withWorkspace } from '../kernel/workspace.ts';
import { singularValues } from '../lapack/svd.ts';
import type { Matrix } from '../sparse/csr.ts';
import { checkFiniteMatrix, checkMatrix } from '../sparse/rows.ts';
import { safeScale, scaleColumns } from './columns.ts';
import { triangle } from './orthonormalize.ts';

/**
 * The effective dimension of A under a ridge: sum_j s_j^2 / (s_j^2 + ridge) over its singular values, which is the sum of its ridge
 * leverage scores. It falls from rank(A) at ridge 0 to 0. Singular values below max(n, d) 2^-52 of the largest are rounding errors, and
 * count where the ridge is below their squares.
 *
 * @param A - n x d, dense or sparse.
 * @param ridge - lambda > 0.
 * @throws ShapeError; NonFiniteError naming the first bad entry; ArgumentError when the ridge is not positive.
 * Cost: 2 n d^2 flops (QR by blocks), and 8 d^3 / 3; O(d^2) memory.
 */
export function effectiveDimension(A: Matrix, ridge: number): number {
  checkMatrix('effectiveDimension', 'A', A);
  checkRange('effectiveDimension', 'ridge', ridge, Number.MIN_VALUE);
  if (A.rows === 0 || A.cols === 0) return 0;
  checkFiniteMatrix('effectiveDimension', 'A', A);
  // The power of the largest column, unless that is of ordinary size.
  const scale = safeScale(A, 0);
  const power = Math.min(...scale);
  const R = withWorkspace((k) => triangle(k, 'effectiveDimension', scaleColumns(A, scale.fill(power)), new Float64Array(0)));
  const root = Math.sqrt(ridge) * power;
  // The quotient first: squares of singular values could leave the range.
  return singularValues(dense(R.length / A.cols, A.cols, R)).reduce((sum, s) => (s > 0 ? sum + 1 / (1 + (root / s) ** 2) : sum), 0);
}
