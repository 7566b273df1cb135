import type { BlockEntries } from './entries.ts';
import { addOuterProduct } from './kernels.ts';
import { type Machine, type Span, spans, type Tensor, type Tile } from './machine.ts';
import { blockSizes, fitted, type Grain, leastFor } from './search.ts';

/** A product of an m x k by a k x n matrix, in tiles of a x b of the result that stay while columns and rows stream by. */
export interface Product {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** ab + a + b: the tile, a column of the left and a row of the right factor. */
export function productLive(a: number, b: number, accumulator: number): number {
  return accumulator * a * b + a + b;
}

/** m k ceil(n / b) + k n ceil(m / a). Source: the order of Smith, Lowery, Langou, van de Geijn, arXiv 1702.02017. */
export function productLoads({ m, k, n }: Product, a: number, b: number): number {
  return m * k * Math.ceil(n / b) + k * n * Math.ceil(m / a);
}

/** Room for tiles of a x b of an m x n matrix, and how sizes may be chosen. */
export interface TileRoom {
  readonly m: number;
  readonly n: number;
  readonly M: number;
  readonly accumulator: number;
  readonly grain: Grain;
  /** Words that each row of a tile takes besides. */
  readonly extra?: number;
}

/** Tiles (a, b) that fit, among which is the best for any price that rises with ceil(m / a) and ceil(n / b): O(sqrt m) of them. */
export function* productTiles({ m, n, M, accumulator, grain, extra = 0 }: TileRoom): Generator<[a: number, b: number], void, void> {
  for (const a of blockSizes(m, (M - 1) / (1 + extra + accumulator), grain.rows)) {
    const b = fitted(n, (M - a * (1 + extra)) / (accumulator * a + 1), grain.cols);
    if (b >= 1) yield [a, leastFor(n, b, grain.cols)];
  }
}

/** Of those tiles the one with the least rowPrice ceil(m / a) + colPrice ceil(n / b); the smallest such. */
export function bestProductTile(room: TileRoom, rowPrice: number, colPrice: number): [a: number, b: number] | undefined {
  const { m, n, M, accumulator, grain, extra = 0 } = room;
  let best: [number, number] | undefined;
  let least = Number.POSITIVE_INFINITY;
  let a = fitted(m, (M - 1) / (1 + extra + accumulator), grain.rows);
  while (a >= 1) {
    a = leastFor(m, a, grain.rows);
    const b = fitted(n, (M - a * (1 + extra)) / (accumulator * a + 1), grain.cols);
    if (b >= 1) {
      const price = rowPrice * Math.ceil(m / a) + colPrice * Math.ceil(n / b);
      if (price < least) {
        least = price;
        best = [a, leastFor(n, b, grain.cols)];
      }
    }
    // Fewer rows only make more row blocks, each of which has its price.
    if (best !== undefined && rowPrice * Math.ceil(m / a) + colPrice > least) break;
    a = fitted(m, a - 1, grain.rows);
  }
  return best;
}

/** A factor of a product. */
export interface Factor {
  readonly tensor: Tensor;
  readonly transposed?: boolean;
}

/**
 * C = A B, tile by tile.
 *
 * @param k - the steps of the inner product that are made, 0 .. k - 1 or those listed.
 * @param wanted - entries of a tile that are computed and stored; undefined is all. Tiles without any are left out.
 * @param finish - what is done with a tile before it is stored.
 */
export function multiply(
  machine: Machine,
  A: Factor,
  B: Factor,
  C: Tensor,
  {
    a,
    b,
    k,
    accumulator,
  }: { readonly a: number; readonly b: number; readonly k: number | readonly number[]; readonly accumulator: number },
  wanted: (rows: Span, cols: Span) => BlockEntries | undefined = () => undefined,
  finish: (tile: Tile, rows: Span, cols: Span) => void = () => {},
): void {
  const steps = typeof k === 'number' ? Array.from({ length: k }, (_, t) => t) : k;
  for (const rows of spans(C.rows, a)) {
    for (const cols of spans(C.cols, b)) {
      const entries = wanted(rows, cols);
      if (entries?.count === 0) continue;
      const acc = machine.room(rows.size, cols.size, accumulator);
      for (const t of steps) {
        const step = { start: t, size: 1 };
        const left = A.transposed === true ? machine.load(A.tensor, step, rows) : machine.load(A.tensor, rows, step);
        const right = B.transposed === true ? machine.load(B.tensor, cols, step) : machine.load(B.tensor, step, cols);
        machine.compute((cells) => addOuterProduct(cells, acc, left, right, entries?.has));
        machine.free(left, right);
      }
      finish(acc, rows, cols);
      machine.store(acc, C, rows, cols, entries);
      machine.free(acc);
    }
  }
}
