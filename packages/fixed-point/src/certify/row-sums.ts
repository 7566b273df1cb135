import { above, TINY, U } from '../interval/round.ts';

/** The largest absolute value that an entry of an interval matrix can have, entry by entry. */
export function magnitudes(lower: Float64Array, upper: Float64Array): Float64Array {
  return lower.map((l, p) => Math.max(-l, upper[p]));
}

/** No contraction factor is reported below this: it is nothing beside 1, and checkers with a fixed number of places can confirm it. */
const LEAST = 2 ** -100;

/** An upper bound of max_i sum_j A_ij w_j / w_i for A >= 0: the norm of all matrices below A, for max |x_i| / w_i. NaN stays NaN. */
export function weightedNorm(A: Float64Array, weights: Float64Array): number {
  const d = weights.length;
  const inflation = 1 + 2 * Math.floor((d + 8) / 2) * U;
  let most = LEAST;
  for (let i = 0, p = 0; i < d; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += A[p++] * weights[j];
    const bound = above((inflation * sum + TINY) / weights[i]);
    if (bound !== bound) return bound;
    if (bound > most) most = bound;
  }
  return most;
}

const STEPS = 200;
const LEAST_WEIGHT = 2 ** -60;

/**
 * Weights in which the norm of A >= 0 is near its spectral radius: Perron's vector, by power iteration, at most 1, at least 2^-60, and
 * rounded to 20 bits, so that they are short numbers. Any positive weights are valid; good ones give a small norm.
 */
export function perronWeights(A: Float64Array, d: number): Float64Array {
  let w = new Float64Array(d).fill(1);
  for (let step = 0; step < STEPS; step++) {
    const next = new Float64Array(d);
    for (let i = 0, p = 0; i < d; i++) for (let j = 0; j < d; j++) next[i] += A[p++] * w[j];
    const most = next.reduce((a, b) => Math.max(a, b), 0);
    if (!(most > 0 && most < Infinity)) return w;
    // Half of the old one keeps periodic matrices from jumping.
    w = w.map((v, i) => shortened((v + next[i] / most) / 2));
  }
  return w;
}

/** v, at most 1, to 20 bits: a power of two times a whole number. */
function shortened(v: number): number {
  let unit = 2 ** -20;
  while (v < unit * 2 ** 19 && unit > LEAST_WEIGHT) unit /= 2;
  return Math.max(LEAST_WEIGHT, Math.round(v / unit) * unit);
}
