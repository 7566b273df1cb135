import type { Engine, Evaluation } from '../engine.ts';
import { norm } from '../matrix.ts';
import { gamma, rowErrors, U, UNDERFLOW } from './rounding.ts';

/**
 * |sigma_i - computed| <= delta_i for the scores of an evaluation, or undefined where rounding leaves them open. The rows of B = S^-1 A Z are
 * computed up to e_i, and ||B^T B - I|| is measured: sigma_i = b_i^T (B^T B)^-1 b_i lies within 1 / (1 +- eps) of ||b_i||^2.
 */
export function scoreErrors(engine: Engine, at: Evaluation, slackErrors: Float64Array): Float64Array | undefined {
  const { rows: n, cols: d } = engine;
  const e = rowErrors(engine, at, slackErrors);
  const total = at.scores.reduce((sum, value) => sum + value, 0);
  const unit = engine.weighted(at, new Float64Array(n).fill(1));
  for (let j = 0; j < d; j++) unit.data[j * (d + 1)]! -= 1;
  const frobenius = norm(e);
  // ||computed B|| <= sqrt 2, as the norm of its Gram matrix is below 2.
  const eps = 1.01 * (norm(unit.data) + chain(n) * total + frobenius * (2 * Math.SQRT2 + frobenius));
  if (!(eps < 0.1)) return undefined;
  const g = gamma(d + 4);
  return at.scores.map((sigma, i) => {
    const square = sigma * g + 2 * Math.sqrt(sigma) * e[i]! * (1 + g) + e[i]! ** 2 + d * UNDERFLOW;
    return ((sigma * eps + square) / (1 - eps) + 8 * U * sigma) * (1 + 1e-10);
  });
}

/** Relative error of a sum over n rows by the kernel: blocks of 256 rows, then the blocks one after the other. */
export function chain(n: number): number {
  return gamma(260 + Math.ceil(n / 256));
}
