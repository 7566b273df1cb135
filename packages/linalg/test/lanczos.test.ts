import { effort, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { type Extremes, lanczos } from '../src/sketch/lanczos.ts';

describe('Theorem (van Dorsselaer, Hochstenbach, van der Vorst): all eigenvalues lie in [lower, upper] with probability 1 - failure', () => {
  const [failure, trials] = [0.01, effort(2000)];
  /** Eigenvalues 0 and 1, and others in between: after few steps the bounds are nearly sharp, being missed in half of the allowed runs. */
  const claim = (d: number, steps: number, bounds: (extremes: Extremes) => readonly [number, number]): void => {
    const values = Float64Array.from({ length: d }, (_, i) => i / (d - 1));
    const apply = (x: Float64Array, y: Float64Array): void => {
      for (let i = 0; i < d; i++) y[i] = values[i]! * x[i]!;
    };
    let violations = 0;
    for (let seed = 0; seed < trials; seed++) {
      const [lower, upper] = bounds(lanczos(apply, d, steps, failure, seed));
      if (lower > 0 || upper < 1) violations++;
    }
    expect(violations).toBeWithinBinomial(trials, failure, 1e-6);
  };
  it.each([
    [2, 1],
    [3, 1],
    [3, 2],
    [20, 4],
  ])('holds for order %d after %d steps', (d, steps) => claim(d, steps, ({ lower, upper }) => [lower, upper]));
  it('fails for the Ritz value at either end', () => {
    mustFail(() => claim(20, 4, ({ lower, largest }) => [lower, largest]));
    mustFail(() => claim(20, 4, ({ smallest, upper }) => [smallest, upper]));
  });
  it('fails for the bounds of the root of the failure', () => {
    mustFail(() => {
      // As far from the Ritz values of one step as a component of ten times the size puts them.
      claim(2, 1, ({ smallest, largest, lower, upper }) => [
        smallest - ((smallest - lower) * failure) / Math.sqrt(failure),
        largest + ((upper - largest) * failure) / Math.sqrt(failure),
      ]);
    });
  });
});
