import { type BlockEntries, entriesOf } from './entries.ts';
import { absorbRow, addProduct, addValues, finishRows, type Statistics, startStatistics } from './kernels.ts';
import { all, type Machine, type Shape, type Span, spans, type Tensor, type Tile } from './machine.ts';

/** A block of keys, and which of its pairs with a block of queries are allowed. */
export interface KeyBlock {
  readonly keys: Span;
  readonly pairs: BlockEntries;
}

/** Blocks of at most `Bc` keys that some query of `rows` may see. */
export function keyBlocksOf(shape: Shape, rows: Span, Bc: number): readonly KeyBlock[] {
  return [...spans(shape.nk, Bc)].map((keys) => ({ keys, pairs: entriesOf(shape, rows, keys) })).filter(({ pairs }) => pairs.count > 0);
}

/**
 * Attention of the queries in `q`: blocks of K, then of V pass by. What is left in fast memory are their outputs, and in `stats.sum` the
 * logarithms of their sums of exponentials; `stats.largest` still takes room.
 */
export function attendRows(
  machine: Machine,
  { d, dv, accumulator: w }: Shape,
  q: Tile,
  blocks: readonly KeyBlock[],
  K: Tensor,
  V: Tensor,
): { readonly o: Tile; readonly stats: Statistics } {
  const o = machine.room(q.rows, dv, w);
  const stats = { largest: machine.room(q.rows, 1, w), sum: machine.room(q.rows, 1, w) };
  machine.compute((cells) => startStatistics(cells, stats));
  for (const { keys, pairs } of blocks) {
    const k = machine.load(K, keys, all(d));
    const s = machine.room(q.rows, keys.size, w);
    machine.compute((cells) => addProduct(cells, s, q, k, pairs.has));
    machine.free(k);
    const spare = machine.room(1, 1, w);
    machine.compute((cells) => {
      for (let i = 0; i < q.rows; i++) absorbRow(cells, i, s, stats, spare, pairs.has, { tile: o, row: i });
    });
    machine.free(spare);
    const v = machine.load(V, keys, all(dv));
    machine.compute((cells) => addValues(cells, o, s, v, pairs.has));
    machine.free(v, s);
  }
  machine.compute((cells) => finishRows(cells, o, stats));
  return { o, stats };
}
