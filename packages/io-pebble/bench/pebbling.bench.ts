import type { Suite } from '@x/bench';
import { type Advice, advise, cacheSim, greedyPebbling, matmulDag, type PebbleDag, regimes, solveOptimal, verify } from '@x/io-pebble';

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

/** A blocked loop over a matrix: every line is used 16 times, then again in later sweeps. */
function sweeps(): Int32Array {
  const addresses = new Int32Array(4e6);
  for (let i = 0; i < addresses.length; i++) addresses[i] = 4 * ((i % 65536) + 1024 * Math.floor(i / 262144));
  return addresses;
}

const game = (n: number) => {
  const dag = matmulDag(n, n, n);
  return { dag, M: 3 * n, moves: greedyPebbling(dag, 3 * n).moves };
};

export const suites: readonly Suite<number>[] = [
  {
    id: 'pebbling',
    title: 'Games judged, caches played and small DAGs solved',
    cases: [
      { label: 'verify, n x n x n product', parameters: 40 },
      { label: 'LRU, 4e6 accesses, 512 lines', parameters: 512 },
    ],
    contenders: [
      {
        name: '@x/io-pebble',
        setup(size) {
          if (size === 512) {
            const addresses = sweeps();
            return () => cacheSim({ bytes: size * 64 }).accessAll(addresses);
          }
          const { dag, M, moves } = game(size);
          return () => verify(dag, moves, M).cost;
        },
      },
      {
        name: 'with Set and Map',
        setup(size) {
          if (size === 512) {
            const lines = sweeps().map((address) => address >> 6);
            return () => lruAsMap(lines, size);
          }
          const { dag, M, moves } = game(size);
          return () => verifyWithSets(dag, moves, M);
        },
      },
    ],
    bars: [{ of: '@x/io-pebble', over: 'with Set and Map', atLeast: 2 }],
  },
  {
    id: 'advice',
    title: 'Advice, sweeps and exact optima',
    cases: [{ label: 'n = 8192, d = 128', parameters: 8192 }],
    contenders: [
      {
        name: 'advise, 192 KiB',
        setup: (nq) => () => advise({ nq, d: 128 }, { bytes: 192 * 1024 }) as Advice,
      },
      { name: 'regimes, 200 sizes', setup: (nq) => () => regimes({ nq, d: 128 }).crossovers.length },
      { name: 'solve 2 x 2 x 2, 16 vertices, M = 4', setup: () => async () => (await solveOptimal(matmulDag(2, 2, 2), 4)).cost },
      { name: 'solve 2 x 2 x 3, 22 vertices, M = 4', setup: () => async () => (await solveOptimal(matmulDag(2, 2, 3), 4)).cost },
    ],
  },
];
