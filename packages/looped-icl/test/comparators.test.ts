import { AbortedError, type Dense, dense, eigenvalues, multiply, transpose } from '@x/linalg';
import { mustFail } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  averagePredict,
  compare,
  fromRows,
  lasso,
  lassoPredict,
  loopedTransformer,
  METHODS,
  modelFromJson,
  modelToJson,
  nearestPredict,
  olsPredict,
  predict,
  ridgePredict,
} from '../src/index.ts';
import { geometric, normals, seeded, withSpectrum } from './problems.ts';
import { dot, length, rowsOf, solve, times, transposeOf } from './reference.ts';

const gap = (a: Dense, b: Dense) => length([...a.data].map((value, i) => value - b.data[i]!));

describe('T7: with noise the limit is least squares, and stopping after T loops is like ridge of 1 / (eta T)', () => {
  const rng = seeded(7);
  const task = withSpectrum(rng, 60, geometric(8, 100));
  const y = dense(
    60,
    1,
    task.y.data.map((value) => value + 0.5 * rng.normal()),
  );
  const context = { x: task.x, y };
  it('the limit is what QR gives', () => {
    const { predictions, errorBound } = predict(loopedTransformer({ loops: 5000 }), context, task.x);
    const ols = olsPredict(context, task.x);
    expect(gap(predictions, ols)).toBeLessThan(1e-10);
    predictions.data.forEach((value, i) => {
      expect(Math.abs(value - ols.data[i]!)).toBeLessThanOrEqual(errorBound!.data[i]! + 1e-13);
    });
  });

  /** Shrinkage of the part along each eigenvector: 1 - (1 - eta l)^T against l / (l + 1 / (eta T)); within a factor 4 of each other, as are the rests. */
  const property = (lambda: (eta: number, T: number) => number) => {
    const L = 1;
    for (const T of [1, 5, 20, 100, 500]) {
      const loops = predict(loopedTransformer({ loops: T, step: 1 / L }), context, transpose(task.V)).predictions;
      const ridge = ridgePredict(context, transpose(task.V), { lambda: lambda(1 / L, T) });
      loops.data.forEach((value, j) => {
        const ratio = value / ridge.data[j]!;
        expect(ratio).toBeGreaterThan(0.25);
        expect(ratio).toBeLessThan(4);
      });
    }
  };
  it('holds', () => property((eta, T) => 1 / (eta * T)));
  it('fails for T / eta', () => mustFail(() => property((eta, T) => T / eta)));
  it('the error after T loops is bias plus variance', () => {
    // Mean over noise of (v_j^T W_T - v_j^T W*)^2 = (1 - l)^(2T) (v_j^T W*)^2 + s^2 (1 - (1 - l)^T)^2 / (n l); 6 sigma of 400 draws.
    const [T, s, trials] = [20, 0.5, 400];
    const sums = new Float64Array(8);
    for (let trial = 0; trial < trials; trial++) {
      const noisy = dense(
        60,
        1,
        task.y.data.map((value) => value + s * rng.normal()),
      );
      const got = predict(loopedTransformer({ loops: T, step: 1 }), { x: task.x, y: noisy }, transpose(task.V), {
        certify: false,
      }).predictions;
      const truth = multiply(transpose(task.V), task.truth);
      for (let j = 0; j < 8; j++) sums[j]! += (got.data[j]! - truth.data[j]!) ** 2 / trials;
    }
    const truth = multiply(transpose(task.V), task.truth);
    task.eigenvalues.forEach((l, j) => {
      const left = (1 - l) ** T;
      const bias = (left * truth.data[j]!) ** 2;
      const variance = (s * s * (1 - left) ** 2) / (60 * l);
      const deviation = Math.sqrt((2 * variance ** 2 + 4 * bias * variance) / trials);
      expect(Math.abs(sums[j]! - bias - variance)).toBeLessThanOrEqual(6 * deviation + 1e-12);
    });
  });
});

describe('T9: invariances', () => {
  const property = (change: (x: Dense, y: Dense, queries: Dense) => [Dense, Dense, Dense], scale = 1) =>
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 12 }), (seed, d, n) => {
        const rng = seeded(seed);
        const [x, y, queries] = [normals(rng, n, d), normals(rng, n, 2), normals(rng, 3, d)];
        const model = loopedTransformer({ loops: 10 });
        const before = predict(model, { x, y }, queries).predictions;
        const [x2, y2, queries2] = change(x, y, queries);
        const after = predict(model, { x: x2, y: y2 }, queries2).predictions;
        const size = length([...before.data]) + 1;
        before.data.forEach((value, i) => {
          expect(Math.abs(after.data[i]! - scale * value)).toBeLessThanOrEqual(1e-11 * Math.abs(scale) * size);
        });
      }),
    );
  it('examples in another order', () => property((x, y, q) => [fromRows(rowsOf(x).reverse()), fromRows(rowsOf(y).reverse()), q]));
  it('inputs rotated', () =>
    property((x, y, q) => {
      const R = withSpectrum(seeded(x.cols), x.cols, geometric(x.cols, 1)).V;
      return [multiply(x, R), y, multiply(q, R)];
    }));
  it('labels scaled', () =>
    property(
      (x, y, q) => [
        x,
        dense(
          y.rows,
          2,
          y.data.map((v) => -3 * v),
        ),
        q,
      ],
      -3,
    ));
  it('every example twice', () =>
    property((x, y, q) => [fromRows([...rowsOf(x), ...rowsOf(x)]), fromRows([...rowsOf(y), ...rowsOf(y)]), q]));
  it('inputs stretched one way change it', () =>
    mustFail(() =>
      property((x, y, q) => [
        dense(
          x.rows,
          x.cols,
          x.data.map((v, i) => (i % x.cols === 0 ? 2 * v : v)),
        ),
        y,
        q,
      ]),
    ));
});

describe('what the loops are compared with', () => {
  const x = fromRows([
    [1, 0],
    [0, 1],
    [1, 1],
    [2, -1],
  ]);
  const y = Float64Array.of(1, 2, 3, 0);
  it('least squares solves what can be solved', () => expect(gap(olsPredict({ x, y }, x), dense(4, 1, y))).toBeLessThan(1e-13));
  it('averaging is one step from 0', () =>
    expect(averagePredict({ x, y }, fromRows([[1, 1]])).data[0]).toBeCloseTo((1 + 2 + 6 + 0) / 4, 14));
  it('ridge satisfies (H + lambda) W = c, and chooses a lambda between no fit and overfit', () => {
    const rng = seeded(1);
    const X = normals(rng, 30, 20);
    const W = normals(rng, 20, 1);
    const noisy = dense(
      30,
      1,
      multiply(X, W).data.map((value) => value + 4 * rng.normal()),
    );
    const queries = normals(rng, 200, 20);
    const truth = multiply(queries, W);
    const at = (lambda?: number) => gap(ridgePredict({ x: X, y: noisy }, queries, lambda === undefined ? {} : { lambda }), truth);
    expect(at()).toBeLessThan(at(1e-12));
    expect(at()).toBeLessThan(at(1e4));
    const identity = dense(
      20,
      20,
      Float64Array.from({ length: 400 }, (_, i) => (i % 21 === 0 ? 1 : 0)),
    );
    const w = ridgePredict({ x: X, y: noisy }, identity, { lambda: 0.3 });
    const residual = rowsOf(X).map((r, i) => dot(r, [...w.data]) - noisy.data[i]!);
    rowsOf(transpose(X)).forEach((column, j) => {
      expect(dot(column, residual) / 30 + 0.3 * w.data[j]!).toBeCloseTo(0, 12);
    });
  });
  /** n ||y - S y||^2 / (n - trace S)^2 by the matrix S = X (X^T X + shift)^-1 X^T itself. */
  const crossValidated = (power: number, scale: (n: number) => number) => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const rng = seeded(seed);
      const [n, d] = [14, 5];
      const X = normals(rng, n, d);
      const truth = normals(rng, d, 1);
      const noise = seed;
      const y = multiply(X, truth).data.map((value) => value + noise * rng.normal());
      const rows = rowsOf(X);
      const inner = times(transposeOf(rows), rows);
      const largest = eigenvalues(fromRows(inner)).at(-1)!;
      let best = { score: Number.POSITIVE_INFINITY, shift: 0 };
      for (let step = 0; step < 60; step++) {
        const shift = largest * 10 ** (-10 + (12 * step) / 59);
        const S = rows.map((_, i) => {
          const e = rows.map((__, j) => (i === j ? 1 : 0));
          const w = solve(
            inner.map((row, a) => row.map((value, b) => value + (a === b ? shift : 0))),
            transposeOf(rows).map((column) => dot(column, e)),
          );
          return rows.map((row) => dot(row, w));
        });
        const residual = y.reduce((sum, value, i) => sum + (value - dot(S[i]!, [...y])) ** 2, 0);
        const score = residual / (n - S.reduce((sum, row, i) => sum + row[i]!, 0)) ** power;
        if (score < best.score) best = { score, shift };
      }
      const queries = normals(rng, 3, d);
      const wanted = ridgePredict({ x: X, y }, queries, { lambda: best.shift / scale(n) });
      expect(gap(ridgePredict({ x: X, y }, queries), wanted)).toBeLessThanOrEqual(1e-6 * length([...wanted.data]));
    }
  };
  it('ridge takes the lambda of least generalised cross-validation', () => crossValidated(2, (n) => n));
  it('which fails for its square root', () => mustFail(() => crossValidated(1, (n) => n)));
  it('and for n times the lambda', () => mustFail(() => crossValidated(2, () => 1)));

  it('nearest neighbours average the labels of the nearest', () => {
    expect(nearestPredict({ x, y }, fromRows([[1.9, -1]]), { neighbours: 1 }).data[0]).toBe(0);
    expect(nearestPredict({ x, y }, fromRows([[0.6, 0.5]])).data[0]).toBeCloseTo(2, 14);
    expect(nearestPredict({ x, y }, fromRows([[0, 0]]), { neighbours: 99 }).data[0]).toBeCloseTo(1.5, 14);
  });

  describe('the Lasso', () => {
    const optimal = (solve: (context: { x: Dense; y: Dense }, lambda: number) => Dense) =>
      fc.assert(
        fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 2, max: 20 }), (seed, d, n) => {
          const rng = seeded(seed);
          const context = { x: normals(rng, n, d), y: normals(rng, n, 1) };
          const lambda = 0.1;
          const w = [...solve(context, lambda).data];
          const residual = rowsOf(context.x).map((r, i) => context.y.data[i]! - dot(r, w));
          // Optimal if and only if: x_j^T r / n = lambda sign w_j where w_j is not 0, and within lambda where it is.
          rowsOf(transpose(context.x)).forEach((column, j) => {
            const slope = dot(column, residual) / n;
            if (w[j] === 0) expect(Math.abs(slope)).toBeLessThanOrEqual(lambda + 1e-4);
            else expect(Math.abs(slope - lambda * Math.sign(w[j]!))).toBeLessThanOrEqual(1e-4);
          });
        }),
      );
    it('satisfies the conditions of optimality', () => optimal((context, lambda) => lasso(context, { lambda, tolerance: 1e-12 })));
    it('with half the penalty it does not', () => mustFail(() => optimal((context, lambda) => lasso(context, { lambda: lambda / 2 }))));
    it('takes a hundredth of the least penalty that leaves no weight', () => {
      const rng = seeded(31);
      const [X, y] = [normals(rng, 20, 4), normals(rng, 20, 1)];
      const most = Math.max(...rowsOf(transpose(X)).map((column) => Math.abs(dot(column, [...y.data]) / 20)));
      const context = { x: X, y };
      expect(gap(lasso(context), lasso(context, { lambda: most / 100 }))).toBeLessThan(1e-9);
      expect(gap(lasso(context), lasso(context, { lambda: most / 50 }))).toBeGreaterThan(1e-4);
      expect(lasso(context, { lambda: most * (1 + 1e-12) }).data.every((w) => w === 0)).toBe(true);
      expect(lasso(context, { lambda: 0.9 * most }).data.some((w) => w !== 0)).toBe(true);
    });
    it('treats every output by itself', () => {
      const rng = seeded(32);
      const [X, Y] = [normals(rng, 20, 4), normals(rng, 20, 3)];
      const all = lasso({ x: X, y: Y }, { lambda: 0.05 });
      for (let o = 0; o < 3; o++) {
        const y = Float64Array.from({ length: 20 }, (_, i) => Y.data[3 * i + o]!);
        const alone = lasso({ x: X, y }, { lambda: 0.05 });
        alone.data.forEach((w, j) => {
          expect(Math.abs(all.data[3 * j + o]! - w)).toBeLessThanOrEqual(1e-12);
        });
      }
    });
    it('finds few weights among many', () => {
      const rng = seeded(3);
      const W = dense(
        40,
        1,
        Float64Array.from({ length: 40 }, (_, j) => (j % 13 === 0 ? 2 : 0)),
      );
      const X = normals(rng, 30, 40);
      const found = lasso({ x: X, y: multiply(X, W) });
      expect(gap(found, W)).toBeLessThan(0.5);
      expect(found.data.filter((w) => Math.abs(w) > 0.5).length).toBe(4);
    });
  });

  it('compare has a curve or a level for every method', async () => {
    const task = withSpectrum(seeded(2), 30, geometric(5, 20));
    const queries = normals(seeded(3), 40, 5);
    const targets = multiply(queries, task.truth);
    const result = await compare(task, queries, targets, { loops: 30 });
    expect([...result.curves, ...result.levels].map(({ method }) => method)).toEqual([...METHODS]);
    expect(result.skipped).toEqual([]);
    const at = Object.fromEntries(result.curves.map(({ method, errors }) => [method, errors]));
    for (const { errors } of result.curves) {
      expect(errors.length).toBe(31);
      expect(errors[0]).toBe(result.curves[0]!.errors[0]);
    }
    expect(at.chebyshev![30]).toBeLessThan(at.gd![30]!);
    expect(at.optimal![30]).toBeLessThan(at.gd![30]!);
    expect(at.softmax![30]).toBeGreaterThan(at.gd![30]!);
    expect(result.levels.find(({ method }) => method === 'ols')!.error).toBeLessThan(1e-20);
    const wide = await compare({ x: normals(seeded(4), 3, 5), y: normals(seeded(4), 3, 1) }, queries, targets, {
      loops: 2,
      methods: ['gd', 'ols', 'knn'],
    });
    expect(wide.kappa).toBe(Number.POSITIVE_INFINITY);
    const zero = await compare({ x: dense(3, 5, new Float64Array(15)), y: normals(seeded(4), 3, 1) }, queries, targets, {
      loops: 2,
    });
    expect(zero.skipped.map(({ method }) => method)).toEqual(['optimal', 'momentum', 'chebyshev']);
    // Nothing is learned, and so is the error that of predicting 0.
    const before = targets.data.reduce((sum, value) => sum + value * value, 0) / 40;
    for (const { method, errors } of zero.curves)
      if (method !== 'softmax') for (const error of errors) expect(error / before).toBeCloseTo(1, 12);
    for (const { method, error } of zero.levels) if (method !== 'knn') expect(error / before).toBeCloseTo(1, 12);
    await expect(compare(task, queries, new Float64Array(3))).rejects.toThrow('targets has 3 entries');
  });
  it("compare's curves and levels are the errors of the models that it names", async () => {
    const task = withSpectrum(seeded(8), 30, geometric(4, 20));
    const y = dense(
      30,
      1,
      task.y.data.map((value, i) => value + 0.3 * Math.sin(i)),
    );
    const context = { x: task.x, y };
    const queries = normals(seeded(9), 25, 4);
    const targets = multiply(queries, task.truth);
    const { curves, levels } = await compare(context, queries, targets, { loops: 12 });
    const errorOf = (P: Dense) => P.data.reduce((sum, value, i) => sum + (value - targets.data[i]!) ** 2, 0) / 25;
    // (H + h I)^-1, h a tenth of the mean eigenvalue.
    const H = times(transposeOf(rowsOf(task.x)), rowsOf(task.x)).map((row) => row.map((value) => value / 30));
    const h = H.reduce((sum, row, i) => sum + row[i]!, 0) / 40;
    const damped = H.map((row, i) => row.map((value, j) => value + (i === j ? h : 0)));
    const inverse = transposeOf(
      [0, 1, 2, 3].map((i) =>
        solve(
          damped,
          [0, 1, 2, 3].map((j) => (i === j ? 1 : 0)),
        ),
      ),
    );
    const preconditioner = fromRows(inverse.map((row, i) => row.map((_, j) => inverse[Math.min(i, j)]![Math.max(i, j)]!)));
    const models = {
      gd: loopedTransformer({ loops: 12 }),
      optimal: loopedTransformer({ loops: 12, step: 'optimal' }),
      momentum: loopedTransformer({ loops: 12, step: 'optimal', momentum: 'optimal' }),
      pgd: loopedTransformer({ loops: 12, preconditioner }),
      softmax: loopedTransformer({ loops: 12, step: 1, attention: 'softmax' }),
    };
    for (const [method, model] of Object.entries(models)) {
      const wanted = predict(model, context, queries, { perLoop: true }).perLoop!.map(errorOf);
      const got = curves.find((curve) => curve.method === method)!.errors;
      wanted.forEach((error, t) => {
        expect(got[t + 1]! / error, method).toBeCloseTo(1, 9);
      });
    }
    const levelsWanted = {
      ols: olsPredict(context, queries),
      ridge: ridgePredict(context, queries),
      lasso: lassoPredict(context, queries),
      knn: nearestPredict(context, queries),
      average: averagePredict(context, queries),
    };
    expect(levels).toEqual(Object.entries(levelsWanted).map(([method, P]) => ({ method, error: errorOf(P) })));
  });
  it("compare's Chebyshev curve is that of the Chebyshev transformer of each number of loops", async () => {
    for (const kappa of [1, 30, 1e3]) {
      const task = withSpectrum(seeded(6), 30, geometric(5, kappa));
      const queries = normals(seeded(7), 40, 5);
      const targets = multiply(queries, task.truth);
      const { curves } = await compare(task, queries, targets, { loops: 40, methods: ['chebyshev'] });
      for (let loops = 1; loops <= 40; loops++) {
        const { predictions } = predict(loopedTransformer({ loops, step: 'chebyshev' }), task, queries);
        const rms = Math.sqrt(predictions.data.reduce((sum, value, i) => sum + (value - targets.data[i]!) ** 2, 0) / 40);
        // Both round on the way, by what partial products magnify.
        expect(Math.abs(Math.sqrt(curves[0]!.errors[loops]!) - rms)).toBeLessThanOrEqual(1e-13 * kappa * length([...task.truth.data]));
      }
    }
  });
  it('compare tells how far it is, and keeps what is finished when it is aborted', async () => {
    const task = withSpectrum(seeded(2), 30, geometric(5, 20));
    const controller = new AbortController();
    const seen: number[] = [];
    const run = compare(task, task.x, task.y, {
      loops: 1000,
      methods: ['ols', 'gd', 'chebyshev'],
      signal: controller.signal,
      onProgress: (fraction, method) => {
        seen.push(fraction);
        if (method === 'chebyshev') setTimeout(() => controller.abort());
      },
    });
    const error: AbortedError = await run.then(
      () => expect.unreachable(),
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(AbortedError);
    expect(error.partial).toMatchObject({ curves: [{ method: 'gd' }], levels: [{ method: 'ols' }] });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBeLessThan(1);
  });
});

describe('models as JSON', () => {
  it.each([
    loopedTransformer(),
    loopedTransformer({ step: 'optimal', momentum: 'optimal', mask: 'none', engine: 'kernel' }),
    loopedTransformer({
      step: Float64Array.of(0.1, 1 / 3, -0),
      preconditioner: fromRows([
        [1, 0.1],
        [-2e-300, 4],
      ]),
      momentum: 0.3,
    }),
    loopedTransformer({ step: 1, attention: 'softmax', mask: 'causal' }),
  ])('come back to the bit: %#', (model) =>
    expect(modelFromJson(JSON.parse(JSON.stringify(modelToJson(model))))).toEqual({
      ...model,
      step: typeof model.step === 'object' ? model.step.map((v) => v + 0) : model.step,
    }),
  );
  it.each([
    [null, /format/],
    [{ format: 'looped-icl', version: 2 }, /version/],
    [{ ...modelToJson(loopedTransformer()), preconditioner: [] }, /at least one row/],
    [{ ...modelToJson(loopedTransformer()), loops: null }, /loops is a object/],
    [{ ...modelToJson(loopedTransformer()), momentum: '0.5' }, /momentum is 0.5/],
    [{ ...modelToJson(loopedTransformer()), momentum: [0.5] }, /momentum is a object/],
    [{ ...modelToJson(loopedTransformer()), mask: undefined }, /mask is a undefined/],
    [{ ...modelToJson(loopedTransformer()), step: [] }, /one for each of 20 loops/],
    [{ ...modelToJson(loopedTransformer()), loops: 1e9 }, /loops/],
    [{ ...modelToJson(loopedTransformer()), loops: 3, step: [1, 2] }, /3 loops/],
    [{ ...modelToJson(loopedTransformer()), step: [1, 'x'] }, /step\[1\]/],
    [{ ...modelToJson(loopedTransformer()), preconditioner: [[1, 2], [3]] }, /square/],
    [
      {
        ...modelToJson(loopedTransformer()),
        preconditioner: [
          [1, null],
          [3, 4],
        ],
      },
      /not a number/,
    ],
    [{ ...modelToJson(loopedTransformer()), engine: 'constructor' }, /engine/],
    [{ ...modelToJson(loopedTransformer()), momentum: 'x' }, /momentum/],
    [{ ...modelToJson(loopedTransformer()), step: 'fast' }, /step/],
    [{ ...modelToJson(loopedTransformer()), loops: '5' }, /loops/],
  ])('what is none is refused: %#', (json, message) => expect(() => modelFromJson(json)).toThrow(message));
});
