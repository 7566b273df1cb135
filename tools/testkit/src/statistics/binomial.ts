import { AssertionError } from 'node:assert';
import { logGamma } from './gamma.ts';

/**
 * P(X >= count) for X binomial(trials, p): a sum of exact terms from the first towards the smaller ones, so a tail of 1e-300 is as
 * accurate as one of 0.1. Relative error below 2^-50 * trials * log(trials). Cost: O(sqrt(trials)) terms.
 */
export function binomialTail(count: number, trials: number, p: number): number {
  if (count <= 0) return 1;
  if (count > trials || p <= 0) return 0;
  if (p >= 1) return 1;
  if (count > trials * p) return tailFrom(count, trials, p);
  return 1 - tailFrom(trials - count + 1, trials, 1 - p);
}

/** The least c with P(X > c) <= falseAlarm: counts above it occur with probability at most `falseAlarm`. */
export function binomialLimit(trials: number, p: number, falseAlarm: number): number {
  let low = -1;
  let high = trials;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (binomialTail(middle + 1, trials, p) <= falseAlarm) high = middle;
    else low = middle;
  }
  return high;
}

/** Asserts that `count` is at most `binomialLimit(trials, p, falseAlarm)`; for use outside vitest, where there is a matcher. */
export function expectWithinBinomial(count: number, trials: number, p: number, falseAlarm: number): void {
  const limit = binomialLimit(trials, p, falseAlarm);
  if (count > limit) throw new AssertionError({ message: binomialMessage(count, trials, p, falseAlarm), actual: count, expected: limit });
}

/** One sentence on how a count compares with its limit. */
export function binomialMessage(count: number, trials: number, p: number, falseAlarm: number): string {
  const limit = binomialLimit(trials, p, falseAlarm);
  const tail = binomialTail(count, trials, p).toExponential(2);
  return `${count} of ${trials} events; with probability ${p} each, more than ${limit} occur with probability <= ${falseAlarm} (P(X >= ${count}) = ${tail})`;
}

/** For count > trials * p the terms fall at once, and geometrically in the end. */
function tailFrom(count: number, trials: number, p: number): number {
  const odds = p / (1 - p);
  let term = 1;
  let sum = 0;
  for (let k = count; k <= trials && term > sum * 2 ** -60; k++) {
    sum += term;
    term *= ((trials - k) / (k + 1)) * odds;
  }
  return sum * Math.exp(logTerm(count, trials, p));
}

function logTerm(k: number, n: number, p: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) + k * Math.log(p) + (n - k) * Math.log1p(-p);
}
