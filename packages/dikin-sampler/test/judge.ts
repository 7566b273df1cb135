/** Judgement of runs against known means. */
import { expectPass, tTest } from '@x/testkit';
import { expect } from 'vitest';
import { essBulk, type Run } from '../src/index.ts';

/** Each test as a whole raises a false alarm with probability at most this. */
export const FALSE_ALARM = 1e-6;

/** A functional and its mean. */
export type Truth = readonly [(x: Float64Array) => number, number];

/** Draws of a functional of x, one array a chain. */
export function evaluate(
  { samples, chains, draws, names }: Pick<Run, 'samples' | 'chains' | 'draws' | 'names'>,
  f: (x: Float64Array) => number,
): Float64Array[] {
  const n = names.length;
  return Array.from({ length: chains }, (_, c) =>
    Float64Array.from({ length: draws }, (_, t) => f(samples.subarray((c * draws + t) * n, (c * draws + t + 1) * n))),
  );
}

/** Means of consecutive draws: 30 batches a chain, each of several autocorrelation times, so nearly independent and normal. */
export function batchMeans(chains: readonly Float64Array[]): number[] {
  return chains.flatMap((chain) => {
    const size = Math.floor(chain.length / 30);
    return Array.from({ length: 30 }, (_, k) => chain.subarray(k * size, (k + 1) * size).reduce((sum, v) => sum + v, 0) / size);
  });
}

/** Are all these means right? Effective size first: batch means of a chain that has not mixed prove nothing. */
export function expectTruths(result: Run, truths: readonly Truth[]): void {
  // A body that is a few percent too large has the same means; what lies outside gives it away.
  expect(Math.max(...Object.values(result.violation))).toBeLessThan(1e-12);
  const values = truths.map(([f]) => evaluate(result, f));
  for (const chains of values) expect(essBulk(chains)).toBeGreaterThan(1000);
  expectPass(
    tTest(
      values.map(batchMeans),
      truths.map(([, expected]) => expected),
      FALSE_ALARM,
    ),
  );
}
