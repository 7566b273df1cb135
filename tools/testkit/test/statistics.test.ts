import { describe, expect, it } from 'vitest';
import {
  binomialLimit,
  binomialTail,
  chiSquareTail,
  chiSquareTest,
  expectPass,
  expectWithinBinomial,
  fitExponent,
  ksTest,
  ksTwoSample,
  logGamma,
  mustFail,
  normalQuantile,
  normalTail,
  random,
  regularizedBeta,
  studentQuantile,
  studentTail,
  tTest,
  zTest,
} from '../src/index.ts';

/** Relative error <= bound. */
const close = (actual: number, expected: number, bound: number) => expect(Math.abs(actual / expected - 1)).toBeLessThanOrEqual(bound);

/** P(X >= k) for p = a / b, in whole numbers. */
function exactTail(k: number, n: number, a: bigint, b: bigint): number {
  let coefficient = 1n;
  let sum = 0n;
  for (let i = 0; i <= n; i++) {
    if (i >= k) sum += coefficient * a ** BigInt(i) * (b - a) ** BigInt(n - i);
    coefficient = (coefficient * BigInt(n - i)) / BigInt(i + 1);
  }
  return ratio(sum, b ** BigInt(n));
}

/** x / y as a double with about 60 correct bits before the last rounding. */
function ratio(x: bigint, y: bigint): number {
  const shift = Math.max(0, y.toString(2).length - x.toString(2).length + 70);
  const quotient = (x << BigInt(shift)) / y;
  return Number(quotient) / 2 ** Math.min(shift, 1000) / 2 ** Math.max(0, shift - 1000);
}

// Three values of log Gamma, each up to n log n and correct to a few units in its last place.
describe('binomial', () => {
  it.each([
    [1, 10, 1n, 2n],
    [5, 10, 1n, 2n],
    [10, 10, 1n, 2n],
    [30, 300, 1n, 10n],
    [61, 300, 1n, 10n],
    [150, 300, 1n, 10n],
    [3, 2000, 1n, 1000n],
    [900, 1000, 9n, 10n],
    [1000, 1000, 9n, 10n],
  ])('P(X >= %i), n = %i, p = %i / %i agrees with exact rational arithmetic', (k, n, a, b) => {
    close(binomialTail(k, n, Number(a) / Number(b)), exactTail(k, n, a, b), 2 ** -50 * n * Math.log(n));
  });

  it('knows the ends', () => {
    expect(binomialTail(0, 5, 0.3)).toBe(1);
    expect(binomialTail(6, 5, 0.3)).toBe(0);
    expect(binomialTail(1, 5, 0)).toBe(0);
    expect(binomialTail(5, 5, 1)).toBe(1);
    expect(binomialLimit(10, 0, 1e-6)).toBe(0);
    expect(binomialLimit(10, 1, 1e-6)).toBe(10);
  });

  it.each([
    [300, 0.1, 1e-6],
    [300, 0.1, 0.05],
    [20, 0.5, 1e-3],
    [100_000, 0.01, 1e-6],
  ])('the limit for n = %i, p = %f, alpha = %f is the first that keeps the false-alarm rate', (n, p, alpha) => {
    const limit = binomialLimit(n, p, alpha);
    expect(binomialTail(limit + 1, n, p)).toBeLessThanOrEqual(alpha);
    expect(binomialTail(limit, n, p)).toBeGreaterThan(alpha);
  });

  it('as a matcher and as a function', () => {
    const limit = binomialLimit(300, 0.1, 1e-6);
    expect(limit).toBeWithinBinomial(300, 0.1, 1e-6);
    expect(limit + 1).not.toBeWithinBinomial(300, 0.1, 1e-6);
    expectWithinBinomial(limit, 300, 0.1, 1e-6);
    mustFail(() => expectWithinBinomial(limit + 1, 300, 0.1, 1e-6));
    expect(() => expect(100).toBeWithinBinomial(300, 0.1, 1e-6)).toThrow(/100 of 300 events/);
  });

  it('is calibrated: 20,000 binomial counts exceed their 1 % limit about as often as the exact law says', () => {
    const [trials, p, alpha] = [50, 0.2, 0.01];
    const limit = binomialLimit(trials, p, alpha);
    const rate = binomialTail(limit + 1, trials, p);
    const source = random(1);
    let alarms = 0;
    for (let k = 0; k < 20_000; k++) {
      let count = 0;
      for (let i = 0; i < trials; i++) count += Number(source.uniform() < p);
      alarms += Number(count > limit);
    }
    expect(alarms).toBeWithinBinomial(20_000, rate, 1e-6);
    expect(20_000 - alarms).toBeWithinBinomial(20_000, 1 - rate, 1e-6);
  });
});

describe('tails', () => {
  it('log Gamma of whole numbers is the log of a factorial', () => {
    let factorial = 1;
    for (let n = 1; n <= 20; n++) {
      expect(Math.abs(logGamma(n) - Math.log(factorial))).toBeLessThanOrEqual(1e-14 * Math.max(1, Math.log(factorial)));
      factorial *= n;
    }
    close(logGamma(0.5), Math.log(Math.PI) / 2, 1e-14);
  });

  it('beta function: polynomial cases', () => {
    for (const x of [0.001, 0.2, 0.5, 0.9]) {
      close(regularizedBeta(x, 1, 1), x, 1e-13);
      close(regularizedBeta(x, 3, 1), x ** 3, 1e-13);
      close(regularizedBeta(x, 2, 2), x * x * (3 - 2 * x), 1e-13);
    }
  });

  // Abramowitz and Stegun, tables 26.1 and 26.2 (15 decimals), and the tail at 6 by its asymptotic series.
  it('normal', () => {
    expect(normalTail(0)).toBe(0.5);
    close(1 - normalTail(1), 0.8413447460685429, 1e-14);
    close(1 - normalTail(2), 0.9772498680518208, 1e-14);
    close(normalTail(6), 9.865876450376946e-10, 1e-12);
    close(normalTail(-1), 0.8413447460685429, 1e-14);
    close(normalQuantile(0.025), 1.959963984540054, 1e-13);
  });

  it('chi-square: closed forms for 2 and 4 degrees of freedom', () => {
    for (const x of [0.1, 1, 5, 30, 100]) {
      close(chiSquareTail(x, 2), Math.exp(-x / 2), 1e-12);
      close(chiSquareTail(x, 4), Math.exp(-x / 2) * (1 + x / 2), 1e-12);
    }
  });

  it('Student: closed forms for 1 and 2 degrees of freedom', () => {
    for (const t of [-3, -0.5, 0, 0.5, 3, 40]) {
      close(studentTail(t, 1), 0.5 - Math.atan(t) / Math.PI, 1e-11);
      close(studentTail(t, 2), 0.5 - t / (2 * Math.sqrt(2 + t * t)), 1e-11);
    }
    close(studentQuantile(0.025, 1), Math.tan(0.475 * Math.PI), 1e-10);
    close(studentQuantile(0.025, 2), 4.302652729749464, 1e-10);
  });
});

describe('tests of means', () => {
  const source = random(2);
  const normals = (n: number, mean = 0) => Float64Array.from({ length: n }, () => mean + source.normal());

  it('find one wrong mean among many', () => {
    const samples = Array.from({ length: 30 }, (_, k) => normals(100, k === 17 ? 1 : 0));
    const verdict = tTest(samples, new Float64Array(30), 1e-6);
    expect(verdict).toMatchObject({ pass: false, index: 17 });
    mustFail(() => expectPass(verdict));
    expectPass(tTest(samples.slice(0, 17), new Float64Array(17), 1e-6));
    expect(zTest([0, 7], [1, 1], [0, 0], 1e-6)).toMatchObject({ pass: false, index: 1, statistic: 7 });
    expect(zTest([0, 4], [1, 1], [0, 0], 1e-6).pass).toBe(true);
  });

  it('let no NaN pass, and a constant that is right', () => {
    expect(zTest([Number.NaN], [1], [0], 1e-6).pass).toBe(false);
    expect(tTest([[2, 2, 2]], [2], 1e-6).pass).toBe(true);
    expect(tTest([[2, 2, 2]], [3], 1e-6).pass).toBe(false);
  });

  it('are calibrated: 5 coordinates at 2 % alarm in at most 2 % and, as they are independent, nearly so', () => {
    const alarms = (test: () => boolean) => Array.from({ length: 5000 }, test).filter((pass) => !pass).length;
    const rate = 1 - (1 - 0.02 / 5) ** 5;
    const byT = alarms(() => tTest([normals(4), normals(4), normals(4), normals(4), normals(4)], new Float64Array(5), 0.02).pass);
    const byZ = alarms(() => zTest(normals(5), new Float64Array(5).fill(1), new Float64Array(5), 0.02).pass);
    for (const count of [byT, byZ]) {
      expect(count).toBeWithinBinomial(5000, rate, 1e-6);
      expect(5000 - count).toBeWithinBinomial(5000, 1 - rate, 1e-6);
    }
  });
});

describe('Kolmogorov-Smirnov', () => {
  const source = random(3);
  const uniforms = (n: number) => Float64Array.from({ length: n }, source.uniform);

  it('measures the distance of the distribution functions', () => {
    expect(ksTest([0.5], (x) => x).statistic).toBe(0.5);
    expect(ksTest([0.1, 0.9], (x) => x).statistic).toBeCloseTo(0.4, 15);
    expect(ksTwoSample([1, 2, 3], [4, 5]).statistic).toBe(1);
    expect(ksTwoSample([1, 3], [2, 4]).statistic).toBe(0.5);
  });

  it('two-sample p-values are exact: counted by hand', () => {
    // Of the C(4, 2) = 6 interleavings two separate the samples; all six reach distance 1/2.
    expect(ksTwoSample([1, 2], [3, 4]).p).toBeCloseTo(2 / 6, 15);
    expect(ksTwoSample([1, 3], [2, 4]).p).toBeCloseTo(1, 15);
    // Complete separation of 20 and 30: 2 / C(50, 20).
    const apart = ksTwoSample(
      Array.from({ length: 20 }, (_, k) => k),
      Array.from({ length: 30 }, (_, k) => 100 + k),
    );
    close(apart.p, 2 / 47129212243960, 1e-12);
  });

  it('one-sample p-values bound the exact ones: n = 1, P(D > d) = 2 (1 - d)', () => {
    for (const u of [0.5, 0.3, 0.1, 0.01]) expect(ksTest([u], (x) => x).p).toBeGreaterThanOrEqual(Math.min(1, 2 * u));
  });

  it('are calibrated: at most alpha, and not far below it', () => {
    const alpha = 0.05;
    const trials = 2000;
    const one = Array.from({ length: trials }, () => ksTest(uniforms(100), (x) => x).p <= alpha).filter(Boolean).length;
    const two = Array.from({ length: trials }, () => ksTwoSample(uniforms(40), uniforms(50)).p <= alpha).filter(Boolean).length;
    for (const alarms of [one, two]) {
      expect(alarms).toBeWithinBinomial(trials, alpha, 1e-6);
      expect(trials - alarms).toBeWithinBinomial(trials, 1 - alpha / 2, 1e-6);
    }
  });

  it('see a shift', () => {
    const shifted = uniforms(400).map((x) => x * 0.8);
    expect(ksTest(shifted, (x) => x).p).toBeLessThan(1e-6);
    expect(ksTwoSample(shifted, uniforms(400)).p).toBeLessThan(1e-3);
  });
});

describe('chi-square test', () => {
  it('is calibrated, and sees a loaded die', () => {
    const source = random(4);
    const fair = new Float64Array(6).fill(1 / 6);
    const roll = (loaded: boolean) => {
      const counts = new Float64Array(6);
      for (let k = 0; k < 600; k++) counts[loaded && source.uniform() < 0.2 ? 5 : source.integer(0, 5)]!++;
      return chiSquareTest(counts, fair).p;
    };
    const alarms = Array.from({ length: 2000 }, () => roll(false) <= 0.05).filter(Boolean).length;
    expect(alarms).toBeWithinBinomial(2000, 0.05, 1e-6);
    expect(2000 - alarms).toBeWithinBinomial(2000, 0.95, 1e-6);
    expect(roll(true)).toBeLessThan(1e-6);
  });
});

describe('fitExponent', () => {
  it('finds an exact power', () => {
    const xs = [10, 20, 40, 80];
    const fit = fitExponent(
      xs,
      xs.map((x) => 3 * x ** 2.5),
    );
    expect(fit.slope).toBeCloseTo(2.5, 12);
    expect(Math.exp(fit.intercept)).toBeCloseTo(3, 10);
    expect(fit.high - fit.low).toBeLessThan(1e-10);
  });

  it('covers the true exponent as often as it says', () => {
    const source = random(5);
    const xs = [1, 2, 4, 8, 16];
    let misses = 0;
    for (let k = 0; k < 2000; k++) {
      const fit = fitExponent(
        xs,
        xs.map((x) => x ** 1.5 * Math.exp(0.1 * source.normal())),
        0.9,
      );
      misses += Number(fit.low > 1.5 || fit.high < 1.5);
    }
    expect(misses).toBeWithinBinomial(2000, 0.1, 1e-6);
    expect(2000 - misses).toBeWithinBinomial(2000, 0.9, 1e-6);
  });

  it('refuses what it cannot fit', () => {
    expect(() => fitExponent([1], [1])).toThrow(/at least two/);
    expect(() => fitExponent([1, 2], [1, 0])).toThrow(/positive/);
    expect(() => fitExponent([2, 2], [1, 3])).toThrow(/equal/);
    expect(fitExponent([1, 2], [1, 2])).toMatchObject({ low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY });
  });
});
