/** Property 5. Each statistical test fails with probability <= 1e-6 for a fresh seed. */
import { chiSquareTest, effort, ensemble, expectPass, mustFail, zTest } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import {
  ArgumentError,
  aliasTable,
  at,
  csrFromDense,
  csrToDense,
  type Dense,
  fromRows,
  leverageScores,
  NonFiniteError,
  philox,
  type RowSample,
  type SampleOptions,
  ShapeError,
  sampledRows,
  sampleRows,
  spectralDistortion,
  toRows,
  zeros,
} from '../src/index.ts';

const FALSE_ALARM = 1e-6;
const [n, d] = [2000, 4];
/** Gaussian rows and a row that alone carries the last direction. */
const spiked: Dense = ensemble('gaussian', n, d, 1);
for (let i = 0; i < n; i++) spiked.data[i * d + d - 1] = i === 7 ? 1 : 0;
const heavy: Dense = ensemble('cauchy', n, d, 2);

describe('Theorem (matrix Bernstein): sampling by leverage has distortion <= eps with probability 1 - delta', () => {
  const [eps, delta, trials] = [0.5, 0.1, effort(300)];
  const claim = (A: Dense, draw: (A: Dense, options: SampleOptions) => RowSample): void => {
    const { scores } = leverageScores(A);
    let violations = 0;
    for (let seed = 0; seed < trials; seed++) {
      const sample = draw(A, { eps, delta, scores, seed });
      if (sample.indices.length === 0 || spectralDistortion(A, sampledRows(A, sample) as Dense).distortion > eps) violations++;
    }
    expect(violations).toBeWithinBinomial(trials, delta, FALSE_ALARM);
  };
  for (const scheme of ['bernoulli', 'multinomial'] as const) {
    const draw = (A: Dense, options: SampleOptions): RowSample => sampleRows(A, { ...options, scheme });
    it(`${scheme}: holds on spiked rows`, () => claim(spiked, draw));
    it(`${scheme}: holds on Cauchy rows`, () => claim(heavy, draw));
    it(`${scheme}: fails for uniform sampling of as many spiked rows`, () =>
      mustFail(() => claim(spiked, (A, options) => draw(A, { ...options, scores: new Float64Array(n).fill(d / n) }))));
    it(`${scheme}: fails without the weights`, () =>
      mustFail(() =>
        claim(heavy, (A, options) => {
          const { indices, weights } = draw(A, options);
          return { indices, weights: weights.map(() => Math.sqrt(n / indices.length)) };
        }),
      ));
  }
});

describe('the size for eps and delta', () => {
  const sizeOf = (A: Dense, options: SampleOptions): number =>
    sampleRows(A, { eps: 0.5, delta: 0.1, scheme: 'multinomial', ...options }).indices.length;
  const formula = (rank: number, eps: number, delta: number): number =>
    Math.ceil(((2 * rank) / eps ** 2) * (1 + eps / 3) * Math.log((2 * rank) / delta));
  it('is (2 r / eps^2) (1 + eps / 3) ln(2 r / delta), r being the rank', () => {
    expect(sizeOf(heavy, {})).toBe(formula(d, 0.5, 0.1));
    expect(sizeOf(heavy, { eps: 0.3, delta: 0.01 })).toBe(formula(d, 0.3, 0.01));
    expect(Math.abs(sizeOf(heavy, { oversample: 3 }) - 3 * formula(d, 0.5, 0.1))).toBeLessThan(3);
    const twice = fromRows(toRows(heavy).map((row) => [...row, ...row]));
    expect(sizeOf(twice, {})).toBe(formula(d, 0.5, 0.1));
    // Given scores do not tell the rank.
    expect(sizeOf(twice, { scores: leverageScores(twice).scores })).toBe(formula(2 * d, 0.5, 0.1));
  });
  it('does not depend on a factor of the scores, nor does the sample', () => {
    const { scores } = leverageScores(heavy);
    for (const scheme of ['bernoulli', 'multinomial'] as const) {
      const sample = sampleRows(heavy, { eps: 0.5, delta: 0.1, scheme, scores });
      for (const factor of [2 ** -40, 1 / 4, 1024]) {
        expect(sampleRows(heavy, { eps: 0.5, delta: 0.1, scheme, scores: scores.map((tau) => factor * tau) })).toEqual(sample);
      }
    }
  });
});

describe('E (SA)^T SA = A^T A', () => {
  const trials = effort(2000);
  const claim = (scheme: 'bernoulli' | 'multinomial', weigh: (w: number) => number): void => {
    const A = ensemble('gaussian', 60, 3, 3);
    const { scores } = leverageScores(A);
    const total = scores.reduce((s, t) => s + t, 0);
    const entries: [number, number][] = [0, 1, 2].flatMap((j) => Array.from({ length: j + 1 }, (_, k): [number, number] => [j, k]));
    const sums = new Float64Array(entries.length);
    for (let seed = 0; seed < trials; seed++) {
      const { indices, weights } = sampleRows(A, { size: 20, scores, scheme, seed });
      indices.forEach((i, q) => {
        entries.forEach(([j, k], e) => {
          sums[e]! += weigh(weights[q]!) ** 2 * at(A, i, j) * at(A, i, k);
        });
      });
    }
    const products = entries.map(([j, k]) => scores.map((_, i) => at(A, i, j) * at(A, i, k)));
    const exact = products.map((x) => x.reduce((s, v) => s + v, 0));
    // Of one draw among 20: E x^2 / p - (E)^2, over 20. Of a coin: x^2 (1 / q - 1). No q reaches 1 here.
    const variances = products.map((x, e) =>
      scheme === 'multinomial'
        ? (x.reduce((s, v, i) => s + (v * v * total) / scores[i]!, 0) - exact[e]! ** 2) / 20
        : x.reduce((s, v, i) => s + v * v * (total / (20 * scores[i]!) - 1), 0),
    );
    expectPass(
      zTest(
        sums.map((s) => s / trials),
        variances.map((v) => Math.sqrt(v / trials)),
        exact,
        FALSE_ALARM,
      ),
    );
  };
  for (const scheme of ['bernoulli', 'multinomial'] as const) {
    it(`holds for ${scheme}`, () => claim(scheme, (w) => w));
    it(`fails for ${scheme} with weights of equal size`, () => mustFail(() => claim(scheme, () => Math.sqrt(60 / 20))));
  }
});

describe('aliasTable', () => {
  it('draws with the given probabilities', () => {
    const weights = Float64Array.from({ length: 50 }, (_, i) => (i % 7 === 0 ? 0 : 1 + (i % 5)));
    const total = weights.reduce((s, w) => s + w, 0);
    const table = aliasTable(weights);
    const rng = philox(5);
    const counts = new Float64Array(50);
    for (let i = 0; i < 200_000; i++) counts[table.draw(rng)]!++;
    const positive = [...weights.keys()].filter((i) => weights[i]! > 0);
    expect([...weights.keys()].every((i) => weights[i]! > 0 || counts[i] === 0)).toBe(true);
    expect(
      chiSquareTest(
        positive.map((i) => counts[i]!),
        positive.map((i) => weights[i]! / total),
      ).p,
    ).toBeGreaterThan(FALSE_ALARM);
  });
  it('takes weights at the ends of the range and refuses bad ones', () => {
    expect(aliasTable(new Float64Array([0, 1e-320, 0])).draw(philox(1))).toBe(1);
    expect([0, 1]).toContain(aliasTable(new Float64Array([1e308, 1.7e308])).draw(philox(1)));
    expect(() => aliasTable(new Float64Array(3))).toThrow(ArgumentError);
    expect(() => aliasTable(new Float64Array(0))).toThrow(ArgumentError);
    expect(() => aliasTable(new Float64Array([1, -1]))).toThrow(ArgumentError);
    expect(() => aliasTable(new Float64Array([1, Number.NaN]))).toThrow(NonFiniteError);
  });
});

describe('sampleRows', () => {
  it('keeps rows that alone carry a direction, once', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { indices, weights } = sampleRows(spiked, { size: 20, seed });
      expect(weights[indices.indexOf(7)]).toBe(1);
      expect(new Set(indices).size).toBe(indices.length);
    }
  });
  it('draws `size` rows, on average or exactly; all of them when that many are asked for', () => {
    let count = 0;
    for (let seed = 0; seed < 200; seed++) count += sampleRows(heavy, { size: 100, seed }).indices.length;
    // A sum of 200 n coins of mean 20,000: its variance is at most the mean.
    expectPass(zTest([count], [Math.sqrt(20_000)], [20_000], FALSE_ALARM));
    expect(sampleRows(heavy, { size: 100, scheme: 'multinomial' }).indices).toHaveLength(100);
    expect(sampleRows(heavy, { size: n + 1 }).indices).toHaveLength(n);
  });
  it('takes scores at the ends of the range', () => {
    for (const scheme of ['bernoulli', 'multinomial'] as const) {
      for (const factor of [2 ** 1000, 2 ** -1000]) {
        const scores = leverageScores(heavy).scores.map((tau) => Math.max(tau, 2 ** -40));
        const plain = sampleRows(heavy, { size: 30, scheme, scores });
        expect(sampleRows(heavy, { size: 30, scheme, scores: scores.map((tau) => tau * factor) })).toEqual(plain);
      }
      const { indices, weights } = sampleRows(zeros(4, 1), { size: 40, scheme, scores: new Float64Array(4).fill(1.7e308) });
      expect(indices.length).toBeGreaterThan(0);
      const most = scheme === 'bernoulli' ? 1 : Math.sqrt(4 / 40);
      for (const w of weights) expect(w).toBeCloseTo(most, 12);
    }
  });
  it('draws as many of small scores as large ones leave', () => {
    let count = 0;
    for (let seed = 0; seed < 400; seed++) {
      const scores = Float64Array.of(1, 1e-20, 1e-20, 1e-20, 1e-20);
      const sample = sampleRows(zeros(5, 1), { size: 3, scores, seed });
      expect(sample.indices[0]).toBe(0);
      expect(sample.weights[0]).toBe(1);
      count += sample.indices.length;
    }
    // 400 times 1 and four coins of 1/2.
    expectPass(zTest([count], [Math.sqrt(400)], [1200], FALSE_ALARM));
  });
  it('draws nothing where a matrix has no columns to keep', () =>
    expect(sampleRows(zeros(2, 0), { eps: 0.5, delta: 0.1, scheme: 'multinomial', scores: Float64Array.of(1, 1) }).indices).toHaveLength(
      0,
    ));
  it('is the same for sparse matrices and for the same seed', () => {
    const sample = sampleRows(heavy, { size: 50, seed: 3 });
    expect(sampleRows(csrFromDense(heavy), { size: 50, seed: 3, scores: leverageScores(heavy).scores })).toEqual(sample);
    expect(csrToDense(sampledRows(csrFromDense(heavy), sample) as never)).toEqual(sampledRows(heavy, sample));
    expect(sampleRows(heavy, { size: 50, seed: 4 })).not.toEqual(sample);
  });
  it('refuses what is wrong', () => {
    expect(() => sampleRows(heavy)).toThrow(/give size/);
    expect(() => sampleRows(heavy, { size: 0 })).toThrow(ArgumentError);
    expect(() => sampleRows(heavy, { eps: 2, delta: 0.1 })).toThrow(ArgumentError);
    expect(() => sampleRows(heavy, { size: 5, scores: new Float64Array(3) })).toThrow(ShapeError);
    expect(() => sampleRows(zeros(4, 2), { size: 2 })).toThrow(ArgumentError);
    expect(() => sampledRows(heavy, { indices: new Int32Array([n]), weights: new Float64Array(1) })).toThrow(ArgumentError);
  });
});
