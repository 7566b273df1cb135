import { philox } from '@x/linalg';
import { chiSquareTest, effort, moments, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { type Law, varianceOf } from '../src/noise/law.ts';
import { NoiseSampler } from '../src/noise/sampler.ts';
import { BitPool, systemBits } from '../src/noise/source.ts';
import { ExtendedUniform, expEnclosure } from '../src/noise/uniform.ts';
import { pmf } from './reference.ts';

const FALSE_ALARM = 1e-7;

function seeded(seed: number): BitPool {
  const rng = philox(seed);
  return new BitPool((words) => {
    for (let i = 0; i < words.length; i++) words[i] = rng.nextUint32();
  }, false);
}

/** Chi-square over cells of 60 expected counts or more, tails joined. */
function law(draw: () => number, { kind, parameter }: Law, draws: number): number {
  const deviation = Math.sqrt(varianceOf({ kind, parameter }));
  const { values, probabilities } = pmf(kind, parameter, Math.ceil(40 * deviation) + 5);
  const cells: number[] = [];
  const cellOf = new Map<number, number>();
  let held = 0;
  for (const [i, y] of values.entries()) {
    cellOf.set(y, cells.length);
    held += probabilities[i] as number;
    if (held * draws >= 60) {
      cells.push(held);
      held = 0;
    }
  }
  cells[cells.length - 1] = (cells[cells.length - 1] as number) + held;
  const counts = cells.map(() => 0);
  for (let i = 0; i < draws; i++) {
    const cell = Math.min(cells.length - 1, cellOf.get(draw()) ?? cells.length - 1);
    counts[cell] = (counts[cell] as number) + 1;
  }
  return chiSquareTest(counts, cells).p;
}

const LAWS: Law[] = [
  { kind: 'laplace', parameter: 1 },
  { kind: 'laplace', parameter: 7 },
  { kind: 'laplace', parameter: 64 },
  { kind: 'gaussian', parameter: 1 },
  { kind: 'gaussian', parameter: 2 },
  { kind: 'gaussian', parameter: 50 },
  { kind: 'gaussian', parameter: 3000 },
];

describe('expEnclosure', () => {
  it('holds exp(-p / q) between neighbouring whole numbers', () => {
    for (const [p, q] of [
      [1, 1],
      [1, 3],
      [7, 2],
      [40, 1],
      [999, 1000],
      [1, 1_000_000],
      [700, 1],
    ] as const) {
      const { low, high } = expEnclosure(BigInt(p), BigInt(q), 80n);
      expect(high - low).toBeLessThanOrEqual(2n);
      const value = Math.exp(-p / q) * 2 ** 80;
      expect(Math.abs(Number(low) - value)).toBeLessThanOrEqual(value * 2 ** -50 + 1);
    }
  });
  it('agrees with more places: the enclosures are nested', () => {
    for (let p = 1n; p < 60n; p += 7n) {
      const [coarse, fine] = [expEnclosure(p, 9n, 40n), expEnclosure(p, 9n, 140n)];
      expect(coarse.low <= fine.low >> 100n && fine.high >> 100n <= coarse.high).toBe(true);
    }
  });
});

describe('ExtendedUniform', () => {
  it('decides as the exact number would: U = 1/e to 32 bits is decided by the next bits', () => {
    const { low } = expEnclosure(1n, 1n, 64n);
    const first = Number(low >> 32n);
    const next = Number(low & 0xffffffffn);
    expect(new ExtendedUniform(first, () => next - 5).below(1n, 1n)).toBe(true);
    expect(new ExtendedUniform(first, () => next + 5).below(1n, 1n)).toBe(false);
    expect(new ExtendedUniform(0xffffffff, () => 0).below(0n, 1n)).toBe(true);
  });
});

describe('NoiseSampler (Canonne, Kamath, Steinke 2020)', () => {
  const draws = effort(200_000, 2_000_000);
  it.each(LAWS)('$kind $parameter has its exact law', (one) => {
    const sampler = new NoiseSampler(seeded(1));
    const out = new Float64Array(draws);
    sampler.fill(out, 0, draws, one);
    let i = 0;
    expect(law(() => out[i++] as number, one, draws)).toBeGreaterThan(FALSE_ALARM);
  });
  it('a scale that is 5 % off is seen', () => {
    const sampler = new NoiseSampler(seeded(2));
    mustFail(() => expect(law(() => sampler.laplace(19), { kind: 'laplace', parameter: 20 }, draws)).toBeGreaterThan(FALSE_ALARM));
    mustFail(() => expect(law(() => sampler.gaussian(361), { kind: 'gaussian', parameter: 400 }, draws)).toBeGreaterThan(FALSE_ALARM));
  });

  // With a wide margin nearly all trials are decided by whole numbers: the numbers drawn must be the same.
  it.each(LAWS)('$kind $parameter: exact arithmetic takes the same decisions as floating point', (one) => {
    const more = philox(3);
    const fast = new NoiseSampler(seeded(4));
    const exact = new NoiseSampler(seeded(4), 2 ** -3, (word) => new ExtendedUniform(word, () => more.nextUint32()));
    const [a, b] = [new Float64Array(1500), new Float64Array(1500)];
    fast.fill(a, 0, a.length, one);
    exact.fill(b, 0, b.length, one);
    expect(exact.undecided).toBeGreaterThan(100);
    expect(fast.undecided).toBe(0);
    expect(b).toEqual(a);
  });
  it('fails when open trials are drawn afresh instead of extended', () => {
    const other = philox(5);
    const afresh = () => new ExtendedUniform(other.nextUint32(), () => other.nextUint32());
    const sampler = new NoiseSampler(seeded(6), 2 ** -3, afresh);
    mustFail(() => expect(law(() => sampler.laplace(7), { kind: 'laplace', parameter: 7 }, 20_000)).toBeGreaterThan(FALSE_ALARM));
  });

  it('is right for large parameters too: mean 0 and the variance of the law, to 6 standard errors', () => {
    const sampler = new NoiseSampler(seeded(7));
    for (const one of [
      { kind: 'laplace', parameter: 2 ** 40 + 12_345 },
      { kind: 'gaussian', parameter: 2 ** 80 + 2 ** 40 },
    ] as const) {
      const sample = Float64Array.from({ length: 40_000 }, () =>
        one.kind === 'laplace' ? sampler.laplace(one.parameter) : sampler.gaussian(one.parameter),
      );
      const { mean, variance } = moments(sample);
      const expected = varianceOf(one);
      // Fourth moments: 6 of Laplace, 3 of normal, in squared variances.
      const error = Math.sqrt((one.kind === 'laplace' ? 5 : 2) / sample.length);
      expect(Math.abs(variance / expected - 1)).toBeLessThan(6 * error);
      expect(Math.abs(mean)).toBeLessThan(6 * Math.sqrt(expected / sample.length));
      expect(sample.every(Number.isInteger)).toBe(true);
    }
  });
  it('numbers that follow each other, and those of two samplers, are not correlated', () => {
    const n = 100_000;
    const drawn = (seed: number) => {
      const out = new Float64Array(n + 1);
      new NoiseSampler(seeded(seed)).fill(out, 0, out.length, { kind: 'gaussian', parameter: 400 });
      return out;
    };
    // 6 standard errors of a correlation of independent numbers.
    const uncorrelated = (a: Float64Array, b: Float64Array) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += (a[i] as number) * (b[i] as number);
      expect(Math.abs(sum / n / 400)).toBeLessThan(6 / Math.sqrt(n));
    };
    const [one, other] = [drawn(10), drawn(11)];
    uncorrelated(one.subarray(0, n), one.subarray(1));
    uncorrelated(one, other);
    mustFail(() => uncorrelated(one, drawn(10)));
  });
  it('variances are those of the probabilities', () => {
    for (const one of [...LAWS, { kind: 'laplace', parameter: 20 } as const]) {
      if (one.kind === 'gaussian' && one.parameter < 2) continue;
      const { values, probabilities } = pmf(one.kind, one.parameter, 3000);
      const variance = values.reduce((sum, y, i) => sum + y * y * (probabilities[i] as number), 0);
      expect(Math.abs(varianceOf(one) / variance - 1)).toBeLessThan(1e-9);
    }
  });
});

describe('BitPool', () => {
  it('takes bits from the system, and gives each once', () => {
    const pool = systemBits();
    expect(pool.secure).toBe(true);
    const words = new Set(Array.from({ length: 40_000 }, () => pool.u32()));
    // 40,000 words of 32 bits hold about 0.19 pairs that are equal; more than 10 have probability below 1e-12.
    expect(words.size).toBeGreaterThan(40_000 - 10);
  });
  it('wipes what it gives away, and the rest when told to', () => {
    let pooled: Uint32Array = new Uint32Array(0);
    const pool = new BitPool((words) => {
      pooled = words.fill(7);
    }, false);
    pool.u32();
    expect([pooled[0], pooled[1]]).toEqual([0, 7]);
    pool.wipe();
    expect(pooled.every((word) => word === 0)).toBe(true);
  });
});
