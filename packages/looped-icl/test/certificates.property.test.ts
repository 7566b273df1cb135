import { type Dense, dense, multiply, transpose } from '@x/linalg';
import { effort, logUniform, mustFail } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorBound } from '../src/certificate.ts';
import { promptOf } from '../src/context.ts';
import { type ContextSpectrum, contextSpectrum, preconditionedSpectrum } from '../src/context-spectrum.ts';
import { conditionNumber, fromRows, implicitWeights, loopedTransformer, predict, weightsFor } from '../src/index.ts';
import { certifiedSpectrum } from '../src/spectrum.ts';
import { geometric, normals, seeded, withSpectrum } from './problems.ts';
import { minus, norm } from './reference.ts';

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
  const conditions = (of: (spectrum: ContextSpectrum) => number) => {
    for (const { X, least, most } of contexts()) expect(of(contextSpectrum(X))).toBeGreaterThanOrEqual((most / least) * (1 - 2 * ulps));
  };
  it('the condition number is no larger than kappa', () => conditions(({ kappa }) => kappa));
  it('which fails for the quotient of the eigenvalues as computed', () =>
    mustFail(() => conditions(({ largest, smallest }) => largest / smallest)));
  it('with an A that is a power of four times the identity all bounds are so many times as large, their rounding too', () => {
    for (const { X } of contexts().slice(0, 50)) {
      const [one, many] = [1, 2 ** 20].map((factor) => preconditionedSpectrum(X, dense(2, 2, Float64Array.of(factor, 0, 0, factor)))!);
      expect([many!.lower, many!.upper]).toEqual([2 ** 20 * one!.lower, 2 ** 20 * one!.upper]);
    }
  });

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

describe('what a matrix may be off by widens the bounds of its spectrum by as much', () => {
  /** Off by `slack` along the eigenvectors of both ends. */
  const property = (allowed: number) => {
    const V = withSpectrum(seeded(12), 6, geometric(6, 1)).V;
    const made = (eigenvalues: readonly number[]) => {
      const D = dense(6, 6, new Float64Array(36));
      for (const [j, value] of eigenvalues.entries()) D.data[7 * j] = value;
      const M = multiply(multiply(V, D), transpose(V));
      for (let i = 0; i < 6; i++) for (let j = 0; j < i; j++) M.data[6 * i + j] = M.data[6 * j + i]!;
      return M;
    };
    for (const method of ['exact', 'lanczos'] as const) {
      for (const slack of [1e-6, 0.01, 0.5]) {
        const { lower, upper } = certifiedSpectrum(made([1, 2, 3, 3, 3.5, 4]), allowed * slack, method);
        expect(lower).toBeLessThanOrEqual(1 - slack + 1e-13);
        expect(upper).toBeGreaterThanOrEqual(4 + slack - 1e-13);
      }
    }
  };
  it('holds', () => property(1));
  it('fails for half of it', () => mustFail(() => property(0.5)));
});

describe('contexts so large that their eigenvalues are estimated by Lanczos alone', () => {
  const [n, d, kappa] = [310, 300, 1e4] as const;
  const ends = (V: Dense) =>
    dense(
      d,
      1,
      Float64Array.from({ length: d }, (_, i) => V.data[V.offset + i * V.rowStride + (d - 1) * V.colStride]!),
    );
  const slow = withSpectrum(seeded(13), n, geometric(d, kappa), ends);
  /** Close neighbours at the top, so that the largest is under-estimated too. */
  const flat = withSpectrum(
    seeded(14),
    n,
    Float64Array.from({ length: d }, (_, j) => 1 - j / (d + 1)),
  );
  const property = (of: (spectrum: ContextSpectrum) => readonly [number, number]) => {
    for (const { x, eigenvalues } of [slow, flat]) {
      const [lower, upper] = of(contextSpectrum(x));
      // The context is made to some d ulps.
      expect(lower).toBeLessThanOrEqual(eigenvalues[d - 1]! * (1 + 1e-9));
      expect(upper).toBeGreaterThanOrEqual(eigenvalues[0]! * (1 - 1e-12));
    }
  };
  it('the bounds of the spectrum are certified', () => property(({ lower, upper }) => [lower, upper]));
  it('which the estimate of the least is not', () => mustFail(() => property(({ smallest, upper }) => [smallest, upper])));
  it('nor that of the largest', () => mustFail(() => property(({ lower, largest }) => [lower, largest])));
  /** 1 / L is no longer than that: its largest eigenvalue is 1. */
  const inverse = (stepOf: () => number) => expect(stepOf() * flat.eigenvalues[0]!).toBeLessThanOrEqual(1 + 1e-12);
  it('the step size 1 / L is no longer than that', () => inverse(() => weightsFor(loopedTransformer(), flat).steps[0]!));
  it('which fails for 1 over the estimate', () => mustFail(() => inverse(() => 1 / contextSpectrum(flat.x).largest)));
  it('the condition number lies within its bounds, and its estimate is the lower one', () => {
    const number = conditionNumber(slow);
    expect(number.lower).toBeLessThan(0.9 * kappa);
    expect(number.kappa / number.lower).toBeCloseTo(1, 7);
    expect(number.upper).toBeGreaterThanOrEqual(kappa * (1 - 1e-9));
  });

  /** The error lies along the least eigenvector, where the bound is attained but for what is certified of that eigenvalue. */
  const bounds = (shrink: number) => {
    const query = transpose(ends(slow.V));
    const { predictions, errorBound } = predict(loopedTransformer({ loops: 5, step: 0.5 }), slow, query);
    expect(Math.abs(predictions.data[0]! - 1)).toBeLessThanOrEqual(shrink * errorBound!.data[0]!);
  };
  it('error bounds hold', () => bounds(1));
  it('which fails with the estimate of the least eigenvalue', () => {
    const { lower, smallest } = contextSpectrum(slow.x);
    mustFail(() => bounds(lower / smallest));
  });
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

  /** The bound is of the predictions as they were given out, whatever engine rounded them on the way. */
  const off = (shrink: (bound: number, by: number) => number) => {
    const task = withSpectrum(seeded(16), 20, geometric(5, 10));
    const queries = normals(seeded(17), 4, 5);
    const prompt = promptOf('test', task, queries);
    const W = implicitWeights(loopedTransformer({ loops: 200 }), task);
    const truth = multiply(queries, task.truth);
    for (const by of [0, 1e-9, 1e-3, 1]) {
      const predictions = dense(
        4,
        1,
        multiply(queries, W).data.map((value) => value + by),
      );
      const bound = errorBound(prompt, contextSpectrum(task.x), W, predictions);
      predictions.data.forEach((value, i) => {
        expect(Math.abs(value - truth.data[i]!)).toBeLessThanOrEqual(shrink(bound.data[i]!, by) + 1e-13);
      });
    }
  };
  it('hold for predictions that an engine has rounded', () => off((bound) => bound));
  it('which fails where the rounding of predictions is left out', () => mustFail(() => off((bound, by) => bound - 0.9 * by)));

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
