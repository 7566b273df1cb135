import { exp, log } from '@x/linalg';

/** log delta at which rho-zCDP gives (epsilon, delta) by Renyi order 1 + order; any order gives a valid delta. */
function logDelta(rho: number, epsilon: number, order: number): number {
  const alpha = 1 + order;
  return order * (alpha * rho - epsilon) - log(order) + alpha * log(order / alpha);
}

/** The least over all orders, on a log scale; the function has one minimum. */
function leastLogDelta(rho: number, epsilon: number): number {
  let low = log(1e-9);
  let high = log(1e9);
  const at = (x: number) => logDelta(rho, epsilon, exp(x));
  for (let k = 0; k < 120; k++) {
    const third = (high - low) / 3;
    if (at(low + third) > at(high - third)) low += third;
    else high -= third;
  }
  return at((low + high) / 2);
}

/**
 * The delta of rho-zCDP at epsilon: inf over alpha > 1 of exp((alpha - 1)(alpha rho - epsilon)) / (alpha - 1) (1 - 1 / alpha)^alpha, at
 * most 1. Relative error 1e-12; whatever order the search ends at, its value is a valid delta.
 *
 * Source: Canonne, Kamath, Steinke 2020, arXiv 2004.00010, conversion from zCDP.
 */
export function zcdpDelta(rho: number, epsilon: number): number {
  return Math.min(1, exp(leastLogDelta(rho, epsilon)));
}

/** The largest rho, less one part in 2^30, for which rho-zCDP is (epsilon, delta)-DP by `zcdpDelta`. */
export function zcdpRho(epsilon: number, delta: number): number {
  const target = log(delta);
  let low = 0;
  // rho-zCDP alone has an expected loss of rho, and epsilon-DP follows from none above it.
  let high = epsilon + 1;
  for (let k = 0; k < 200; k++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (leastLogDelta(middle, epsilon) <= target) low = middle;
    else high = middle;
  }
  return low * (1 - 2 ** -30);
}
