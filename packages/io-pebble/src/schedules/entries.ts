import { isAllowed } from '../masks/mask.ts';
import type { Entries, Shape, Span } from './machine.ts';

/** Entries of a block that are allowed, and how many; undefined `entries` where all are. */
export interface BlockEntries {
  readonly count: number;
  readonly has: Entries;
}

/** The allowed pairs of a block of queries and keys. Cost: O(size of the block) under a mask. */
export function entriesOf({ mask }: Shape, queries: Span, keys: Span): BlockEntries {
  if (mask === undefined) return { count: queries.size * keys.size, has: () => true };
  const has: Entries = (i, j) => isAllowed(mask, queries.start + i, keys.start + j);
  let count = 0;
  for (let i = 0; i < queries.size; i++) {
    for (let p = mask.start[queries.start + i]!; p < mask.start[queries.start + i + 1]!; p++) {
      count += Math.max(0, Math.min(mask.to[p]!, keys.start + keys.size) - Math.max(mask.from[p]!, keys.start));
    }
  }
  return { count, has };
}
