import { touched } from '../masks/mask.ts';
import { attendRows, keyBlocksOf } from './attend-rows.ts';
import { addProduct, addValues, probabilities, scoreGradients } from './kernels.ts';
import { all, type Machine, type Shape, spans, type Tensor } from './machine.ts';
import { gradientProduct, paperProducts } from './paper-small-cache.ts';
import { productPhase, seenCount } from './phases.ts';
import type { Schedule, Tiles } from './schedule.ts';
import { fitted, leastFor, sizesUpTo } from './search.ts';

const MOST_KEYS = 64;

/**
 * The paper's gradient for large fast memories: nothing of size n x n is ever written. A block of queries stays; A2 and h pass by twice, once
 * for f h, once for p A2. The sum r_i of f o q over a row needs no pass of its own: it is c_i . (f h)_i with c = f h - E.
 *
 * Source: the large-cache regime of arXiv 2410.09397; this order is ours.
 */
export const paperLargeCache: Schedule = {
  name: 'paperLargeCache',
  pass: 'paperGradient',
  idea: 'blocks of queries stay while A2 and h stream by twice; scores are computed twice',
  phases: [
    productPhase('wa', 'wb', ({ nq, d }) => ({ m: nq, k: d, n: d })),
    productPhase('ha', 'hb', ({ nk, d, dv }) => ({ m: nk, k: d, n: dv })),
    {
      tiles: { Br: 'queries of a block', Bc: 'keys of a block' },
      live({ d, dv, accumulator: w }, { Br, Bc }) {
        const stay = Br! * (d + w * dv + 2 * w);
        const first = w * Br! * Bc! + Math.max(Bc! * d, Bc! * dv, w);
        return stay + Math.max(first, 1, w * Br! * d + Bc! * (d + dv) + 2 * w * Br! * Bc!);
      },
      words({ nq, nk, d, dv, mask }, { Br, Bc }) {
        const { keys, distinctQueries } = touched(nq, nk, mask, Br!, Bc!);
        return { loads: distinctQueries * (d + dv) + 2 * keys * (d + dv), stores: distinctQueries * d };
      },
      *candidates({ nq, nk, d, dv, mask, accumulator: w }, M, grain) {
        const [row, key] = [2 * w + w * dv + d + w * d, d + dv];
        for (const Bc of sizesUpTo(nk, MOST_KEYS, grain.cols)) {
          const Br = fitted(nq, (M - Bc * key - w) / (row + 2 * w * Bc), grain.rows);
          if (Br < 1) return;
          if (mask !== undefined) yield { Br, Bc };
          else {
            const least = leastFor(nq, Br, grain.rows);
            const more = fitted(nk, (M - least * row - w) / (2 * w * least + key), grain.cols);
            yield { Br: least, Bc: Math.max(Bc, more) };
            return;
          }
        }
      },
    },
    productPhase('ga', 'gb', (shape) => ({ m: shape.d, k: seenCount(shape), n: shape.d })),
  ],
  run(machine, shape, tiles) {
    const sides = (letter: string) => ({ a: tiles[`${letter}a`]!, b: tiles[`${letter}b`]! });
    const { A1, A2, E, W, h } = paperProducts(machine, shape, sides('w'), sides('h'));
    const U = machine.tensor('U', shape.nq, shape.d);
    gradientRows(machine, shape, tiles, { A2, E, W, h, U });
    gradientProduct(machine, shape, A1, U, { ...sides('g'), accumulator: shape.accumulator });
  },
};

/** U = p A2 by blocks of queries. */
function gradientRows(
  machine: Machine,
  shape: Shape,
  { Br, Bc }: Tiles,
  { A2, E, W, h, U }: { readonly A2: Tensor; readonly E: Tensor; readonly W: Tensor; readonly h: Tensor; readonly U: Tensor },
): void {
  const { nq, d, dv, accumulator: width } = shape;
  for (const rows of spans(nq, Br!)) {
    const blocks = keyBlocksOf(shape, rows, Bc!);
    if (blocks.length === 0) continue;
    const w = machine.load(W, rows, all(d));
    const { o, stats } = attendRows(machine, shape, w, blocks, A2, h);
    // From here on the place of the largest scores holds r.
    const [l, r] = [stats.sum, stats.largest];
    machine.compute((cells) => {
      for (let i = 0; i < rows.size; i++) cells.clear(r, i, 0);
    });
    for (let i = 0; i < rows.size; i++) {
      for (let k = 0; k < dv; k++) {
        const e = machine.load(E, { start: rows.start + i, size: 1 }, { start: k, size: 1 });
        machine.compute((cells) => {
          const [oik, eik] = [cells.get(o, i, k), cells.get(e, 0, 0)];
          cells.set(r, i, 0, [cells.get(r, i, 0), oik, eik], (sum, x, y) => sum! + (x! - y!) * x!);
          cells.set(o, i, k, [oik, eik], (x, y) => x! - y!);
        });
        machine.free(e);
      }
    }
    const u = machine.room(rows.size, d, width);
    for (const { keys, pairs } of blocks) {
      const [a2, f] = [machine.load(A2, keys, all(d)), machine.room(rows.size, keys.size, width)];
      machine.compute((cells) => {
        addProduct(cells, f, w, a2, pairs.has);
        probabilities(cells, f, l, pairs.has);
      });
      const [hs, q] = [machine.load(h, keys, all(dv)), machine.room(rows.size, keys.size, width)];
      machine.compute((cells) => {
        addProduct(cells, q, o, hs, pairs.has);
        scoreGradients(cells, q, f, r, pairs.has);
        addValues(cells, u, q, a2, pairs.has);
      });
      machine.free(hs, q, f, a2);
    }
    machine.store(u, U, rows, all(d));
    machine.free(w, o, stats.largest, stats.sum, u);
  }
}
