import { type Dense, dense, fromRows } from '@x/linalg';
import { mustFail, views } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EngineName, implicitWeights, loopedTransformer, loopMatrices, type Mask, predict, trace, weightsFor } from '../src/index.ts';
import { normals, seeded } from './problems.ts';
import { gradientDescent, type Problem, type Rows, rowsOf, SEES, times, tokens, transposeOf } from './reference.ts';

const ENGINES: readonly EngineName[] = ['token', 'linear-attention', 'gram', 'kernel'];

interface Case {
  readonly x: Dense;
  readonly y: Dense;
  readonly queries: Dense;
  readonly A: Dense;
  readonly steps: Float64Array;
  readonly momentum: number;
}

/** Any n against d, also n < d and repeated columns; A neither symmetric nor normal; step sizes on both sides of 2 / L. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    seed: fc.nat(1e6),
    d: fc.integer({ min: 1, max: 8 }),
    n: fc.integer({ min: 1, max: 12 }),
    k: fc.integer({ min: 1, max: 3 }),
    q: fc.integer({ min: 0, max: 4 }),
    loops: fc.integer({ min: 0, max: 8 }),
    eta: fc.double({ min: 0.01, max: 1.5, noNaN: true }),
    momentum: fc.constantFrom(0, 0, 0.5),
    deficient: fc.boolean(),
  })
  .map(({ seed, d, n, k, q, loops, eta, momentum, deficient }) => {
    const rng = seeded(seed);
    const x = normals(rng, n, d);
    if (deficient && d > 1) for (let i = 0; i < n; i++) x.data[i * d] = x.data[i * d + 1]!;
    const A = normals(rng, d, d);
    for (let i = 0; i < d * d; i++) A.data[i] = 0.3 * A.data[i]! + (i % (d + 1) === 0 ? 1 : 0);
    const steps = Float64Array.from({ length: loops }, () => eta * (0.5 + rng.uniform()));
    return { x, y: normals(rng, n, k), queries: normals(rng, q, d), A, steps, momentum };
  });

const problemOf = ({ x, y, queries, A, steps, momentum }: Case): Problem => ({
  X: rowsOf(x),
  Y: rowsOf(y),
  queries: rowsOf(queries),
  A: rowsOf(A),
  steps: [...steps],
  momentum,
});

const modelOf = ({ A, steps, momentum }: Case, engine: EngineName, mask: Mask = 'queries') =>
  loopedTransformer({ step: steps, preconditioner: A, momentum, engine, mask });

/** All differences within 1e-12 of the largest number on the way there. */
function close(got: readonly Rows[], wanted: readonly Rows[], growth: number): void {
  expect(got.length).toBe(wanted.length);
  got.forEach((rows, t) => {
    rows.forEach((row, i) => {
      row.forEach((value, c) => {
        expect(Math.abs(value - wanted[t]![i]![c]!)).toBeLessThanOrEqual(1e-12 * (1 + growth));
      });
    });
  });
}

const largest = (all: readonly Rows[]) => all.flat(2).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe('T1: the loops are preconditioned gradient descent, W <- W - eta A^T (H W - c), in every engine', () => {
  const property = (engine: EngineName, reference: (p: Problem) => Rows[] = gradientDescent) =>
    fc.assert(
      fc.property(cases, (c) => {
        const p = problemOf(c);
        const W = reference(p);
        const model = modelOf(c, engine);
        const predictions = W.map((w) => times(p.queries, w));
        const residuals = W.map((w) => times(p.X, w).map((row, i) => row.map((value, o) => p.Y[i]![o]! - value)));
        const growth = largest([...W, ...predictions, ...residuals, p.Y]) * (1 + largest([p.X]) ** 2) * c.x.rows;
        const states = [...trace(model, c, c.queries)];
        close(
          states.map((s) => rowsOf(s.predictions)),
          predictions,
          growth,
        );
        close(
          states.map((s) => rowsOf(s.residuals)),
          residuals,
          growth,
        );
        if (engine === 'gram' || engine === 'kernel')
          close(
            states.map((s) => rowsOf(s.weights!)),
            W,
            growth,
          );
        const { predictions: last, perLoop } = predict(model, c, c.queries, { perLoop: true });
        expect(perLoop!.map((P) => [...P.data])).toEqual(states.map((s) => [...s.predictions.data]));
        expect([...last.data]).toEqual([...(perLoop!.at(-1)?.data ?? new Float64Array(last.data.length))]);
        if (W.length > 0) close([rowsOf(implicitWeights(model, c))], [W.at(-1)!], growth);
        close(
          W.map((_, t) => rowsOf(implicitWeights(model, c, t + 1))),
          W,
          growth,
        );
        expect(states.map(({ loop }) => loop)).toEqual(W.map((_, t) => t + 1));
      }),
    );

  it.each(ENGINES)('holds for %s', (engine) => property(engine));
  it.each(ENGINES)('fails for %s with A in place of A^T', (engine) => mustFail(() => property(engine, (p) => gradientDescent(p, false))));
  it.each(ENGINES)('fails for %s without 1 / n', (engine) =>
    mustFail(() => property(engine, (p) => gradientDescent({ ...p, steps: p.steps.map((eta) => eta * p.X.length) }))),
  );
  it.each(ENGINES)('fails for %s when the last step is missing', (engine) =>
    mustFail(() => property(engine, (p) => gradientDescent({ ...p, steps: p.steps.map((eta, t) => (t + 1 < p.steps.length ? eta : 0)) }))),
  );
});

describe('masks: token by token, each engine gives the labels of the formula', () => {
  const property = (engine: EngineName, mask: Mask, sees = SEES[mask]) =>
    fc.assert(
      fc.property(cases, (c) => {
        const p = problemOf(c);
        const labels = tokens(p, sees);
        const growth = largest([...labels, p.Y]) * (1 + largest([p.X, p.queries]) ** 2) * (c.x.rows + c.queries.rows) * 4 ** p.steps.length;
        const states = [...trace(modelOf(c, engine, mask), c, c.queries)];
        close(
          states.map((s) => [...rowsOf(s.residuals), ...rowsOf(s.predictions).map((row) => row.map((v) => -v))]),
          labels,
          growth,
        );
      }),
    );
  const pairs = ENGINES.flatMap((engine) =>
    (['queries', 'causal', 'none'] as const)
      .filter((mask) => mask !== 'causal' || engine === 'token' || engine === 'linear-attention')
      .map((mask) => ({ engine, mask })),
  );
  it.each(pairs)('$engine, $mask', ({ engine, mask }) => property(engine, mask));
  it.each(pairs.filter(({ mask }) => mask === 'causal'))('$engine, $mask: fails where a token does not see itself', ({ engine, mask }) =>
    mustFail(() => property(engine, mask, (j, i, n) => i < n && i < j)),
  );
  it.each(pairs.filter(({ mask }) => mask === 'none'))('$engine, $mask: fails where queries are not seen', ({ engine, mask }) =>
    mustFail(() => property(engine, mask, SEES.queries)),
  );
});

describe('more tokens than fit a block of the token engine', () => {
  it.each((['queries', 'causal', 'none'] as const).flatMap((mask) => [false, true].map((softmax) => ({ mask, softmax }))))(
    'mask $mask, softmax $softmax',
    ({ mask, softmax }) => {
      const rng = seeded(300);
      const [x, y, queries] = [normals(rng, 290, 2), normals(rng, 290, 1), normals(rng, 20, 2)];
      const identity = [
        [1, 0],
        [0, 1],
      ];
      const p = { X: rowsOf(x), Y: rowsOf(y), queries: rowsOf(queries), A: identity, steps: [0.3, 0.3], momentum: 0 };
      const labels = tokens(p, SEES[mask], softmax);
      const model = loopedTransformer({ loops: 2, step: 0.3, engine: 'token', mask, attention: softmax ? 'softmax' : 'linear' });
      const states = [...trace(model, { x, y }, queries)];
      close(
        states.map((s) => [...rowsOf(s.residuals), ...rowsOf(s.predictions).map((row) => row.map((v) => -v))]),
        labels,
        largest(labels) * 310,
      );
    },
  );
});

it.each(['causal', 'none'] as const)('under the mask %s there is no error bound, and it is said why', (mask) => {
  const [x, y] = [normals(seeded(1), 8, 2), normals(seeded(2), 8, 1)];
  const { errorBound, noBound } = predict(loopedTransformer({ mask }), { x, y }, x);
  expect(errorBound).toBeUndefined();
  expect(noBound).toContain(mask);
});

describe('T8: under the mask a query changes nothing but itself, to the bit; without it, it does', () => {
  const others = (engine: EngineName, mask: Mask) => {
    const rng = seeded(8);
    const [x, y, queries] = [normals(rng, 9, 4), normals(rng, 9, 2), normals(rng, 5, 4)];
    const moved = dense(
      5,
      4,
      queries.data.map((value, i) => (Math.floor(i / 4) === 2 ? value + 1 : value)),
    );
    const model = loopedTransformer({ step: 0.2, loops: 6, engine, mask });
    const [before, after] = [queries, moved].map((Q) => rowsOf(predict(model, { x, y }, Q).predictions).filter((_, j) => j !== 2));
    expect(after).toEqual(before);
  };
  it.each(ENGINES)('%s, mask queries', (engine) => others(engine, 'queries'));
  it.each(['token', 'linear-attention'] as const)('%s, mask causal', (engine) => others(engine, 'causal'));
  it.each(ENGINES)('%s, no mask: they change', (engine) => mustFail(() => others(engine, 'none')));
});

describe('what is printed is what runs', () => {
  it('P, Q and S of the token engine give the loop on paper', () => {
    const rng = seeded(3);
    const c: Case = {
      x: normals(rng, 5, 3),
      y: normals(rng, 5, 2),
      queries: normals(rng, 2, 3),
      A: normals(rng, 3, 3),
      steps: Float64Array.of(0.1, 0.2),
      momentum: 0.4,
    };
    const weights = weightsFor(modelOf(c, 'token'), c);
    const { P, Q, S } = loopMatrices(weights);
    expect([P.rows, Q.rows, S.rows]).toEqual([7, 7, 7]);
    let Z = transposeOf([
      ...rowsOf(c.x).map((x, i) => [...x, ...rowsOf(c.y)[i]!, 0, 0]),
      ...rowsOf(c.queries).map((x) => [...x, 0, 0, 0, 0]),
    ]);
    for (const eta of weights.steps) {
      const scores = times(transposeOf(Z), times(rowsOf(Q), Z));
      const values = times(rowsOf(P), Z).map((row) => row.map((value, j) => (j < 5 ? value : 0)));
      const update = times(values, scores);
      Z = times(rowsOf(S), Z).map((row, i) => row.map((value, j) => value - (eta / 5) * update[i]![j]!));
    }
    const got = rowsOf(predict(modelOf(c, 'token'), c, c.queries).predictions);
    close(
      [got],
      [
        transposeOf(Z.slice(3, 5))
          .slice(5)
          .map((row) => row.map((v) => -v)),
      ],
      10,
    );
  });

  it('one loop of step size eta predicts eta / n sum_i y_i x_i^T x', () => {
    const [x, y, query] = [
      fromRows([
        [1, 2],
        [3, -1],
      ]),
      Float64Array.of(2, 5),
      fromRows([[1, 4]]),
    ];
    for (const engine of ENGINES) {
      const { predictions } = predict(loopedTransformer({ step: 0.5, loops: 1, engine }), { x, y }, query);
      expect(predictions.data[0]).toBeCloseTo((0.5 / 2) * (2 * 9 + 5 * -1), 12);
    }
  });
});

describe('auto takes the engine with the fewest operations', () => {
  const chosen = (n: number, d: number, loops: number, options: { mask?: Mask; attention?: 'softmax'; q?: number } = {}) => {
    const { q = 1, ...rest } = options;
    const none = (rows: number, cols: number) => dense(rows, cols, new Float64Array(rows * cols));
    return predict(loopedTransformer({ loops, step: 1, ...rest }), { x: none(n, d), y: none(n, 1) }, none(q, d), { certify: false }).engine;
  };
  it.each([
    // n d^2 once and 2 d^2 a loop, against 4 n d a loop: gram from d / 4 loops on.
    { n: 4000, d: 40, loops: 9, engine: 'linear-attention' },
    { n: 4000, d: 40, loops: 11, engine: 'gram' },
    { n: 5, d: 400, loops: 100, engine: 'kernel' },
    // Queries alone make a loop of linear attention longer.
    { n: 4000, d: 40, loops: 9, q: 2000, engine: 'gram' },
    // 2 n (n + q) d once is more than 4 (n + q) d in one loop.
    { n: 5, d: 400, loops: 1, engine: 'linear-attention' },
    { n: 4000, d: 40, loops: 100, mask: 'causal', engine: 'linear-attention' },
    { n: 40, d: 4, loops: 1, attention: 'softmax', engine: 'token' },
  ] as const)('%o', ({ n, d, loops, engine, ...options }) => expect(chosen(n, d, loops, options)).toBe(engine));
});

describe('the softmax loop, a contrast', () => {
  const property = (reference: (p: Problem) => Rows[]) =>
    fc.assert(
      fc.property(cases, fc.constantFrom('queries' as const, 'causal' as const, 'none' as const), (c, mask) => {
        const p = { ...problemOf(c) };
        const labels = reference === gradientDescent ? [] : tokens(p, SEES[mask], true);
        const wanted =
          reference === gradientDescent
            ? gradientDescent(p).map((W) => times(p.queries, W))
            : labels.map((all) => all.slice(p.X.length).map((row) => row.map((v) => -v)));
        const model = loopedTransformer({ step: c.steps, preconditioner: c.A, momentum: c.momentum, mask, attention: 'softmax' });
        const result = predict(model, c, c.queries, { perLoop: true });
        expect(result.noBound).toMatch(/softmax/);
        expect(result.kappa).toBeUndefined();
        close(result.perLoop!.map(rowsOf), wanted, 100 * largest([...wanted, p.Y]) * 4 ** p.steps.length);
      }),
    );
  it('is the column softmax of the scores', () => property((p) => tokens(p, SEES.queries, true)));
  it('is not gradient descent', () => mustFail(() => property(gradientDescent)));
});

describe('views', () => {
  it('give what their copies give', () => {
    const A = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }), fc.nat(1e6)).chain(([n, d, seed]) => {
      const rng = seeded(seed);
      const plain = normals(rng, n, d);
      return fc.tuple(fc.constant(plain), views(fc.constant(plain)), fc.constant(normals(rng, n, 1)));
    });
    fc.assert(
      fc.property(A, ([plain, view, y]) => {
        const model = loopedTransformer({ loops: 3 });
        const [a, b] = [plain, view as Dense].map((x) => predict(model, { x, y }, x).predictions.data);
        expect([...b!]).toEqual([...a!]);
      }),
    );
  });
});
