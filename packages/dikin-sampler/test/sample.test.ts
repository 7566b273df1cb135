import { dense } from '@x/linalg';
import { AbortedError } from '@x/linalg/errors';
import { beforeAll, describe, expect, it } from 'vitest';
import { highs } from '../src/highs.ts';
import {
  chainsOf,
  checkConvergence,
  gaussian,
  type LpSolver,
  type Prepared,
  polytope,
  prepare,
  type Run,
  sample,
  summarize,
  UnboundedBodyError,
} from '../src/index.ts';
import { cube, simplex } from './bodies.ts';

let solver: LpSolver;
let body: Prepared;
beforeAll(async () => {
  solver = await highs();
  body = await prepare(simplex(3), { solver });
});

describe('sample', () => {
  it('equal seeds give equal draws, others others', async () => {
    for (const walk of ['dikin', 'cdhr'] as const) {
      const options = { walk, draws: 50, seed: 5 };
      const [a, b, c] = [await sample(body, options), await sample(body, options), await sample(body, { ...options, seed: 6 })];
      expect(a.samples).toEqual(b.samples);
      expect(a.tuning).toEqual(b.tuning);
      expect(a.samples).not.toEqual(c.samples);
      expect(new Set(a.acceptance.map((_, k) => chainsOf(a, 0)[k]![0])).size).toBe(4);
    }
  });

  it('tunes the Dikin radius to an acceptance between 0.25 and 0.5, then freezes it', async () => {
    const run = await sample(body, { walk: 'dikin', draws: 300 });
    expect(run.tuning.settled).toBe(true);
    for (const rate of run.acceptance) {
      expect(rate).toBeGreaterThan(0.25);
      expect(rate).toBeLessThan(0.5);
    }
    const fixed = await sample(body, { walk: 'dikin', draws: 10, radius: 0.5, burnIn: 3, thin: 2 });
    expect(fixed.tuning).toMatchObject({ radius: 0.5, burnIn: 3, thin: 2, pilotSteps: 0 });
  });

  it('draws lie in the body, and the run says by how little they could leave it', async () => {
    const run = await sample(body, { draws: 200 });
    expect(run.samples.length).toBe(4 * 200 * 3);
    expect(Math.max(run.violation.bounds, run.violation.inequalities)).toBeLessThan(1e-14);
    expect(checkConvergence(summarize(run), { ess: 100 }).converged).toBe(true);
  });

  it('works in one dimension, with one chain and one draw', async () => {
    const segment = await prepare(polytope({ variables: 1, lower: 2, upper: 3 }), { solver });
    for (const walk of ['dikin', 'cdhr'] as const) {
      const run = await sample(segment, { walk, draws: 1, chains: 1 });
      expect(run.samples[0]).toBeGreaterThan(2);
      expect(run.samples[0]).toBeLessThan(3);
    }
  });

  it('an abort keeps the finished draws, equally many of each chain', async () => {
    const controller = new AbortController();
    const error = await sample(body, {
      draws: 100_000,
      signal: controller.signal,
      onProgress: (fraction) => {
        if (fraction > 0.02) controller.abort();
      },
    }).catch((e) => e);
    expect(error).toBeInstanceOf(AbortedError);
    const partial = (error as AbortedError).partial as Run;
    expect(partial.draws).toBeGreaterThan(100);
    expect(partial.draws).toBeLessThan(100_000);
    expect(partial.samples.length).toBe(4 * partial.draws * 3);
    const whole = await sample(body, { draws: partial.draws });
    expect(partial.samples).toEqual(whole.samples);
  });

  it('yields to the event loop', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await sample(await prepare(cube(20), { solver }), { walk: 'dikin', draws: 100, burnIn: 3000, thin: 10 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });

  it('refuses what makes no sense', async () => {
    await expect(sample(body, { draws: 0 })).rejects.toMatchObject({ argument: 'draws' });
    await expect(sample(body, { chains: 1.5 })).rejects.toMatchObject({ argument: 'chains' });
    await expect(sample(body, { radius: Number.NaN })).rejects.toMatchObject({ argument: 'radius' });
    await expect(sample(body, { walk: 'hop' as never })).rejects.toMatchObject({ argument: 'walk' });
    await expect(sample(body, { density: gaussian({ mean: [0], precision: [1] }) })).rejects.toMatchObject({ name: 'ShapeError' });
    const half = await prepare(polytope({ variables: 1, lower: 0 }), { solver, allowUnbounded: true });
    await expect(sample(half)).rejects.toBeInstanceOf(UnboundedBodyError);
  });
});

describe('gaussian', () => {
  it('takes precision or covariance, full or diagonal, and they agree', () => {
    const covariance = dense(2, 2, Float64Array.of(2, 1, 1, 2));
    const precision = dense(2, 2, Float64Array.of(2 / 3, -1 / 3, -1 / 3, 2 / 3));
    const a = gaussian({ mean: [1, 2], covariance });
    const b = gaussian({ mean: [1, 2], precision });
    for (let k = 0; k < 4; k++) expect(a.precision[k]).toBeCloseTo(b.precision[k]!, 14);
    expect([...gaussian({ mean: [0, 0], covariance: [4, 1] }).precision]).toEqual([0.25, 0, 0, 1]);
  });

  it('refuses bad matrices with typed errors', () => {
    const mean = [0, 0];
    expect(() => gaussian({ mean })).toThrow(/either precision or covariance/);
    expect(() => gaussian({ mean, precision: [1] })).toThrow(/has 1 entries; the mean has 2/);
    expect(() => gaussian({ mean, precision: [1, Number.NaN] })).toThrow(/NaN/);
    expect(() => gaussian({ mean: [0, Infinity], precision: [1, 1] })).toThrow(/mean\[1\] is Infinity/);
    expect(() => gaussian({ mean, precision: dense(2, 2, Float64Array.of(1, 2, 3, 1)) })).toThrow(/not symmetric/);
    try {
      gaussian({ mean, precision: dense(2, 2, Float64Array.of(1, 2, 2, 1)) });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ name: 'NotPositiveDefiniteError', pivot: 1 });
    }
  });
});
