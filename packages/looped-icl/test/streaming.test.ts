import { ArgumentError, block, type Dense, dense } from '@x/linalg';
import { mustFail } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionNumber, loopedTransformer, predict, prefixCurve, type StreamingContext, streamingContext } from '../src/index.ts';
import { certifiedSpectrum } from '../src/spectrum.ts';
import { type RunningSums, runningSums } from '../src/streaming/sums.ts';
import { normals, seeded } from './problems.ts';

const row = (A: Dense, i: number) => A.data.slice(i * A.cols, (i + 1) * A.cols);

describe('a stream predicts what the transformer predicts on the examples that it holds', () => {
  const model = loopedTransformer({ loops: 12, step: 'inverse-L' });
  const property = (open: (d: number, k: number) => StreamingContext, held: (n: number) => [number, number]) =>
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 2 }),
        (seed, d, n, k) => {
          const rng = seeded(seed);
          const [x, y, queries] = [normals(rng, n, d), normals(rng, n, k), normals(rng, 3, d)];
          const stream = open(d, k);
          for (let i = 0; i < n; i++) stream.push(row(x, i), row(y, i));
          const [from, count] = held(n);
          const wanted = predict(model, { x: block(x, from, 0, count, d), y: block(y, from, 0, count, k) }, queries).predictions;
          const got = stream.predict(model, queries);
          expect(stream.weight).toBe(count);
          // The certified L, and so the step size, differs by the rounding that each allows for: some n d roundoffs.
          const size = wanted.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
          got.data.forEach((value, i) => {
            expect(Math.abs(value - wanted.data[i]!)).toBeLessThanOrEqual(1e-11 * size);
          });
        },
      ),
    );
  it('all of them', () =>
    property(
      (d, k) => streamingContext(d, k),
      (n) => [0, n],
    ));
  it('the last four', () =>
    property(
      (d, k) => streamingContext(d, k, { window: 4 }),
      (n) => [Math.max(0, n - 4), Math.min(4, n)],
    ));
  it('fails for a window of another width', () =>
    mustFail(() =>
      property(
        (d, k) => streamingContext(d, k, { window: 5 }),
        (n) => [Math.max(0, n - 5), Math.min(4, n)],
      ),
    ));

  it('what is taken back leaves no trace, after 2e4 changes of every size', () => {
    const rng = seeded(1);
    const [stream, fresh] = [streamingContext(3), streamingContext(3)];
    const keep = normals(rng, 6, 3);
    for (let i = 0; i < 6; i++) for (const s of [stream, fresh]) s.push(row(keep, i), i);
    for (let round = 0; round < 1e4; round++) {
      const big = normals(rng, 1, 3).data.map((value) => value * 1e3);
      stream.push(big, 1e3);
      stream.remove(big, 1e3);
    }
    const [a, b] = [stream, fresh].map((s) => s.predict(loopedTransformer({ loops: 50, step: 0.2 }), keep).data);
    a!.forEach((value, i) => {
      expect(Math.abs(value - b![i]!)).toBeLessThan(1e-12);
    });
    // Plain sums would have lost eps 1e6 sqrt(1e4) = 2e-8.
  });

  /** Small examples that stay, large ones that come and leave; which leave [[1 + s, s], [s, s]], s the rounded square of 1e-3. */
  const certified = (slackOf: (sums: RunningSums) => number, factor = 1) => {
    for (const size of [1, 1e3, 1e6, 1e9]) {
      for (const seed of [1, 2, 3, 4, 5]) {
        const rng = seeded(seed);
        const sums = runningSums(2, 1);
        const none = Float64Array.of(0);
        const small = 1e-3;
        sums.add(Float64Array.of(1, 0), none, 1);
        sums.add(Float64Array.of(small, small), none, 1);
        const large = Array.from({ length: 50 }, () => Float64Array.of(size * rng.normal(), size * rng.normal()));
        for (const x of large) sums.add(x, none, 1);
        for (const x of large) sums.add(x, none, -1);
        // By a power of two nothing rounds, and the mean stays.
        if (factor < 1) sums.forget(factor);
        const { lower, upper } = certifiedSpectrum(sums.mean(0, 2), slackOf(sums));
        // Eigenvalues of [[1 + s, s], [s, s]] / 2; the least by the determinant s / 4, without cancellation.
        const s = small * small;
        const root = Math.sqrt(1 + 4 * s * s);
        const [most, least] = [(1 + 2 * s + root) / 4, s / (1 + 2 * s + root)];
        const ulps = 4 * Number.EPSILON;
        expect(lower).toBeLessThanOrEqual(least * (1 + ulps));
        expect(upper).toBeGreaterThanOrEqual(most * (1 - ulps));
        expect(lower).toBeGreaterThan(0.9 * least - 1e-22 * size * size);
      }
    }
  };
  it('the spectrum is certified after large examples have left', () => certified((sums) => sums.slack()));
  it('and after what is left has been forgotten in part', () => certified((sums) => sums.slack(), 0.5));
  it('which fails with the rounding of the sums that are left alone', () =>
    mustFail(() =>
      certified((sums) => {
        const H = sums.mean(0, 2).data;
        return 8 * 2 ** -53 * (H[0]! + H[3]!);
      }),
    ));
  it('the spectrum is certified after long forgetting', () => {
    const sums = runningSums(1, 1);
    sums.add(Float64Array.of(1), Float64Array.of(0), 1);
    for (let i = 0; i < 5000; i++) sums.forget(1 - 2 ** -20);
    // (1 - 2^-20)^5000 in both: H is 1 but for rounding, and slack knows how much.
    expect(Math.abs(sums.mean(0, 1).data[0]! - 1)).toBeLessThanOrEqual(sums.slack());
  });
  /** With a rounding that is known: high parts of 1 keep nothing of examples below 2^-27, which is all in the low parts. */
  const forgets = (wanted: (weights: readonly number[]) => number) => {
    const sums = runningSums(1, 1);
    const none = Float64Array.of(0);
    sums.add(Float64Array.of(1), none, 1);
    const small = 2 ** -30;
    const weights = [1, 1];
    sums.add(Float64Array.of(small), none, 1);
    for (let i = 0; i < 40; i++) {
      sums.forget(0.5);
      sums.add(Float64Array.of(small), none, 1);
      for (let j = 0; j < weights.length; j++) weights[j]! /= 2;
      weights.push(1);
    }
    const weight = weights.reduce((a, b) => a + b);
    expect(sums.weight).toBe(weight);
    // Everything is a power of two, and the sum of squares fits 53 bits but for what the low parts hold: exact.
    const exact = (weights[0]! + wanted(weights) * small * small) / weight;
    expect(Math.abs(sums.mean(0, 1).data[0]! / exact - 1)).toBeLessThanOrEqual(4 * Number.EPSILON);
    expect(Math.abs(sums.mean(0, 1).data[0]! - exact)).toBeLessThanOrEqual(sums.slack());
  };
  it('forgets what rounding holds too', () => forgets((weights) => weights.slice(1).reduce((a, b) => a + b)));
  it('which fails where low parts are kept', () => mustFail(() => forgets((weights) => weights.length - 1)));

  it('an example of zeros teaches nothing', () => {
    const stream = streamingContext(2);
    stream.push(new Float64Array(2), 1);
    expect([...stream.predict(model, dense(1, 2, Float64Array.of(1, 1))).data]).toEqual([0]);
    expect(stream.spectrum()).toEqual({ smallest: 0, largest: 0, lower: 0, upper: 0 });
  });
  it('notices when what leaves never came', () => {
    const stream = streamingContext(2);
    stream.push(Float64Array.of(1, 2), 3);
    expect(() => stream.remove(Float64Array.of(1, 2.5), 3)).toThrow('never pushed');
    expect(stream.weight).toBe(1);
    expect(stream.predict(loopedTransformer({ loops: 1, step: 1 }), dense(1, 2, Float64Array.of(1, 0))).data[0]).toBe(3);
  });

  it('forgets at the rate that is asked for', () => {
    const rng = seeded(2);
    const [x, y] = [normals(rng, 8, 2), normals(rng, 8, 1)];
    const stream = streamingContext(2, 1, { forget: 0.5 });
    for (let i = 0; i < 8; i++) stream.push(row(x, i), y.data[i]!);
    // 1 + 1/2 + ... + 1/128: the last counts in full.
    expect(stream.weight).toBe(2 - 0.5 ** 7);
    const root = (i: number) => Math.sqrt(0.5 ** (7 - i));
    const scale = (A: Dense) =>
      dense(
        8,
        A.cols,
        A.data.map((value, p) => (value * root(Math.floor(p / A.cols)) * Math.sqrt(8)) / Math.sqrt(2 - 0.5 ** 7)),
      );
    const wanted = predict(model, { x: scale(x), y: scale(y) }, x).predictions.data;
    stream.predict(model, x).data.forEach((value, i) => {
      expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-11);
    });
  });

  it('warm goes on from the weights reached; restart does not', () => {
    const rng = seeded(3);
    const [x, y] = [normals(rng, 20, 3), normals(rng, 20, 1)];
    const stream = streamingContext(3);
    for (let i = 0; i < 20; i++) stream.push(row(x, i), y.data[i]!);
    const few = loopedTransformer({ loops: 5 });
    const first = stream.predict(few, x).data;
    expect([...stream.predict(few, x).data]).toEqual([...first]);
    // What another model has reached, or one that diverged, is no start.
    stream.predict(loopedTransformer({ step: 5, loops: 30 }), x);
    expect([...stream.predict(few, x, { mode: 'warm' }).data]).toEqual([...first]);
    const on = stream.predict(few, x, { mode: 'warm' }).data;
    const ten = predict(loopedTransformer({ loops: 10 }), { x, y }, x).predictions.data;
    on.forEach((value, i) => {
      expect(Math.abs(value - ten[i]!)).toBeLessThan(1e-11);
    });
  });

  it('knows its spectrum, and refuses what it cannot do', () => {
    const rng = seeded(4);
    const x = normals(rng, 9, 3);
    const stream = streamingContext(3);
    expect(() => stream.spectrum()).toThrow(ArgumentError);
    expect(() => stream.predict(model, x)).toThrow('no example');
    for (let i = 0; i < 9; i++) stream.push(row(x, i), 0);
    const { lower, upper } = stream.spectrum();
    expect(upper / lower / conditionNumber({ x, y: new Float64Array(9) }).upper).toBeCloseTo(1, 10);
    expect(() => stream.push(Float64Array.of(1, Number.NaN, 2), 0)).toThrow('x[1] is NaN');
    expect(() => stream.push(row(x, 0), Float64Array.of(1, 2))).toThrow('y has 2 entries');
    expect(() => streamingContext(3, 1, { window: 3 }).remove(row(x, 0), 1)).toThrow(ArgumentError);
    expect(() => streamingContext(3, 1, { window: 3, forget: 0.5 })).toThrow(ArgumentError);
    expect(() => stream.predict(loopedTransformer({ mask: 'causal' }), x)).toThrow(ArgumentError);
  });
});

describe('prefixCurve', () => {
  it('is the model on each prefix, asked for the next example', () => {
    const rng = seeded(5);
    const [x, y] = [normals(rng, 10, 3), normals(rng, 10, 2)];
    const model = loopedTransformer({ loops: 9 });
    const { examples, squaredErrors, predictions } = prefixCurve(model, { x, y });
    expect([...examples]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (let n = 1; n < 10; n++) {
      const next = predict(model, { x: block(x, 0, 0, n, 3), y: block(y, 0, 0, n, 2) }, block(x, n, 0, 1, 3)).predictions.data;
      let sum = 0;
      for (let c = 0; c < 2; c++) {
        expect(predictions.data[(n - 1) * 2 + c]).toBeCloseTo(next[c]!, 10);
        sum += (next[c]! - y.data[n * 2 + c]!) ** 2;
      }
      expect(squaredErrors[n - 1]).toBeCloseTo(sum, 9);
    }
  });
});
