import { type BlockEntries, entriesOf } from './entries.ts';
import { addOuterProduct } from './kernels.ts';
import { type Machine, type Shape, type Span, spans, type Tensor, type Tile } from './machine.ts';
import { multiply } from './matmul.ts';

/** Sizes of the tiles of a product. */
export interface Sides {
  readonly a: number;
  readonly b: number;
}

/** One value for each allowed pair, in tiles of queries by keys: A B^T for A with a row a query and B with a row a key. */
export function scorePairs(
  machine: Machine,
  shape: Shape,
  A: Tensor,
  B: Tensor,
  C: Tensor,
  { a, b }: Sides,
  finish?: (tile: Tile, queries: Span, keys: Span) => void,
): void {
  const wanted = (queries: Span, keys: Span): BlockEntries | undefined =>
    shape.mask === undefined ? undefined : entriesOf(shape, queries, keys);
  multiply(machine, { tensor: A }, { tensor: B, transposed: true }, C, { a, b, k: A.cols, accumulator: shape.accumulator }, wanted, finish);
}

/** What a step of a product over pairs may need besides. */
export interface PairHooks {
  /** Loads what a tile needs, e.g. statistics of its rows. */
  begin?(rows: Span, seen: (i: number) => boolean, count: number): readonly Tile[];
  /** Changes a column of values before it is used. */
  change?(column: Tile, had: readonly Tile[], has: (i: number) => boolean): void;
  /** Changes the tile before it is stored. */
  end?(tile: Tile, had: readonly Tile[], rows: Span, cols: Span): void;
  /** Whether tiles without allowed pairs are computed, too, by `end` alone. */
  readonly always?: boolean;
}

/**
 * Y = P X or, for `side` keys, P^T X: P has a value for each allowed pair, Y a row for each query (key). Tiles of a x b of Y stay; of P only
 * allowed entries are read, of X only rows that they meet. Tiles without any are left out.
 */
export function sumPairs(
  machine: Machine,
  shape: Shape,
  side: 'queries' | 'keys',
  P: Tensor,
  X: Tensor,
  Y: Tensor,
  { a, b }: Sides,
  hooks: PairHooks = {},
): void {
  const others = side === 'queries' ? shape.nk : shape.nq;
  const column = (rows: Span, t: number): BlockEntries => {
    const step = { start: t, size: 1 };
    const { count, has } = side === 'queries' ? entriesOf(shape, rows, step) : entriesOf(shape, step, rows);
    return { count, has: side === 'queries' ? has : (i, j) => has(j, i) };
  };
  for (const rows of spans(Y.rows, a)) {
    const steps = Array.from({ length: others }, (_, t) => ({ t, pairs: column(rows, t) })).filter(({ pairs }) => pairs.count > 0);
    if (steps.length === 0 && hooks.always !== true) continue;
    const seen = Array.from({ length: rows.size }, (_, i) => steps.some(({ pairs }) => pairs.has(i, 0)));
    for (const cols of spans(Y.cols, b)) {
      const acc = machine.room(rows.size, cols.size, shape.accumulator);
      const had = hooks.begin?.(rows, (i) => seen[i]!, seen.filter(Boolean).length) ?? [];
      for (const { t, pairs } of steps) {
        const step = { start: t, size: 1 };
        // Of P^T a column is a row of P.
        const p =
          side === 'queries'
            ? machine.load(P, rows, step, pairs)
            : machine.load(P, step, rows, { count: pairs.count, has: (j, i) => pairs.has(i, j) });
        hooks.change?.(p, had, (i) => pairs.has(i, 0));
        const x = machine.load(X, step, cols);
        machine.compute((cells) => addOuterProduct(cells, acc, p, x, (i) => pairs.has(i, 0)));
        machine.free(p, x);
      }
      hooks.end?.(acc, had, rows, cols);
      machine.store(acc, Y, rows, cols);
      machine.free(acc, ...had);
    }
  }
}
