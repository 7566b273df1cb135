import { touched } from '../masks/mask.ts';
import type { Shape } from './machine.ts';
import { bestProductTile, productLive, productLoads, productTiles, type TileRoom } from './matmul.ts';
import type { Phase, Tiles, Words } from './schedule.ts';

/** Allowed pairs. */
export function pairsOf({ nq, nk, mask }: Shape): number {
  return mask === undefined ? nq * nk : mask.pairs;
}

/** Queries that may see some key. */
export function seenCount({ nq, nk, mask }: Shape): number {
  return touched(nq, nk, mask, 1, nk).distinctQueries;
}

/** One value for each allowed pair from rows of `size` numbers, in tiles of queries by keys; see `scorePairs`. */
export function scorePhase(a: string, b: string, size: (shape: Shape) => number): Phase {
  return {
    tiles: { [a]: 'queries of a tile of scores', [b]: 'keys of a tile of scores' },
    live: ({ accumulator }, tiles) => productLive(tiles[a]!, tiles[b]!, accumulator),
    words(shape, tiles): Words {
      const { nq, nk, mask } = shape;
      const k = size(shape);
      if (mask === undefined) return { loads: productLoads({ m: nq, k, n: nk }, tiles[a]!, tiles[b]!), stores: nq * nk };
      const { queries, keys } = touched(nq, nk, mask, tiles[a]!, tiles[b]!);
      return { loads: k * (queries + keys), stores: mask.pairs };
    },
    *candidates(shape, M, grain) {
      const { nq: m, nk: n, mask, accumulator } = shape;
      const k = size(shape);
      yield* named(a, b, { m, n, M, accumulator, grain }, mask === undefined, k * n, k * m);
    },
  };
}

/**
 * Sums over allowed pairs into rows of `size` numbers for each query or key; see `sumPairs`.
 *
 * @param statistics - numbers besides that each query of a tile brings along.
 */
export function sumPhase(side: 'queries' | 'keys', a: string, b: string, size: (shape: Shape) => number, statistics = 0): Phase {
  return {
    tiles: { [a]: `${side} of a tile of the result`, [b]: 'columns of a tile of the result' },
    live: ({ accumulator: w }, tiles) => productLive(tiles[a]!, tiles[b]!, w) + statistics * w * tiles[a]!,
    words(shape, tiles): Words {
      const { nq, nk, mask, accumulator: w } = shape;
      const k = size(shape);
      const passes = Math.ceil(k / tiles[b]!);
      const at = side === 'queries' ? touched(nq, nk, mask, tiles[a]!, 1) : touched(nq, nk, mask, 1, tiles[a]!);
      const [met, own] = side === 'queries' ? [at.keys, at.distinctQueries] : [at.queries, at.distinctKeys];
      const brought = statistics === 0 ? 0 : statistics * w * seenCount(shape) * passes;
      return { loads: pairsOf(shape) * passes + met * k + brought, stores: own * k };
    },
    *candidates(shape, M, grain) {
      const { nq, nk, mask, accumulator } = shape;
      const [m, others] = side === 'queries' ? [nq, nk] : [nk, nq];
      const room = { m, n: size(shape), M, accumulator, grain, extra: statistics * accumulator };
      yield* named(a, b, room, mask === undefined, others * room.n, nq * nk + statistics * accumulator * m);
    },
  };
}

/** A product of two matrices. */
export function productPhase(
  a: string,
  b: string,
  of: (shape: Shape) => { readonly m: number; readonly k: number; readonly n: number },
): Phase {
  return {
    tiles: { [a]: 'rows of a tile of the product', [b]: 'columns of a tile of the product' },
    live: ({ accumulator }, tiles) => productLive(tiles[a]!, tiles[b]!, accumulator),
    words(shape, tiles): Words {
      const { m, k, n } = of(shape);
      return { loads: productLoads({ m, k, n }, tiles[a]!, tiles[b]!), stores: m * n };
    },
    *candidates(shape, M, grain) {
      const { m, k, n } = of(shape);
      yield* named(a, b, { m, n, M, accumulator: shape.accumulator, grain }, true, k * n, k * m);
    },
  };
}

/** The best tiles where their price is known, else all that may be it. */
function* named(a: string, b: string, room: TileRoom, priced: boolean, rowPrice: number, colPrice: number): Generator<Tiles, void, void> {
  if (!priced) {
    for (const [rows, cols] of productTiles(room)) yield { [a]: rows, [b]: cols };
    return;
  }
  const best = bestProductTile(room, rowPrice, colPrice);
  if (best !== undefined) yield { [a]: best[0], [b]: best[1] };
}
