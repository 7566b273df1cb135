/** One draw from a density restricted to a chord, as a step t from where the chain stands; t = 0 lies in [low, high]. */
import { exp } from '../../../linalg/assembly/elementary/exp';
import { log } from '../../../linalg/assembly/elementary/log';
import { nextNormal, nextUniform, Stream } from './stream';

/** A slice this short, relative to its chord, holds the point alone in any arithmetic. */
export const SHRUNK: f64 = 1e-60;

/** From exp(-slope t - curvature t^2 / 2). */
export function drawOnChord(r: Stream, low: f64, high: f64, slope: f64, curvature: f64): f64 {
  if (curvature > 0) return truncatedNormal(r, -slope / curvature, 1 / sqrt<f64>(curvature), low, high);
  if (slope > 0) return min<f64>(low + excess(r, slope, high - low), high);
  if (slope < 0) return max<f64>(high - excess(r, -slope, high - low), low);
  return low + (high - low) * nextUniform(r);
}

/** From exp(-rate e) on [0, width]. */
function excess(r: Stream, rate: f64, width: f64): f64 {
  if (rate * width > 1) {
    // Inversion; for short intervals its difference of exponentials would cancel.
    return -log(1 - nextUniform(r) * (1 - exp(-rate * width))) / rate;
  }
  while (true) {
    const e = width * nextUniform(r);
    if (nextUniform(r) <= exp(-rate * e)) return e;
  }
}

/**
 * From N(mean, sd^2) on [low, high], by rejection: exact, and with an acceptance rate bounded below over all intervals.
 * Source: Robert 1995, "Simulation of truncated normal variables", Statistics and Computing 5, sections 2.1 and 2.2.
 */
export function truncatedNormal(r: Stream, mean: f64, sd: f64, low: f64, high: f64): f64 {
  const a = (low - mean) / sd;
  const b = (high - mean) / sd;
  const width = (high - low) / sd;
  // Far from the mean a draw is its distance to the nearer end: mean + sd z would cancel.
  if (a > 0) return min<f64>(low + sd * tail(r, a, width), high);
  if (b < 0) return max<f64>(high - sd * tail(r, -b, width), low);
  const z = width > WIDE ? byNormal(r, a, b) : byUniform(r, a, width);
  // Rounding of mean + sd z could step over an end.
  return min<f64>(max<f64>(mean + sd * z, low), high);
}

/** sqrt(2 pi): there the normal and the uniform proposal accept equally often around 0. */
const WIDE: f64 = 2.5066282746310002;

/** A standard normal in [a, b], a <= 0 <= b. */
function byNormal(r: Stream, a: f64, b: f64): f64 {
  while (true) {
    const z = nextNormal(r);
    if (z >= a && z <= b) return z;
  }
}

/** The same for a short interval. */
function byUniform(r: Stream, a: f64, width: f64): f64 {
  while (true) {
    const z = a + width * nextUniform(r);
    if (nextUniform(r) <= exp((-z * z) / 2)) return z;
  }
}

/** The excess over a > 0 of a standard normal in [a, a + width]; the density of the excess e is proportional to exp(-e (2 a + e) / 2). */
function tail(r: Stream, a: f64, width: f64): f64 {
  const rate = (a + sqrt<f64>(a * a + 4)) / 2;
  // Robert's proposition 2.3: an interval that ends before this is better met by the uniform proposal. His exponent
  // (a^2 - a sqrt(a^2 + 4)) / 4 is written without the cancellation.
  const narrow = exp(0.5 - a / (2 * rate)) / rate;
  while (true) {
    if (width > narrow) {
      const e = -log(1 - nextUniform(r)) / rate;
      // z - rate, because rate - a is 1 / rate.
      const distance = e - 1 / rate;
      if (e <= width && nextUniform(r) <= exp((-distance * distance) / 2)) return e;
    } else {
      const e = width * nextUniform(r);
      if (nextUniform(r) <= exp((-e * (2 * a + e)) / 2)) return e;
    }
  }
}
