import { dense, leastSquares } from '@x/linalg';
import type { VecFn } from '../src/index.ts';

/**
 * Anderson's method as it is written down: every step solves the least-squares problem anew, no safeguards. Stops at
 * ||f(x) - x||_2 <= tol (1 + ||f(x)||_2) and counts evaluations.
 */
export function plainAnderson(f: VecFn, d: number, m: number, tol: number, most = 3000): number {
  let x = new Float64Array(d);
  const X: Float64Array[] = [];
  const R: Float64Array[] = [];
  for (let k = 1; k <= most; k++) {
    const fx = new Float64Array(d);
    f(x, fx);
    const r = fx.map((v, i) => v - x[i]);
    if (Math.hypot(...r) <= tol * (1 + Math.hypot(...fx))) return k;
    X.push(x.slice());
    R.push(r);
    if (X.length > m + 1) {
      X.shift();
      R.shift();
    }
    const cols = R.length - 1;
    const next = x.map((v, i) => v + r[i]);
    if (cols > 0) {
      const dF = new Float64Array(d * cols);
      for (let j = 0; j < cols; j++) for (let i = 0; i < d; i++) dF[i * cols + j] = R[j + 1][i] - R[j][i];
      const gamma = leastSquares(dense(d, cols, dF), r).X;
      for (let j = 0; j < cols; j++) for (let i = 0; i < d; i++) next[i] -= (X[j + 1][i] - X[j][i] + dF[i * cols + j]) * gamma[j];
    }
    x = next;
  }
  return most;
}
