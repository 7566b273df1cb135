import { exp, log, sinPi } from '@x/linalg';
import type { Term } from '../modes/mode.ts';
import { varianceOf } from '../noise/law.ts';

/** Variance of the sum of all terms. */
export function varianceOfTerms(terms: readonly Term[]): number {
  return terms.reduce((sum, { weight, law, times = 1 }) => sum + times * weight * weight * varianceOf(law), 0);
}

/** The z with P(|Z| <= z) = level for a standard normal Z, to 1e-13. */
function normalQuantile(level: number): number {
  let low = 0;
  let high = 40;
  for (let k = 0; k < 80; k++) {
    const z = (low + high) / 2;
    if (normalCentral(z) < level) low = z;
    else high = z;
  }
  return (low + high) / 2;
}

/** P(|Z| <= z): the series sum z^(2 k + 1) / (2 k + 1)!!, whose terms are positive. */
export function normalCentral(z: number): number {
  if (z > 9) return 1;
  let term = z;
  let sum = 0;
  for (let k = 1; term > sum * 2 ** -60; k++) {
    sum += term;
    term *= (z * z) / (2 * k + 1);
  }
  return sum * exp((-z * z) / 2) * 0.7978845608028654;
}

/** Terms that weigh less than this beside the largest are left to the normal law that they add up to. */
const NEGLIGIBLE = 1e-4;

/**
 * The z with P(|Z| <= z) = level, Z the sum of independent Laplace or normal terms.
 *
 * Exact up to the discreteness of the noise, which is finer than 1e-6 of its deviation. For Laplace terms of sizes a_i the characteristic
 * function prod 1 / (1 + a_i^2 s^2) is inverted by the trapezoidal rule with a step so fine that the tails it folds back are below 1e-12.
 */
export function centralQuantile(terms: readonly Term[], level: number): number {
  const variance = varianceOfTerms(terms);
  const deviation = Math.sqrt(variance);
  const laplace = terms.filter(({ weight, law }) => law.kind === 'laplace' && weight !== 0);
  if (laplace.length === 0 || deviation === 0) return deviation * normalQuantile(level);
  const sizes = laplace.map(({ weight, law, times = 1 }) => ({ a: (Math.abs(weight) * law.parameter) / deviation, times }));
  const largest = Math.max(...sizes.map(({ a }) => a));
  const large = sizes.filter(({ a }) => a > NEGLIGIBLE * largest);
  const rest = 1 - large.reduce((sum, { a, times }) => sum + 2 * times * a * a, 0);
  // One term alone: its law is known.
  if (large.length === 1 && large[0]!.times === 1) return -deviation * largest * log(1 - level);
  const period = 20 + 60 * largest;
  const step = 2 / period;
  const values: number[] = [];
  // In units of pi, as sinPi has them.
  for (let k = 1; k <= 50_000; k++) {
    const s = k * step * Math.PI;
    let inverse = 1;
    for (const { a, times } of large) {
      const factor = 1 + (a * s) ** 2;
      for (let i = 0; i < times; i++) inverse *= factor;
    }
    const value = exp((-Math.max(0, rest) * s * s) / 2) / inverse;
    values.push(value / k);
    if (value / k < 1e-13) break;
  }
  const central = (z: number) => {
    let sum = 0;
    for (let k = 0; k < values.length; k++) sum += (values[k] as number) * sinPi((k + 1) * step * z);
    return (2 / Math.PI) * sum + step * z;
  };
  let low = 0;
  let high = period / 3;
  for (let k = 0; k < 44; k++) {
    const z = (low + high) / 2;
    if (central(z) < level) low = z;
    else high = z;
  }
  return (deviation * (low + high)) / 2;
}
