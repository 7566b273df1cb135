import { readFileSync } from 'node:fs';
import { effort, mustFail, normalQuantile as upperQuantile } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../src/diagnostics/normal-quantile.ts';
import { type Chains, checkConvergence, essBulk, essMean, essTail, mcseMean, rhat, summarizeChains } from '../src/index.ts';

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

  it('few draws give NaN, not a number', () => {
    expect(essBulk([Float64Array.of(1, 2, 3)])).toBeNaN();
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
