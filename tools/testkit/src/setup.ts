/** Run by vitest before each test file of every package: fast-check's settings, and the matchers. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { effort } from './effort.ts';
import { binomialLimit, binomialMessage } from './statistics/binomial.ts';

/** The seed of every property, unless FC_SEED is set. fast-check prints it with the counterexample. */
const SEED = 20_261_124;

fc.configureGlobal({
  seed: process.env.FC_SEED ? Number(process.env.FC_SEED) : SEED,
  numRuns: effort(100),
});

expect.extend({
  toBeWithinBinomial(count: number, trials: number, p: number, falseAlarm: number) {
    return {
      pass: count <= binomialLimit(trials, p, falseAlarm),
      message: () => binomialMessage(count, trials, p, falseAlarm),
    };
  },
});

declare module 'vitest' {
  // The type parameters must be written as vitest writes them.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /**
     * The count of events among `trials` is one that a binomial law with probability p exceeds with probability at most `falseAlarm`.
     * A count of violations of a bound that holds with probability 1 - p passes; too many do not.
     */
    toBeWithinBinomial(trials: number, p: number, falseAlarm: number): R;
  }
}
