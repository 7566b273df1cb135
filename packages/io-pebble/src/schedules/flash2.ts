import { touched } from '../masks/mask.ts';
import { attendRows, keyBlocksOf } from './attend-rows.ts';
import { all, type Machine, type Shape, spans } from './machine.ts';
import type { Schedule, Tiles } from './schedule.ts';
import { fitted, leastFor, sizesUpTo } from './search.ts';

/** Most keys of a block that the search tries under a mask. */
const MOST_KEYS = 64;

/**
 * Queries outside, keys inside: a block of queries and its outputs stay, blocks of K, then of V pass by.
 *
 * Source: Dao, arXiv 2307.08691 (FlashAttention-2), for the order of the loops.
 */
export const flash2: Schedule = {
  name: 'flash2',
  pass: 'forward',
  idea: 'blocks of queries stay with their outputs while K and V stream by',
  phases: [
    {
      tiles: { Br: 'queries of a block', Bc: 'keys of a block' },
      live({ d, dv, accumulator: w }, { Br, Bc }) {
        // K and V are there one after the other; a spare word for the softmax fits into what K leaves.
        const fixed = Br! * (d + w * dv + 2 * w) + w * Br! * Bc!;
        return fixed + Math.max(Bc! * d, Bc! * dv, w);
      },
      words({ nq, nk, d, dv, mask, accumulator: w }, { Br, Bc }) {
        const { keys, distinctQueries } = touched(nq, nk, mask, Br!, Bc!);
        return { loads: distinctQueries * d + keys * (d + dv), stores: distinctQueries * (dv + w) };
      },
      *candidates({ nq, nk, d, dv, mask, accumulator: w }, M, grain) {
        const [row, key] = [d + w * dv + 2 * w, Math.max(d, dv)];
        for (const Bc of sizesUpTo(nk, MOST_KEYS, grain.cols)) {
          const Br = fitted(nq, (M - Math.max(Bc * key, w)) / (row + w * Bc), grain.rows);
          if (Br < 1) return;
          if (mask !== undefined) yield { Br, Bc };
          else {
            // Fewest keys leave most queries, which is all that counts; then as many keys as fit beside them.
            const least = leastFor(nq, Br, grain.rows);
            const more = fitted(nk, (M - least * row) / (w * least + key), grain.cols);
            yield { Br: least, Bc: Math.max(Bc, more) };
            return;
          }
        }
      },
    },
  ],
  run(machine, shape, tiles) {
    flash2Program(machine, shape, tiles);
  },
};

function flash2Program(machine: Machine, shape: Shape, { Br, Bc }: Tiles): void {
  const { nq, nk, d, dv, accumulator: w } = shape;
  const [Q, K, V] = [machine.tensor('Q', nq, d), machine.tensor('K', nk, d), machine.tensor('V', nk, dv)];
  const [O, L] = [machine.tensor('O', nq, dv), machine.tensor('L', nq, 1, w)];
  for (const rows of spans(nq, Br!)) {
    const blocks = keyBlocksOf(shape, rows, Bc!);
    if (blocks.length === 0) continue;
    const q = machine.load(Q, rows, all(d));
    const { o, stats } = attendRows(machine, shape, q, blocks, K, V);
    machine.store(o, O, rows, all(dv));
    machine.store(stats.sum, L, rows, all(1));
    machine.free(q, o, stats.largest, stats.sum);
  }
}
