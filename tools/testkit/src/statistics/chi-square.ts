import type { Fit } from './kolmogorov.ts';
import { chiSquareTail } from './tails.ts';

/**
 * Pearson's chi-square test of counts against probabilities that sum to 1. The p-value is asymptotic: at levels such as 1e-6 keep the
 * expected counts above 50 or so.
 *
 * @param degrees - degrees of freedom; default one less than the number of cells.
 */
export function chiSquareTest(counts: ArrayLike<number>, probabilities: ArrayLike<number>, degrees: number = counts.length - 1): Fit {
  let total = 0;
  for (let k = 0; k < counts.length; k++) total += counts[k] as number;
  let statistic = 0;
  for (let k = 0; k < counts.length; k++) {
    const expected = total * (probabilities[k] as number);
    statistic += ((counts[k] as number) - expected) ** 2 / expected;
  }
  return { statistic, p: chiSquareTail(statistic, degrees) };
}
