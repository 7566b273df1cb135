import { philox } from '@x/linalg';
import { effort, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { bestTiles } from '../src/advisor/cost.ts';
import { type Setting, settingOf } from '../src/advisor/problem.ts';
import { boundOf, epochBound, productsOfEpoch, trivialBound } from '../src/bounds/lower-bound.ts';
import { sparseFormula } from '../src/bounds/sparse-formula.ts';
import { leastTraffic, lowerBound, optimizeTiles, slidingWindow } from '../src/index.ts';
import type { Mask } from '../src/masks/mask.ts';
import { dagBuilder, type PebbleDag } from '../src/pebble/dag.ts';
import { attentionDag, matmulDag } from '../src/pebble/graphs.ts';
import { greedyPebbling } from '../src/pebble/greedy.ts';
import { decodeMove } from '../src/pebble/moves.ts';
import { solveOptimal } from '../src/pebble/solve.ts';
import { scheduleOf, schedulesFor } from '../src/schedules/all.ts';
import { multiply, productLive } from '../src/schedules/matmul.ts';
import { playingMachine } from '../src/schedules/playing.ts';
import { liveWords, movedWords } from '../src/schedules/schedule.ts';
import { FINEST } from '../src/schedules/search.ts';
import { randomKind } from './draw.ts';

/** Scores of n queries and keys of size d alone. */
function scoresDag(n: number, d: number): PebbleDag {
  const dag = dagBuilder();
  const [Q, K] = [0, 1].map(() => Array.from({ length: n * d }, () => dag.input())) as [number[], number[]];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum: number | undefined;
      for (let t = 0; t < d; t++) sum = dag.node([Q[i * d + t]!, K[j * d + t]!, ...(sum === undefined ? [] : [sum])]);
      dag.output(sum!);
    }
  }
  return dag.build();
}

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

describe('P3: no schedule moves less than the optimum of what it computes', () => {
  /** Tiles of a x b of a product m x k x n, played: its own DAG and moves. */
  const tiled = (m: number, k: number, n: number, a: number, b: number) => {
    const M = productLive(a, b, 1);
    const machine = playingMachine(
      M,
      new Map([
        ['A', new Float64Array(m * k).fill(1)],
        ['B', new Float64Array(k * n).fill(1)],
      ]),
      ['C'],
    );
    const [A, B, C] = [machine.tensor('A', m, k), machine.tensor('B', k, n), machine.tensor('C', m, n)];
    multiply(machine, { tensor: A }, { tensor: B }, C, { a, b, k, accumulator: 1 });
    return { ...machine.finish(), M };
  };
  const sizes = [
    [2, 2, 2, 1, 1],
    [2, 2, 2, 2, 1],
    [2, 2, 2, 2, 2],
    [3, 1, 3, 2, 2],
    [2, 3, 1, 2, 1],
    [2, 2, 3, 2, 2],
  ] as [m: number, k: number, n: number, a: number, b: number][];
  const claim = async (less: number) => {
    let met = 0;
    for (const size of sizes) {
      const { dag, M, loads, stores } = tiled(...size);
      const { cost, proven } = await solveOptimal(dag, M, { slide: true });
      expect(proven).toBe(true);
      expect(loads + stores - less).toBeGreaterThanOrEqual(cost);
      if (loads + stores === cost) met++;
    }
    return met;
  };
  it('tiles of products; some are optimal', async () => expect(await claim(0)).toBeGreaterThan(0));
  it('so that a word less would be too little', async () => {
    await expect(claim(1)).rejects.toThrow();
  });
  it.each(['unfused', 'smallCache', 'flash1', 'flash2'] as const)('%s', async (name) => {
    const schedule = scheduleOf(name);
    const shape = { nq: 1, nk: 2, d: 1, dv: 1, mask: undefined, accumulator: 1 };
    const tiles = Object.fromEntries(schedule.phases.flatMap((phase) => Object.keys(phase.tiles).map((tile) => [tile, 1])));
    const one = (size: number) => new Float64Array(size).fill(0.5);
    const machine = playingMachine(liveWords(schedule, shape, tiles), new Map(Object.entries({ Q: one(1), K: one(2), V: one(2) })), ['O']);
    schedule.run(machine, shape, tiles);
    const { dag, loads, stores } = machine.finish();
    const M = liveWords(schedule, shape, tiles);
    const { cost, proven } = await solveOptimal(dag, M, { slide: true });
    expect(proven).toBe(true);
    expect(loads + stores).toBeGreaterThanOrEqual(cost);
    expect(cost).toBeGreaterThanOrEqual(leastTraffic(dag));
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
  it('not with any one of them left out', () => {
    for (const [pass, inputs, outputs] of [
      ['forward', ['Q', 'K', 'V'], ['O']],
      ['backward', ['Q', 'K', 'V', 'dO'], ['dQ', 'dK', 'dV']],
      ['paperGradient', ['A1', 'A2', 'A3', 'X', 'Y', 'E'], ['G']],
    ] as const) {
      for (const name of inputs)
        mustFail(() =>
          counted(
            pass,
            inputs.filter((one) => one !== name),
            outputs,
          ),
        );
      for (const name of outputs)
        mustFail(() =>
          counted(
            pass,
            inputs,
            outputs.filter((one) => one !== name),
          ),
        );
    }
  });

  /** A schedule that moves just this much, where all fits at once: the bound is reached, so that a word more is false. */
  const reached = (more: number) => {
    for (const [nq, nk, d, dv] of [
      [9, 5, 3, 2],
      [4, 11, 2, 6],
    ] as const) {
      const setting = settingOf('test', { nq, nk, d, dv }, { words: 10_000 });
      // flash2 also writes the logarithms of its sums.
      expect(trivialBound('forward', setting.shape) + more).toBeLessThanOrEqual(best(setting) - nq);
    }
  };
  it('in the forward pass no more is needed', () => reached(0));
  it('so that a word more would be false', () => mustFail(() => reached(1)));
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
  it('not without the pairs made as a whole, without those in part, or with what is loaded left out', () => {
    mustFail(() => claim((M, X, d) => productsOfEpoch(M, X, 1e9 * d)));
    mustFail(() => claim((M, X, d) => (M + X) ** 2 / (4 * d)));
    mustFail(() => claim((M, _, d) => productsOfEpoch(M, 1, d)));
  });
  it('not with intervals off by one', () =>
    mustFail(() =>
      claim((M, X, d) => {
        // The rising part at the lower end of each interval instead of the upper one.
        let most = 0;
        for (let k = 0; k < 16; k++) {
          const [low, high] = [(k * (M + X)) / 16, ((k + 1) * (M + X)) / 16];
          most = Math.max(most, low ** 2 / (4 * d) + (low / 2) * Math.sqrt(2 * M + X - high));
        }
        return most;
      }),
    ));
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

  /** Products that a schedule, move by move, makes between X transfers: never more than g(X) in any epoch. */
  const epochs = (most: typeof productsOfEpoch) => {
    for (let k = 0; k < effort(12); k++) {
      const rng = philox(13, k);
      const [n, d, M] = [3 + rng.integer(4), 2 + rng.integer(3), 6 + rng.integer(60)];
      const dag = scoresDag(n, d);
      const { moves } = greedyPebbling(dag, M);
      for (const X of [1, 3, M, 4 * M]) {
        let [transfers, products] = [0, 0];
        for (const move of moves) {
          const { kind } = decodeMove(move);
          if (kind === 'compute') products++;
          if (kind === 'load' || kind === 'store') transfers++;
          expect(products).toBeLessThanOrEqual(most(M, X, d));
          if (transfers === X) [transfers, products] = [0, 0];
        }
      }
    }
  };
  it('hold between any X transfers of pebblings of scores', () => epochs(productsOfEpoch));
  it('and an eighth of them would not', () => mustFail(() => epochs((M, X, d) => productsOfEpoch(M, X, d) / 8)));

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
