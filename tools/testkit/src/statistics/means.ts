import { AssertionError } from 'node:assert';
import { normalTail, studentTail } from './tails.ts';

/** The most striking of several statistics, and whether they all stay inside what chance allows. */
export interface Verdict {
  readonly pass: boolean;
  /** Index of the most striking one. */
  readonly index: number;
  readonly statistic: number;
  /** Its two-sided p-value times the number of statistics (Bonferroni), at most 1. */
  readonly p: number;
  readonly message: string;
}

/**
 * z test: are estimates with known standard errors, approximately normal, compatible with their expected values, all at once?
 *
 * @param falseAlarm - probability of a failure when they are; shared out evenly (Bonferroni), whatever their dependence.
 */
export function zTest(
  estimates: ArrayLike<number>,
  standardErrors: ArrayLike<number>,
  expected: ArrayLike<number>,
  falseAlarm: number,
): Verdict {
  const z = Array.from(estimates, (estimate, k) => score(estimate, expected[k] as number, standardErrors[k] as number));
  return verdict(z, 'z', (x) => 2 * normalTail(Math.abs(x)), falseAlarm);
}

/**
 * t test: are the means of independent samples compatible with their expected values, all at once? `samples[k]` are observations of
 * coordinate k, at least two (for a Markov chain: batch means). Exact for normal observations, asymptotic for others.
 */
export function tTest(samples: readonly ArrayLike<number>[], expected: ArrayLike<number>, falseAlarm: number): Verdict {
  const t = samples.map((sample, k) => {
    const { mean, variance, count } = moments(sample);
    return score(mean, expected[k] as number, Math.sqrt(variance / count));
  });
  const least = Math.min(...samples.map((sample) => sample.length));
  return verdict(t, 't', (x) => 2 * studentTail(Math.abs(x), least - 1), falseAlarm);
}

/** Throws an AssertionError with the verdict's message unless it passes. */
export function expectPass(verdict: Pick<Verdict, 'pass' | 'message'>): void {
  if (!verdict.pass) throw new AssertionError({ message: verdict.message });
}

/** Mean and unbiased variance, in two passes. */
export function moments(sample: ArrayLike<number>): { mean: number; variance: number; count: number } {
  const count = sample.length;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += sample[i] as number;
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += ((sample[i] as number) - mean) ** 2;
  return { mean, variance: squares / (count - 1), count };
}

/** An estimate that is exactly right is so whatever its standard error; one without error that is wrong is infinitely wrong. */
function score(estimate: number, expected: number, standardError: number): number {
  return estimate === expected ? 0 : (estimate - expected) / standardError;
}

function verdict(statistics: number[], name: string, pValue: (x: number) => number, falseAlarm: number): Verdict {
  // A NaN is as striking as can be.
  const size = statistics.map((x) => (Number.isNaN(x) ? Number.POSITIVE_INFINITY : Math.abs(x)));
  const index = size.reduce((best, x, k) => (x > (size[best] as number) ? k : best), 0);
  const statistic = statistics[index] ?? 0;
  const p = Math.min(1, statistics.length * pValue(size[index] ?? 0));
  const message = `${name} test of ${statistics.length} means: ${name}[${index}] = ${statistic.toPrecision(4)}, corrected p = ${p.toExponential(2)}; a failure below ${falseAlarm}`;
  return { pass: p >= falseAlarm, index, statistic, p, message };
}
