import type { Suite } from '@x/bench';
import { type Advice, advise, cacheSim, greedyPebbling, matmulDag, type PebbleDag, regimes, solveOptimal, verify } from '@x/io-pebble';
import { philox } from '@x/linalg';

/** The rules with sets and objects, as one writes them first. */
function verifyWithSets(dag: PebbleDag, moves: Int32Array, M: number): boolean {
  const red = new Set<number>();
  const blue = new Set<number>();
  for (let v = 0; v < dag.size; v++) if (dag.start[v] === dag.start[v + 1]) blue.add(v);
  for (const move of moves) {
    const vertex = move >>> 2;
    const kind = move & 3;
    if (kind === 0 && !blue.has(vertex)) return false;
    if (kind === 1 && !red.has(vertex)) return false;
    if (kind === 2 && !dag.predecessors.subarray(dag.start[vertex]!, dag.start[vertex + 1]!).every((u) => red.has(u))) return false;
    if (kind === 1) blue.add(vertex);
    else if (kind === 3) red.delete(vertex);
    else red.add(vertex);
    if (red.size > M) return false;
  }
  return dag.outputs.every((v) => blue.has(v));
}

/** An LRU cache as a Map, whose keys keep the order in which they were put. */
function lruAsMap(lines: Int32Array, capacity: number): number {
  const held = new Map<number, true>();
  let misses = 0;
  for (const line of lines) {
    if (!held.delete(line)) {
      misses++;
      if (held.size === capacity) held.delete(held.keys().next().value!);
    }
    held.set(line, true);
  }
  return misses;
}

const ACCESSES = 4e6;

/** Addresses of a blocked loop over a matrix, in which every line is used 16 times; and of lines at random, of which a cache misses a quarter. */
const TRACES = {
  sweeps: () => Int32Array.from({ length: ACCESSES }, (_, i) => 4 * ((i % 65536) + 1024 * Math.floor(i / 262144))),
  random: () => {
    const rng = philox(1);
    return Int32Array.from({ length: ACCESSES }, () => 64 * rng.integer(680));
  },
} as const;

const game = (n: number) => {
  const dag = matmulDag(n, n, n);
  return { dag, M: 3 * n, moves: greedyPebbling(dag, 3 * n).moves };
};
/** Moves of that game: the label says them. */
const MOVES = game(40).moves.length;

type Work = { readonly game: number } | { readonly trace: keyof typeof TRACES };

const judging: Suite<Work> = {
  id: 'pebbling',
  title: 'Games judged and caches played',
  cases: [
    { label: `verify, ${(MOVES / 1e3).toFixed(0)} thousand moves`, parameters: { game: 40 } },
    { label: 'LRU of 512 lines, 4 million accesses of a blocked loop', parameters: { trace: 'sweeps' } },
    { label: 'LRU of 512 lines, 4 million accesses at random', parameters: { trace: 'random' } },
  ],
  contenders: [
    {
      name: '@x/io-pebble',
      setup(work) {
        if ('trace' in work) {
          const addresses = TRACES[work.trace]();
          return () => cacheSim({ bytes: 512 * 64 }).accessAll(addresses);
        }
        const { dag, M, moves } = game(work.game);
        return () => verify(dag, moves, M).cost;
      },
    },
    {
      name: 'with Set and Map',
      setup(work) {
        if ('trace' in work) {
          const lines = TRACES[work.trace]().map((address) => address >> 6);
          return () => lruAsMap(lines, 512);
        }
        const { dag, M, moves } = game(work.game);
        return () => verifyWithSets(dag, moves, M);
      },
    },
  ],
  bars: [{ of: '@x/io-pebble', over: 'with Set and Map', atLeast: 1.5 }],
};

const solving = (m: number, k: number, n: number, M: number) => () => async () => (await solveOptimal(matmulDag(m, k, n), M)).cost;

const advising: Suite<number> = {
  id: 'advice',
  title: 'Advice, sweeps and exact optima',
  cases: [{ label: 'n = 8192, d = 128', parameters: 8192 }],
  contenders: [
    { name: 'advise, 192 KiB', setup: (nq) => () => advise({ nq, d: 128 }, { bytes: 192 * 1024 }) as Advice },
    { name: 'regimes, 200 sizes, forward', setup: (nq) => () => regimes({ nq, d: 128 }).crossovers.length },
    { name: 'solve 2 x 2 x 2, 16 vertices, M = 4', setup: solving(2, 2, 2, 4) },
    { name: 'solve 2 x 4 x 1, 20 vertices, M = 4', setup: solving(2, 4, 1, 4) },
    { name: 'solve 2 x 2 x 3, 22 vertices, M = 4', setup: solving(2, 2, 3, 4) },
  ],
};

export const suites: readonly Suite[] = [judging as Suite, advising as Suite];
