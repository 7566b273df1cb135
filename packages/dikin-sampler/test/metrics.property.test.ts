import { philox } from '@x/linalg';
import { effort, mustFail } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../src/frame.ts';
import { type DikinOptions, dikinWalk } from '../src/walk/dikin.ts';
import { randomFrame, randomQuadratic } from './bodies.ts';
import { apply, dot, eigen, energy, lowerFactor, type Square, slacks, transposeOf } from './reference.ts';
import { bucketedRows, gaussianLog, type RowWeights, rowWeights, weightedMetric } from './row-weights.ts';

/** The walk under test, and its metric at a point by formulas of its own. */
interface Metric {
  readonly options: DikinOptions;
  at(frame: Frame, x: readonly number[]): Square;
}

/** 60 rounds bring the weights to rounding, where they no longer depend on how they are computed. */
const ROUNDS = 60;
const BUCKET = 0.2;

const weighted = (options: DikinOptions, weights: RowWeights): Metric => ({
  options: { rounds: ROUNDS, ...options },
  at: (frame, x) => weightedMetric(frame, x, weights),
});

/** What the walk's own factor says, from a walk that was never anywhere else: the metric is a function of the point. */
const byFactor = (options: DikinOptions): Metric => ({
  options,
  at(frame, x) {
    const d = frame.dimension;
    const walk = dikinWalk(frame, philox(1), options);
    walk.place(Float64Array.from(x));
    const U = walk.factor();
    const L = Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_, j) => (j <= i ? U[j * d + i]! : 0)));
    return L.map((row) => L.map((other) => dot(row, other)));
  },
});

const METRICS: readonly (readonly [string, Metric])[] = [
  ['volumetric', weighted({ barrier: 'volumetric' }, rowWeights('volumetric'))],
  ['vaidya', weighted({ barrier: 'vaidya' }, rowWeights('vaidya'))],
  ['john', weighted({ barrier: 'john' }, rowWeights('john'))],
  ['leeSidford', weighted({ barrier: 'leeSidford' }, rowWeights('leeSidford'))],
  ['bucketed', weighted({ hessian: 'bucketed', bucket: BUCKET }, bucketedRows(BUCKET))],
  ['f32', byFactor({ hessian: 'f32' })],
  ['sampled', byFactor({ hessian: 'sampled', samples: 40 })],
  ['leeSidford in f32, 3 rounds', byFactor({ barrier: 'leeSidford', hessian: 'f32', rounds: 3 })],
];

const cases = fc.record({
  seed: fc.nat(1e6),
  d: fc.integer({ min: 1, max: 7 }),
  n: fc.integer({ min: 1, max: 16 }),
  gaussian: fc.boolean(),
  radius: fc.double({ min: 0.3, max: 1.5, noNaN: true }),
});

describe('P1: detailed balance of every barrier and Hessian, pi(x) T(x -> z) = pi(z) T(z -> x)', () => {
  const property = ({ options, at }: Metric) =>
    fc.assert(
      fc.property(cases, ({ seed, d, n, gaussian, radius }) => {
        const rng = philox(seed);
        const plain = randomFrame(n, d, rng);
        const body: Frame = gaussian ? { ...plain, quadratic: randomQuadratic(d, rng) } : plain;
        const walk = dikinWalk(body, rng, options);
        walk.place(new Float64Array(d));
        // From somewhere in the body, and with the history of getting there.
        walk.advance(30);
        walk.radius = radius;
        const x = [...walk.position];
        const forward = walk.propose(rng.fillNormal(new Float64Array(d)));
        if (forward === Number.NEGATIVE_INFINITY) return;
        const z = [...walk.proposal];
        const [Gx, Gz] = [at(body, x), at(body, z)];
        const scale = radius / Math.sqrt(d);
        const back = apply(
          transposeOf(lowerFactor(Gz)),
          x.map((v, i) => (v - z[i]!) / scale),
        );
        walk.place(Float64Array.from(z));
        const backward = walk.propose(Float64Array.from(back));
        const out = -energy(body, x) + gaussianLog(Gx, radius, x, z) + Math.min(0, forward);
        const home = -energy(body, z) + gaussianLog(Gz, radius, z, x) + Math.min(0, backward);
        expect(Math.abs(out - home)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(out) + Math.abs(home) + dot(back, back)));
      }),
      { seed: 12, numRuns: effort(150) },
    );

  it.each(METRICS)('holds for %s', (_, metric) => property(metric));

  it.each([
    ['the log barrier for the volumetric one', weighted({ barrier: 'log' }, rowWeights('volumetric'))],
    ['scores without d / n', weighted({ barrier: 'vaidya' }, rowWeights('volumetric'))],
    ['one round of Lewis weights', weighted({ barrier: 'leeSidford', rounds: 1 }, rowWeights('leeSidford'))],
    ['slacks not rounded', weighted({}, bucketedRows(BUCKET))],
    ['another width of buckets', weighted({ hessian: 'bucketed', bucket: 2 * BUCKET }, bucketedRows(BUCKET))],
    ['f32 scored as if it were exact', weighted({ hessian: 'f32' }, () => (_, x) => x.map(() => 1))],
  ] as const)('fails for %s', (_, metric) => {
    mustFail(() => property(metric));
  });
});

describe('P7: the Hessians that are not exact are near', () => {
  /** The largest |G~_ij - G_ij| / sqrt(G_ii G_jj) over random points. */
  const distance = (options: DikinOptions) => {
    let largest = 0;
    for (let seed = 0; seed < effort(60); seed++) {
      const rng = philox(seed, 4);
      const d = 1 + rng.integer(8);
      const body = randomFrame(rng.integer(30), d, rng);
      const walk = dikinWalk(body, rng, { hessian: 'exact' });
      walk.place(new Float64Array(d));
      walk.advance(20);
      const x = [...walk.position];
      const exact = weightedMetric(body, x, () => (_, s) => s.map(() => 1));
      const near = byFactor(options).at(body, x);
      for (const [i, row] of exact.entries()) {
        for (const [j, value] of row.entries()) {
          const error = Math.abs(near[i]![j]! - value) / Math.sqrt(exact[i]![i]! * exact[j]![j]!);
          largest = Math.max(largest, error / (body.A.rows + d + 8));
        }
      }
    }
    return largest;
  };
  // n + d + 8 roundings in f32: of the entries and weights, of the sums over rows, and of the factorisation.
  it('f32: to (n + d + 8) 2^-23 of the diagonal', () => expect(distance({ hessian: 'f32' })).toBeLessThanOrEqual(2 ** -23));
  it('fails where slacks are in buckets', () =>
    mustFail(() => expect(distance({ hessian: 'bucketed', bucket: BUCKET })).toBeLessThanOrEqual(2 ** -23)));
});

describe('P7: the Hessian from sampled rows', () => {
  const D = 5;
  const SAMPLES = 400;

  /** Extreme eigenvalues of H^{-1/2} H~ H^{-1/2} at many points, whose scores differ, against 4 sqrt(d / m); 95 of 100. */
  const property = (samples: number) => {
    const eps = 4 * Math.sqrt(D / SAMPLES);
    const points = effort(60);
    let outside = 0;
    for (let seed = 0; seed < points; seed++) {
      const rng = philox(seed, 6);
      const body = randomFrame(300, D, rng);
      const walk = dikinWalk(body, rng);
      walk.place(new Float64Array(D));
      walk.advance(30);
      const x = [...walk.position];
      const exact = lowerFactor(weightedMetric(body, x, () => (_, s) => s.map(() => 1)));
      const near = byFactor({ hessian: 'sampled', samples }).at(body, x);
      // L^{-1} H~ L^{-T}, column by column.
      const half = near.map((row) => forward(exact, row));
      const white = transposeOf(half).map((row) => forward(exact, row));
      const { values } = eigen(white);
      if (!values.every((v) => Math.abs(v - 1) <= eps)) outside++;
      else expect(Math.abs(values.reduce((sum, v) => sum + Math.log(v), 0))).toBeLessThanOrEqual(D * Math.log((1 + eps) / (1 - eps)));
    }
    expect(outside).toBeLessThanOrEqual(0.05 * points);
  };
  const forward = (L: Square, b: readonly number[]) => {
    const x: number[] = [];
    for (const [i, row] of L.entries()) x.push((b[i]! - dot(row.slice(0, i), x)) / row[i]!);
    return x;
  };
  it('is within 4 sqrt(d / m) of the exact one, and its determinant as near as follows', () => property(SAMPLES));
  it('and not with a tenth of the rows', () => mustFail(() => property(SAMPLES / 10)));
});

describe('P10: buckets kept up to date are those of the point', () => {
  it('after 20,000 steps the metric is that of the formula, to 1e-10', () => {
    const rng = philox(31);
    const body = randomFrame(60, 5, rng);
    const walk = dikinWalk(body, rng, { hessian: 'bucketed', bucket: BUCKET });
    walk.place(new Float64Array(5));
    expect(walk.advance(20_000)).toBeGreaterThan(2000);
    const expected = weightedMetric(body, [...walk.position], bucketedRows(BUCKET));
    const U = walk.factor();
    for (const [i, row] of expected.entries()) {
      for (const [j, value] of row.entries()) {
        let sum = 0;
        for (let k = 0; k <= Math.min(i, j); k++) sum += U[k * 5 + i]! * U[k * 5 + j]!;
        expect(Math.abs(sum - value)).toBeLessThanOrEqual(1e-10 * Math.sqrt(expected[i]![i]! * expected[j]![j]!));
      }
    }
    expect(slacks(body, [...walk.position]).every((s) => s > 0)).toBe(true);
  });
});
