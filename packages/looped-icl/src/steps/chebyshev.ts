import { cosPi, log } from '@x/linalg';

/**
 * Step sizes whose T loops together are the Chebyshev polynomial of [lower, upper], the one that is smallest there of all with value 1
 * at 0: 1 / eta_s = (upper + lower) / 2 + (upper - lower) / 2 cos(pi (2 s - 1) / (2 T)).
 *
 * They are taken in Leja's order, each as far as can be (in the product of distances) from those before, which keeps the partial products
 * small; ascending or descending order lets them overflow. For T a power of two Lebedev and Finogenov's order does the same; this one
 * takes any T.
 *
 * Cost: T^2 operations.
 * Source: Richardson's iteration with the zeros of Chebyshev's polynomial, classical; the growth in this order is tested, not cited.
 */
export function chebyshevSteps(loops: number, lower: number, upper: number): Float64Array {
  const centre = (upper + lower) / 2;
  const radius = (upper - lower) / 2;
  const cosines = Float64Array.from({ length: loops }, (_, s) => cosPi((2 * s + 1) / (2 * loops)));
  return lejaOrder(cosines).map((cosine) => 1 / (centre + radius * cosine));
}

/** Points in Leja's order, from the first on. */
export function lejaOrder(points: Float64Array): Float64Array {
  const rest = points.slice();
  /** Logarithm of the product of the distances to the points taken. */
  const far = new Float64Array(points.length);
  const taken = new Float64Array(points.length);
  for (let t = 0; t < points.length; t++) {
    let best = t;
    for (let i = t + 1; i < rest.length; i++) if (far[i]! > far[best]!) best = i;
    taken[t] = rest[best]!;
    [rest[t], rest[best]] = [rest[best]!, rest[t]!];
    [far[t], far[best]] = [far[best]!, far[t]!];
    for (let i = t + 1; i < rest.length; i++) far[i]! += log(Math.abs(rest[i]! - taken[t]!));
  }
  return taken;
}
