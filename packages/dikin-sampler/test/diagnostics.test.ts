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

interface Golden {
  readonly name: string;
  readonly rhat: number | null;
  readonly bulk: number;
  readonly tail: number;
  readonly mean: number;
  readonly mcse: number;
}

const { cases } = JSON.parse(readFileSync(new URL('./arviz.json', import.meta.url), 'utf8')) as { cases: Golden[] };

/** Multiples of 2^-31 from x <- 1103515245 x + 12345 mod 2^31: what made the arrays that ArviZ was given. */
function uniforms(seed: number): () => number {
  let x = BigInt(seed);
  return () => {
    x = (1103515245n * x + 12345n) % 2n ** 31n;
    return Number(x) / 2 ** 31;
  };
}

/** Chains x_t = phi x_{t-1} + (sum of twelve uniforms - 6). */
function autoregressive(chains: number, draws: number, phi: number, seed: number): Float64Array[] {
  const next = uniforms(seed);
  return Array.from({ length: chains }, () => {
    let state = 0;
    return Float64Array.from({ length: draws }, () => {
      let sum = -6;
      for (let k = 0; k < 12; k++) sum += next();
      state = phi * state + sum;
      return state;
    });
  });
}

const map = (chains: Chains, f: (x: number, chain: number) => number) => chains.map((chain, c) => chain.map((x) => f(x, c)));

function catching(f: () => unknown): unknown {
  try {
    f();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** Numpy rounds halves to even. */
function roundHalfEven(x: number): number {
  const r = Math.round(x);
  return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r;
}

const ARRAYS: Record<string, Chains> = {
  independent: autoregressive(4, 100, 0, 1),
  autocorrelated: autoregressive(4, 200, 0.8, 2),
  antithetic: autoregressive(4, 150, -0.6, 3),
  shifted: map(autoregressive(4, 100, 0.3, 4), (x, c) => x + 0.5 * c),
  spread: map(autoregressive(4, 100, 0.3, 5), (x, c) => x * (c === 3 ? 3 : 1)),
  'odd length': autoregressive(3, 51, 0.5, 6),
  'one chain': autoregressive(1, 120, 0.7, 7),
  ties: map(autoregressive(2, 80, 0.4, 8), roundHalfEven),
  'heavy tail': map(autoregressive(4, 100, 0.2, 9), (x) => Math.tan((1.5 * x) / 4.5)),
};

describe('P13: diagnostics equal those of ArviZ on fixed arrays', () => {
  it.each(cases)('$name', (golden) => {
    const chains = ARRAYS[golden.name]!;
    const close = (value: number, expected: number) => expect(Math.abs(value / expected - 1)).toBeLessThan(1e-10);
    // ArviZ gives no R-hat for a single chain; split in halves it has one.
    if (golden.rhat !== null) close(rhat(chains), golden.rhat);
    close(essBulk(chains), golden.bulk);
    close(essTail(chains), golden.tail);
    close(essMean(chains), golden.mean);
    close(mcseMean(chains), golden.mcse);
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
