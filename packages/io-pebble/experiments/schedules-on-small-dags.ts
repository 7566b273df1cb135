import { leastTraffic, play, type ScheduleName, solveOptimal, tileNames, verify } from '@x/io-pebble';
import type { Experiment } from '@x/report/experiment';

export const experiment: Experiment = {
  id: 'schedules-on-small-dags',
  claim:
    'No schedule moves fewer words than the cheapest pebbling of what it computes; schedules that keep scores in fast memory come near it, those that do not are far off.',
  source: 'own; schedules played entry by entry, optima by the exact solver',
  inputs: [],
  async run({ quick, signal, progress }) {
    const names: readonly ScheduleName[] = ['unfused', 'smallCache', 'flash1', 'flash2'];
    const problems = quick
      ? [{ nq: 1, nk: 2, d: 1 }]
      : [
          { nq: 1, nk: 1, d: 1 },
          { nq: 1, nk: 2, d: 1 },
          { nq: 2, nk: 1, d: 1 },
        ];
    const rows: {
      name: string;
      problem: string;
      vertices: number;
      M: number;
      moved: number;
      optimum: number;
      ends: number;
      sound: boolean;
    }[] = [];
    for (const [k, problem] of problems.entries()) {
      for (const name of names) {
        progress((k + names.indexOf(name) / names.length) / problems.length, name);
        const tiles = Object.fromEntries(Object.keys(tileNames(name)).map((tile) => [tile, 1]));
        const data = (rowsOf: number) => new Float64Array(rowsOf * problem.d).fill(0.5);
        const inputs = { Q: data(problem.nq), K: data(problem.nk), V: data(problem.nk) };
        const roomy = play(problem, { words: 100 }, name, tiles, inputs);
        const M = roomy.peak;
        const { dag, moves, loads, stores } = play(problem, { words: M }, name, tiles, inputs);
        const best = await solveOptimal(dag, M, { slide: true, signal });
        rows.push({
          name,
          problem: `${problem.nq} query, ${problem.nk} key`,
          vertices: dag.size,
          M,
          moved: loads + stores,
          optimum: best.cost,
          ends: leastTraffic(dag),
          sound: best.proven && verify(dag, moves, M, { slide: true }).ok && verify(dag, best.moves, M, { slide: true }).ok,
        });
      }
    }
    const ratio = (of: readonly string[], pick: (...values: number[]) => number) =>
      pick(...rows.filter(({ name }) => of.includes(name)).map(({ moved, optimum }) => moved / optimum));
    const fused = ratio(['flash2'], Math.max);
    const slow = ratio(['unfused', 'smallCache'], Math.min);
    const holds = rows.every(({ sound, moved, optimum, ends }) => sound && moved >= optimum && optimum >= ends) && fused < slow;
    return {
      measured: `flash2 at most ${fused.toFixed(2)}, scores in slow memory at least ${slow.toFixed(2)} times the optimum in ${rows.length} games`,
      bound: 'at least 1; the first below the second',
      verdict: holds ? 'holds' : 'failed',
      table: {
        columns: ['schedule', 'of', 'vertices', 'M', 'moved', 'optimum', 'inputs + outputs'],
        rows: rows.map(({ name, problem, vertices, M, moved, optimum, ends }) => [name, problem, vertices, M, moved, optimum, ends]),
      },
    };
  },
};
