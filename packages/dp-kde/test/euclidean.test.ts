import { philox } from '@x/linalg';
import { mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { EuclideanBuilder, type EuclideanOptions, PrivacyBudget } from '../src/index.ts';
import { withSeededNoise } from '../src/testing.ts';

const box = (d: number): [number, number][] => Array.from({ length: d }, (_, j) => [-1, 1 + j / d]);
const rows = (n: number, d: number) =>
  philox(d)
    .fillUniform(new Float64Array(n * d))
    .map((u) => 2 * u - 1);
const exactly = (points: Float64Array, y: readonly number[]) => {
  let sum = 0;
  for (let i = 0; i < points.length; i += y.length) sum += Math.hypot(...y.map((v, j) => v - points[i + j]!));
  return sum;
};
const release = (points: ArrayLike<number>, budget: PrivacyBudget, options: EuclideanOptions) =>
  withSeededNoise(1, () => new EuclideanBuilder(options).add(points).release(budget));

describe('Sliced Euclidean distances', () => {
  const errors = (d: number, scale = 1) => {
    const points = rows(300, d);
    const oracle = release(points, new PrivacyBudget({ rho: 1e9 }), { bounds: box(d), directions: 256, resolution: 1024 });
    return [0, 0.5, 3].map((at) => {
      const y = new Array<number>(d).fill(at);
      const { value, stddev, slicing, bias } = oracle.query(y);
      return Math.abs(scale * value - exactly(points, y)) / (slicing + bias[0] + 2 * stddev);
    });
  };
  // Slicing errors are nearly normal over directions; the seed is fixed, and 5 deviations have probability 6e-7.
  it.each([1, 2, 3, 8, 17])('d = %d: without noise they are within 5 deviations of the slicing error and the bias', (d) => {
    for (const error of errors(d)) expect(error).toBeLessThan(5);
  });
  // c(8) = (2 / pi) (2 / 3) (4 / 5) (6 / 7), and c(3) = 1 / 2.
  const meanAt8 = (2 / Math.PI) * (2 / 3) * (4 / 5) * (6 / 7);
  it('fails for the constant of three dimensions at eight', () => {
    mustFail(() => {
      for (const error of errors(8, meanAt8 / 0.5)) expect(error).toBeLessThan(5);
    });
  });
  it('is exact in one dimension, with one direction', () => {
    const points = rows(50, 1);
    const oracle = release(points, new PrivacyBudget({ rho: 1e9 }), { bounds: [[-1, 1]], directions: 1 });
    expect(oracle.query([0.25]).slicing).toBe(0);
    expect(oracle.query([0.25]).value).toBeCloseTo(exactly(points, [0.25]), 1);
  });
  it('Gaussian noise costs the mean range of the projections over the mean of |u_1|, whatever the number of directions', () => {
    for (const directions of [16, 256]) {
      const d = 4;
      const oracle = release([], new PrivacyBudget({ rho: 0.5 }), {
        bounds: Array.from({ length: d }, () => [-1, 1]),
        directions,
        resolution: 64,
        mechanism: 'brownian',
      });
      // |u|_1 has mean d mean |u_1|, so the mean range is 2 d mean |u_1|, and its ratio to mean |u_1| is 2 d.
      expect(oracle.query([0, 0, 0, 0]).stddev / (2 * d)).toBeGreaterThan(0.9);
      expect(oracle.query([0, 0, 0, 0]).stddev / (2 * d)).toBeLessThan(1.1);
    }
  });
  it('batches, shards and bad input', () => {
    const points = rows(40, 3);
    const options = { bounds: box(3), resolution: 64 };
    const budget = () => new PrivacyBudget({ epsilon: 1 });
    const whole = release(points, budget(), options);
    const merged = withSeededNoise(1, () =>
      new EuclideanBuilder(options)
        .add(points.subarray(0, 60))
        .merge(new EuclideanBuilder(options).add(points.subarray(60)))
        .release(budget()),
    );
    expect(merged.projections.toBytes()).toEqual(whole.projections.toBytes());
    expect(whole.queryBatch(Float64Array.of(0, 0, 0, 1, 1, 1))).toEqual(
      Float64Array.of(whole.query([0, 0, 0]).value, whole.query([1, 1, 1]).value),
    );
    expect(() => whole.query([1])).toThrow(/must have 3/);
    expect(() => new EuclideanBuilder(options).add([1])).toThrow(/3 for each row/);
    expect(() => new EuclideanBuilder({ ...options, directions: 0 })).toThrow(/directions/);
    expect(() => new EuclideanBuilder(options).merge(new EuclideanBuilder({ ...options, seed: 2 }))).toThrow(/same design/);
  });
});
