import { dense } from '@x/linalg';
import { AbortedError } from '@x/linalg/errors';
import { beforeAll, describe, expect, it } from 'vitest';
import { highs } from '../src/highs.ts';
import {
  chainsOf,
  checkConvergence,
  frameOf,
  type Gaussian,
  gaussian,
  type LpSolver,
  logConcave,
  type Prepared,
  polytope,
  prepare,
  type Run,
  sample,
  summarize,
  UnboundedBodyError,
  uniform,
} from '../src/index.ts';
import { cube, simplex, skewedSimplex } from './bodies.ts';
import { dot, metric, rowsOf, slacks, solve } from './reference.ts';

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
    // 800 draws: R-hat of draws that are independent goes up to about 1.03.
    expect(checkConvergence(summarize(run), { rhat: 1.05, ess: 100 }).converged).toBe(true);
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

  it.each(['dikin', 'cdhr'] as const)('%s: burn-in and thinning leave steps out, and nothing else', async (walk) => {
    const all = await sample(body, { walk, chains: 2, radius: 0.7, burnIn: 0, thin: 1, draws: 20, seed: 8 });
    const some = await sample(body, { walk, chains: 2, radius: 0.7, burnIn: 5, thin: 3, draws: 5, seed: 8 });
    for (let j = 0; j < 3; j++) {
      for (const [c, chain] of chainsOf(some, j).entries()) {
        expect([...chain]).toEqual([7, 10, 13, 16, 19].map((t) => chainsOf(all, j)[c]![t]));
      }
    }
  });

  it('a density that falls with every look at it leaves the point where it is: the slice has nothing else', async () => {
    let looks = 0;
    const density = logConcave(() => -looks++);
    for (const walk of ['cdhr', 'hitAndRun'] as const) {
      const run = await sample(body, { density, walk, burnIn: 0, thin: 1, draws: 3, chains: 1 });
      expect(new Set(chainsOf(run, 0)[0]).size).toBe(1);
    }
  });

  it('starts are scattered over the body: near the centre and near the boundary', async () => {
    const prepared = await prepare(cube(5), { solver });
    // Steps so small that a chain stands where it started.
    const result = await sample(prepared, { walk: 'dikin', radius: 1e-6, burnIn: 0, thin: 1, draws: 1, chains: 40 });
    const { samples } = result;
    const minSlacks = chainsOf(result, 'min slack').flatMap((chain) => [...chain]);
    const distances = Array.from({ length: 40 }, (_, c) => Math.hypot(...samples.subarray(5 * c, 5 * c + 5).map((x) => x - 0.5)));
    expect(Math.max(...distances)).toBeGreaterThan(0.4);
    expect(Math.min(...minSlacks)).toBeLessThan(0.1);
    expect(Math.max(...minSlacks)).toBeGreaterThan(0.2);
    const below = Array.from({ length: 40 }, (_, c) => samples[5 * c]!).filter((x) => x < 0.5).length;
    // Binomial(40, 1/2): outside [5, 35] with probability below 1e-6.
    expect(below).toBeGreaterThanOrEqual(5);
    expect(below).toBeLessThanOrEqual(35);
  });

  it.each(['dikin', 'cdhr'] as const)('%s: energies are -log density, min slacks those of the prepared rows', async (walk) => {
    const mean = [0.1, 0.2, 0.9];
    const precision = dense(3, 3, Float64Array.of(4, 1, 0, 1, 3, -1, 0, -1, 9));
    for (const frame of ['axes', 'rounded'] as const) {
      const run = await sample(body, { walk, frame, draws: 300, density: gaussian({ mean, precision }) });
      const energies = chainsOf(run, 'f').flatMap((chain) => [...chain]);
      const values = Array.from(energies, (_, at) => {
        const x = run.samples.subarray(3 * at, 3 * at + 3).map((v, j) => v - mean[j]!);
        return x.reduce((sum, v, i) => sum + x.reduce((row, w, j) => row + 0.5 * v * w * precision.data[3 * i + j]!, 0), 0);
      });
      // Sums of nine products below 10, and slacks kept up to date by steps: rounding far below this.
      for (const [at, f] of values.entries()) expect(energies[at]! - energies[0]!).toBeCloseTo(f - values[0]!, 11);
      for (const [at, slack] of chainsOf(run, 'min slack')
        .flatMap((chain) => [...chain])
        .entries()) {
        const x = run.samples.subarray(3 * at, 3 * at + 3);
        expect(slack).toBeCloseTo(Math.min(...x, (1 - x[0]! - x[1]! - x[2]!) / Math.sqrt(3)), 12);
      }
    }
  });

  it('the violation is measured on the body as it was given', async () => {
    const full = await prepare(cube(2), { solver });
    const smaller = polytope({
      A: dense(1, 2, Float64Array.of(3, 4)),
      b: [1],
      Aeq: dense(1, 2, Float64Array.of(0, 2)),
      beq: [0],
      lower: 0.5,
      upper: 0.75,
    });
    const { violation, samples } = await sample({ ...full, body: smaller }, { draws: 50 });
    const worst = (f: (x: number, y: number) => number) =>
      Array.from({ length: 200 }, (_, k) => f(samples[2 * k]!, samples[2 * k + 1]!)).reduce((a, b) => Math.max(a, b));
    expect(violation.bounds).toBe(worst((x, y) => Math.max(0.5 - x, 0.5 - y, x - 0.75, y - 0.75)));
    expect(violation.inequalities).toBeCloseTo(
      worst((x, y) => (3 * x + 4 * y - 1) / 5),
      14,
    );
    expect(violation.equations).toBeCloseTo(
      worst((_, y) => y),
      14,
    );
  });

  it('progress rises to 1', async () => {
    const seen: number[] = [];
    await sample(body, { draws: 30, onProgress: (fraction) => seen.push(fraction) });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen[0]).toBeGreaterThan(0);
    expect(seen.at(-1)).toBe(1);
  });

  it('burn-in and thinning follow the slowest quantity', async () => {
    // x0 and x1 can only creep together along a strip of width 0.1; x2 is free.
    const strip = polytope({ A: dense(2, 3, Float64Array.of(1, -1, 0, -1, 1, 0)), b: [0.05, 0.05], lower: 0, upper: 1 });
    const prepared = await prepare(strip, { solver });
    const { tuning } = await sample(prepared, { frame: 'axes', draws: 1 });
    // A coordinate of its own is forgotten after 2 d - 1 = 5 steps; a creeping pair needs about (1 / 0.1)^2 moves.
    expect(tuning.autocorrelationTime).toBeGreaterThan(100);
    expect(tuning.burnIn).toBe(Math.ceil(20 * tuning.autocorrelationTime));
    expect(tuning.thin).toBe(Math.ceil(tuning.autocorrelationTime / 2));
    const rounded = await sample(prepared, { frame: 'rounded', draws: 1 });
    expect(rounded.tuning.autocorrelationTime).toBeLessThan(30);
  });

  it('summarises every variable that moves, f unless it is constant, and the smallest slack where there is one', async () => {
    const namesOf = async (prepared: Prepared, density?: Gaussian) =>
      summarize(await sample(prepared, { draws: 10, ...(density === undefined ? {} : { density }) })).map(({ name }) => name);
    const flat = await prepare(polytope({ variables: 3, lower: [0, 2, 0], upper: [1, 2, 1] }), { solver });
    expect(await namesOf(flat)).toEqual(['x0', 'x2', 'min slack']);
    const density = gaussian({ mean: [0, 0, 0], precision: [1, 1, 1] });
    expect(await namesOf(flat, density)).toEqual(['x0', 'x2', 'f', 'min slack']);
    const plane = await prepare(polytope({ Aeq: dense(1, 3, Float64Array.of(1, 1, 1)), beq: [1] }), { solver, allowUnbounded: true });
    expect(await namesOf(plane, density)).toEqual(['x0', 'x1', 'x2', 'f']);
  });

  it('samples a Gaussian that is narrow against the body, and one whose mean lies far outside', async () => {
    const prepared = await prepare(cube(2), { solver });
    for (const walk of ['dikin', 'cdhr'] as const) {
      for (const sd of [1e-3, 1e-7]) {
        const run = await sample(prepared, { walk, density: gaussian({ mean: [0.9, 0.2], covariance: [sd ** 2, sd ** 2] }) });
        for (const [j, m] of [0.9, 0.2].entries()) {
          const row = summarize(run)[j]!;
          expect(Math.abs(row.mean - m)).toBeLessThan(6 * row.mcse);
          expect(row.sd / sd).toBeGreaterThan(0.85);
          expect(row.sd / sd).toBeLessThan(1.15);
        }
      }
      // Near the facet x = 1 the density is exponential of rate 1e6.
      const far = await sample(prepared, { walk, density: gaussian({ mean: [1e6, 0.5], precision: [1, 1] }) });
      const gap = chainsOf(far, 0).flatMap((chain) => [...chain.map((x) => 1 - x)]);
      expect(Math.abs(gap.reduce((sum, x) => sum + x, 0) / gap.length - 1e-6)).toBeLessThan(6 * summarize(far)[0]!.mcse);
    }
  });

  it('yields to the event loop', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await sample(await prepare(cube(20), { solver }), { walk: 'dikin', draws: 100, burnIn: 3000, thin: 10 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });

  it('refuses what makes no sense', async () => {
    for (const raw of [undefined, null, {}, cube(2)])
      await expect(sample(raw as never)).rejects.toMatchObject({ name: 'ArgumentError', argument: 'body' });
    expect(() => logConcave(7 as never)).toThrow(expect.objectContaining({ argument: 'logDensity' }));
    for (const rounds of [0, -1, 2.5, Number.NaN, 2 ** 32]) {
      const walk = { kind: 'dikin', barrier: 'leeSidford', rounds } as const;
      await expect(sample(body, { walk })).rejects.toMatchObject({ name: 'ArgumentError', argument: 'rounds' });
    }
    await expect(sample(body, { draws: 0 })).rejects.toMatchObject({ argument: 'draws' });
    await expect(sample(body, { chains: 1.5 })).rejects.toMatchObject({ argument: 'chains' });
    await expect(sample(body, { radius: Number.NaN })).rejects.toMatchObject({ argument: 'radius' });
    await expect(sample(body, { walk: 'hop' as never })).rejects.toMatchObject({ argument: 'walk' });
    await expect(sample(body, { density: gaussian({ mean: [0], precision: [1] }) })).rejects.toMatchObject({ name: 'ShapeError' });
    await expect(sample(body, { frame: 'round' as never })).rejects.toMatchObject({ argument: 'frame' });
    await expect(sample(body, { seed: -1 })).rejects.toMatchObject({ argument: 'seed' });
    await expect(sample(body, { draws: 2 ** 50 })).rejects.toMatchObject({ name: 'OutOfMemoryError', bytes: 8 * 4 * 3 * 2 ** 50 });
    await expect(sample(body, { density: { kind: 'cauchy' } as never })).rejects.toMatchObject({ argument: 'density.kind' });
    const half = await prepare(polytope({ variables: 1, lower: 0 }), { solver, allowUnbounded: true });
    const error = await sample(half).catch((e) => e);
    expect(error).toBeInstanceOf(UnboundedBodyError);
    expect([...error.ray]).toEqual([1]);
  });

  it('does nothing when it was aborted before', async () => {
    const signal = AbortSignal.abort();
    await expect(sample(body, { draws: 1, burnIn: 0, thin: 1, signal })).rejects.toMatchObject({ name: 'AbortError', partial: undefined });
  });
});

describe('frameOf', () => {
  it.each(['uniform', 'gaussian'] as const)(
    'has its origin at the minimum of barrier plus f, where the rounded metric is the identity: %s',
    async (kind) => {
      const prepared = await prepare(skewedSimplex(4, 100, 5).body, { solver });
      const density = kind === 'uniform' ? uniform : gaussian({ mean: [1, 0, 0, 0], precision: [10, 20, 30, 40] });
      for (const frameKind of ['axes', 'rounded'] as const) {
        const frame = frameOf(prepared, density, frameKind);
        const G = metric(frame, [0, 0, 0, 0]);
        const rows = rowsOf(frame);
        const pull = G.map((_, j) => rows.reduce((sum, row, i) => sum + row[j]! / frame.slack[i]!, frame.quadratic?.g[j] ?? 0));
        // In the local norm, to the square root of rounding.
        expect(Math.sqrt(dot(pull, solve(G, pull)))).toBeLessThan(1e-6);
        if (frameKind === 'rounded') {
          for (const [i, row] of G.entries()) for (const [j, v] of row.entries()) expect(v).toBeCloseTo(i === j ? 1 : 0, 6);
        }
        // x = origin + map w is the same point for both: the centre.
        expect(slacks(frame, [0, 0, 0, 0]).every((s) => s > 0)).toBe(true);
      }
    },
  );
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
