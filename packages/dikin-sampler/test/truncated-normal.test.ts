import { philox, type Rng } from '@x/linalg';
import { ksTest, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { newKernel } from '../src/kernel/instance.ts';
import { loadStream } from '../src/walk/loaded.ts';

const FALSE_ALARM = 1e-6;
const DRAWS = 20_000;
const INF = Number.POSITIVE_INFINITY;

const kernel = newKernel();
/** The kernel's stream that takes up where a generator stands. */
const streams = new WeakMap<Rng, ReturnType<typeof loadStream>>();

function streamOf(rng: Rng): ReturnType<typeof loadStream> {
  const stream = streams.get(rng) ?? loadStream(kernel, rng);
  streams.set(rng, stream);
  return stream;
}

/** What the walks draw on chords. */
function truncatedNormal(mean: number, sd: number, low: number, high: number, rng: Rng): number {
  return kernel.polytopeTruncatedNormal(streamOf(rng).pointer, mean, sd, low, high);
}

/**
 * Distribution function of N(0, 1) on [a, b] by the trapezoidal rule over 20,000 points of its support, in the distance to a: relative error
 * about 1e-6, far below what 20,000 draws can see (1 / sqrt(20,000) = 0.007).
 */
function distribution(a: number, b: number): (z: number) => number {
  // Where the density has fallen by exp(-40).
  const far = a > 0 ? 40 / (a + 1) + 40 / Math.max(a, 4) : 9 - Math.max(a, -9);
  const from = a > 0 ? 0 : Math.max(a, -9) - (Number.isFinite(a) ? a : 0);
  const to = Math.min(b - a, from + far);
  const steps = 20_000;
  const start = Number.isFinite(a) ? a : 0;
  const h = ((Number.isFinite(to) ? to : from + far) - from) / steps;
  const density = (e: number) => Math.exp(a > 0 ? (-e * (2 * start + e)) / 2 : -((start + e) ** 2) / 2);
  const sums = new Float64Array(steps + 1);
  for (let k = 1; k <= steps; k++) sums[k] = sums[k - 1]! + (density(from + (k - 1) * h) + density(from + k * h)) / 2;
  return (z) => {
    const at = Math.min(Math.max((z - start - from) / h, 0), steps);
    const k = Math.min(Math.floor(at), steps - 1);
    return (sums[k]! + (at - k) * (sums[k + 1]! - sums[k]!)) / sums[steps]!;
  };
}

/** In the middle, wide and narrow; in the tail, wide and narrow; with one end, with none. */
const INTERVALS: readonly (readonly [number, number])[] = [
  [-INF, INF],
  [-1, INF],
  [-0.5, 0.7],
  [-3, 0.01],
  [0, 3],
  [0.3, 0.8],
  [1, INF],
  [2, 2.2],
  [5, 40],
  [30, INF],
  [30, 30.01],
  [1e5, INF],
];

type Sampler = typeof truncatedNormal;

/** Draws of N(mean, sd^2) on the interval follow it, and those on its mirror image follow the mirrored law. */
function law(sampler: Sampler, mean: number, sd: number): void {
  for (const [k, [a, b]] of INTERVALS.entries()) {
    const F = distribution(a, b);
    for (const mirror of [1, -1] as const) {
      const rng = philox(17, 10 * k + mirror + 1);
      const [low, high] = mirror === 1 ? [mean + sd * a, mean + sd * b] : [mean - sd * b, mean - sd * a];
      const draws = Array.from({ length: DRAWS }, () => {
        const x = sampler(mean, sd, low, high, rng);
        if (!(x >= low && x <= high)) throw new Error(`${x} outside [${low}, ${high}]`);
        // Measured from the near end, where the interval lies in the tail.
        return Number.isFinite(a) ? a + (mirror === 1 ? x - low : high - x) / sd : (mirror * (x - mean)) / sd;
      });
      const { p } = ksTest(draws, F);
      expect(p, `[${a}, ${b}] times ${mirror}`).toBeGreaterThan(FALSE_ALARM / (2 * INTERVALS.length));
    }
  }
}

describe('truncatedNormal', () => {
  it('has the law of a normal restricted to the interval', () => law(truncatedNormal, 0, 1));
  it('also with another mean and sd', () => law(truncatedNormal, -2, 0.25));

  it.each<[string, Sampler]>([
    ['no restriction but clamping', (mean, sd, low, high, rng) => Math.min(Math.max(mean + sd * rng.normal(), low), high)],
    [
      'uniform on finite intervals',
      (mean, sd, low, high, rng) => (high - low < INF ? low + (high - low) * rng.uniform() : truncatedNormal(mean, sd, low, high, rng)),
    ],
    [
      'an exponential tail',
      (mean, sd, low, high, rng) =>
        low > mean && high === INF
          ? low - (sd * sd * Math.log(1 - rng.uniform())) / (low - mean)
          : truncatedNormal(mean, sd, low, high, rng),
    ],
    [
      'tails mirrored',
      (mean, sd, low, high, rng) =>
        high < mean ? low + high - truncatedNormal(mean, sd, low, high, rng) : truncatedNormal(mean, sd, low, high, rng),
    ],
    ['twice the curvature', (mean, sd, low, high, rng) => truncatedNormal(mean, sd / Math.SQRT2, low, high, rng)],
  ])('its law is not that of %s', (_, sampler) => mustFail(() => law(sampler, 0, 1)));

  it('keeps its law where mean + sd z would cancel: an end 1e10 standard deviations away', () => {
    const rng = philox(3);
    const draws = Array.from({ length: DRAWS }, () => truncatedNormal(-1e10, 1, 0, 1, rng));
    // The excess is exponential of rate 1e10 but for a relative 1e-20.
    expect(ksTest(draws, (x) => 1 - Math.exp(-1e10 * x)).p).toBeGreaterThan(FALSE_ALARM);
    expect(new Set(draws).size).toBeGreaterThan(DRAWS * 0.99);
  });

  it('accepts a share of its proposals that is bounded below, wherever the interval lies', () => {
    const rng = philox(4);
    const { words } = streamOf(rng);
    // Blocks taken, of two numbers each, less what the two buffers of 128 numbers still hold.
    const used = () => {
      const [blocks, , , , uniforms, , , normals] = words.view().subarray(4, 12);
      return 2 * blocks! - (128 - uniforms!) - (128 - normals!);
    };
    const ends = [0, 1e-3, 0.1, 1, 3, 10, 100, 1e6];
    for (const a of ends.flatMap((x) => [x, -x])) {
      for (const width of [1e-9, 1e-3, 0.1, 1, 2.5, 2.6, 10, 1e9]) {
        const before = used();
        for (let k = 0; k < 200; k++) truncatedNormal(0, 1, a, a + width, rng);
        // The worst rate is about 0.48 (a just below 0), two numbers a proposal; three times that many in 200 draws is no chance.
        expect((used() - before) / 200, `[${a}, ${a + width}]`).toBeLessThan(12);
      }
    }
    expect(used()).toBeGreaterThan(200 * 2 * ends.length);
  });
});
