/** The laws of the draws, on a million each. The seed is fixed; for a fresh one each test would fail with probability <= 1e-6. */
import { binomialLimit, binomialTail, chiSquareTest, ksTest, mustFail, normalTail, zTest } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { choose, philox, type Rng } from '../src/index.ts';

const FALSE_ALARM = 1e-6;
const COUNT = 1_000_000;
const uniforms = philox(101).fillUniform(new Float64Array(COUNT));
const normals = philox(102).fillNormal(new Float64Array(COUNT));

/** Counts of pairs of successive draws in a grid of 32 x 32 cells of equal probability, `cell` giving a draw's row or column. */
function pairs(draws: Float64Array, cell: (x: number) => number): Float64Array {
  const counts = new Float64Array(32 * 32);
  for (let i = 0; i + 1 < draws.length; i += 2) counts[32 * cell(draws[i]!) + cell(draws[i + 1]!)]!++;
  return counts;
}
const flat = new Float64Array(32 * 32).fill(1 / 1024);
const cdf = (x: number): number => normalTail(-x);

describe('uniforms', () => {
  it('follow the uniform law', () => expect(ksTest(uniforms, (x) => x).p).toBeGreaterThan(FALSE_ALARM));

  it('are independent in successive pairs, and so are all 32 leading and trailing bits', () => {
    expect(
      chiSquareTest(
        pairs(uniforms, (u) => Math.floor(32 * u)),
        flat,
      ).p,
    ).toBeGreaterThan(FALSE_ALARM);
    expect(
      chiSquareTest(
        pairs(uniforms, (u) => (u * 2 ** 53) % 32),
        flat,
      ).p,
    ).toBeGreaterThan(FALSE_ALARM);
  });

  it('are independent between neighbouring streams, seeds and children', () => {
    const sources: [Rng, Rng][] = [
      [philox(7, 0), philox(7, 1)],
      [philox(7), philox(8)],
      [philox(7).split(0), philox(7).split(1)],
      [philox(7), philox(7).split(0)],
    ];
    for (const [a, b] of sources) {
      const both = new Float64Array(COUNT / 2);
      for (let i = 0; i < both.length; i += 2) {
        both[i] = a.uniform();
        both[i + 1] = b.uniform();
      }
      expect(
        chiSquareTest(
          pairs(both, (u) => Math.floor(32 * u)),
          flat,
        ).p,
      ).toBeGreaterThan(FALSE_ALARM / sources.length);
    }
  });
});

describe('normals', () => {
  it('follow the normal law', () => expect(ksTest(normals, cdf).p).toBeGreaterThan(FALSE_ALARM));

  it('have its moments', () => {
    // Moments 1 to 6 and the variances of x^k: E x^2k - (E x^k)^2.
    const expected = [0, 1, 0, 3, 0, 15];
    const variance = [1, 2, 15, 96, 945, 10170];
    const estimates = expected.map((_, k) => normals.reduce((sum, x) => sum + x ** (k + 1), 0) / COUNT);
    const verdict = zTest(
      estimates,
      variance.map((v) => Math.sqrt(v / COUNT)),
      expected,
      FALSE_ALARM,
    );
    expect(verdict.pass, verdict.message).toBe(true);
  });

  it('have its tails, on both sides', () => {
    for (const side of [1, -1]) {
      for (const z of [2, 3, 4, 4.5]) {
        const beyond = normals.reduce((count, x) => count + Number(side * x > z), 0);
        const p = normalTail(z);
        // Eight counts, two directions each.
        expect(beyond).toBeLessThanOrEqual(binomialLimit(COUNT, p, FALSE_ALARM / 16));
        expect(1 - binomialTail(beyond + 1, COUNT, p)).toBeGreaterThan(FALSE_ALARM / 16);
      }
    }
  });

  it('are independent in successive pairs, the two of one Box-Muller transform', () =>
    expect(
      chiSquareTest(
        pairs(normals, (x) => Math.floor(32 * cdf(x))),
        flat,
      ).p,
    ).toBeGreaterThan(FALSE_ALARM));

  it('would be found out: both halves of a pair from one uniform', () =>
    mustFail(() => {
      const twins = normals.slice();
      for (let i = 0; i < COUNT; i += 2) twins[i + 1] = twins[i]!;
      expect(
        chiSquareTest(
          pairs(twins, (x) => Math.floor(32 * cdf(x))),
          flat,
        ).p,
      ).toBeGreaterThan(FALSE_ALARM);
    }));
});

describe('integer', () => {
  it.each([1, 2, 3, 10, 1000])('is uniform below %i', (n) => {
    const rng = philox(103, n);
    const counts = new Float64Array(n);
    for (let i = 0; i < COUNT / 10; i++) counts[rng.integer(n)]!++;
    if (n === 1) expect(counts[0]).toBe(COUNT / 10);
    else expect(chiSquareTest(counts, new Float64Array(n).fill(1 / n)).p).toBeGreaterThan(FALSE_ALARM);
  });

  /** With n = 3/4 of the range, taking the remainder makes the lower third twice as likely. */
  const lowerThird = (draw: (n: number) => number, n: number): void => {
    let count = 0;
    for (let i = 0; i < COUNT / 10; i++) if (draw(n) < n / 3) count++;
    expect(count).toBeWithinBinomial(COUNT / 10, 1 / 3, FALSE_ALARM);
  };
  it('has no modulo bias', () => {
    lowerThird(philox(104).integer, 3 * 2 ** 30);
    lowerThird(philox(105).integer, 3 * 2 ** 51);
  });
  it('would be found out: the remainder alone', () => {
    const rng = philox(106);
    mustFail(() => lowerThird((n) => rng.nextUint32() % n, 3 * 2 ** 30));
  });
});

describe('choose', () => {
  const trials = 20_000;
  /** Each number is chosen with probability count / n, neither more nor less often. */
  const claim = (draw: (rng: Rng, n: number, count: number) => Int32Array, n: number, count: number): void => {
    const rng = philox(n);
    const counts = new Float64Array(n);
    for (let t = 0; t < trials; t++) for (const i of draw(rng, n, count)) counts[i]!++;
    const share = count / n;
    for (const seen of counts) {
      expect(seen).toBeLessThanOrEqual(binomialLimit(trials, share, FALSE_ALARM / (2 * n)));
      expect(trials - seen).toBeLessThanOrEqual(binomialLimit(trials, 1 - share, FALSE_ALARM / (2 * n)));
    }
  };
  // The first two by a set, the others by marks.
  it.each([
    [150, 1],
    [600, 2],
    [100, 2],
    [12, 5],
    [7, 6],
  ])('of %d numbers takes each of the %d as often', (n, count) => claim(choose, n, count));
  it('takes each set as often', () => {
    const rng = philox(3);
    const counts = new Map<string, number>();
    for (let t = 0; t < trials; t++) {
      const key = choose(rng, 6, 3).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(20);
    expect(chiSquareTest([...counts.values()], new Float64Array(20).fill(1 / 20)).p).toBeGreaterThan(FALSE_ALARM);
  });
  it('fails where the last number of each round is never drawn', () => {
    mustFail(() =>
      claim(
        (rng, n, count) => {
          const chosen = new Set<number>();
          for (let last = n - count; last < n; last++) {
            const i = rng.integer(last);
            chosen.add(chosen.has(i) ? last : i);
          }
          return Int32Array.from(chosen);
        },
        12,
        5,
      ),
    );
  });
});
