import { dense, eigenvalues, syrk, trsm } from '@x/linalg';
import { choleskyInPlace } from '../kernel/cholesky.ts';
import { addEntries } from './matrix.ts';
import { directionOf, matrixAt, type Pencil } from './pencil.ts';

/**
 * The barrier F(y) = -log det S(y) of a pencil. With S = L L^T and M_j = L^{-1} B_j L^{-T},
 *
 *   grad F_j = -tr M_j,   H_ij = tr(M_i M_j) = tr(S^{-1} B_i S^{-1} B_j),   nu = n.
 */
export interface LogDet {
  /** Lower Cholesky factor of S(y) into L (n x n, row-major); false where S(y) is not positive definite. */
  factor(y: ArrayLike<number>, L: Float64Array): boolean;
  /** Overwrites the gradient, and adds the Hessian to the lower triangle of the d x d matrix H. */
  derivatives(L: Float64Array, gradient: Float64Array, H: Float64Array): void;
  /** Eigenvalues, ascending, of L^{-1} D L^{-T} for D = sum_j v_j B_j. */
  spectrumAlong(L: Float64Array, v: ArrayLike<number>): Float64Array;
}

export function logDet(pencil: Pencil): LogDet {
  const { order: n, dimension: d, constant, entries } = pencil;
  const lower = (n * (n + 1)) / 2;
  // B_j by rows: row a of B_j stands at (a, j), so that both triangular solves are one call over all of them.
  const blocks = new Float64Array(n * d * n);
  const one = new Float64Array(n * n);
  for (let j = 0; j < d; j++) {
    addEntries(one.fill(0), n, matrixAt(entries, j), 1);
    for (let a = 0; a < n; a++) blocks.set(one.subarray(a * n, (a + 1) * n), (a * d + j) * n);
  }
  // <M_i, M_j> over the lower triangles counts what is below the diagonal twice.
  const weights = new Float64Array(lower);
  for (let a = 0, p = 0; a < n; a++) for (let b = 0; b <= a; b++) weights[p++] = a === b ? 1 : 2;

  return {
    factor(y, L) {
      directionOf(pencil, y, L);
      for (let p = 0; p < L.length; p++) L[p] = L[p]! + constant[p]!;
      const finite = !Number.isNaN(choleskyInPlace(L, n));
      for (let i = 0; i < n; i++) L.fill(0, i * n + i + 1, (i + 1) * n);
      return finite;
    },
    derivatives(L, gradient, H) {
      const A = dense(n, n, L);
      const right = trsm({ A, B: dense(n * d, n, blocks), triangle: 'lower', side: 'right', transposed: true });
      const { data } = trsm({ A, B: dense(n, d * n, right.data), triangle: 'lower' });
      const rows = new Float64Array(d * lower);
      for (let j = 0, p = 0; j < d; j++) {
        gradient[j] = 0;
        for (let a = 0; a < n; a++) {
          const row = (a * d + j) * n;
          gradient[j] = gradient[j]! - data[row + a]!;
          for (let b = 0; b <= a; b++) rows[p++] = data[row + b]!;
        }
      }
      syrk({ A: dense(d, lower, rows), weights, beta: 1, C: dense(d, d, H) });
    },
    spectrumAlong(L, v) {
      const D = new Float64Array(n * n);
      directionOf(pencil, v, D);
      const A = dense(n, n, L);
      const right = trsm({ A, B: dense(n, n, D), triangle: 'lower', side: 'right', transposed: true });
      return eigenvalues(trsm({ A, B: right, triangle: 'lower' }));
    },
  };
}
