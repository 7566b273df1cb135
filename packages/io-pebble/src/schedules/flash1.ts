import { touched } from '../masks/mask.ts';
import { entriesOf } from './entries.ts';
import { absorbRow, addProduct, addValues, finishRows, startStatistics } from './kernels.ts';
import { all, type Machine, type Shape, spans } from './machine.ts';
import type { Schedule, Tiles } from './schedule.ts';
import { fitted, leastFor, sizesUpTo } from './search.ts';

const MOST_QUERIES = 64;

/**
 * Keys outside, queries inside: a block of K and V stays, blocks of Q pass by, and with them their unfinished outputs and statistics, which
 * are read and written again for every block of keys.
 *
 * Source: Dao, Fu, Ermon, Rudra, Re, arXiv 2205.14135, algorithm 1.
 */
export const flash1: Schedule = {
  name: 'flash1',
  pass: 'forward',
  idea: 'blocks of K and V stay while queries stream by with unfinished outputs',
  phases: [
    {
      tiles: { Br: 'queries of a block', Bc: 'keys of a block' },
      live({ d, dv, accumulator: w }, { Br, Bc }) {
        // The last word is the spare one of the softmax.
        return Bc! * (d + dv) + Br! * (d + w * dv + 2 * w) + w * Br! * Bc! + w;
      },
      words({ nq, nk, d, dv, mask, accumulator: w }, { Br, Bc }) {
        const { queries, distinctQueries, distinctKeys } = touched(nq, nk, mask, Br!, Bc!);
        const state = w * (dv + 2);
        return {
          loads: distinctKeys * (d + dv) + queries * d + (queries - distinctQueries) * state,
          // The last time an output is finished, and in data words.
          stores: (queries - distinctQueries) * state + distinctQueries * (dv + 2 * w),
        };
      },
      *candidates({ nq, nk, d, dv, mask, accumulator: w }, M, grain) {
        const [row, key] = [d + w * dv + 2 * w, d + dv];
        for (const Br of sizesUpTo(nq, MOST_QUERIES, grain.rows)) {
          const Bc = fitted(nk, (M - Br * row - w) / (key + w * Br), grain.cols);
          if (Bc < 1) return;
          if (mask !== undefined) yield { Br, Bc };
          else {
            const least = leastFor(nk, Bc, grain.cols);
            const more = fitted(nq, (M - least * key - w) / (row + w * least), grain.rows);
            yield { Br: Math.max(Br, more), Bc: least };
            return;
          }
        }
      },
    },
  ],
  run: flash1Program,
};

function flash1Program(machine: Machine, shape: Shape, { Br, Bc }: Tiles): void {
  const { nq, nk, d, dv, accumulator: w } = shape;
  const [Q, K, V] = [machine.tensor('Q', nq, d), machine.tensor('K', nk, d), machine.tensor('V', nk, dv)];
  const O = machine.tensor('O', nq, dv);
  const partial = {
    O: machine.tensor('partial O', nq, dv, w),
    largest: machine.tensor('largest', nq, 1, w),
    L: machine.tensor('L', nq, 1, w),
  };
  const queryBlocks = [...spans(nq, Br!)];
  const keyBlocks = [...spans(nk, Bc!)];
  const touches = queryBlocks.map((rows) => keyBlocks.filter((keys) => entriesOf(shape, rows, keys).count > 0));
  for (const keys of keyBlocks) {
    const rowsHere = queryBlocks.map((rows, r) => ({ rows, list: touches[r]! })).filter(({ list }) => list.includes(keys));
    if (rowsHere.length === 0) continue;
    const [k, v] = [machine.load(K, keys, all(d)), machine.load(V, keys, all(dv))];
    for (const { rows, list } of rowsHere) {
      const pairs = entriesOf(shape, rows, keys);
      const q = machine.load(Q, rows, all(d));
      const first = list[0] === keys;
      const last = list.at(-1) === keys;
      const o = first ? machine.room(rows.size, dv, w) : machine.load(partial.O, rows, all(dv));
      const stats = first
        ? { largest: machine.room(rows.size, 1, w), sum: machine.room(rows.size, 1, w) }
        : { largest: machine.load(partial.largest, rows, all(1)), sum: machine.load(partial.L, rows, all(1)) };
      if (first) machine.compute((cells) => startStatistics(cells, stats));
      const [s, spare] = [machine.room(rows.size, keys.size, w), machine.room(1, 1, w)];
      machine.compute((cells) => {
        addProduct(cells, s, q, k, pairs.has);
        for (let i = 0; i < rows.size; i++) absorbRow(cells, i, s, stats, spare, pairs.has, { tile: o, row: i });
        addValues(cells, o, s, v, pairs.has);
        if (last) finishRows(cells, o, stats);
      });
      machine.free(s, spare);
      machine.store(o, last ? O : partial.O, rows, all(dv));
      machine.store(stats.largest, partial.largest, rows, all(1));
      machine.store(stats.sum, partial.L, rows, all(1));
      machine.free(q, o, stats.largest, stats.sum);
    }
    machine.free(k, v);
  }
}
