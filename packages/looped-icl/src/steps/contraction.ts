import { exp, log } from '@x/linalg';

/**
 * The largest |(1 - eta_1 x) ... (1 - eta_T x)| over x in [lower, upper]: what the loops leave of an error at worst.
 *
 * Between two zeros the logarithm is concave, so its maximum there lies below the tangent at a point just left of it: an upper bound that
 * bisection makes as sharp as rounding allows.
 *
 * Cost: O(T) for one step size, O(T^2) otherwise.
 */
export function contractionOf(steps: Float64Array, lower: number, upper: number): number {
  const T = steps.length;
  const eta = steps[0] ?? 0;
  if (steps.every((step) => step === eta)) {
    const rounding = 2 * Number.EPSILON * (1 + Math.abs(eta) * upper);
    return outward(power(Math.max(Math.abs(1 - eta * lower), Math.abs(1 - eta * upper)) + rounding, T), T);
  }
  const zeros = Array.from(steps, (step) => 1 / step)
    .filter((zero) => zero > lower && zero < upper)
    .sort((a, b) => a - b);
  const edges = [lower, ...zeros, upper];
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i + 1 < edges.length; i++) most = Math.max(most, largestBetween(steps, edges[i]!, edges[i + 1]!));
  return outward(exp(most), T);
}

/** A product of T factors, each of which, or its logarithm, was rounded a few times, rounded up. */
export function outward(product: number, T: number): number {
  return product * (1 + 8 * (T + 2) * Number.EPSILON);
}

/** Upper bound of log |p| between two neighbouring zeros or ends. */
function largestBetween(steps: Float64Array, from: number, to: number): number {
  let [a, b] = [from, to];
  for (let i = 0; i < 60; i++) {
    const middle = (a + b) / 2;
    if (middle <= a || middle >= b) break;
    if (slope(steps, middle) > 0) a = middle;
    else b = middle;
  }
  // The maximum is at an end of the interval where the slope has one sign; there the end itself is the bound.
  const [left, right] = [logOf(steps, a), logOf(steps, b)];
  const rise = Number.isFinite(left) ? left + Math.max(0, slope(steps, a)) * (b - a) : left;
  return Math.max(left, right, rise);
}

function logOf(steps: Float64Array, x: number): number {
  let sum = 0;
  for (let s = 0; s < steps.length; s++) sum += log(Math.abs(1 - steps[s]! * x));
  return sum;
}

/** Derivative of log |p|. */
function slope(steps: Float64Array, x: number): number {
  let sum = 0;
  for (let s = 0; s < steps.length; s++) sum -= steps[s]! / (1 - steps[s]! * x);
  return sum;
}

/** x^T for x >= 0 by squaring, with the same bits everywhere. */
export function power(x: number, T: number): number {
  let result = 1;
  let factor = x;
  for (let rest = T; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= factor;
    factor *= factor;
  }
  return result;
}
