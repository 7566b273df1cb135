import { dense, philox } from '@x/linalg';
import { checkRange, checkWhole } from '../check.ts';
import { type Box, checkBox } from '../interval/box.ts';
import { type BatchOptions, solveBatch } from './batch.ts';
import type { VecFn } from './contract.ts';

export interface MultistartOptions extends BatchOptions {
  /** Random starts in the box. Default 100. */
  readonly starts?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Ends closer than this, in the largest entry, are one point. Default 1e-6. */
  readonly distance?: number;
}

export interface FoundPoint {
  readonly x: Float64Array;
  readonly residual: number;
  /** How many starts ended here. */
  readonly hits: number;
}

/**
 * Fixed points that a method reaches from random starts in a box, most hit first. Nothing says that these are all: points that repel, or that attract
 * from nearby only, are missed; see `enumerateFixedPoints` for a proof.
 *
 * @param method - default `newton`, which finds repelling points too.
 */
export function multistart(f: VecFn, X: Box, options: MultistartOptions = {}): FoundPoint[] {
  const { starts = 100, seed = 0, distance = 1e-6, method = 'newton', ...rest } = options;
  const { lower, upper } = checkBox('multistart', X, X.lower.length);
  checkWhole('multistart', 'starts', starts, 0, 1e7);
  checkRange('multistart', 'distance', distance, 0);
  checkWhole('multistart', 'seed', seed, 0);
  const d = lower.length;
  const X0 = philox(seed)
    .fillUniform(new Float64Array(starts * d))
    .map((u, p) => lower[p % d] + u * (upper[p % d] - lower[p % d]));
  const rows = (Y: Float64Array, out: Float64Array, count: number) => {
    for (let i = 0; i < count; i++) f(Y.subarray(i * d, (i + 1) * d), out.subarray(i * d, (i + 1) * d));
  };
  const result = solveBatch(rows, dense(starts, d, X0), { method, ...rest });
  const found: { x: Float64Array; residual: number; hits: number }[] = [];
  for (const [i, reason] of result.reasons.entries()) {
    if (reason !== 'converged') continue;
    const x = result.X.data.slice(i * d, (i + 1) * d);
    const same = found.find((point) => point.x.every((v, k) => Math.abs(v - x[k]) <= distance));
    if (same === undefined) found.push({ x, residual: result.residuals[i], hits: 1 });
    else same.hits++;
  }
  return found.sort((a, b) => b.hits - a.hits);
}
