import { readFileSync } from 'node:fs';
import { ArgumentError, ShapeError } from '@x/linalg/errors';
import { effort, mustFail, normalQuantile as upperQuantile } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../src/diagnostics/normal-quantile.ts';
import {
  type Chains,
  checkConvergence,
  essBulk,
  essMean,
  essTail,
  mcseMean,
  rhat,
  type SummaryRow,
  summarizeChains,
} from '../src/index.ts';
import { ARRAYS, autoregressive, map } from './diagnostics-arrays.ts';
import { askPosterior, type Golden, type Goldens } from './posterior.ts';

const read = (file: string) => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as Goldens;

function catching(f: () => unknown): unknown {
  try {
    f();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** 15 digits are what R prints; ArviZ's numbers have 17. */
const DIGITS = 1e-10;

function expectGolden(golden: Golden): void {
  const chains = ARRAYS[golden.name]!;
  const close = (value: number, expected: number) => expect(Math.abs(value / expected - 1)).toBeLessThan(DIGITS);
  // ArviZ gives no R-hat for a single chain; split in halves it has one.
  if (golden.rhat !== null) close(rhat(chains), golden.rhat);
  close(essBulk(chains), golden.bulk);
  close(essTail(chains), golden.tail);
  close(essMean(chains), golden.mean);
  close(mcseMean(chains), golden.mcse);
}

describe('P13: diagnostics equal those of ArviZ on fixed arrays', () => {
  // ArviZ leaves the middle of an odd number of draws out of the median, too; the authors' own code does not.
  const odd = (golden: Golden) => (golden.name === 'odd length' ? { ...golden, rhat: null } : golden);
  it.each(read('./arviz.json').cases.map(odd))('$name', expectGolden);
});

describe("P13: diagnostics equal those of R's posterior, by the authors of the source", () => {
  const { cases } = read('./posterior.json');
  it('covers all arrays', () => expect(cases.map(({ name }) => name)).toEqual(Object.keys(ARRAYS)));
  it.each(cases)('$name', expectGolden);

  it.runIf(process.env.X_FULL === '1')('and those of the R that is installed here', (context) => {
    const now = askPosterior();
    if (now === undefined && process.env.X_REQUIRE_ALL === '1') throw new Error('r-cran-posterior is not installed');
    if (now === undefined) return context.skip('r-cran-posterior is not installed');
    for (const golden of now.cases) expectGolden(golden);
  });
});

describe('rhat and effective sizes', () => {
  it('rank-normalised R-hat and bulk ESS do not change under increasing maps', () => {
    const chains = ARRAYS.autocorrelated!;
    const mapped = map(chains, (x) => Math.exp(x));
    expect(essBulk(mapped)).toBeCloseTo(essBulk(chains), 10);
  });

  it('see chains stuck in different places, and in places of different spread', () => {
    const good = autoregressive(4, 500, 0.2, 11);
    expect(rhat(good)).toBeLessThan(1.02);
    expect(rhat(map(good, (x, c) => x + c))).toBeGreaterThan(1.1);
    expect(rhat(map(good, (x, c) => x * (c + 1)))).toBeGreaterThan(1.05);
    // Without folding the difference in spread would go unseen.
    const unfolded = map(good, (x, c) => x * (c + 1));
    mustFail(() => expect(essMean(unfolded)).toBeLessThan(100));
  });

  it('a chain that never moves has no R-hat, rather than a perfect one', () => {
    const stuck = [new Float64Array(100).fill(3), new Float64Array(100).fill(3)];
    expect(rhat(stuck)).toBeNaN();
    expect(essBulk(stuck)).toBeNaN();
    expect(essTail(stuck)).toBeNaN();
    const verdict = checkConvergence([summarizeChains('x7', stuck), summarizeChains('x8', ARRAYS.independent!)]);
    expect(verdict.converged).toBe(false);
    expect(verdict.reasons[0]).toBe('x7 never changed: the chains do not move');
    // Each chain constant, at different values: infinite but for rounding.
    expect(rhat([new Float64Array(100), new Float64Array(100).fill(1)])).toBeGreaterThan(1e6);
  });

  it('the verdict names the worst quantity and what is needed', () => {
    const rows = [summarizeChains('good', autoregressive(4, 1000, 0, 21)), summarizeChains('bad', ARRAYS.shifted!)];
    const verdict = checkConvergence(rows);
    expect(verdict.converged).toBe(false);
    expect(verdict.reasons.join('\n')).toMatch(/R-hat of bad is 1\.203; at most 1\.01/);
    expect(checkConvergence(rows.slice(0, 1)).converged).toBe(true);
    expect(checkConvergence(rows.slice(0, 1), { ess: 1e6 }).converged).toBe(false);
  });

  const PERFECT: SummaryRow = {
    ...summarizeChains('x', autoregressive(4, 1000, 0, 22)),
    rhat: 1,
    essBulk: 1000,
    essTail: 1000,
    mcse: 0.01,
  };

  it.each<[string, Partial<SummaryRow>, boolean]>([
    ['at the limits', { rhat: 1.01, essBulk: 400, essTail: 400 }, true],
    ['above the limit of R-hat', { rhat: 1.0101 }, false],
    ['below the limit of bulk ESS', { essBulk: 399 }, false],
    ['below the limit of tail ESS', { essTail: 399 }, false],
    ['with an infinite R-hat', { rhat: Infinity }, false],
    ['without R-hat', { rhat: Number.NaN }, false],
    ['without bulk ESS', { essBulk: Number.NaN }, false],
    ['without tail ESS', { essTail: Number.NaN }, false],
  ])('the verdict on a quantity %s, wherever it stands', (_, fields, converged) => {
    const row = { ...PERFECT, ...fields };
    for (const summary of [[row], [row, PERFECT], [PERFECT, row], [PERFECT, row, PERFECT]]) {
      const verdict = checkConvergence(summary);
      expect(verdict.converged).toBe(converged);
      expect(verdict.reasons.length).toBe(converged ? 0 : 1);
    }
  });

  it('one chain is never called converged: alone it cannot show that it is stuck', () => {
    const verdict = checkConvergence([summarizeChains('x', autoregressive(1, 4000, 0, 23))]);
    expect(verdict).toMatchObject({ converged: false, reasons: [expect.stringMatching(/there is one chain/)] });
    expect(checkConvergence([summarizeChains('x', autoregressive(2, 4000, 0, 23))]).converged).toBe(true);
  });

  it('the verdict refuses limits that are no numbers, and an empty summary', () => {
    expect(() => checkConvergence([PERFECT], { rhat: Number.NaN })).toThrow(ArgumentError);
    expect(() => checkConvergence([PERFECT], { ess: Number.NaN })).toThrow(ArgumentError);
    expect(() => checkConvergence([])).toThrow(/empty/);
  });

  it('few draws give NaN, not a number, and never a good verdict', () => {
    expect(essBulk([Float64Array.of(1, 2, 3)])).toBeNaN();
    // Seven draws that agree as well as draws can: R-hat is below 1.
    const chains = Array.from({ length: 4 }, () => Float64Array.of(1, 5, 3, 0, 3, 1, 5));
    expect(rhat(chains)).toBeLessThan(1.01);
    const verdict = checkConvergence([summarizeChains('x', chains)]);
    expect(verdict.converged).toBe(false);
    expect(verdict.reasons[0]).toMatch(/x cannot be judged: too few draws/);
  });

  it.each([
    ['rhat', rhat],
    ['essBulk', essBulk],
    ['essTail', essTail],
    ['essMean', essMean],
    ['mcseMean', mcseMean],
    ['summarizeChains', (chains: Chains) => summarizeChains('x', chains)],
  ] as const)('%s refuses what are no chains of numbers', (name, f) => {
    const good = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    expect(() => f([])).toThrow(ShapeError);
    expect(() => f([new Float64Array(0)])).toThrow(ShapeError);
    expect(() => f([good, good.subarray(1)])).toThrow(/chain 1 has 7 draws/);
    for (const bad of [Number.NaN, Infinity]) {
      const error = catching(() => f([good, good.map((x, t) => (t === 3 ? bad : x))]));
      expect(error).toMatchObject({ name: 'NonFiniteError', argument: 'chains', index: [1, 3] });
      expect((error as Error).message.startsWith(`${name}:`)).toBe(true);
    }
  });

  it('a summary holds the moments and quantiles of all chains together', () => {
    const chains = [Float64Array.from({ length: 51 }, (_, t) => t), Float64Array.from({ length: 51 }, (_, t) => 101 - t)];
    const { mean, sd, q5, median, q95 } = summarizeChains('x', chains);
    const pooled = chains.flatMap((chain) => [...chain]);
    expect(mean).toBeCloseTo(50.5, 12);
    expect(sd).toBeCloseTo(Math.sqrt(pooled.reduce((sum, x) => sum + (x - 50.5) ** 2, 0) / 101), 12);
    // 0, 1, ..., 101 without a gap.
    expect([q5, median, q95]).toEqual([5.05, 50.5, 95.95].map((x) => expect.closeTo(x, 12)));
  });
});

describe('normalQuantile', () => {
  it('agrees with an independent implementation and is odd', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 0.5, noNaN: true }), (p) => {
        const value = normalQuantile(p);
        expect(Math.abs(value + upperQuantile(p))).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)));
      }),
      { seed: 3, numRuns: effort(500) },
    );
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
    expect(normalQuantile(0.025)).toBeCloseTo(-1.959963984540054, 14);
    expect(normalQuantile(1e-20)).toBeCloseTo(-9.26234008979841, 12);
    expect(normalQuantile(0.5)).toBe(0);
  });
});
