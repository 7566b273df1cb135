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
  const width = (high - low) / sd;
  // Far from the mean a draw is its distance to the nearer end: mean + sd z would cancel.
  if (a > 0) return Math.min(low + sd * tail(a, width, rng), high);
  if (b < 0) return Math.max(high - sd * tail(-b, width, rng), low);
  const z = width > WIDE ? byNormal(a, b, rng) : byUniform(a, width, rng);
  // Rounding of mean + sd z could step over an end.
  return Math.min(Math.max(mean + sd * z, low), high);
}

/** sqrt(2 pi): there the normal and the uniform proposal accept equally often around 0. */
const WIDE = 2.5066282746310002;

/** A standard normal in [a, b], a <= 0 <= b. */
function byNormal(a: number, b: number, rng: Rng): number {
  for (;;) {
    const z = rng.normal();
    if (z >= a && z <= b) return z;
  }
}

/** The same for a short interval. */
function byUniform(a: number, width: number, rng: Rng): number {
  for (;;) {
    const z = a + width * rng.uniform();
    if (rng.uniform() <= exp((-z * z) / 2)) return z;
  }
}

/** The excess over a > 0 of a standard normal in [a, a + width]; the density of the excess e is proportional to exp(-e (2 a + e) / 2). */
function tail(a: number, width: number, rng: Rng): number {
  const rate = (a + Math.sqrt(a * a + 4)) / 2;
  // Robert's proposition 2.3: an interval that ends before this is better met by the uniform proposal. His exponent
  // (a^2 - a sqrt(a^2 + 4)) / 4 is written without the cancellation.
  const narrow = exp(0.5 - a / (2 * rate)) / rate;
  for (;;) {
    if (width > narrow) {
      const excess = -log(1 - rng.uniform()) / rate;
      // z - rate, because rate - a is 1 / rate.
      const distance = excess - 1 / rate;
      if (excess <= width && rng.uniform() <= exp((-distance * distance) / 2)) return excess;
    } else {
      const excess = width * rng.uniform();
      if (rng.uniform() <= exp((-excess * (2 * a + excess)) / 2)) return excess;
    }
  }
}
