import { studentQuantile } from './tails.ts';

/** A power law y = exp(intercept) * x^slope fitted to points. */
export interface Exponent {
  readonly slope: number;
  readonly intercept: number;
  /** Ends of the confidence interval of the slope. Infinite with two points. */
  readonly low: number;
  readonly high: number;
}

/**
 * Least squares on log-log scale, with Student's confidence interval for the slope.
 *
 * @param xs - at least two different positive numbers.
 * @param ys - as many positive numbers.
 * @param confidence - default 0.95.
 */
export function fitExponent(xs: ArrayLike<number>, ys: ArrayLike<number>, confidence = 0.95): Exponent {
  const n = xs.length;
  if (n < 2 || ys.length !== n)
    throw new RangeError(`fitExponent: got ${n} and ${ys.length} numbers; it needs as many of each, at least two`);
  const u = Array.from(xs, Math.log);
  const v = Array.from(ys, Math.log);
  if (![...u, ...v].every(Number.isFinite)) throw new RangeError('fitExponent: every x and y must be positive and finite');
  const uMean = u.reduce((a, b) => a + b) / n;
  const vMean = v.reduce((a, b) => a + b) / n;
  let suu = 0;
  let suv = 0;
  for (let k = 0; k < n; k++) {
    suu += ((u[k] as number) - uMean) ** 2;
    suv += ((u[k] as number) - uMean) * ((v[k] as number) - vMean);
  }
  if (suu === 0) throw new RangeError('fitExponent: all x are equal');
  const slope = suv / suu;
  const intercept = vMean - slope * uMean;
  if (n === 2) return { slope, intercept, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  let residual = 0;
  for (let k = 0; k < n; k++) residual += ((v[k] as number) - intercept - slope * (u[k] as number)) ** 2;
  const half = studentQuantile((1 - confidence) / 2, n - 2) * Math.sqrt(residual / (n - 2) / suu);
  return { slope, intercept, low: slope - half, high: slope + half };
}
