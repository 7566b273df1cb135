import { touched } from '../masks/mask.ts';
import { rowDots } from './elementwise.ts';
import { entriesOf } from './entries.ts';
import { addColumns, addProduct, addValues, keepRows, probabilities, scoreGradients } from './kernels.ts';
import { all, type Machine, type Shape, spans } from './machine.ts';
import { fixedPhase, type Schedule, type Tiles } from './schedule.ts';
import { fitted, leastFor, sizesUpTo } from './search.ts';

const MOST_QUERIES = 64;

/**
 * The gradient with scores computed again: D_i = dO_i . O_i first; then a block of K and V stays with its gradients, and blocks of Q and dO
 * pass by with the gradient of Q, which is read and written again.
 *
 * Source: Dao, Fu, Ermon, Rudra, Re, arXiv 2205.14135, algorithm 4, for the order of the loops.
 */
export const backwardFlash: Schedule = {
  name: 'backwardFlash',
  pass: 'backward',
  idea: 'blocks of K and V stay with their gradients while queries stream by',
  phases: [
    fixedPhase(
      ({ accumulator: w }) => w + 2,
      ({ nq, dv, accumulator: w }) => ({ loads: 2 * nq * dv, stores: w * nq }),
    ),
    {
      tiles: { Br: 'queries of a block', Bc: 'keys of a block' },
      live({ d, dv, accumulator: w }, { Br, Bc }) {
        return (1 + w) * Bc! * (d + dv) + Br! * (d + dv + w * d + 2 * w) + 2 * w * Br! * Bc!;
      },
      words({ nq, nk, d, dv, mask, accumulator: w }, { Br, Bc }) {
        const { queries, distinctQueries, distinctKeys } = touched(nq, nk, mask, Br!, Bc!);
        const again = w * (queries - distinctQueries) * d;
        return {
          loads: distinctKeys * (d + dv) + queries * (d + dv + 2 * w) + again,
          stores: again + distinctQueries * d + distinctKeys * (d + dv),
        };
      },
      *candidates({ nq, nk, d, dv, mask, accumulator: w }, M, grain) {
        const [row, key] = [d + dv + w * d + 2 * w, (1 + w) * (d + dv)];
        for (const Br of sizesUpTo(nq, MOST_QUERIES, grain.rows)) {
          const Bc = fitted(nk, (M - Br * row) / (key + 2 * w * Br), grain.cols);
          if (Bc < 1) return;
          if (mask !== undefined) yield { Br, Bc };
          else {
            const least = leastFor(nk, Bc, grain.cols);
            const more = fitted(nq, (M - least * key) / (row + 2 * w * least), grain.rows);
            yield { Br: Math.max(Br, more), Bc: least };
            return;
          }
        }
      },
    },
  ],
  run(machine, shape, tiles) {
    const { nq, dv, accumulator: w } = shape;
    rowDots(machine, machine.tensor('dO', nq, dv), machine.tensor('O', nq, dv), machine.tensor('D', nq, 1, w), w);
    program(machine, shape, tiles);
  },
};

function program(machine: Machine, shape: Shape, { Br, Bc }: Tiles): void {
  const { nq, nk, d, dv, accumulator: w } = shape;
  const [Q, K, V] = [machine.tensor('Q', nq, d), machine.tensor('K', nk, d), machine.tensor('V', nk, dv)];
  const [dO, L, D] = [machine.tensor('dO', nq, dv), machine.tensor('L', nq, 1, w), machine.tensor('D', nq, 1, w)];
  const [dQ, dK, dV] = [machine.tensor('dQ', nq, d), machine.tensor('dK', nk, d), machine.tensor('dV', nk, dv)];
  const partial = machine.tensor('partial dQ', nq, d, w);
  const queryBlocks = [...spans(nq, Br!)];
  const keyBlocks = [...spans(nk, Bc!)];
  const touches = queryBlocks.map((rows) => keyBlocks.filter((keys) => entriesOf(shape, rows, keys).count > 0));
  for (const keys of keyBlocks) {
    const met = queryBlocks.map((rows, r) => ({ rows, list: touches[r]! })).filter(({ list }) => list.includes(keys));
    if (met.length === 0) continue;
    const [k, v] = [machine.load(K, keys, all(d)), machine.load(V, keys, all(dv))];
    const [dk, dvs] = [machine.room(keys.size, d, w), machine.room(keys.size, dv, w)];
    for (const { rows, list } of met) {
      const { has } = entriesOf(shape, rows, keys);
      const [q, dos] = [machine.load(Q, rows, all(d)), machine.load(dO, rows, all(dv))];
      const [l, Ds] = [machine.load(L, rows, all(1)), machine.load(D, rows, all(1))];
      const [first, last] = [list[0] === keys, list.at(-1) === keys];
      const dq = first ? machine.room(rows.size, d, w) : machine.load(partial, rows, all(d));
      const [p, ds] = [machine.room(rows.size, keys.size, w), machine.room(rows.size, keys.size, w)];
      machine.compute((cells) => {
        addProduct(cells, p, q, k, has);
        probabilities(cells, p, l, has);
        addColumns(cells, dvs, p, dos, has);
        addProduct(cells, ds, dos, v, has);
        scoreGradients(cells, ds, p, Ds, has);
        addValues(cells, dq, ds, k, has);
        keepRows(cells, dq, keys.size, has);
        addColumns(cells, dk, ds, q, has);
      });
      machine.free(p, ds);
      machine.store(dq, last ? dQ : partial, rows, all(d));
      machine.free(q, dos, l, Ds, dq);
    }
    machine.store(dk, dK, keys, all(d));
    machine.store(dvs, dV, keys, all(dv));
    machine.free(k, v, dk, dvs);
  }
}
