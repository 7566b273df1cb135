import { dense, philox } from '@x/linalg';
import { effort, expectPass, ksTest, ksTwoSample, mustFail, regularizedBeta, tTest, upperGamma } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import {
  chainsOf,
  elliptope,
  exponential,
  gaussian,
  logConcave,
  prepareSpectrahedron,
  type Run,
  type SampleOptions,
  type Spectrahedron,
  sample,
  spectrahedron,
  spectraplex,
  UnboundedBodyError,
  uniform,
} from '../../src/index.ts';
import { type SpectralFrame, spectralFrameOf, unfoldFrom } from '../../src/spectrahedron/frame.ts';
import { spectralDikinWalk } from '../../src/spectrahedron/walk.ts';
import { batchMeans, evaluate, expectTruths, FALSE_ALARM, type Truth } from '../judge.ts';
import type { Step } from '../mutants.ts';
import { spectralReferenceStep } from './mutants.ts';

async function run(body: Spectrahedron, options: SampleOptions): Promise<Run> {
  return sample(await prepareSpectrahedron(body), { draws: 1500, ...options });
}

/** Every eighth draw of one coordinate: four autocorrelation times apart, near enough to independent for a bound of 1e-6. */
function sparse(result: Run, j: number): number[] {
  return chainsOf(result, j).flatMap((chain) => [...chain.filter((_, t) => t % 8 === 0)]);
}

/** (1 + r) / 2 of every correlation is Beta(n / 2, n / 2): mean 0, variance 1 / (n + 1), fourth moment 3 / ((n + 1) (n + 3)). */
function elliptopeTruths(n: number): Truth[] {
  const d = (n * (n - 1)) / 2;
  return Array.from({ length: d }, (_, j): Truth[] => [
    [(x) => x[j]!, 0],
    [(x) => x[j]! ** 2, 1 / (n + 1)],
    [(x) => x[j]! ** 4, 3 / ((n + 1) * (n + 3))],
  ]).flat();
}

/** Entries of W / tr W, W Wishart with nu degrees of freedom, by E W_ij^2 and the independence of W / tr W and tr W. */
function spectraplexTruths(n: number): Truth[] {
  const nu = n + 1;
  const places = Array.from({ length: n }, (_, i) => Array.from({ length: i + 1 }, (__, j) => [i, j] as const)).flat();
  return places.flatMap(([i, j], k): Truth[] => [
    [(x) => x[k]!, i === j ? 1 / n : 0],
    [(x) => x[k]! ** 2, (i === j ? nu + 2 : 1) / (n * (n * nu + 2))],
  ]);
}

describe.each(['hitAndRun', 'dikin'] as const)('P3: known truths in spectrahedra, %s', (walk) => {
  it.each([3, 4])('elliptope of order %i: moments, and (1 + r) / 2 is Beta(n / 2, n / 2)', async (n) => {
    const result = await run(elliptope(n), { walk, seed: 201 });
    expectTruths(result, elliptopeTruths(n));
    for (let j = 0; j < result.names.length; j++) {
      const { p } = ksTest(sparse(result, j), (r) => regularizedBeta((1 + r) / 2, n / 2, n / 2));
      expect(p).toBeGreaterThan(FALSE_ALARM / result.names.length);
    }
  });

  it('spectraplex: moments, and tr X^3 has the law that an exact sampler gives it', async () => {
    const n = 3;
    const result = await run(spectraplex(n), { walk, seed: 202 });
    expect(result.violation.equations).toBeLessThan(1e-13);
    expectTruths(result, spectraplexTruths(n));
    // tr X^3 sees the joint law of all entries.
    const cube = (x: ArrayLike<number>) => {
      const X = (i: number, j: number) => x[(Math.max(i, j) * (Math.max(i, j) + 1)) / 2 + Math.min(i, j)]!;
      let sum = 0;
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) for (let k = 0; k < n; k++) sum += X(i, j) * X(j, k) * X(k, i);
      return sum;
    };
    const drawn = evaluate(result, cube).flatMap((chain) => [...chain.filter((_, t) => t % 8 === 0)]);
    expect(ksTwoSample(drawn, normalisedWisharts(n, 1000).map(cube)).p).toBeGreaterThan(FALSE_ALARM);
  });

  it('Gaussian on the disc: radius and angle', async () => {
    // [[1 + x, y], [y, 1 - x]] >= 0 is the unit disc. With precision I / s^2 and mean 0 the law of r is truncated Rayleigh.
    const s = 0.5;
    const body = spectrahedron({
      A: [dense(2, 2, Float64Array.of(1, 0, 0, -1)), dense(2, 2, Float64Array.of(0, 1, 1, 0))],
      C: dense(2, 2, Float64Array.of(-1, 0, 0, -1)),
    });
    const density = gaussian({ mean: [0, 0], precision: [s ** -2, s ** -2] });
    const result = await run(body, { walk, seed: 203, density });
    const q = Math.exp(-0.5 / s ** 2);
    // E r^2 = 2 s^2 - q / (1 - q), by parts.
    const second = 2 * s ** 2 - q / (1 - q);
    expectTruths(result, [
      [(x) => x[0]!, 0],
      [(x) => x[1]!, 0],
      [(x) => x[0]! * x[1]!, 0],
      [(x) => x[0]! ** 2, second / 2],
      [(x) => x[1]! ** 2, second / 2],
    ]);
    const radii = evaluate(result, (x) => Math.hypot(x[0]!, x[1]!)).flatMap((chain) => [...chain.filter((_, t) => t % 8 === 0)]);
    expect(ksTest(radii, (r) => (1 - Math.exp((-0.5 * r * r) / s ** 2)) / (1 - q)).p).toBeGreaterThan(FALSE_ALARM);
  });

  it('exponential on the cone of positive semidefinite matrices: Wishart', async () => {
    // exp(-tr X): X = W / 2 with W Wishart of n + 1 degrees of freedom.
    const n = 2;
    const nu = n + 1;
    const entry = (...entries: number[]) => dense(n, n, Float64Array.from(entries));
    const body = spectrahedron({ A: [entry(1, 0, 0, 0), entry(0, 1, 1, 0), entry(0, 0, 0, 1)], names: ['X00', 'X10', 'X11'] });
    const cone = await prepareSpectrahedron(body, { allowUnbounded: true });
    const result = await sample(cone, { draws: 1500, walk, seed: 205, density: exponential([1, 0, 1]) });
    expectTruths(result, [
      [(x) => x[0]!, nu / 2],
      [(x) => x[1]!, 0],
      [(x) => x[2]!, nu / 2],
      [(x) => x[0]! ** 2, (nu * (nu + 2)) / 4],
      [(x) => x[1]! ** 2, nu / 4],
      [(x) => x[0]! * x[2]!, (nu * nu) / 4],
    ]);
    for (const j of [0, 2]) expect(ksTest(sparse(result, j), (x) => 1 - upperGamma(nu / 2, x)).p).toBeGreaterThan(FALSE_ALARM / 2);
    await expect(sample(cone, { density: exponential([1, 0, -1]) })).rejects.toThrow(UnboundedBodyError);
    await expect(sample(cone)).rejects.toThrow(UnboundedBodyError);
  });

  it("a user's density, det R on correlation matrices: (1 + r) / 2 is Beta(n / 2 + 1, n / 2 + 1)", async () => {
    const n = 3;
    const logDet = ([a, b, c]: Float64Array) => Math.log(Math.max(0, 1 + 2 * a! * b! * c! - a! * a! - b! * b! - c! * c!));
    const result = await run(elliptope(n), { walk, seed: 206, density: logConcave(logDet) });
    expectTruths(
      result,
      Array.from({ length: 3 }, (_, j): Truth[] => [
        [(x) => x[j]!, 0],
        [(x) => x[j]! ** 2, 1 / (n + 3)],
      ]).flat(),
    );
    for (let j = 0; j < 3; j++) {
      const { p } = ksTest(sparse(result, j), (r) => regularizedBeta((1 + r) / 2, n / 2 + 1, n / 2 + 1));
      expect(p).toBeGreaterThan(FALSE_ALARM / 3);
    }
  });

  it('Gaussian on the inside of a parabola, which is unbounded', async () => {
    // y^2 <= x with exp(-((x - 1)^2 + y^2) / 2): moments by the midpoint rule.
    const body = spectrahedron({
      A: [dense(2, 2, Float64Array.of(1, 0, 0, 0)), dense(2, 2, Float64Array.of(0, 1, 1, 0))],
      C: dense(2, 2, Float64Array.of(0, 0, 0, -1)),
    });
    const density = gaussian({ mean: [1, 0], precision: [1, 1] });
    const result = await sample(await prepareSpectrahedron(body, { allowUnbounded: true }), { draws: 1500, walk, seed: 204, density });
    const [x1, x2, y2] = parabolaMoments();
    expectTruths(result, [
      [(x) => x[0]!, x1],
      [(x) => x[0]! ** 2, x2],
      [(x) => x[1]!, 0],
      [(x) => x[1]! ** 2, y2],
    ]);
  });
});

describe('P3 in spectrahedra can fail', () => {
  /** Drives a step by hand on the elliptope of order 3, and asks for its moments. */
  const property = async (make: (frame: SpectralFrame) => Step, draws = effort(1000)) => {
    const n = 3;
    const frame = spectralFrameOf(await prepareSpectrahedron(elliptope(n)), uniform);
    const d = frame.pencil.dimension;
    const samples = new Float64Array(4 * draws * d);
    const noise = new Float64Array(d);
    for (let c = 0; c < 4; c++) {
      const rng = philox(19, c);
      const step = make(frame);
      step.radius = 1.5;
      step.place(new Float64Array(d));
      for (let t = 0; t < draws; t++) {
        for (let k = 0; k < 5; k++) if (Math.log(1 - rng.uniform()) < step.propose(rng.fillNormal(noise))) step.accept();
        const at = (c * draws + t) * d;
        unfoldFrom(frame, Float64Array.from(step.position), samples.subarray(at, at + d));
      }
    }
    const names = Array.from({ length: d }, (_, j) => `x${j}`);
    const truths = elliptopeTruths(n);
    const values = truths.map(([f]) => batchMeans(evaluate({ samples, chains: 4, draws, names }, f)));
    expectPass(
      tTest(
        values,
        truths.map(([, expected]) => expected),
        FALSE_ALARM,
      ),
    );
  };

  it('holds for the walk driven by hand', () => property((frame) => spectralDikinWalk(frame, philox(0))));
  it('holds with a sketch of 12 samples for 3 dimensions: a poor metric, the same law', () =>
    property((frame) => spectralDikinWalk(frame, philox(0), { sketch: { samples: 12, seed: 5 } })));
  it('fails without the determinant', () => mustFail(() => property((frame) => spectralReferenceStep(frame, 'no determinant'), 600)));
});

/** Lower triangles, row by row, of W / tr W with W = sum of n + 1 outer products of Gaussian vectors. */
function normalisedWisharts(n: number, count: number): number[][] {
  const rng = philox(77, 1);
  return Array.from({ length: count }, () => {
    const G = rng.fillNormal(new Float64Array((n + 1) * n));
    const entry = (i: number, j: number) =>
      Array.from({ length: n + 1 }, (_, k) => G[k * n + i]! * G[k * n + j]!).reduce((a, b) => a + b, 0);
    const trace = Array.from({ length: n }, (_, i) => entry(i, i)).reduce((a, b) => a + b, 0);
    return Array.from({ length: n }, (_, i) => Array.from({ length: i + 1 }, (__, j) => entry(i, j) / trace)).flat();
  });
}

/** E x, E x^2, E y^2 to about 1e-6. */
function parabolaMoments(): readonly [number, number, number] {
  const steps = 1500;
  let mass = 0;
  const sums = [0, 0, 0];
  for (let i = 0; i < steps; i++) {
    const x = ((i + 0.5) * 9) / steps;
    // The integral over y in [-sqrt x, sqrt x] is on a grid of its own.
    const root = Math.sqrt(x);
    for (let k = 0; k < 400; k++) {
      const y = root * (-1 + (2 * (k + 0.5)) / 400);
      const weight = root * Math.exp(-0.5 * ((x - 1) ** 2 + y * y));
      mass += weight;
      sums[0]! += weight * x;
      sums[1]! += weight * x * x;
      sums[2]! += weight * y * y;
    }
  }
  return [sums[0]! / mass, sums[1]! / mass, sums[2]! / mass];
}
