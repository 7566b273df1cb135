import { dense, eigenvalues } from '@x/linalg';
import { newKernel } from '../kernel/instance.ts';
import { float64Region } from '../kernel/memory.ts';
import { type HessianWay, loadPencil } from './loaded.ts';
import type { Pencil } from './pencil.ts';

/**
 * The barrier F(y) = -log det S(y) of a pencil, on the host's arrays. With S = L L^T and M_j = L^{-1} B_j L^{-T},
 *
 *   grad F_j = -tr M_j,   H_ij = tr(M_i M_j) = tr(S^{-1} B_i S^{-1} B_j),   nu = n.
 */
export interface LogDet {
  /** Lower Cholesky factor of S(y) into L (n x n, row-major, zeros above); false where S(y) is not positive definite. */
  factor(y: ArrayLike<number>, L: Float64Array): boolean;
  /** Overwrites the gradient, and adds the Hessian to the lower triangle of the d x d matrix H. */
  derivatives(L: Float64Array, gradient: Float64Array, H: Float64Array): void;
  /** L^{-1} D L^{-T} for D = sum_j v_j B_j. */
  along(L: Float64Array, v: ArrayLike<number>, out: Float64Array): void;
  /** The eigenvalues of that, ascending. */
  spectrumAlong(L: Float64Array, v: ArrayLike<number>): Float64Array;
}

/** @param way - how the Hessian is made; default by the least work. */
export function logDet(pencil: Pencil, way?: HessianWay): LogDet {
  const { order: n, dimension: d } = pencil;
  const kernel = newKernel();
  const record = loadPencil(kernel, pencil, way);
  const vector = float64Region(kernel, d);
  const triangle = float64Region(kernel, n * n);
  const product = float64Region(kernel, n * n);
  const matrix = float64Region(kernel, d * d);
  return {
    factor(y, L) {
      vector.view().set(y);
      const definite = Boolean(kernel.spectraFactor(record, vector.pointer, triangle.pointer));
      L.set(triangle.view());
      return definite;
    },
    derivatives(L, gradient, H) {
      triangle.view().set(L);
      matrix.view().set(H);
      kernel.spectraHessian(record, triangle.pointer, matrix.pointer);
      H.set(matrix.view());
      kernel.spectraGradient(record, triangle.pointer, vector.pointer);
      gradient.set(vector.view());
    },
    along(L, v, out) {
      triangle.view().set(L);
      vector.view().set(v);
      kernel.spectraAlong(record, triangle.pointer, vector.pointer, product.pointer);
      out.set(product.view());
    },
    spectrumAlong(L, v) {
      const M = new Float64Array(n * n);
      this.along(L, v, M);
      return eigenvalues(dense(n, n, M));
    },
  };
}
