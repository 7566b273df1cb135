import { exp, log, type Rng } from '@x/linalg';

/**
 * One draw from N(mean, sd^2) restricted to [low, high], by rejection: exact, and with an acceptance rate bounded below over all
 * intervals.
 *
 * @param low - below `high`; either may be infinite.
 * Source: Robert 1995, "Simulation of truncated normal variables", Statistics and Computing 5, sections 2.1 and 2.2.
 */
export function truncatedNormal(mean: number, sd: number, low: number, high: number, rng: Rng): number {
  const a = (low - mean) / sd;
  const b = (high - mean) / sd;
  const z = b < 0 ? -standard(-b, -a, rng) : standard(a, b, rng);
  // Rounding of mean + sd z could step over an end.
  return Math.min(Math.max(mean + sd * z, low), high);
}

/** A standard normal in [a, b], b >= 0. */
function standard(a: number, b: number, rng: Rng): number {
  if (a <= 0) return b - a > WIDE ? byNormal(a, b, rng) : byUniform(a, b, 0, rng);
  const rate = (a + Math.sqrt(a * a + 4)) / 2;
  // Robert's proposition 2.3: an interval that ends before this is better met by the uniform proposal. His exponent
  // (a^2 - a sqrt(a^2 + 4)) / 4 is written without the cancellation.
  const narrow = a + exp(0.5 - a / (2 * rate)) / rate;
  return b > narrow ? byExponential(a, b, rate, rng) : byUniform(a, b, a, rng);
}

/** sqrt(2 pi): there the normal and the uniform proposal accept equally often around 0. */
const WIDE = 2.5066282746310002;

function byNormal(a: number, b: number, rng: Rng): number {
  for (;;) {
    const z = rng.normal();
    if (z >= a && z <= b) return z;
  }
}

/** `mode` is the point of [a, b] where the density is largest. */
function byUniform(a: number, b: number, mode: number, rng: Rng): number {
  for (;;) {
    const z = a + (b - a) * rng.uniform();
    if (rng.uniform() <= exp(((mode - z) * (mode + z)) / 2)) return z;
  }
}

function byExponential(a: number, b: number, rate: number, rng: Rng): number {
  for (;;) {
    const z = a - log(1 - rng.uniform()) / rate;
    if (z <= b && rng.uniform() <= exp(-((z - rate) ** 2) / 2)) return z;
  }
}
