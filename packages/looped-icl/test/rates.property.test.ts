import { type Dense, dense, multiply, transpose } from '@x/linalg';
import { effort, logUniform, mustFail } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  conditionNumber,
  gaussianKappaBound,
  implicitWeights,
  type LoopOptions,
  loopedTransformer,
  predict,
  type RateRule,
  rateBound,
  type StepRule,
  trace,
} from '../src/index.ts';
import { geometric, normals, seeded, withSpectrum } from './problems.ts';
import { dot, length, minus, norm, rowsOf } from './reference.ts';

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
  it('a step size below 0 is told without the spectrum', () => {
    const told = (step: number) => predict(loopedTransformer({ step, loops: 5 }), task, task.x, { certify: false }).warnings;
    expect(told(-0.5)).toMatchObject([{ kind: 'diverges', message: expect.stringMatching(/below 0/) }]);
    expect(told(0.5)).toEqual([]);
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
    // Weights of 4^415 = 1e250: it is the second query alone that overflows.
    const two = dense(
      2,
      6,
      Float64Array.from({ length: 12 }, (_, i) => (i < 6 ? 1 : 1e99)),
    );
    const one = predict(loopedTransformer({ step: 5, loops: 415 }), task, two);
    expect(one.predictions.data.map((value) => Number(Number.isFinite(value)))).toEqual(Float64Array.of(1, 0));
    expect(one.warnings.map(({ kind }) => kind)).toEqual(['diverges', 'overflow']);
  });
});
