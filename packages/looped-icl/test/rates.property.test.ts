import { type Dense, dense, multiply, transpose } from '@x/linalg';
import { effort, logUniform, mustFail } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ContextSpectrum, contextSpectrum } from '../src/context-spectrum.ts';
import {
  conditionNumber,
  fromRows,
  gaussianKappaBound,
  implicitWeights,
  type LoopOptions,
  loopedTransformer,
  loopsFor,
  predict,
  type RateRule,
  rateBound,
  type StepRule,
  trace,
} from '../src/index.ts';
import { chebyshevSteps, lejaOrder } from '../src/steps/chebyshev.ts';
import { contractionOf, power } from '../src/steps/contraction.ts';
import { geometric, normals, seeded, withSpectrum } from './problems.ts';
import { dot, gradientDescent, length, rowsOf } from './reference.ts';

type Bound = (rule: RateRule, kappa: number, loops: number) => number;

const tasks = fc.record({
  seed: fc.nat(1e6),
  d: fc.integer({ min: 1, max: 10 }),
  extra: fc.integer({ min: 0, max: 20 }),
  kappa: logUniform([1, 1e6]),
  loops: fc.integer({ min: 1, max: 60 }),
});

/** What rounding leaves: the certified L exceeds the true one by its doubts, d (9 d + n + 24) roundoffs, and each loop rounds. */
const floor = (kappa: number, d: number, n: number) => d * (9 * d + n + 24) * 2 ** -52 * kappa;

const norm = (A: Dense) => length([...A.data]);
const minus = (A: Dense, B: Dense) =>
  dense(
    A.rows,
    A.cols,
    A.data.map((value, i) => value - B.data[i]!),
  );

/** ||W_t - W*|| / ||W*|| after each loop, and the labels of the context beside max ||x_j|| ||W*||. */
function errors(
  seed: number,
  n: number,
  eigenvalues: Float64Array,
  loops: number,
  step: StepRule | Float64Array,
  truth?: (V: Dense) => Dense,
) {
  const task = withSpectrum(seeded(seed), n, eigenvalues, truth);
  const size = norm(task.truth);
  const longest = Math.max(...rowsOf(task.x).map(length));
  const states = [...trace(loopedTransformer({ loops, step, engine: 'gram' }), task, dense(0, eigenvalues.length, new Float64Array()))];
  return {
    task,
    relative: states.map(({ weights }) => norm(minus(weights!, task.truth)) / size),
    labels: states.map(({ residuals }) => residuals.data.reduce((most, r) => Math.max(most, Math.abs(r)), 0) / (longest * size)),
  };
}

describe('T2: noiseless contexts of full rank converge as the theorem says, and faster', () => {
  const property = (step: StepRule, rule: RateRule, bound: Bound = rateBound) =>
    fc.assert(
      fc.property(tasks, ({ seed, d, extra, kappa, loops }) => {
        const { relative, labels } = errors(seed, d + extra, geometric(d, kappa), loops, step);
        const ratio = d === 1 ? 1 : kappa;
        relative.forEach((error, t) => {
          // Chebyshev's steps are a polynomial of degree T: their bound is for the last loop.
          if (step === 'chebyshev' && t + 1 < loops) return;
          expect(error).toBeLessThanOrEqual(bound(rule, ratio, t + 1) * (1 + 1e-9) + floor(ratio, d, d + extra));
          expect(labels[t]).toBeLessThanOrEqual(bound(rule, ratio, t + 1) * (1 + 1e-9) + floor(ratio, d, d + extra));
        });
      }),
      { numRuns: effort(100) },
    );
  it('exp(-T / (2 kappa)), as stated', () => property('inverse-L', 'paper'));
  it('(1 - 1 / kappa)^T <= exp(-T / kappa)', () => property('inverse-L', 'inverse-L'));
  it('((kappa - 1) / (kappa + 1))^T', () => property('optimal', 'optimal'));
  it('2 / (rho^T + rho^-T)', () => property('chebyshev', 'chebyshev'));
  it.each([
    ['inverse-L', 'inverse-L'],
    ['optimal', 'optimal'],
    ['chebyshev', 'chebyshev'],
  ] as const)('%s fails at the rate of half the condition number', (step, rule) =>
    mustFail(() => property(step, rule, (r, kappa, T) => rateBound(r, Math.max(1, kappa / 2), T))),
  );

  /** W* = x = the eigenvector of the least eigenvalue. */
  const tight = (step: StepRule, rule: RateRule, bound: Bound = rateBound) =>
    fc.assert(
      fc.property(tasks, ({ seed, d, extra, kappa, loops }) => {
        fc.pre(d > 1 && kappa > 1.5);
        const last = (V: Dense) =>
          dense(
            d,
            1,
            Float64Array.from({ length: d }, (_, i) => V.data[V.offset + i * V.rowStride + (d - 1) * V.colStride]!),
          );
        const { relative, task } = errors(seed, d + extra, geometric(d, kappa), loops, step, last);
        const x = dense(1, d, last(task.V).data);
        const prediction = predict(loopedTransformer({ loops, step }), task, x).predictions.data[0]!;
        const limit = bound(rule, kappa, loops);
        fc.pre(rateBound(rule, kappa, loops) > 1e4 * floor(kappa, d, d + extra));
        for (const error of [relative.at(-1)!, Math.abs(prediction - 1)]) {
          expect(error / limit).toBeGreaterThanOrEqual(0.999);
          expect(error / limit).toBeLessThanOrEqual(1.001);
        }
      }),
      { numRuns: effort(100) },
    );
  it('(1 - 1 / kappa)^T is attained', () => tight('inverse-L', 'inverse-L'));
  it('((kappa - 1) / (kappa + 1))^T is attained', () => tight('optimal', 'optimal'));
  it('2 / (rho^T + rho^-T) is attained', () => tight('chebyshev', 'chebyshev'));
  it('exp(-2 T / kappa) is not a bound', () =>
    mustFail(() => tight('inverse-L', 'inverse-L', (_, kappa, T) => Math.exp((-2 * T) / kappa))));
  it('exp(-T / (2 kappa)) is not attained', () => mustFail(() => tight('inverse-L', 'paper')));
});

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

describe('conditionNumber', () => {
  it.each(['exact', 'lanczos'] as const)('%s: bounds hold the truth, which is that of H and not of X', (method) =>
    fc.assert(
      fc.property(tasks, ({ seed, d, extra, kappa }) => {
        const truth = d === 1 ? 1 : kappa;
        const { kappa: got, lower, upper } = conditionNumber(withSpectrum(seeded(seed), d + extra, geometric(d, kappa)), { method });
        // The context itself is made to a few ulps of its largest singular value: kappa to some d eps kappa.
        const slack = 1 + 100 * d * Number.EPSILON * truth;
        expect(lower).toBeLessThanOrEqual(truth * slack);
        expect(upper).toBeGreaterThanOrEqual(truth / slack);
        expect(upper).toBeLessThanOrEqual(truth * (1 + 1e-12 * (d + extra) * d * truth));
        expect(Math.abs(got / truth - 1)).toBeLessThanOrEqual(slack - 1);
      }),
    ),
  );

  it('is Infinity, certified and as computed, when the context is rank deficient', () => {
    const x = normals(seeded(1), 6, 3);
    for (let i = 0; i < 6; i++) x.data[3 * i] = x.data[3 * i + 1]!;
    expect(conditionNumber({ x, y: new Float64Array(6) }).upper).toBe(Number.POSITIVE_INFINITY);
    expect(conditionNumber({ x: normals(seeded(1), 2, 3), y: new Float64Array(2) }).lower).toBe(Number.POSITIVE_INFINITY);
    expect(conditionNumber({ x: dense(2, 2, new Float64Array(4)), y: new Float64Array(2) }).kappa).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('T3: Gaussian contexts of n = C d examples, C > 1, have a condition number bounded by C alone', () => {
  const t = 3;
  const delta = 2 * Math.exp((-t * t) / 2);
  /** False alarm 1e-6 at most: the theorem's probability is far above the true one. */
  const property = (bound: (n: number, d: number) => number) => {
    const trials = effort(1000);
    const [n, d] = [200, 20];
    let violations = 0;
    for (let trial = 0; trial < trials; trial++) {
      const x = normals(seeded(1e6 + trial), n, d);
      if (conditionNumber({ x, y: new Float64Array(n) }).kappa > bound(n, d)) violations++;
    }
    expect(violations).toBeWithinBinomial(trials, delta, 1e-6);
  };
  it('((sqrt n + sqrt d + t) / (sqrt n - sqrt d - t))^2 is exceeded no oftener than 2 exp(-t^2 / 2)', () =>
    property((n, d) => gaussianKappaBound(n, d, delta)));
  it('nine tenths of the limit (sqrt n + sqrt d)^2 / (sqrt n - sqrt d)^2 are', () =>
    mustFail(() => property((n, d) => ((Math.sqrt(n) + Math.sqrt(d)) / (Math.sqrt(n) - Math.sqrt(d))) ** 2 * 0.9)));
  it('the bound for X in place of H is', () => mustFail(() => property((n, d) => Math.sqrt(gaussianKappaBound(n, d, delta)))));
  /** The statistics above leave room for a t that is somewhat too small; the constants are checked one by one. */
  const constants = (bound: (n: number, d: number, delta: number) => number) => {
    for (const [n, d, by] of [
      [200, 20, 3],
      [50, 10, 2],
      [4000, 1000, 2.5],
    ] as const) {
      const wanted = ((Math.sqrt(n) + Math.sqrt(d) + by) / (Math.sqrt(n) - Math.sqrt(d) - by)) ** 2;
      expect(Math.abs(bound(n, d, 2 * Math.exp((-by * by) / 2)) / wanted - 1)).toBeLessThanOrEqual(1e-12);
    }
  };
  it('its constants are those of the theorem', () => constants(gaussianKappaBound));
  it.each([
    ['exp(-t^2 / 2)', (delta: number) => 2 * delta],
    ['2 exp(-t^2)', (delta: number) => 2 * Math.sqrt(delta / 2)],
    ['2 exp(-t^2 / 4)', (delta: number) => 2 * (delta / 2) ** 2],
  ] as const)('fails for a probability of %s', (_, of) => mustFail(() => constants((n, d, p) => gaussianKappaBound(n, d, of(p)))));
  it('fails without the square', () => mustFail(() => constants((n, d, p) => Math.sqrt(gaussianKappaBound(n, d, p)))));
  it('bounds nothing at n = d', () => expect(gaussianKappaBound(100, 100, 0.1)).toBe(Number.POSITIVE_INFINITY));
});

describe('T4: loops to relative error 1e-3 depend on n / d alone', () => {
  const eps = 1e-3;
  const property = (bound: (kappa: number) => number, least: (kappa: number) => number) => {
    for (const ratio of [1.2, 1.5, 2, 4, 8, 32]) {
      for (const d of [10, 40]) {
        const rng = seeded(d);
        const n = Math.round(ratio * d);
        const x = normals(rng, n, d);
        const W = normals(rng, d, 1);
        const context = { x, y: multiply(x, W) };
        const { kappa } = conditionNumber(context);
        const limit = Math.ceil(bound(kappa));
        const states = trace(loopedTransformer({ loops: limit, engine: 'gram' }), context, dense(0, d, new Float64Array()));
        let needed = Number.POSITIVE_INFINITY;
        for (const { loop, weights } of states) {
          if (norm(minus(weights!, W)) > eps * norm(W)) continue;
          needed = loop;
          break;
        }
        expect(needed).toBeLessThanOrEqual(limit);
        if (ratio >= 1.5) expect(needed).toBeGreaterThanOrEqual(least(kappa));
      }
    }
  };
  it('T <= ceil(2 kappa ln 1e3), and no less than an eighth of it', () =>
    property(
      (kappa) => 2 * kappa * Math.log(1 / eps),
      (kappa) => (2 * kappa * Math.log(1 / eps)) / 8,
    ));
  it('fails with kappa of X', () =>
    mustFail(() =>
      property(
        (kappa) => 2 * Math.sqrt(kappa) * Math.log(1 / eps),
        () => 0,
      ),
    ));
});

describe('T5: with fewer examples than weights, or dependent ones, the limit is the least-norm solution', () => {
  const few = normals(seeded(5), 6, 15);
  const dependent = normals(seeded(55), 12, 5);
  for (let i = 0; i < 12; i++) dependent.data[5 * i] = dependent.data[5 * i + 1]! - dependent.data[5 * i + 2]!;
  const property = (options: LoopOptions) => {
    for (const x of [few, dependent]) {
      const truth = normals(seeded(6), x.cols, 1);
      const context = { x, y: multiply(x, truth) };
      const model = loopedTransformer({ loops: 20_000, ...options });
      const W = implicitWeights(model, context);
      // The only solution in the span of the rows is the shortest one.
      const seen = projected(x, truth);
      expect(norm(minus(multiply(x, W), context.y))).toBeLessThanOrEqual(1e-10 * norm(context.y));
      expect(norm(minus(W, seen))).toBeLessThanOrEqual(1e-10 * norm(truth));
      // The truth's part outside is unseen, and all of it stays an error of the predictions there.
      const unseen = minus(truth, seen);
      expect(norm(unseen)).toBeGreaterThan(0.1 * norm(truth));
      const there = predict(model, context, transpose(unseen)).predictions.data[0]!;
      const error = norm(unseen) ** 2 - there;
      expect(Math.abs(error - norm(unseen) ** 2)).toBeLessThanOrEqual(1e-10 * norm(truth) ** 2);
    }
  };
  it('holds', () => property({}));
  it('holds with momentum', () => property({ step: 0.1, momentum: 0.5 }));
  it('fails with a preconditioner, whose limit is shortest in its own norm', () =>
    mustFail(() => {
      for (const x of [few, dependent]) {
        const preconditioner = Float64Array.from({ length: x.cols }, (_, j) => 1 + (j % 3));
        const context = { x, y: multiply(x, normals(seeded(6), x.cols, 1)) };
        const W = implicitWeights(loopedTransformer({ loops: 20_000, preconditioner }), context);
        expect(norm(minus(W, projected(x, W)))).toBeLessThanOrEqual(1e-10 * norm(W));
      }
    }));
  it('fails after few loops', () => mustFail(() => property({ loops: 10 })));
  it('predict says that there is no bound', () => {
    const rng = seeded(5);
    const result = predict(loopedTransformer(), { x: normals(rng, 3, 5), y: normals(rng, 3, 1) }, normals(rng, 2, 5));
    expect(result).toMatchObject({
      kappa: Number.POSITIVE_INFINITY,
      noBound: expect.stringMatching(/3 examples do not determine 5 weights/),
    });
    expect(result.errorBound).toBeUndefined();
  });
});

/** The part of v in the span of the rows of x, by Gram and Schmidt, twice. */
function projected(x: Dense, v: Dense): Dense {
  const basis: number[][] = [];
  for (const row of rowsOf(x)) {
    let u = row;
    for (let pass = 0; pass < 2; pass++) for (const b of basis) u = u.map((value, i) => value - dot(b, u) * b[i]!);
    // What is left of a dependent row is rounding.
    if (length(u) > 1e-8 * length(row)) basis.push(u.map((value) => value / length(u)));
  }
  const out = new Float64Array(v.rows);
  for (const b of basis)
    b.forEach((value, i) => {
      out[i]! += value * dot(b, [...v.data]);
    });
  return dense(v.rows, 1, out);
}

describe('T6: 2 / L is the limit of step sizes', () => {
  const rng = seeded(6);
  const task = withSpectrum(rng, 30, geometric(6, 50));
  const residuals = (eta: number, loops: number) =>
    [...trace(loopedTransformer({ step: eta, loops, engine: 'gram' }), task, dense(0, 6, new Float64Array()))].map(({ residuals }) =>
      norm(residuals),
    );
  const monotone = (eta: number) =>
    residuals(eta, 100).reduce((before, now) => {
      expect(now).toBeLessThanOrEqual(before);
      return now;
    }, norm(task.y));
  it('residuals fall at every loop for eta <= 1 / L', () => {
    for (const eta of [0.1, 0.5, 0.999]) monotone(eta);
  });
  it('and not above 2 / L', () => mustFail(() => monotone(2.05)));
  it('above it the part along the top eigenvector grows by |1 - eta L| a loop', () => {
    const along = residuals(2.05, 400);
    expect(along[399]! / along[398]!).toBeCloseTo(1.05, 9);
    const { warnings } = predict(loopedTransformer({ step: 2.05, loops: 400 }), task, task.x);
    expect(warnings).toMatchObject([{ kind: 'diverges', etaL: expect.closeTo(2.05, 9) }]);
    expect(predict(loopedTransformer({ step: 1.9 }), task, task.x).warnings).toEqual([]);
  });
  it.each([
    ['a step size below 0', { step: -0.5, loops: 50 }],
    ['step sizes that differ a little', { step: Float64Array.from({ length: 50 }, (_, i) => 2.5 + 1e-9 * i) }],
    ['a preconditioner', { step: 1, loops: 50, preconditioner: new Float64Array(6).fill(2.5) }],
    ['momentum', { step: 3.2, loops: 50, momentum: 0.5 }],
  ] as const)('%s that diverges is told', (_, options) => {
    const { warnings, predictions } = predict(loopedTransformer(options), task, task.x);
    expect(Math.max(...predictions.data)).toBeGreaterThan(100 * Math.max(...task.y.data));
    expect(warnings).toMatchObject([{ kind: 'diverges' }]);
  });
  it('momentum raises the limit to 2 (1 + m), and has no contraction', () => {
    const result = predict(loopedTransformer({ step: 2.8, momentum: 0.5, loops: 400 }), task, task.x);
    expect(result.warnings).toEqual([]);
    expect(result.contraction).toBeUndefined();
    expect(norm(minus(result.predictions, task.y))).toBeLessThan(1e-3 * norm(task.y));
  });
  it('overflow is told, not hidden, and its bound is infinite', () => {
    const { errorBound } = predict(loopedTransformer({ step: 5, loops: 2000 }), task, task.x);
    expect(errorBound!.data.every((bound) => bound === Number.POSITIVE_INFINITY)).toBe(true);
    const { warnings } = predict(loopedTransformer({ step: 1e3, loops: 400 }), task, task.x);
    expect(warnings.map(({ kind }) => kind)).toEqual(['diverges', 'overflow']);
  });
});

describe('certificates against exact arithmetic', () => {
  /** Two columns of whole numbers, nearly dependent: sums of squares are exact in BigInt, and so are labels and weights (1, -1). */
  const contexts = () => {
    const rng = seeded(46);
    return Array.from({ length: effort(600) }, () => {
      const apart = 2 ** (4 + Math.floor(34 * rng.uniform()));
      const rows = Array.from({ length: 4 }, () => {
        const x = Math.floor((rng.uniform() - 0.5) * 2 ** 46);
        return [x, x + Math.floor((rng.uniform() - 0.5) * apart)];
      });
      let [a, b, c] = [0n, 0n, 0n];
      for (const [x, y] of rows.map((row) => row.map(BigInt))) [a, b, c] = [a + x! * x!, b + x! * y!, c + y! * y!];
      const sum = Number(a + c);
      const determinant = a * c - b * b;
      const root = Math.sqrt(Number((a + c) * (a + c) - 4n * determinant));
      const X = fromRows(rows);
      return {
        X,
        y: Float64Array.from(rows, ([x, z]) => x! - z!),
        most: (sum + root) / 8,
        least: Number(determinant) / (2 * (sum + root)),
      };
    });
  };
  /** Numbers of 2^92 become f64 with an error of half an ulp, and a few operations follow. */
  const ulps = 8 * Number.EPSILON;
  const spectra = (of: (spectrum: ContextSpectrum, exact: { least: number; most: number }) => readonly [number, number]) => {
    for (const { X, least, most } of contexts()) {
      const [lower, upper] = of(contextSpectrum(X), { least, most });
      expect(lower).toBeLessThanOrEqual(least * (1 + ulps));
      expect(upper).toBeGreaterThanOrEqual(most * (1 - ulps));
    }
  };
  it('the spectrum lies between its bounds', () => spectra(({ lower, upper }) => [lower, upper]));
  it('which fails for the least eigenvalue as computed', () => mustFail(() => spectra(({ smallest, upper }) => [smallest, upper])));
  it('and for an upper bound that is 2^-40 less', () => mustFail(() => spectra(({ lower, upper }) => [lower, upper * (1 - 2 ** -40)])));

  const bounds = (shrink: number) => {
    for (const { X, y } of contexts()) {
      for (const options of [
        { loops: 2, step: 1, preconditioner: 'inverse-covariance' },
        { loops: 30, step: 'chebyshev', engine: 'token' },
      ] as const) {
        if (conditionNumber({ x: X, y }).upper === Number.POSITIVE_INFINITY) continue;
        const { predictions, errorBound } = predict(loopedTransformer(options), { x: X, y }, fromRows([[1, -1]]));
        expect(Math.abs(predictions.data[0]! - 2)).toBeLessThanOrEqual(shrink * errorBound!.data[0]!);
      }
    }
  };
  it('predictions lie within their bounds, rounding included', () => bounds(1));
  it('which fails at a twentieth', () => mustFail(() => bounds(0.05)));
});

describe('error bounds', () => {
  const anyTask = fc.record({
    ...{ seed: fc.nat(1e6), d: fc.integer({ min: 1, max: 8 }), extra: fc.integer({ min: 0, max: 20 }) },
    kappa: logUniform([1, 1e5]),
    noise: fc.constantFrom(0, 1),
    loops: fc.integer({ min: 0, max: 40 }),
    k: fc.integer({ min: 1, max: 2 }),
    engine: fc.constantFrom('token' as const, 'linear-attention' as const, 'gram' as const, 'kernel' as const),
    momentum: fc.constantFrom(0, 0.4),
    preconditioned: fc.boolean(),
  });
  /** Against the weights that solve the normal equations, known by construction: noise is orthogonal to the columns of x. */
  const property = (shrink: number) =>
    fc.assert(
      fc.property(anyTask, ({ seed, d, extra, kappa, noise, loops, k, engine, momentum, preconditioned }) => {
        const rng = seeded(seed);
        const n = d + extra;
        const task = withSpectrum(rng, n, geometric(d, kappa));
        const truth = normals(rng, d, k);
        const y = multiply(task.x, truth);
        const extraNoise = normals(rng, n, k);
        const inSpan = multiply(task.x, multiply(dense(d, n, pseudoInverse(task).data), extraNoise));
        for (let i = 0; i < y.data.length; i++) y.data[i]! += noise * (extraNoise.data[i]! - inSpan.data[i]!);
        const queries = normals(rng, 3, d);
        const A = preconditioned ? { preconditioner: Float64Array.from({ length: d }, () => 0.5 + rng.uniform()) } : {};
        const model = loopedTransformer({ loops, engine, momentum, ...A });
        const { predictions, errorBound } = predict(model, { x: task.x, y }, queries);
        const wanted = multiply(queries, truth);
        // The test's own context and noise round too.
        const own = 1e-13 * kappa * (norm(truth) + noise * norm(extraNoise));
        for (let i = 0; i < predictions.data.length; i++) {
          expect(Math.abs(predictions.data[i]! - wanted.data[i]!)).toBeLessThanOrEqual(shrink * errorBound!.data[i]! + own);
        }
      }),
      { numRuns: effort(200) },
    );
  it('hold the least-squares prediction, with noise and without, for every engine', () => property(1));
  it('fail at a twentieth', () => mustFail(() => property(0.05)));

  /** Error along the least eigenvector: the bound is attained. */
  const tight = (factor: number) => {
    for (const kappa of [1, 10, 1e3]) {
      const last = (V: Dense) =>
        dense(
          5,
          1,
          Float64Array.from({ length: 5 }, (_, i) => V.data[V.offset + i * V.rowStride + 4 * V.colStride]!),
        );
      const task = withSpectrum(seeded(9), 20, geometric(5, kappa), last);
      const query = transpose(last(task.V));
      const { predictions, errorBound } = predict(loopedTransformer({ loops: 5, step: 0.5 }), task, query);
      const ratio = Math.abs(predictions.data[0]! - 1) / (factor * errorBound!.data[0]!);
      expect(ratio).toBeGreaterThan(0.999);
      expect(ratio).toBeLessThanOrEqual(1);
    }
  };
  it('are attained along the least eigenvector', () => tight(1));
  it('a bound twice as large is not', () => mustFail(() => tight(2)));
  it('nor is a smaller one a bound', () => mustFail(() => tight(0.99)));

  it('shrink to rounding as loops go on', () => {
    const task = withSpectrum(seeded(2), 20, geometric(5, 10));
    const { errorBound, contraction } = predict(loopedTransformer({ loops: 400 }), task, task.x);
    expect(Math.max(...errorBound!.data)).toBeLessThan(1e-11);
    expect(contraction).toBeCloseTo(0.9 ** 400, 20);
  });

  it("Polyak's momentum converges at the root of kappa", () => {
    const task = withSpectrum(seeded(2), 30, geometric(8, 1e4));
    const at = (loops: number) => predict(loopedTransformer({ loops, step: 'optimal', momentum: 'optimal' }), task, task.x);
    const reached = Math.max(...minus(at(2000).predictions, task.y).data.map(Math.abs));
    // (1 - 2 / (sqrt kappa + 1))^T times a factor that grows with T: 5e-18 here; plain steps leave exp(-0.2).
    expect(reached).toBeLessThan(1e-9);
    const plain = predict(loopedTransformer({ loops: 2000, step: 'optimal' }), task, task.x);
    expect(Math.max(...minus(plain.predictions, task.y).data.map(Math.abs))).toBeGreaterThan(1e-4);
  });
});

/** (x^T x)^-1 x^T = V diag(1 / (n lambda)) V^T x^T. */
function pseudoInverse({ x, V, eigenvalues }: { x: Dense; V: Dense; eigenvalues: Float64Array }): Dense {
  const inner = multiply(transpose(V), transpose(x));
  for (let i = 0; i < inner.rows; i++) for (let j = 0; j < inner.cols; j++) inner.data[i * inner.cols + j]! /= x.rows * eigenvalues[i]!;
  return multiply(V, inner);
}

describe('the range of inputs', () => {
  const task = withSpectrum(seeded(2), 20, geometric(5, 10));
  const times = (A: Dense, factor: number) =>
    dense(
      A.rows,
      A.cols,
      A.data.map((value) => factor * value),
    );
  const at = (factor: number) =>
    predict(loopedTransformer({ loops: 30 }), { x: times(task.x, factor), y: times(task.y, factor) }, times(task.x, factor));
  it('powers of two change nothing up to its ends', () => {
    const plain = at(1);
    for (const factor of [2 ** -331, 2 ** 320]) {
      const scaled = at(factor);
      expect(scaled.kappa).toBe(plain.kappa);
      expect([...times(scaled.predictions, 1 / factor).data]).toEqual([...plain.predictions.data]);
      scaled.errorBound!.data.forEach((bound, i) => {
        expect(Math.abs(bound / factor / plain.errorBound!.data[i]! - 1)).toBeLessThan(1e-12);
      });
    }
  });
  it.each([1e-158, 1e-102, 1e102, 1e155])('%d is refused by name', (factor) =>
    expect(() => at(factor)).toThrow(/largest entry of context.x/),
  );
  it('a query of any size below has a bound', () => {
    const { predictions, errorBound } = predict(loopedTransformer({ loops: 1 }), task, times(task.x, 1e-99));
    const tiny = predict(
      loopedTransformer({ loops: 1 }),
      task,
      dense(2, 5, Float64Array.of(1, 0, 0, 0, 0, ...task.x.data.subarray(0, 5).map((value) => 1e-200 * value))),
    );
    for (const { predictions: P, errorBound: bound, truth } of [
      { predictions, errorBound, truth: 1e-99 * task.y.data[0]! },
      {
        predictions: dense(1, 1, tiny.predictions.data.slice(1)),
        errorBound: dense(1, 1, tiny.errorBound!.data.slice(1)),
        truth: 1e-200 * task.y.data[0]!,
      },
    ]) {
      expect(Math.abs(P.data[0]! - truth)).toBeGreaterThan(0);
      expect(Math.abs(P.data[0]! - truth)).toBeLessThanOrEqual(bound!.data[0]!);
    }
  });
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
