import { philox } from '@x/linalg';
import { effort } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import {
  advise,
  adviseLevels,
  bigBird,
  CapacityError,
  causal,
  cost,
  csrMask,
  globalWindow,
  gpu,
  isAllowed,
  lowerBound,
  optimizeTiles,
  play,
  randomMask,
  simulate,
  slidingWindow,
  tileNames,
} from '../src/index.ts';
import { type Mask, touched } from '../src/masks/mask.ts';
import { type Span, spans } from '../src/schedules/machine.ts';
import { randomKind } from './draw.ts';

const problem = { nq: 8192, d: 128 };
const memory = { bytes: 192 * 1024 };

describe('the worked example: 8192 tokens, heads of 128, 192 KiB, 16 bit', () => {
  const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10;
  it('forward', () => {
    const { ranked, regime, lowerBound: bound } = advise(problem, { ...memory, bandwidth: 2e12 });
    expect(ranked.map(({ schedule, bytes }) => [schedule, megabytes(bytes)])).toEqual([
      ['flash2', 96.5],
      ['flash1', 141.9],
      ['smallCache', 539],
      ['unfused', 807.4],
    ]);
    expect(regime).toBe('large');
    expect(bound.which).toBe('epoch');
    expect(ranked[0]!.ratioToLowerBound).toBeLessThan(6.2);
    expect(ranked[0]!.seconds).toBeCloseTo(96.485376e6 / 2e12, 12);
    expect(ranked[0]!.peak).toBeGreaterThan(0.9 * 98304);
  });
  it('backward', () => {
    const [first] = advise({ ...problem, pass: 'backward' }, memory).ranked;
    expect([first!.schedule, megabytes(first!.bytes)]).toEqual(['backwardFlash', 381]);
  });
  it('with real tiles and 32-bit sums', () => {
    const aligned = optimizeTiles(problem, memory, 'flash2', { align: 64, alignKeys: 16 });
    expect(aligned.tiles.Br! % 64).toBe(0);
    expect(aligned.tiles.Bc! % 16).toBe(0);
    const wide = optimizeTiles(problem, { ...memory, accumulatorBytes: 4 }, 'flash2', { align: 64, alignKeys: 16 });
    expect(aligned.words).toBeGreaterThan(optimizeTiles(problem, memory, 'flash2').words);
    expect(wide.tiles.Br!).toBeLessThan(aligned.tiles.Br!);
    expect(wide.words).toBeGreaterThan(aligned.words);
  });
});

describe('counts that were made before by another program', () => {
  const millions = (words: number) => Number((words / 1e6).toPrecision(3));
  it.each([
    [9, 67.5, 60.4, 411, 179, 1080, 152],
    [11, 42.1, 34, 59.1, 36.2, 155, 89],
    [12, 34.2, 26, 27.8, 18.4, 73, 69.1],
    [14, 26.6, 18.2, 6.95, 4.72, 18.6, 50.6],
    [17, 22.9, 14.6, 1.33, 1.05, 3.3, 42.3],
    [20, 21.9, 13.5, 0.528, 0.526, 1.19, 40.1],
  ])('n = 2048, d = 64, 2^%i words', (power, ...wanted) => {
    const words = 2 ** power;
    const ranked = (['forward', 'backward'] as const).flatMap((pass) => advise({ nq: 2048, d: 64, pass }, { words }).ranked);
    const names = ['unfused', 'smallCache', 'flash1', 'flash2', 'backwardFlash', 'backwardSmallCache'];
    expect(names.map((name) => millions(ranked.find(({ schedule }) => schedule === name)!.words))).toEqual(wanted);
  });
  it.each([
    ['A100', 113],
    ['H100', 83.9],
    ['RTX 40', 185],
    ['T4', 281],
  ] as const)('8192 tokens, heads of 128, 16-bit sums on %s: %f MB', (name, megabytes) => {
    expect(millions(advise(problem, gpu(name, { accumulatorBytes: 2 })).ranked[0]!.bytes)).toBe(megabytes);
  });
});

describe('heads and batch', () => {
  it('add up, and heads that share keys share their loads', () => {
    const one = optimizeTiles(problem, memory, 'flash2').words;
    expect(optimizeTiles({ ...problem, heads: 32, batch: 2 }, memory, 'flash2').words).toBe(64 * one);
    const grouped = optimizeTiles({ ...problem, heads: 32, kvHeads: 8 }, memory, 'flash2').words;
    expect(grouped).toBeLessThanOrEqual(32 * one);
    expect(grouped).toBe(8 * optimizeTiles({ nq: 4 * 8192, nk: 8192, d: 128 }, memory, 'flash2').words);
    const mask = causal(64);
    const masked = optimizeTiles({ nq: 64, d: 8, heads: 2, kvHeads: 1, mask }, { words: 400 }, 'flash2');
    expect(masked.words).toBeLessThan(optimizeTiles({ nq: 64, d: 8, heads: 2, kvHeads: 1 }, { words: 400 }, 'flash2').words);
  });
});

describe('masks', () => {
  const row = (mask: ReturnType<typeof causal>, i: number) =>
    Array.from({ length: mask.keys }, (_, j) => (isAllowed(mask, i, j) ? '#' : '.')).join('');
  it('are what their names say', () => {
    expect([0, 1, 2].map((i) => row(causal(3, 4), i))).toEqual(['##..', '###.', '####']);
    expect([0, 2, 4].map((i) => row(slidingWindow(5, 1), i))).toEqual(['##...', '.###.', '...##']);
    expect(row(slidingWindow(5, 1, { onlyBefore: true }), 2)).toBe('.##..');
    expect([0, 4].map((i) => row(globalWindow(6, 1, 1), i))).toEqual(['######', '#..###']);
    expect(row(csrMask(1, 5, [0, 3], [4, 0, 0]), 0)).toBe('#...#');
    const random = randomMask(7, 9, 3, { seed: 1 });
    for (let i = 0; i < 7; i++) expect(row(random, i).split('#')).toHaveLength(4);
    expect(random.pairs).toBe(21);
    const bird = bigBird(32, { block: 4, window: 1, globals: 1, random: 1 });
    expect(row(bird, 0)).toBe('#'.repeat(32));
    expect(row(bird, 20).startsWith('####')).toBe(true);
    expect(row(bird, 20).slice(16, 28)).toBe('#'.repeat(12));
  });
  it('touch the blocks that hold an allowed pair, by looking at every pair', () => {
    for (let k = 0; k < effort(300); k++) {
      const rng = philox(77, k);
      const [nq, nk] = [1 + rng.integer(24), 1 + rng.integer(24)];
      const square = globalWindow(nq, rng.integer(4), rng.integer(nq + 1));
      const mask =
        k % 4 === 0
          ? square
          : k % 4 === 1
            ? bigBird(nq, { block: 1 + rng.integer(nq), window: 1, globals: 0, random: 1 })
            : randomKind(rng, nq, nk, k);
      if (mask === undefined) continue;
      const [Br, Bc] = [1 + rng.integer(mask.queries + 2), 1 + rng.integer(mask.keys + 2)];
      const [rows, cols] = [[...spans(mask.queries, Br)], [...spans(mask.keys, Bc)]];
      const met = rows.flatMap((row) => cols.filter((col) => pairs(mask, row, col)).map((col) => [row, col] as const));
      const total = (list: Iterable<{ readonly size: number }>) => [...list].reduce((sum, { size }) => sum + size, 0);
      expect(touched(mask.queries, mask.keys, mask, Br, Bc)).toEqual({
        blocks: met.length,
        queries: total(met.map(([row]) => row)),
        keys: total(met.map(([, col]) => col)),
        distinctQueries: total(new Set(met.map(([row]) => row))),
        distinctKeys: total(new Set(met.map(([, col]) => col))),
      });
    }
  });
  const pairs = (mask: Mask, row: Span, col: Span): boolean => {
    for (let i = row.start; i < row.start + row.size; i++) {
      for (let j = col.start; j < col.start + col.size; j++) if (isAllowed(mask, i, j)) return true;
    }
    return false;
  };
  it('get tiles at most a tenth worse than the best of all', () => {
    const n = 48;
    const all = [
      causal(n),
      slidingWindow(n, 3),
      globalWindow(n, 3, 4),
      bigBird(n, { block: 4, window: 1, globals: 1, random: 1 }),
      randomMask(n, n, 3),
    ];
    for (const mask of all) {
      for (const words of [90, 400]) {
        const problem = { nq: n, d: 6, mask };
        let least = Number.POSITIVE_INFINITY;
        for (let Br = 1; Br <= n; Br++) {
          for (let Bc = 1; Bc <= n; Bc++) {
            try {
              least = Math.min(least, cost(problem, { words }, 'flash2', { Br, Bc }).words);
            } catch {
              // These tiles do not fit.
              break;
            }
          }
        }
        const found = optimizeTiles(problem, { words }, 'flash2').words;
        expect(found).toBeGreaterThanOrEqual(least);
        expect(found).toBeLessThanOrEqual(1.1 * least);
      }
    }
  });
  it('cost less the less they allow', () => {
    const words = (mask: ReturnType<typeof causal> | undefined) =>
      optimizeTiles({ nq: 512, d: 16, ...(mask && { mask }) }, { words: 600 }, 'flash2').words;
    expect(words(causal(512))).toBeLessThan(0.6 * words(undefined));
    expect(words(slidingWindow(512, 8, { onlyBefore: true }))).toBeLessThan(words(causal(512)));
  });
  it('are checked', () => {
    expect(() => csrMask(2, 2, [0, 1], [0])).toThrow('rowStart must have 3');
    expect(() => csrMask(1, 2, [0, 1], [2])).toThrow('columns[0]');
    expect(() => csrMask(1, 2, [0, 0], [])).toThrow('no query may see any key');
    expect(() => advise({ nq: 4, d: 2, mask: causal(5) }, memory)).toThrow('mask is 5 x 5; it must be 4 x 4');
  });
});

describe('cost, simulate and play', () => {
  const small = { nq: 6, d: 2 };
  it('agree', () => {
    const tiles = { Br: 3, Bc: 2 };
    const closed = cost(small, { words: 40 }, 'flash2', tiles);
    expect(simulate(small, { words: 40 }, 'flash2', tiles)).toMatchObject({
      loads: closed.loads,
      stores: closed.stores,
      peak: closed.peak,
    });
    const numbers = Float64Array.from({ length: 12 }, (_, k) => k / 12);
    const { results, ...counts } = play(small, { words: 40 }, 'flash2', tiles, { Q: numbers, K: numbers, V: numbers });
    expect(counts).toMatchObject({ loads: closed.loads, stores: closed.stores });
    expect(results.get('O')).toHaveLength(12);
  });
  it('tell what does not fit, and by how much', () => {
    expect(() => cost(small, { words: 10 }, 'flash2', { Br: 3, Bc: 2 })).toThrow(CapacityError);
    expect(() => optimizeTiles(small, { words: 5 }, 'flash2')).toThrow(/the smallest take \d+/);
    expect(advise(small, { words: 2 }).ranked).toEqual([]);
  });
  it('name tiles, and refuse others', () => {
    expect(tileNames('flash2')).toEqual({ Br: 'queries of a block', Bc: 'keys of a block' });
    expect(() => cost(small, { words: 99 }, 'flash2', { Br: 3 })).toThrow('tiles.Bc is undefined');
    expect(() => cost(small, { words: 99 }, 'flash2', { Br: 3, Bc: 1, Bq: 1 })).toThrow('no tile size Bq');
    expect(() => cost(small, { words: 99 }, 'backwardFlash', { Br: 3, Bc: 1 })).toThrow("the problem's pass is forward");
  });
  it('simulate and play refuse tiles that never end', () => {
    const given = { Q: new Float64Array(12), K: new Float64Array(12), V: new Float64Array(12) };
    for (const Br of [0, -1, 1.5, Number.NaN]) {
      expect(() => simulate(small, { words: 99 }, 'flash2', { Br, Bc: 1 })).toThrow('tiles.Br is');
      expect(() => play(small, { words: 99 }, 'flash2', { Br, Bc: 1 }, given)).toThrow('tiles.Br is');
    }
    expect(() => simulate(small, { words: 99 }, 'flash2', { Br: 1 })).toThrow('tiles.Bc is undefined');
  });
  it('refuse bad numbers, naming them', () => {
    for (const nq of [0, 1.5, Number.NaN, -3]) expect(() => advise({ nq, d: 2 }, memory)).toThrow('nq is');
    expect(() => advise({ nq: 8, d: 2 }, {})).toThrow('either bytes or words');
    expect(() => advise({ nq: 8, d: 2 }, { bytes: 100, accumulatorBytes: 1 })).toThrow('accumulatorBytes');
    expect(() => advise({ nq: 8, d: 2, heads: 6, kvHeads: 4 }, memory)).toThrow('divide');
    expect(() => advise({ nq: 2 ** 28, d: 2 ** 20 }, memory)).toThrow('2^53');
    expect(() => play(small, { words: 40 }, 'flash2', { Br: 3, Bc: 2 }, { Q: new Float64Array(12) })).toThrow('input K is missing');
    const bad = Float64Array.of(Number.NaN, ...new Float64Array(11));
    expect(() => play(small, { words: 40 }, 'flash2', { Br: 3, Bc: 2 }, { Q: bad, K: bad, V: bad })).toThrow('Q[0] is NaN');
  });
});

it('levels of memory are each advised on', () => {
  const [inner, outer] = adviseLevels(problem, [{ bytes: 64 * 1024 }, { bytes: 40 * 2 ** 20 }]);
  expect(inner!.ranked[0]!.bytes).toBeGreaterThan(outer!.ranked[0]!.bytes);
  expect(outer!.regime).toBe('fits');
});

it('GPUs have their shared memory', () => {
  expect(gpu('A100')).toMatchObject({ bytes: 163 * 1024, accumulatorBytes: 4 });
  expect(() => gpu('A101' as 'A100')).toThrow('name is A101');
  expect(lowerBound(problem, gpu('H100')).words).toBeGreaterThan(0);
});
