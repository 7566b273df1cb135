import { zeros } from '../dense.ts';
import { log } from '../elementary/log.ts';
import { eigenvalues } from '../lapack/eigh.ts';
import { philoxFor } from '../random/streams.ts';
import { add, inner, norm } from './products.ts';

/** The extreme eigenvalues of a symmetric operator. */
export interface Extremes {
  /** Ritz values: no eigenvalue's extremes lie inside them. */
  readonly smallest: number;
  readonly largest: number;
  /** All eigenvalues lie in [lower, upper] with probability at least 1 - failure over the random start. */
  readonly lower: number;
  readonly upper: number;
}

/**
 * Lanczos' method from a random start, orthogonalised in full, with probabilistic bounds.
 *
 * The monic polynomial p whose zeros are the Ritz values has ||p(M) v|| = beta_1 ... beta_k. With c the component of the start v on
 * a unit eigenvector of the largest eigenvalue L, |c| |p(L)| <= ||p(M) v||; and |c| > s with probability 1 - s sqrt(2 d / pi), the
 * density of a coordinate of a random unit vector in d dimensions being at most sqrt(d / 2 pi). So L is at most the point beyond the
 * Ritz values where p reaches beta_1 ... beta_k / s; likewise at the other end.
 *
 * @param apply - writes M x to y.
 * @param d - the order of M, >= 1.
 * Source: the bounds by Lanczos polynomials of van Dorsselaer, Hochstenbach, van der Vorst, SIAM J. Matrix Anal. Appl. 22 (2000).
 */
export function lanczos(
  apply: (x: Float64Array, y: Float64Array) => void,
  d: number,
  steps: number,
  failure: number,
  seed: number,
): Extremes {
  const start = philoxFor('start', seed).fillNormal(new Float64Array(d));
  const basis = [start.map((x) => x / norm(start))];
  const alpha: number[] = [];
  const beta: number[] = [];
  let exhausted = false;
  for (let k = 0; k < Math.min(steps, d) && !exhausted; k++) {
    const w = new Float64Array(d);
    apply(basis[k]!, w);
    const size = norm(w);
    // All that is known then is that the largest is beyond the range of f64.
    const most = Number.POSITIVE_INFINITY;
    if (!(size < most)) return { smallest: most, largest: most, lower: 0, upper: most };
    alpha.push(inner(w, basis[k]!));
    // Twice is enough to be orthogonal to rounding.
    for (let pass = 0; pass < 2; pass++) for (const v of basis) add(-inner(w, v), v, w);
    const length = norm(w);
    exhausted = k + 1 === d || length <= 4 * d * 2 ** -53 * size;
    beta.push(exhausted ? 0 : length);
    if (!exhausted) basis.push(w.map((x) => x / length));
  }
  const k = alpha.length;
  const T = zeros(k, k);
  for (let i = 0; i < k; i++) {
    T.data[i * k + i] = alpha[i]!;
    if (i + 1 < k) T.data[i * k + i + 1] = T.data[(i + 1) * k + i] = beta[i]!;
  }
  const ritz = eigenvalues(T);
  const [smallest, largest] = [ritz[0]!, ritz[k - 1]!];
  // The start spans all eigenvalues that it touches, which is all of them with probability 1.
  if (exhausted) return { smallest, largest, lower: smallest, upper: largest };
  const touched = (failure / 2) * Math.sqrt(Math.PI / (2 * d));
  const level = beta.reduce((sum, b) => sum + log(b), 0) - log(touched);
  const upper = largest + beyond((gap) => ritz.reduce((sum, r) => sum + log(largest - r + gap), 0) - level, largest - smallest);
  const lower = smallest - beyond((gap) => ritz.reduce((sum, r) => sum + log(r - smallest + gap), 0) - level, largest - smallest);
  return { smallest, largest, lower, upper };
}

/** The zero of an increasing function of a positive gap, from above to a part in 1e6. */
function beyond(f: (gap: number) => number, scale: number): number {
  let high = scale > 0 ? scale : 1;
  while (f(high) < 0) high *= 2;
  let low = 0;
  while (high - low > 1e-6 * high) {
    const middle = (low + high) / 2;
    if (f(middle) < 0) low = middle;
    else high = middle;
  }
  return high;
}
