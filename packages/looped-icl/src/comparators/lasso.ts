import { type Dense, gram, NotConvergedError, zeros } from '@x/linalg';
import { checkRange } from '../check.ts';
import { type Context, promptOf } from '../context.ts';
import { product, transposedProduct } from '../product.ts';

export interface LassoOptions {
  /** Penalty: minimises ||X w - y||^2 / (2 n) + lambda ||w||_1 for each output. Default: a hundredth of the least that gives w = 0. */
  readonly lambda?: number;
  /** Duality gap, relative to ||y||^2 / (2 n), at which it stops. Default 1e-10. */
  readonly tolerance?: number;
}

const SWEEPS = 100_000;

/**
 * The Lasso, d x k, by coordinate descent on the covariance, stopped by its duality gap.
 *
 * @throws as `predict`; ArgumentError; NotConvergedError after 1e5 sweeps.
 * Cost: n d^2 flops, and d^2 a sweep.
 * Source: Friedman, Hastie, Tibshirani, Regularization paths for generalized linear models via coordinate descent, J. Stat. Softw. 33 (2010).
 */
export function lasso(context: Context, options: LassoOptions = {}): Dense {
  const { X, Y, n, d, k } = promptOf('lasso', context);
  const { lambda, tolerance = 1e-10 } = options;
  if (lambda !== undefined) checkRange('lasso', 'lambda', lambda, 0);
  checkRange('lasso', 'tolerance', tolerance, Number.EPSILON, 1);
  const H = gram(X);
  for (let i = 0; i < H.data.length; i++) H.data[i]! /= n;
  const C = transposedProduct(X, Y, 1 / n);
  const W = zeros(d, k);
  for (let o = 0; o < k; o++) {
    const c = Float64Array.from({ length: d }, (_, j) => C.data[j * k + o]!);
    let energy = 0;
    for (let i = 0; i < n; i++) energy += Y.data[i * k + o]! ** 2 / n;
    const w = column(H, c, energy, lambda ?? c.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 100, tolerance);
    for (let j = 0; j < d; j++) W.data[j * k + o] = w[j]!;
  }
  return W;
}

/** Predictions of the Lasso. @throws as `lasso`. */
export function lassoPredict(context: Context, queries: Dense, options: LassoOptions = {}): Dense {
  return product(promptOf('lassoPredict', context, queries).queries, lasso(context, options));
}

/** Minimises w^T H w / 2 - c^T w + lambda ||w||_1; energy is ||y||^2 / n. */
function column(H: Dense, c: Float64Array, energy: number, lambda: number, tolerance: number): Float64Array {
  const d = c.length;
  const w = new Float64Array(d);
  /** c - H w. */
  const slope = c.slice();
  let gap = Number.POSITIVE_INFINITY;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    gap = dualityGap(w, slope, c, energy, lambda);
    if (gap <= (tolerance * energy) / 2) return w;
    for (let j = 0; j < d; j++) {
      const curvature = H.data[j * d + j]!;
      if (curvature === 0) continue;
      const free = slope[j]! + curvature * w[j]!;
      const next = (Math.sign(free) * Math.max(0, Math.abs(free) - lambda)) / curvature;
      const change = next - w[j]!;
      if (change === 0) continue;
      w[j] = next;
      for (let i = 0; i < d; i++) slope[i]! -= H.data[j * d + i]! * change;
    }
  }
  throw new NotConvergedError(`lasso: duality gap ${gap} after ${SWEEPS} sweeps; allow a larger tolerance`, SWEEPS, gap, w);
}

/** Objective minus the dual objective at the residual, scaled until it is feasible. */
function dualityGap(w: Float64Array, slope: Float64Array, c: Float64Array, energy: number, lambda: number): number {
  let [steepest, ones, along, alongLabels] = [0, 0, 0, 0];
  for (let j = 0; j < w.length; j++) {
    steepest = Math.max(steepest, Math.abs(slope[j]!));
    ones += Math.abs(w[j]!);
    along += w[j]! * (c[j]! - slope[j]!);
    alongLabels += w[j]! * c[j]!;
  }
  // ||y - X w||^2 / n and y^T (y - X w) / n.
  const residual = Math.max(0, energy - 2 * alongLabels + along);
  const scale = steepest > lambda ? lambda / steepest : 1;
  const dual = scale * (energy - alongLabels) - (scale * scale * residual) / 2;
  return residual / 2 + lambda * ones - dual;
}
