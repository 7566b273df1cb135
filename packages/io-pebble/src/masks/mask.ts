import { ArgumentError } from '@x/linalg/errors';
import { checkWhole } from '../check.ts';

/**
 * Which queries may see which keys: for query i the keys in the intervals `from[p]` (inclusive) to `to[p]` (exclusive), p from `start[i]`
 * to `start[i + 1]`, ascending and apart. Made by `causal`, `slidingWindow` and the like.
 */
export interface Mask {
  readonly queries: number;
  readonly keys: number;
  readonly start: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Allowed pairs. */
  readonly pairs: number;
}

/** A mask from the keys of each query, as intervals in any order; intervals that touch are joined. */
export function maskOf(queries: number, keys: number, intervalsOf: (i: number) => readonly (readonly [from: number, to: number])[]): Mask {
  checkWhole('mask', 'queries', queries, 1, 2 ** 28);
  checkWhole('mask', 'keys', keys, 1, 2 ** 28);
  const start = new Int32Array(queries + 1);
  const from: number[] = [];
  const to: number[] = [];
  let pairs = 0;
  for (let i = 0; i < queries; i++) {
    const first = from.length;
    const list = [...intervalsOf(i)].map(([a, b]) => [Math.max(0, a), Math.min(keys, b)] as const).sort((p, q) => p[0] - q[0]);
    for (const [a, b] of list) {
      if (a >= b) continue;
      const last = to.length - 1;
      if (to.length > first && a <= to[last]!) to[last] = Math.max(to[last]!, b);
      else {
        from.push(a);
        to.push(b);
      }
    }
    start[i + 1] = from.length;
    for (let p = first; p < from.length; p++) pairs += to[p]! - from[p]!;
  }
  if (pairs === 0) throw new ArgumentError('mask: no query may see any key', 'mask');
  return { queries, keys, start, from: Int32Array.from(from), to: Int32Array.from(to), pairs };
}

/** Whether query i may see key j; O(log of the intervals of i). */
export function isAllowed({ start, from, to }: Mask, i: number, j: number): boolean {
  let low = start[i]!;
  let high = start[i + 1]!;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (to[middle]! <= j) low = middle + 1;
    else high = middle;
  }
  return low < start[i + 1]! && from[low]! <= j;
}

/** Sums over the blocks of Br queries and Bc keys that hold an allowed pair: what schedules that skip all other blocks move. */
export interface Touched {
  /** Blocks. */
  readonly blocks: number;
  /** Sum of the queries of each such block, and of the keys. */
  readonly queries: number;
  readonly keys: number;
  /** Queries in a row of blocks with at least one such block; keys in such a column. */
  readonly distinctQueries: number;
  readonly distinctKeys: number;
}

/** Whether two queries see the same keys. */
function seesTheSame({ start, from, to }: Mask, i: number, j: number): boolean {
  const count = start[i + 1]! - start[i]!;
  if (count !== start[j + 1]! - start[j]!) return false;
  for (let k = 0; k < count; k++) {
    if (from[start[i]! + k] !== from[start[j]! + k] || to[start[i]! + k] !== to[start[j]! + k]) return false;
  }
  return true;
}

/** Cost: O(queries + intervals + row blocks' key blocks). @param mask - undefined allows all pairs. */
export function touched(queries: number, keys: number, mask: Mask | undefined, Br: number, Bc: number): Touched {
  const rows = Math.ceil(queries / Br);
  const cols = Math.ceil(keys / Bc);
  if (mask === undefined) {
    return { blocks: rows * cols, queries: queries * cols, keys: keys * rows, distinctQueries: queries, distinctKeys: keys };
  }
  /** The row of blocks in which a key block was last touched, plus one. */
  const last = new Int32Array(cols);
  let [blocks, sumQueries, sumKeys, distinctQueries, distinctKeys] = [0, 0, 0, 0, 0];
  for (let row = 0; row < rows; row++) {
    const [first, end] = [row * Br, Math.min(queries, (row + 1) * Br)];
    const before = blocks;
    // Blocks from low up to high are counted already: intervals of one query mostly lie over those of the one before, or are the same.
    let [low, high] = [0, 0];
    for (let i = first; i < end; i++) {
      if (i > first && seesTheSame(mask, i, i - 1)) continue;
      for (let p = mask.start[i]!; p < mask.start[i + 1]!; p++) {
        const [from, to] = [Math.floor(mask.from[p]! / Bc), Math.ceil(mask.to[p]! / Bc)];
        const meets = from <= high && to >= low;
        for (let col = meets && from >= low ? Math.max(from, high) : from; col < to; col++) {
          if (meets && col === low) col = high;
          if (col >= to || last[col] === row + 1) continue;
          const size = Math.min(keys, (col + 1) * Bc) - col * Bc;
          if (last[col] === 0) distinctKeys += size;
          last[col] = row + 1;
          blocks++;
          sumQueries += end - first;
          sumKeys += size;
        }
        [low, high] = meets ? [Math.min(low, from), Math.max(high, to)] : [from, to];
      }
    }
    if (blocks > before) distinctQueries += end - first;
  }
  return { blocks, queries: sumQueries, keys: sumKeys, distinctQueries, distinctKeys };
}
