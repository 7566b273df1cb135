import { philox } from '@x/linalg';
import { ArgumentError } from '@x/linalg/errors';
import { checkWhole } from '../check.ts';
import { type Mask, maskOf } from './mask.ts';

/** Query i sees the keys up to its own place, the last query the last key: i + keys - queries. */
export function causal(queries: number, keys: number = queries): Mask {
  return maskOf(queries, keys, (i) => [[0, i + keys - queries + 1]]);
}

/** Query i sees the keys at most `window` away from its own place, and, where `onlyBefore` is set, no later ones. */
export function slidingWindow(n: number, window: number, options: { readonly onlyBefore?: boolean } = {}): Mask {
  checkWhole('slidingWindow', 'window', window, 0);
  return maskOf(n, n, (i) => [[i - window, options.onlyBefore === true ? i + 1 : i + window + 1]]);
}

/** A sliding window, and `globals` tokens at the start that see all keys and that all queries see (Longformer's pattern). */
export function globalWindow(n: number, window: number, globals: number): Mask {
  checkWhole('globalWindow', 'window', window, 0);
  checkWhole('globalWindow', 'globals', globals, 0, n);
  return maskOf(n, n, (i) =>
    i < globals
      ? [[0, n]]
      : [
          [0, globals],
          [i - window, i + window + 1],
        ],
  );
}

/** Query i sees `count` different keys, drawn at random and independently of the other queries. */
export function randomMask(queries: number, keys: number, count: number, options: { readonly seed?: number } = {}): Mask {
  checkWhole('randomMask', 'count', count, 1, keys);
  const { seed = 0 } = options;
  checkWhole('randomMask', 'seed', seed, 0);
  return maskOf(queries, keys, (i) => drawn(keys, count, seed, i).map((j) => [j, j + 1]));
}

/**
 * BigBird's pattern on blocks of `block` tokens: the blocks at most `window` away, `globals` global blocks at the start, and `random`
 * further blocks drawn for each block of queries.
 */
export function bigBird(
  n: number,
  options: { readonly block: number; readonly window: number; readonly globals: number; readonly random: number; readonly seed?: number },
): Mask {
  const { block, window, globals, random, seed = 0 } = options;
  checkWhole('bigBird', 'block', block, 1, n);
  const blocks = Math.ceil(n / block);
  checkWhole('bigBird', 'window', window, 0);
  checkWhole('bigBird', 'globals', globals, 0, blocks);
  checkWhole('bigBird', 'random', random, 0, blocks);
  checkWhole('bigBird', 'seed', seed, 0);
  const chosen = Array.from({ length: blocks }, (_, row) => drawn(blocks, random, seed, row));
  return maskOf(n, n, (i) => {
    const row = Math.floor(i / block);
    if (row < globals) return [[0, n]];
    const near = [(row - window) * block, (row + window + 1) * block] as const;
    return [[0, globals * block], near, ...chosen[row]!.map((col) => [col * block, (col + 1) * block] as const)];
  });
}

/**
 * Any mask by compressed rows: query i sees the keys `columns[p]`, p from `rowStart[i]` to `rowStart[i + 1]`.
 *
 * @throws ArgumentError for row starts that do not ascend or columns outside [0, keys).
 */
export function csrMask(queries: number, keys: number, rowStart: ArrayLike<number>, columns: ArrayLike<number>): Mask {
  if (rowStart.length !== queries + 1 || rowStart[0] !== 0 || rowStart[queries] !== columns.length) {
    throw new ArgumentError(
      `csrMask: rowStart must have ${queries + 1} entries, from 0 to the number of columns ${columns.length}`,
      'rowStart',
    );
  }
  for (let i = 0; i < queries; i++) {
    if (!(rowStart[i]! <= rowStart[i + 1]!)) throw new ArgumentError(`csrMask: rowStart[${i + 1}] is below rowStart[${i}]`, 'rowStart');
  }
  for (let p = 0; p < columns.length; p++) checkWhole('csrMask', `columns[${p}]`, columns[p]!, 0, keys - 1);
  return maskOf(queries, keys, (i) =>
    Array.from({ length: rowStart[i + 1]! - rowStart[i]! }, (_, p) => [columns[rowStart[i]! + p]!, columns[rowStart[i]! + p]! + 1]),
  );
}

/** `count` different numbers below `n`, ascending: Floyd's algorithm. */
function drawn(n: number, count: number, seed: number, stream: number): number[] {
  const rng = philox(seed, stream);
  const set = new Set<number>();
  for (let j = n - count; j < n; j++) {
    const t = rng.integer(j + 1);
    set.add(set.has(t) ? j : t);
  }
  return [...set].sort((a, b) => a - b);
}
