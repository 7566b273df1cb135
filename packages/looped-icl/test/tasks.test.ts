import { philox } from '@x/linalg';
import { mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { conditionNumber, gaussianTasks, networkTasks, sparseTasks, spectrumTasks, type TaskSampler, treeTasks } from '../src/index.ts';
import { dot, rowsOf } from './reference.ts';

const draws = (sampler: TaskSampler, count: number, seed: number) => {
  const rng = philox(seed);
  return Array.from({ length: count }, () => sampler.draw(rng));
};

/** The mean of squares is `wanted`, within 6 deviations of the mean as the sample has them: one false alarm in 1e8. */
function expectSecondMoment(values: readonly number[], wanted: number): void {
  const squares = values.map((value) => value * value);
  const mean = squares.reduce((a, b) => a + b) / squares.length;
  const variance = squares.reduce((sum, s) => sum + (s - mean) ** 2, 0) / squares.length;
  expect(Math.abs(mean - wanted)).toBeLessThanOrEqual(6 * Math.sqrt(variance / squares.length));
}

describe('gaussianTasks: x ~ N(0, S), w ~ N(0, S^-1), y = w^T x, noise on the labels of examples alone', () => {
  const variances = Float64Array.of(4, 0.25, 1);
  const law = (sampler: TaskSampler) => {
    const tasks = draws(sampler, 4000, 1);
    for (const [j, v] of variances.entries()) {
      expectSecondMoment(
        tasks.flatMap(({ x, queries }) => [x.data[j]!, x.data[3 + j]!, queries.data[j]!]),
        v,
      );
      expectSecondMoment(
        tasks.map(({ weights }) => weights![j]!),
        1 / v,
      );
    }
    expectSecondMoment(
      tasks.map(({ targets }) => targets[0]!),
      3,
    );
  };
  it('holds', () => law(gaussianTasks({ d: 3, n: 2, variances })));
  it('fails for deviations in place of variances', () =>
    mustFail(() => law(gaussianTasks({ d: 3, n: 2, variances: variances.map(Math.sqrt) }))));
  it('fails for weights that do not go with the inputs', () => {
    const inverse = (sampler: TaskSampler): TaskSampler => ({
      ...sampler,
      draw: (rng) => {
        const task = sampler.draw(rng);
        return { ...task, weights: task.weights!.map((w, j) => w * variances[j]!) };
      },
    });
    mustFail(() => law(inverse(gaussianTasks({ d: 3, n: 2, variances }))));
  });

  const noise = (deviation: number, wanted: number) => {
    const tasks = draws(gaussianTasks({ d: 2, n: 3, queries: 2, noise: deviation }), 2000, 2);
    const off = tasks.flatMap(({ x, y, weights }) => rowsOf(x).map((row, i) => y[i]! - dot(row, [...weights!])));
    expectSecondMoment(off, wanted * wanted);
    for (const { queries, targets, weights } of tasks)
      rowsOf(queries).forEach((row, i) => {
        expect(Math.abs(targets[i]! - dot(row, [...weights!]))).toBeLessThanOrEqual(1e-12);
      });
  };
  it('noise has the deviation that is asked for, and targets have none', () => noise(0.5, 0.5));
  it('which fails for its square', () => mustFail(() => noise(0.25, 0.5)));
});

describe('spectrumTasks: every context has the condition number, and eigenvalues in equal ratios from 1 down', () => {
  const exact = (asked: number, wanted: number) => {
    for (const { x, y } of draws(spectrumTasks({ d: 5, n: 9, kappa: asked }), 20, 3)) {
      expect(conditionNumber({ x, y }).kappa / wanted).toBeCloseTo(1, 9);
      const trace = x.data.reduce((sum, value) => sum + value * value, 0) / 9;
      const eigenvalues = [0, 1, 2, 3, 4].map((j) => wanted ** (-j / 4));
      expect(trace).toBeCloseTo(
        eigenvalues.reduce((a, b) => a + b),
        12,
      );
    }
  };
  it('holds', () => exact(100, 100));
  it('fails for the condition number of X', () => mustFail(() => exact(100 ** 2, 100)));
});

describe('sparseTasks: so many weights are not 0, each as likely as another', () => {
  const law = (asked: number, wanted: number) => {
    const tasks = draws(sparseTasks({ d: 10, n: 4, nonzeros: asked }), 1000, 4);
    const counts = new Array<number>(10).fill(0);
    for (const { weights } of tasks) {
      const at = [...weights!.keys()].filter((j) => weights![j] !== 0);
      expect(at.length).toBe(wanted);
      for (const j of at) counts[j]!++;
    }
    // Both tails of each of ten counts.
    for (const count of counts) {
      expect(count).toBeWithinBinomial(1000, wanted / 10, 5e-8);
      expect(1000 - count).toBeWithinBinomial(1000, 1 - wanted / 10, 5e-8);
    }
  };
  it('holds', () => law(3, 3));
  it('fails for one more', () => mustFail(() => law(4, 3)));
});

describe('networkTasks: two layers with ReLU, of variance 1', () => {
  const law = (sampler: TaskSampler) => {
    expectSecondMoment(
      draws(sampler, 20_000, 5).map(({ targets }) => targets[0]!),
      1,
    );
  };
  it('holds', () => law(networkTasks({ d: 4, n: 1, hidden: 6 })));
  it('fails for linear targets of variance d', () => mustFail(() => law(gaussianTasks({ d: 4, n: 1 }))));

  /** One hidden unit is silent on one side of a plane, and of one sign on the other. */
  const silent = (sampler: TaskSampler) => {
    for (const { y } of draws(sampler, 20, 6)) {
      const none = y.filter((value) => value === 0).length;
      // Half of 100, within 2^-20 on either side.
      expect(none).toBeGreaterThan(20);
      expect(none).toBeLessThan(80);
      expect(new Set(y.filter((value) => value !== 0).map(Math.sign)).size).toBe(1);
    }
  };
  it('one unit is silent on half of the inputs', () => silent(networkTasks({ d: 3, n: 100, hidden: 1 })));
  it('which a linear function is not', () => mustFail(() => silent(gaussianTasks({ d: 3, n: 100 }))));
});

describe('treeTasks: as many values as leaves, told apart by signs of the inputs', () => {
  const leaves = (depth: number, wanted: number) => {
    for (const { x, y } of draws(treeTasks({ d: 200, n: 600, depth }), 5, 7)) {
      expect(new Set(y).size).toBe(wanted);
      // The signs of the input of the root tell leaves of one half from those of the other.
      const values = [...new Set(y)];
      const roots = Array.from({ length: 200 }, (_, j) => j).filter((j) =>
        values.every((value) => new Set([...y.keys()].filter((i) => y[i] === value).map((i) => x.data[i * 200 + j]! > 0)).size === 1),
      );
      expect(roots.length).toBe(1);
    }
  };
  it('2^depth of them', () => leaves(3, 8));
  it('which fails for one level more', () => mustFail(() => leaves(4, 8)));
  it('a tree without inner nodes is a constant', () => {
    for (const { y, targets } of draws(treeTasks({ d: 2, n: 5, depth: 0 }), 3, 8)) expect(new Set([...y, ...targets]).size).toBe(1);
  });
});
