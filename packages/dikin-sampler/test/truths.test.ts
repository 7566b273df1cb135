import { dense, philox } from '@x/linalg';
import { effort, expectPass, ksTest, mustFail, tTest } from '@x/testkit';

import { beforeAll, describe, expect, it } from 'vitest';
import { type Frame, frameOf } from '../src/frame.ts';
import { highs } from '../src/highs.ts';
import {
  chainsOf,
  DensityError,
  exponential,
  gaussian,
  type LpSolver,
  logConcave,
  type Polytope,
  polytope,
  prepare,
  type Run,
  type SampleOptions,
  sample,
} from '../src/index.ts';
import { dikinWalk } from '../src/walk/dikin.ts';
import { birkhoff, cube, simplex, skewedSimplex } from './bodies.ts';
import { batchMeans, evaluate, expectTruths, FALSE_ALARM, type Truth } from './judge.ts';
import { referenceStep, type Step } from './mutants.ts';

let solver: LpSolver;
beforeAll(async () => {
  solver = await highs();
});

async function run(body: Polytope, options: SampleOptions): Promise<Run> {
  return sample(await prepare(body, { solver }), { draws: 1500, ...options });
}

/** Uniform on the simplex is Dirichlet(1, ..., 1) on (x, 1 - sum x). */
function dirichletTruths(d: number, barycentric: (x: Float64Array) => Float64Array): Truth[] {
  const coordinate = (j: number) => (x: Float64Array) => barycentric(x)[j]!;
  const first = Array.from({ length: d + 1 }, (_, j): Truth => [coordinate(j), 1 / (d + 1)]);
  const second = Array.from({ length: d + 1 }, (_, j): Truth => [(x) => coordinate(j)(x) ** 2, 2 / ((d + 1) * (d + 2))]);
  // P(a^T x <= t) = 1 - sum_i (a_i - t)_+^d / prod_{j != i} (a_i - a_j), over the vertices' values a.
  const a = Array.from({ length: d + 1 }, (_, j) => (j + 0.5) ** 1.3);
  const below = (t: number): Truth => [
    (x) => (barycentric(x).reduce((sum, v, j) => sum + v * a[j]!, 0) <= t ? 1 : 0),
    1 -
      a.reduce(
        (sum, ai, i) => sum + Math.max(ai - t, 0) ** d / a.reduce((product, aj, j) => (j === i ? product : product * (ai - aj)), 1),
        0,
      ),
  ];
  const middle = a.reduce((sum, v) => sum + v, 0) / a.length;
  return [...first, ...second, below(0.8 * middle), below(middle), below(1.2 * middle)];
}

const withSlack = (x: Float64Array) => Float64Array.of(...x, 1 - x.reduce((sum, v) => sum + v, 0));

const WALKS = ['dikin', 'cdhr', 'hitAndRun', 'auto'] as const;

describe.each(WALKS)('P3: known truths, %s', (walk) => {
  it('simplex: Dirichlet means, second moments, linear functionals, and Beta(1, d) marginals', async () => {
    const d = 6;
    const result = await run(simplex(d), { walk, seed: 101 });
    expectTruths(result, dirichletTruths(d, withSlack));
    // Every eighth draw: four autocorrelation times apart, near enough to independent for a bound of 1e-6.
    for (let j = 0; j < d; j++) {
      const sparse = chainsOf(result, j).flatMap((chain) => [...chain.filter((_, t) => t % 8 === 0)]);
      expect(ksTest(sparse, (x) => 1 - (1 - Math.min(Math.max(x, 0), 1)) ** d).p).toBeGreaterThan(FALSE_ALARM / d);
    }
  });

  it('Birkhoff polytope: means 1 / n, and all entries alike', async () => {
    const n = 3;
    const result = await run(birkhoff(n), { walk, seed: 102 });

    const means = Array.from({ length: n * n }, (_, k): Truth => [(x) => x[k]!, 1 / n]);
    const exchange = Array.from({ length: n * n - 1 }, (_, k): Truth => [(x) => x[0]! ** 2 - x[k + 1]! ** 2, 0]);
    expectTruths(result, [...means, ...exchange]);
    expect(result.violation.equations).toBeLessThan(1e-13);
  });

  it('simplex skewed by a map of condition 1e4', async () => {
    const d = 5;
    const { body, T } = skewedSimplex(d, 1e4, 7);
    const result = await run(body, { walk, seed: 103 });
    // Back to the simplex through the rows of the body, which are T^{-1}.
    const inverse = body.rows.data;
    expect(T.length).toBe(d * d);
    const back = (x: Float64Array) =>
      withSlack(Float64Array.from({ length: d }, (_, i) => -x.reduce((sum, v, j) => sum + inverse[i * d + j]! * v, 0)));
    expectTruths(result, dirichletTruths(d, back));
  });

  it('Gaussian truncated to the cube: products of one-dimensional truths', async () => {
    const d = 4;
    const mean = [0.5, -0.3, 1.4, 0.9];
    const sd = [0.2, 0.5, 0.3, 3];
    const density = gaussian({ mean, precision: sd.map((s) => 1 / s ** 2) });
    const result = await run(cube(d), { walk, seed: 104, density });
    const truths = mean.flatMap((m, j): Truth[] => {
      const [first, second] = truncatedMoments(m, sd[j]!);
      return [
        [(x) => x[j]!, first],
        [(x) => x[j]! ** 2, second],
      ];
    });
    const independent = Array.from(
      { length: d - 1 },
      (_, j): Truth => [(x) => (x[j]! - truths[2 * j]![1]) * (x[j + 1]! - truths[2 * j + 2]![1]), 0],
    );
    expectTruths(result, [...truths, ...independent]);
  });

  /** x on [0, 1] with density in proportion to exp(-rate x): its first two moments. */
  const exponentialTruths = (rates: readonly number[]) =>
    rates.flatMap((rate, j): Truth[] => [
      [(x) => x[j]!, 1 / rate - 1 / Math.expm1(rate)],
      [(x) => x[j]! ** 2, 2 / rate ** 2 - (1 + 2 / rate) / Math.expm1(rate)],
    ]);
  const RATES = [4, -2, 0.5];
  const slope = (x: Float64Array) => -RATES.reduce((sum, rate, j) => sum + rate * x[j]!, 0);

  it('exponential on the cube: products of one-dimensional truths', async () => {
    expectTruths(await run(cube(3), { walk, seed: 106, density: exponential(RATES) }), exponentialTruths(RATES));
  });

  it("a user's density: the same truths; another density fails them", async () => {
    const density = logConcave(slope, Math.hypot(...RATES));
    expectTruths(await run(cube(3), { walk, seed: 107, density }), exponentialTruths(RATES));
    const other = await run(cube(3), { walk, seed: 107, density: logConcave((x) => 0.8 * slope(x), Math.hypot(...RATES)) });
    mustFail(() => expectTruths(other, exponentialTruths(RATES)));
  });

  it("a user's density that is no number ends the run by name", async () => {
    await expect(run(cube(3), { walk, density: logConcave(() => Number.NaN, 1) })).rejects.toThrow(DensityError);
    for (const value of [undefined, null, '1', Promise.resolve(1), {}, 1n, Number.POSITIVE_INFINITY]) {
      await expect(run(cube(3), { walk, density: logConcave(() => value as number, 1) })).rejects.toThrow(
        /logDensity: it returned .*; it must be a number/,
      );
    }
    const thrown = new Error('out of table');
    const density = logConcave(() => {
      throw thrown;
    }, 1);
    await expect(run(cube(3), { walk, density })).rejects.toThrow(expect.objectContaining({ cause: thrown }));
  });

  it('correlated Gaussian on an unbounded wedge: the untruncated direction keeps its law', async () => {
    // x0 >= 0 and nothing else; x1 given x0 is N(0.8 x0, 0.36), whatever the truncation.
    const density = gaussian({
      mean: [0, 0],
      covariance: { rows: 2, cols: 2, data: Float64Array.of(1, 0.8, 0.8, 1), offset: 0, rowStride: 2, colStride: 1 },
    });
    const body = { ...cube(2), lower: Float64Array.of(0, -Infinity), upper: Float64Array.of(Infinity, Infinity) };
    const result = await sample(await prepare(body, { solver, allowUnbounded: true }), { walk, seed: 105, density, draws: effort(1500) });
    expectTruths(result, [
      [(x) => x[0]!, Math.sqrt(2 / Math.PI)],
      [(x) => x[0]! ** 2, 1],
      [(x) => x[1]! - 0.8 * x[0]!, 0],
      [(x) => (x[1]! - 0.8 * x[0]!) ** 2, 0.36],
    ]);
  });
});

describe.each(WALKS)('a Gaussian lives in the coordinates of the body, %s', (walk) => {
  it('conditioned on an equation it has the conditional mean and covariance', async () => {
    const n = 4;
    const mean = [1, -2, 0.5, 3];
    const rng = philox(31);
    const B = rng.fillNormal(new Float64Array(n * n));
    const covariance = Float64Array.from({ length: n * n }, (_, at) =>
      [0, 1, 2, 3].reduce((sum, k) => sum + B[Math.floor(at / n) * n + k]! * B[(at % n) * n + k]!, at % (n + 1) === 0 ? 0.5 : 0),
    );
    // a^T x = 1. Given that, x is N(mean + S a (1 - a^T mean) / (a^T S a), S - S a a^T S / (a^T S a)).
    const a = [1, 2, -1, 0.5];
    const Sa = mean.map((_, i) => a.reduce((sum, v, j) => sum + covariance[i * n + j]! * v, 0));
    const aSa = a.reduce((sum, v, i) => sum + v * Sa[i]!, 0);
    const shift = (1 - a.reduce((sum, v, i) => sum + v * mean[i]!, 0)) / aSa;
    const center = mean.map((m, i) => m + shift * Sa[i]!);
    const body = polytope({ Aeq: dense(1, n, Float64Array.from(a)), beq: [1], lower: -1000, upper: 1000 });
    for (const frame of ['axes', 'rounded'] as const) {
      const density = gaussian({ mean, covariance: dense(n, n, covariance) });
      const result = await run(body, { walk, frame, seed: 106, density });
      const pairs = mean.flatMap((_, i) => mean.slice(0, i + 1).map((__, j) => [i, j] as const));
      expectTruths(result, [
        ...center.map((c, i): Truth => [(x) => x[i]!, c]),
        ...pairs.map(
          ([i, j]): Truth => [(x) => (x[i]! - center[i]!) * (x[j]! - center[j]!), covariance[i * n + j]! - (Sa[i]! * Sa[j]!) / aSa],
        ),
      ]);
    }
  });
});

describe('P3 can fail', () => {
  /** The triangle (0, 0), (1, 0.9), (0.9, 1): so far from the axes that L and L^T are two different matrices. */
  const triangle = polytope({ A: dense(3, 2, Float64Array.of(-1, 0.9, 0.9, -1, 0.1, 0.1)), b: [0, 0, 0.19] });
  const barycentric = (x: Float64Array) => withSlack(Float64Array.of(x[0]! - 0.9 * x[1]!, x[1]! - 0.9 * x[0]!).map((v) => v / 0.19));

  /** Runs a step by hand as four chains on the triangle, recording every few steps, and asks for the Dirichlet truths. */
  const property = async (make: (frame: Frame) => Step) => {
    const d = 2;
    const prepared = await prepare(triangle, { solver });
    const frame = frameOf(prepared, { kind: 'uniform' }, 'axes');
    const draws = effort(2000);
    const samples = new Float64Array(4 * draws * d);
    const noise = new Float64Array(d);
    for (let c = 0; c < 4; c++) {
      const rng = philox(9, c);
      const step = make(frame);
      step.place(new Float64Array(d));
      for (let t = 0; t < draws; t++) {
        for (let k = 0; k < 8; k++) if (Math.log(1 - rng.uniform()) < step.propose(rng.fillNormal(noise))) step.accept();
        for (let j = 0; j < d; j++) samples[(c * draws + t) * d + j] = frame.origin[j]! + step.position[j]!;
      }
    }
    // By hand there is no tuning and no demand on the effective size; batch means are long enough here.
    const truths = dirichletTruths(d, barycentric);
    const values = truths.map(([f]) => evaluate({ samples, chains: 4, draws, names: prepared.body.names } as unknown as Run, f));
    expectPass(
      tTest(
        values.map(batchMeans),
        truths.map(([, expected]) => expected),
        FALSE_ALARM,
      ),
    );
  };

  it('holds for the walk driven by hand', () => property((frame) => dikinWalk(frame, philox(0))));
  it('holds for the slow reference', () => property((frame) => referenceStep(frame, 'none')));
  it.each(['untransposed solve', 'no determinant'] as const)('fails with %s', (fault) =>
    mustFail(() => property((frame) => referenceStep(frame, fault))),
  );
});

/** E x and E x^2 of N(m, s^2) on [0, 1], by the midpoint rule, to about 1e-9. */
function truncatedMoments(m: number, s: number): readonly [number, number] {
  const steps = 100_000;
  let mass = 0;
  let first = 0;
  let second = 0;
  for (let k = 0; k < steps; k++) {
    const x = (k + 0.5) / steps;
    const weight = Math.exp(-((x - m) ** 2) / (2 * s * s));
    mass += weight;
    first += weight * x;
    second += weight * x * x;
  }
  return [first / mass, second / mass];
}
