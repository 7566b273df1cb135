import { exp, log, type Rng } from '@x/linalg';
import { truncatedNormal } from '../walk/truncated-normal.ts';

/**
 * One draw of t in [low, high] with density proportional to exp(-slope t - curvature t^2 / 2): uniform, exponential or normal.
 *
 * @param low - below `high`; where the density does not fall towards an end, that end must be finite.
 */
export function drawOnChord(slope: number, curvature: number, low: number, high: number, rng: Rng): number {
  if (curvature > 0) return truncatedNormal(-slope / curvature, 1 / Math.sqrt(curvature), low, high, rng);
  if (slope > 0) return Math.min(low + excess(slope, high - low, rng), high);
  if (slope < 0) return Math.max(high - excess(-slope, high - low, rng), low);
  return low + (high - low) * rng.uniform();
}

/** An exponential number of the given rate below `width`. */
function excess(rate: number, width: number, rng: Rng): number {
  // The shorter the interval, the more the quantile's formula cancels; there a uniform proposal is accepted at least every third time.
  while (rate * width < 1) {
    const t = width * rng.uniform();
    if (rng.uniform() < exp(-rate * t)) return t;
  }
  return -log(1 - rng.uniform() * (1 - exp(-rate * width))) / rate;
}
