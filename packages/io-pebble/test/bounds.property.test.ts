import { philox } from '@x/linalg';
import { effort, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { bestTiles } from '../src/advisor/cost.ts';
import { type Setting, settingOf } from '../src/advisor/problem.ts';
import { boundOf, epochBound, productsOfEpoch, trivialBound } from '../src/bounds/lower-bound.ts';
import { sparseFormula } from '../src/bounds/sparse-formula.ts';
import { lowerBound, optimizeTiles, slidingWindow } from '../src/index.ts';
import type { Mask } from '../src/masks/mask.ts';
import { attentionDag, matmulDag } from '../src/pebble/graphs.ts';
import { solveOptimal } from '../src/pebble/solve.ts';
import { schedulesFor } from '../src/schedules/all.ts';
import { movedWords } from '../src/schedules/schedule.ts';
import { FINEST } from '../src/schedules/search.ts';
import { randomKind } from './draw.ts';

/** Words of the best schedule, over one head. */
function best(setting: Setting): number {
  return Math.min(
    ...schedulesFor(setting.pass).map((schedule) => {
      const tiles = bestTiles(schedule, setting, FINEST);
      if (tiles === undefined) return Number.POSITIVE_INFINITY;
      const { loads, stores } = movedWords(schedule, setting.shape, tiles);
      return loads + stores;
    }),
  );
}

describe('P3: no schedule moves less than the lower bound', () => {
  const claim = (factor: number, masked: boolean) => {
    const ratios: number[] = [];
    for (let k = 0; k < effort(masked ? 150 : 600); k++) {
      const rng = philox(11, k);
      const d = 2 + rng.integer(62);
      const M = 16 + rng.integer(4000);
      // Large enough that the epoch bound says more than that inputs are read.
      const n = Math.ceil(12 * (M / d + Math.sqrt(2 * M))) + rng.integer(50);
      const [nq, nk] = masked ? [1 + rng.integer(60), 1 + rng.integer(60)] : [n, n];
      const mask: Mask | undefined = masked ? randomKind(rng, nq, nk, k) : undefined;
      const pass = rng.integer(2) === 0 ? 'forward' : 'backward';
      const setting = settingOf('test', { nq, nk, d, pass, ...(mask && { mask }) }, { words: M });
      const bound = boundOf(setting);
      if (!masked) expect(bound.which).toBe('epoch');
      const moved = best(setting);
      if (moved === Number.POSITIVE_INFINITY) continue;
      expect(moved).toBeGreaterThanOrEqual(factor * bound.words);
      ratios.push(moved / bound.words);
    }
    expect(ratios.length).toBeGreaterThan(100);
    return ratios;
  };
  it('without a mask, where the bound is more than reading the inputs', () => {
    const ratios = claim(1, false);
    // A bound that is far too weak would say nothing either.
    expect(Math.min(...ratios)).toBeLessThan(8);
  });
  it('under any mask', () => void claim(1, true));
  it('but less than 32 times that', () => mustFail(() => claim(32, false)));

  it('nor does the optimal pebbling of small products and attention', async () => {
    for (const M of [4, 5, 6, 7]) {
      for (const [m, k, n] of [
        [2, 2, 2],
        [3, 1, 3],
        [2, 2, 3],
      ] as const) {
        const { cost } = await solveOptimal(matmulDag(m, k, n), M);
        // Smith, Lowery, Langou, van de Geijn 2017: 2 m n k / sqrt(M) - 2 M; inputs and outputs once.
        expect(cost).toBeGreaterThanOrEqual(Math.max(m * k + k * n + m * n, (2 * m * n * k) / Math.sqrt(M) - 2 * M));
      }
      const shape = { nq: 2, nk: 2, d: 1, dv: 1, mask: undefined, accumulator: 1 };
      expect((await solveOptimal(attentionDag(2, 1), M)).cost).toBeGreaterThanOrEqual(trivialBound('forward', shape));
    }
  });
});

describe('H1: what must be moved whatever the schedule', () => {
  const counted = (pass: 'forward' | 'backward' | 'paperGradient', inputs: readonly string[], outputs: readonly string[]) => {
    const [nq, nk, d, dv] = [11, 7, 5, 3];
    const sizes: Record<string, number> = {
      Q: nq * d,
      K: nk * d,
      V: nk * dv,
      O: nq * dv,
      dO: nq * dv,
      dQ: nq * d,
      dK: nk * d,
      dV: nk * dv,
    };
    Object.assign(sizes, { A1: nq * d, A2: nk * d, A3: nk * d, X: d * d, Y: d * dv, E: nq * dv, G: d * d });
    const words = [...inputs, ...outputs].reduce((sum, name) => sum + sizes[name]!, 0);
    expect(trivialBound(pass, { nq, nk, d, dv, mask: undefined, accumulator: 1 })).toBe(words);
  };
  it('inputs that the outputs cannot be known without, and outputs, once each', () => {
    counted('forward', ['Q', 'K', 'V'], ['O']);
    counted('backward', ['Q', 'K', 'V', 'dO'], ['dQ', 'dK', 'dV']);
    counted('paperGradient', ['A1', 'A2', 'A3', 'X', 'Y', 'E'], ['G']);
  });
  it('not O in the backward pass, which follows from Q, K and V', () =>
    mustFail(() => counted('backward', ['Q', 'K', 'V', 'O', 'dO'], ['dQ', 'dK', 'dV'])));
});

describe('LB: products between two transfers', () => {
  /** The largest s^2 / 4 d + s / 2 sqrt(2 M + X - s), by trying all s. */
  const largest = (M: number, X: number, d: number) => {
    let most = 0;
    for (let s = 0; s <= M + X; s++) most = Math.max(most, s ** 2 / (4 * d) + (s / 2) * Math.sqrt(2 * M + X - s));
    return most;
  };
  const claim = (bound: typeof productsOfEpoch) => {
    for (const M of [10, 100, 1000]) {
      for (const length of [0.25, 1, 4, 16]) {
        for (const d of [2, 16, 128]) {
          const X = Math.round(length * M);
          expect(bound(M, X, d)).toBeGreaterThanOrEqual(largest(M, X, d));
          expect(bound(M, X, d)).toBeLessThanOrEqual(1.05 * largest(M, X, d));
        }
      }
    }
  };
  it('are bounded over all splits of what is at hand, and by no more than 5 % too much', () => claim(productsOfEpoch));
  it('not at the ends of the intervals alone', () =>
    mustFail(() => claim((M, X, d) => (M + X) ** 2 / (4 * d) + ((M + X) / 2) * Math.sqrt(M / 2))));

  /** Most products of scores from a values of Q, b of K with C sums under way: pairs (i, j) of rows with values t in both. */
  it('hold for sets of values, by trying them (Loomis and Whitney)', () => {
    for (let k = 0; k < effort(200); k++) {
      const rng = philox(12, k);
      const [n, d] = [2 + rng.integer(4), 1 + rng.integer(4)];
      const share = rng.uniform();
      const Q = Array.from({ length: n * d }, () => rng.uniform() < share);
      const K = Array.from({ length: n * d }, () => rng.uniform() < share);
      const pairs = Array.from({ length: n * n }, () => rng.uniform() < share);
      let products = 0;
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) for (let t = 0; t < d; t++) if (pairs[i * n + j] && Q[i * d + t] && K[j * d + t]) products++;
      }
      const count = (list: boolean[]) => list.filter(Boolean).length;
      expect(products).toBeLessThanOrEqual(Math.sqrt(count(Q) * count(K) * count(pairs)) + 1e-9);
    }
  });

  it('give more than epochs of M transfers alone', () => {
    const shape = { nq: 2048, nk: 2048, d: 64, dv: 64, mask: undefined, accumulator: 1 };
    for (const M of [512, 2048, 4096, 16384]) {
      const plain = (2048 ** 2 * 64 ** 2) / (M + 64 * Math.sqrt(M)) - M;
      expect(epochBound(shape, M)).toBeGreaterThanOrEqual(plain * 0.98);
    }
    expect(epochBound(shape, 512)).toBeGreaterThan(1.15 * ((2048 ** 2 * 64 ** 2) / (512 + 64 * Math.sqrt(512)) - 512));
  });
});

describe('P5: monotone', () => {
  it('more fast memory never costs more, and never raises the bound', () => {
    for (const pass of ['forward', 'backward', 'paperGradient'] as const) {
      let [before, bound] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      for (let M = 64; M < 2 ** 17; M = Math.ceil(1.3 * M)) {
        const setting = settingOf('test', { nq: 300, d: 24, pass }, { words: M });
        const [now, least] = [best(setting), boundOf(setting).words];
        expect(now).toBeLessThanOrEqual(before);
        expect(least).toBeLessThanOrEqual(bound * 1.02);
        [before, bound] = [now, least];
      }
    }
  });
  it('the optimum does not rise with M', async () => {
    let before = Number.POSITIVE_INFINITY;
    for (let M = 4; M <= 9; M++) {
      const { cost } = await solveOptimal(matmulDag(2, 2, 2), M);
      expect(cost).toBeLessThanOrEqual(before);
      before = cost;
    }
  });
});

describe('P6: masks', () => {
  it("the paper's formula for masks is no lower bound: a sliding window stays far below it", () => {
    const n = 2 ** 16;
    const mask = slidingWindow(n, 64);
    const [problem, memory] = [{ nq: n, d: 64, mask }, { words: 2 ** 15 }];
    const { words } = optimizeTiles(problem, memory, 'flash2');
    expect(words).toBeLessThan(0.5 * sparseFormula(problem, memory));
    expect(words).toBeGreaterThanOrEqual(lowerBound(problem, memory).words);
    // The paper's formula grows as n^1.5, the schedule as n.
    const half = { nq: n / 2, d: 64, mask: slidingWindow(n / 2, 64) };
    expect(sparseFormula(problem, memory) / sparseFormula(half, memory)).toBeGreaterThan(2.6);
    expect(words / optimizeTiles(half, memory, 'flash2').words).toBeLessThan(2.1);
  });
});
