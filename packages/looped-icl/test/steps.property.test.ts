import { dense, multiply, transpose } from '@x/linalg';
import { effort, logUniform, mustFail } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LoopOptions, loopedTransformer, loopsFor, predict, rateBound } from '../src/index.ts';
import { chebyshevSteps, lejaOrder } from '../src/steps/chebyshev.ts';
import { contractionOf, power } from '../src/steps/contraction.ts';
import { geometric, normals, seeded, withSpectrum } from './problems.ts';
import { dot, gradientDescent, length, minus, rowsOf } from './reference.ts';

describe('loopsFor: the least number of loops whose bound is small enough', () => {
  it.each(['inverse-L', 'optimal', 'chebyshev', 'paper'] as const)('%s', (rule) =>
    fc.assert(
      fc.property(logUniform([1, 1e14]), logUniform([1e-12, 0.9]), (kappa, eps) => {
        const T = loopsFor(eps, kappa, rule);
        expect(rateBound(rule, kappa, T)).toBeLessThanOrEqual(eps);
        if (T > 1) expect(rateBound(rule, kappa, T - 1)).toBeGreaterThan(eps);
      }),
    ),
  );
  /** T = kappa leaves 1 / e, but for 1 / (2 kappa); rounding is a few roundoffs of the logarithm. */
  const leaves = (bound: (kappa: number, loops: number) => number) => {
    for (const kappa of [1e10, 1e13, 2 ** 53 - 1]) {
      const relative = bound(kappa, Math.floor(kappa)) * Math.E - 1;
      expect(Math.abs(relative)).toBeLessThanOrEqual(1 / kappa + 8 * Number.EPSILON);
    }
  };
  it('the bound is right where 1 / kappa is a roundoff of 1', () => leaves((kappa, loops) => rateBound('inverse-L', kappa, loops)));
  it('which fails for powers of the rounded factor', () => mustFail(() => leaves((kappa, loops) => power(1 - 1 / kappa, loops))));
  it('ends for any condition number', () => {
    for (const rule of ['inverse-L', 'optimal', 'chebyshev', 'paper'] as const) {
      expect(loopsFor(1e-3, 1e100, rule)).toBeGreaterThan(1e49);
      expect(loopsFor(1e-3, 1e100, rule)).toBeLessThan(1e102);
    }
  });
  it('gives round numbers where they are known', () => {
    expect(loopsFor(1e-3, 1)).toBe(1);
    expect(loopsFor(0.25, 2)).toBe(2);
    expect(loopsFor(1e-3, 34, 'paper')).toBe(Math.ceil(68 * Math.log(1e3)));
    expect(loopsFor(0.5, Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(rateBound('chebyshev', 1, 3)).toBe(0);
    expect(rateBound('inverse-L', Number.POSITIVE_INFINITY, 9)).toBe(1);
  });
});

describe('contraction: an upper bound of the polynomial of any step sizes, and sharp', () => {
  /** Zeros in and around the interval, so that the largest value is sometimes inside and sometimes at an end. */
  const uniform = (low: number, high: number) => fc.integer({ min: 0, max: 1000 }).map((i) => low + ((high - low) * i) / 1000);
  const steps = fc.array(
    uniform(0.2, 1.2).map((zero) => 1 / zero),
    { minLength: 1, maxLength: 12 },
  );
  const property = (most: (steps: Float64Array, lower: number, upper: number) => number) =>
    fc.assert(
      fc.property(steps, uniform(0.05, 0.9), (list, lower) => {
        const got = most(Float64Array.from(list), lower, 1);
        let grid = 0;
        for (let i = 0; i <= 20_000; i++) {
          const x = lower + ((1 - lower) * i) / 20_000;
          grid = Math.max(grid, Math.abs(list.reduce((p, eta) => p * (1 - eta * x), 1)));
        }
        expect(got).toBeGreaterThanOrEqual(grid * (1 - 1e-12));
        expect(got).toBeLessThanOrEqual(grid * 1.01 + 1e-12);
      }),
      { numRuns: effort(50) },
    );
  it('holds', () => property(contractionOf));
  it('fails at the ends alone', () =>
    mustFail(() => property((list, a, b) => Math.max(...[a, b].map((x) => Math.abs(list.reduce((p, eta) => p * (1 - eta * x), 1)))))));
  it('that of Chebyshev is the closed form', () => {
    for (const T of [1, 2, 7, 32, 100]) {
      const [got, wanted] = [contractionOf(chebyshevSteps(T, 1e-2, 1), 1e-2, 1), rateBound('chebyshev', 100, T)];
      expect(Math.abs(got / wanted - 1)).toBeLessThan(1e-9);
    }
  });
});

describe("Chebyshev's steps in Leja's order stay small on the way", () => {
  const growth = (steps: Float64Array) => {
    let most = 0;
    for (const x of geometric(40, 1e3)) {
      let product = 1;
      for (const eta of steps) {
        product *= 1 - eta * x;
        most = Math.max(most, Math.abs(product));
      }
    }
    return most;
  };
  /** No partial product exceeds kappa. */
  const stable = (steps: Float64Array) => expect(growth(steps)).toBeLessThanOrEqual(1e3);
  it.each([5, 16, 64, 100, 256, 1000])('T = %i', (T) => stable(chebyshevSteps(T, 1e-3, 1)));
  it('ascending order of the zeros does not', () => mustFail(() => stable(chebyshevSteps(256, 1e-3, 1).sort((a, b) => b - a))));
  it('is a permutation', () => {
    const points = Float64Array.from({ length: 50 }, (_, i) => Math.sin(i));
    expect([...lejaOrder(points)].sort()).toEqual([...points].sort());
  });
});

it('inputs that are all 0, or with A all but 0, teach nothing and are no division by 0', () => {
  const none = dense(3, 2, new Float64Array(6));
  const small = dense(3, 2, new Float64Array(6).fill(1e-90));
  for (const [x, options] of [
    [none, {}],
    [small, { preconditioner: Float64Array.of(1e-200, 1e-200) }],
  ] as const) {
    const { predictions, kappa, noBound, warnings } = predict(
      loopedTransformer(options),
      { x, y: Float64Array.of(1, 2, 3) },
      dense(1, 2, Float64Array.of(1, 2)),
    );
    expect(Math.abs(predictions.data[0]!)).toBeLessThan(1e-80);
    expect(kappa).toBe(Number.POSITIVE_INFINITY);
    expect(noBound).toMatch(/singular/);
    expect(warnings).toEqual([]);
  }
});

describe('rules read the spectrum of what attention sees, over n', () => {
  /** The step size times the largest eigenvalue of A X^T X / n, X what is attended to, by the power method. */
  const property = (options: LoopOptions, over: (n: number, q: number) => number = (n) => n) => {
    const rng = seeded(15);
    const [x, y, queries] = [normals(rng, 12, 4), normals(rng, 12, 1), normals(rng, 9, 4)];
    const rows = options.mask === 'none' ? [...rowsOf(x), ...rowsOf(queries)] : rowsOf(x);
    const A = options.preconditioner instanceof Float64Array ? [...options.preconditioner] : [1, 1, 1, 1];
    let [v, L] = [[1, 2, 3, 4], 0];
    for (let i = 0; i < 2000; i++) {
      const image = [0, 1, 2, 3].map((j) => (A[j]! * rows.reduce((sum, row) => sum + row[j]! * dot(row, v), 0)) / over(12, 9));
      [v, L] = [image.map((value) => value / length(image)), length(image) / length(v)];
    }
    const { weights, contraction } = predict(loopedTransformer({ loops: 3, ...options }), { x, y }, queries);
    expect(weights.steps[0]! * L).toBeCloseTo(1, 9);
    if (options.mask === 'causal') expect(contraction).toBeUndefined();
    else expect(contraction).toBeLessThan(1);
  };
  const cases = (['queries', 'causal', 'none'] as const).flatMap((mask) =>
    [undefined, Float64Array.of(1, 4, 0.5, 2)].map((preconditioner) => ({ mask, ...(preconditioner && { preconditioner }) })),
  );
  it.each(cases)('%o', (options) => property(options));
  it.each(cases.filter(({ mask }) => mask === 'none'))('%o: fails over n + q', (options) =>
    mustFail(() => property(options, (n, q) => n + q)),
  );
});

describe('preconditioners', () => {
  it('the rules read the spectrum of A H, and its contraction bounds the error in the norm of A^-1', () => {
    const rng = seeded(4);
    const task = withSpectrum(rng, 40, geometric(6, 1e3));
    const A = multiply(
      multiply(
        task.V,
        dense(
          6,
          6,
          Float64Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 1 / task.eigenvalues[i / 7]! : 0)),
        ),
      ),
      transpose(task.V),
    );
    for (let i = 0; i < 6; i++) for (let j = 0; j < i; j++) A.data[i * 6 + j] = A.data[j * 6 + i]!;
    const { contraction, predictions } = predict(loopedTransformer({ loops: 1, preconditioner: A }), task, task.x);
    expect(contraction).toBeLessThan(1e-8);
    expect(Math.max(...minus(predictions, task.y).data.map(Math.abs))).toBeLessThan(1e-8);
    const solved = predict(loopedTransformer({ loops: 1, step: 1, preconditioner: 'inverse-covariance' }), task, task.x);
    expect(Math.max(...minus(solved.predictions, task.y).data.map(Math.abs))).toBeLessThan(1e-9);
  });
  it('steps agree with descent as written', () => {
    const task = withSpectrum(seeded(4), 12, geometric(3, 10));
    const diagonal = Float64Array.of(1, 2, 0.5);
    const { weights, predictions } = predict(loopedTransformer({ loops: 7, step: 'chebyshev', preconditioner: diagonal }), task, task.x);
    const A = [0, 1, 2].map((i) => [0, 1, 2].map((j) => (i === j ? diagonal[i]! : 0)));
    const W = gradientDescent({ X: rowsOf(task.x), Y: rowsOf(task.y), queries: [], A, steps: [...weights.steps], momentum: 0 }).at(-1)!;
    rowsOf(task.x).forEach((x, j) => {
      expect(predictions.data[j]).toBeCloseTo(
        dot(
          x,
          W.map(([w]) => w!),
        ),
        12,
      );
    });
  });
});
