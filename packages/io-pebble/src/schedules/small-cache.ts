import { absorbRow, startStatistics } from './kernels.ts';
import { all, type Machine, type Shape, type Tensor } from './machine.ts';
import { scorePairs, sumPairs } from './pair-products.ts';
import { pairsOf, scorePhase, seenCount, sumPhase } from './phases.ts';
import { keysOf, seenQueries } from './rows.ts';
import { fixedPhase, type Schedule } from './schedule.ts';

/**
 * For fast memories below d^2 words: scores go to slow memory, but probabilities never exist there; they are computed from scores and the
 * rows' statistics each time that they are needed.
 *
 * Source: the small-cache regime of Saha and Ye, arXiv 2402.07443; this order and its constants are ours.
 */
export const smallCache: Schedule = {
  name: 'smallCache',
  pass: 'forward',
  idea: 'scores go to slow memory, probabilities are computed from them on the fly',
  phases: [
    scorePhase('sa', 'sb', ({ d }) => d),
    fixedPhase(
      ({ accumulator: w }) => 3 * w + 1,
      (shape) => ({ loads: pairsOf(shape), stores: 2 * shape.accumulator * seenCount(shape) }),
    ),
    sumPhase('queries', 'oa', 'ob', ({ dv }) => dv, 2),
  ],
  run(machine, shape, { sa, sb, oa, ob }) {
    const { nq, nk, d, dv, accumulator: w } = shape;
    const [Q, K, V] = [machine.tensor('Q', nq, d), machine.tensor('K', nk, d), machine.tensor('V', nk, dv)];
    const [S, O] = [machine.tensor('S', nq, nk), machine.tensor('O', nq, dv)];
    const [most, sums] = [machine.tensor('largest', nq, 1, w), machine.tensor('sum', nq, 1, w)];
    scorePairs(machine, shape, Q, K, S, { a: sa!, b: sb! });
    for (const i of seenQueries(shape)) rowStatistics(machine, shape, i, S, most, sums);
    sumPairs(
      machine,
      shape,
      'queries',
      S,
      V,
      O,
      { a: oa!, b: ob! },
      {
        begin(rows, seen, count) {
          const some = { count, has: (i: number) => seen(i) };
          return [machine.load(most, rows, all(1), some), machine.load(sums, rows, all(1), some)];
        },
        change(column, [largest], has) {
          machine.compute((cells) => {
            for (let i = 0; i < column.rows; i++) {
              if (!has(i)) continue;
              cells.set(column, i, 0, [cells.get(column, i, 0), cells.get(largest!, i, 0)], (s, top) => Math.exp(s! - top!));
            }
          });
        },
        end(tile, [, sum]) {
          machine.compute((cells) => {
            for (let i = 0; i < tile.rows; i++) {
              for (let k = 0; k < tile.cols; k++) {
                cells.set(tile, i, k, [cells.get(tile, i, k), cells.get(sum!, i, 0)], (o, z) => (z === 0 ? 0 : o! / z!));
              }
            }
          });
        },
      },
    );
  },
};

/** The largest score of a row, and the sum of the exponentials relative to it. */
function rowStatistics(machine: Machine, shape: Shape, i: number, S: Tensor, most: Tensor, sums: Tensor): void {
  const w = shape.accumulator;
  const row = { start: i, size: 1 };
  const stats = { largest: machine.room(1, 1, w), sum: machine.room(1, 1, w) };
  machine.compute((cells) => startStatistics(cells, stats));
  for (const j of keysOf(shape, i)) {
    const s = machine.load(S, row, { start: j, size: 1 });
    const spare = machine.room(1, 1, w);
    machine.compute((cells) => absorbRow(cells, 0, s, stats, spare, () => true));
    machine.free(spare, s);
  }
  machine.store(stats.largest, most, row, all(1));
  machine.store(stats.sum, sums, row, all(1));
  machine.free(stats.largest, stats.sum);
}
