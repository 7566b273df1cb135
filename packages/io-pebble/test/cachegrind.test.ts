import { execFileSync } from 'node:child_process';
import { mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { CASES, goldens, keyOf, LINE } from '../experiments/loops/cases.ts';
import { dataMisses, hasCachegrind, missesOfLoop, withLoops } from '../experiments/loops/measure.ts';
import { predictedLines } from '../experiments/loops/predict.ts';
import { traceOf } from '../experiments/loops/trace.ts';
import { cacheSim, cost, simulate } from '../src/index.ts';

const full = process.env.X_FULL === '1';
const cases = CASES.map((one, k) => ({ ...one, key: keyOf(one), misses: goldens()[k]! }));
const ratio = (key: string) => {
  const one = cases.find((known) => known.key === key)!;
  return one.misses / predictedLines(one);
};

describe('C loops under cachegrind, as recorded', () => {
  const claim = (predict: typeof predictedLines) => {
    for (const one of cases.filter(({ agrees }) => agrees)) {
      expect(one.misses / predict(one)).toBeGreaterThan(0.99);
      expect(one.misses / predict(one)).toBeLessThan(1.03);
    }
  };
  it('miss what counts of words foretell, where the cache has room', () => claim(predictedLines));
  it('which counts without first writes, or of rows rounded off, do not', () => {
    mustFail(() => claim((one) => predictedLines(one) - (one.n * one.d) / 16));
    mustFail(() => claim((one) => predictedLines({ ...one, n: Math.floor(one.n / one.a) * one.a })));
  });
  it.each([
    ['flash2 256 32 16 8 in 8192, all ways', 2.5, 2.7],
    ['flash2 256 32 32 4 in 16384, 8 ways', 1.1, 1.3],
    ['small 256 64 16 16 in 4096, all ways', 1.3, 1.36],
    ['small 256 64 24 24 in 8192, all ways', 1.55, 1.65],
  ])('%s: %f to %f times as many, for reasons that the count does not know', (key, low, high) => {
    expect(ratio(key)).toBeGreaterThan(low);
    expect(ratio(key)).toBeLessThan(high);
  });
  it('and those too are what the simulator finds', () => {
    const short = ({ loop, agrees }: (typeof cases)[number]) => loop === 'flash2' && !agrees;
    for (const one of cases.filter((any) => any.ways === 0 && (full || short(any)))) {
      const simulated = cacheSim({ bytes: one.bytes, lineBytes: LINE }).accessAll(traceOf(one));
      expect(Math.abs(one.misses / simulated - 1)).toBeLessThan(0.03);
    }
  });
});

describe('lines beside words', () => {
  const [problem, memory] = [
    { nq: 50, d: 24 },
    { words: 4000, elementBytes: 4 },
  ] as const;
  it('are between words / words of a line and words; with lines of one word they are words', () => {
    for (const schedule of ['unfused', 'smallCache', 'flash1', 'flash2'] as const) {
      const tiles = schedule.startsWith('flash') ? { Br: 7, Bc: 5 } : { sa: 7, sb: 5, oa: 6, ob: 9 };
      const { loads, stores } = cost(problem, memory, schedule, tiles);
      const single = simulate(problem, memory, schedule, tiles, { lineBytes: 4 });
      expect(single).toMatchObject({ loads, stores, lineLoads: loads, lineStores: stores });
      const { lineLoads, lineStores } = simulate(problem, memory, schedule, tiles, { lineBytes: 64 });
      for (const [lines, words] of [
        [lineLoads, loads],
        [lineStores, stores],
      ] as const) {
        expect(lines).toBeGreaterThanOrEqual(words / 16);
        expect(lines).toBeLessThanOrEqual(words);
      }
    }
  });
  it('are those that a tile touches: rows of a line and a half, columns a line each', () => {
    const lines = (tiles: { Br: number; Bc: number }) => simulate({ nq: 8, d: 24 }, memory, 'flash2', tiles, { lineBytes: 64 });
    // All of Q, K, V and O are 12 lines each, L half a one; blocks of one row begin and end inside lines.
    expect(lines({ Br: 8, Bc: 8 })).toMatchObject({ lineLoads: 36, lineStores: 13 });
    expect(lines({ Br: 8, Bc: 1 }).lineLoads).toBe(12 + 2 * 16);
  });
  it('refuse lines that are no whole words', () => {
    expect(() => simulate(problem, memory, 'flash2', { Br: 4, Bc: 4 }, { lineBytes: 6 })).toThrow('lineBytes');
  });
});

const missing = full && !hasCachegrind();
const needed = missing && process.env.X_REQUIRE_ALL === '1';

if (full) {
  describe('cachegrind itself', () => {
    it.runIf(needed)('is there', () => expect.unreachable('cc and valgrind are missing, and X_REQUIRE_ALL=1 allows no skips'));
    it.skipIf(missing)(
      'counts what was recorded, up to what compilers and libraries change',
      () =>
        withLoops((program, folder) => {
          for (const one of cases) {
            const now = missesOfLoop(program, folder, one);
            if (one.ways === 0) expect(Math.abs(now / one.misses - 1)).toBeLessThan(0.02);
            // Which lines compete for a set depends on where the system puts the stack.
            else expect(now / predictedLines(one)).toBeGreaterThan(1.05);
          }
        }),
      300_000,
    );
    it.skipIf(missing)(
      'and the simulator the same on the very addresses of the program, in sets and without',
      () =>
        withLoops((program, folder) => {
          const size = { n: 48, d: 16, a: 8, b: 4 };
          const trace = addressesOf(program, ['flash2', ...Object.values(size).map(String)]);
          expect(trace.length).toBeGreaterThan(1e5);
          for (const [bytes, ways] of [
            [4096, 0],
            [8192, 0],
            [8192, 8],
            [4096, 2],
            [2048, 1],
          ] as const) {
            const simulated = cacheSim({ bytes, lineBytes: LINE, ...(ways !== 0 && { ways }) });
            let misses = 0;
            for (const [address, length] of trace) {
              // An access across the end of a line is one miss at most, but touches both.
              const hits = [
                simulated.access(address),
                Math.floor((address + length - 1) / LINE) === Math.floor(address / LINE) || simulated.access(address + length - 1),
              ];
              if (hits.includes(false)) misses++;
            }
            const counted = dataMisses(program, folder, 'flash2', { ...size, bytes, ways });
            expect(Math.abs(misses / counted - 1)).toBeLessThan(0.001);
          }
        }),
      300_000,
    );
  });
}

/** Addresses and lengths of all reads and writes of data, by valgrind's lackey. */
function addressesOf(program: string, args: readonly string[]): [address: number, length: number][] {
  const command = 'exec valgrind --tool=lackey --trace-mem=yes "$0" "$@" 2>&1 >/dev/null';
  const output = execFileSync('sh', ['-c', command, program, ...args], { encoding: 'utf8', maxBuffer: 2 ** 30 });
  const list: [number, number][] = [];
  for (const [, address, length] of output.matchAll(/^ [LSM] ([0-9a-f]+),(\d+)$/gm))
    list.push([Number.parseInt(address!, 16), Number(length)]);
  return list;
}
