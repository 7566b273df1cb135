import type { Shape } from './machine.ts';

/** Queries that may see some key, one by one. */
export function* seenQueries({ nq, mask }: Shape): Generator<number, void, void> {
  for (let i = 0; i < nq; i++) if (mask === undefined || mask.start[i]! < mask.start[i + 1]!) yield i;
}

/** Keys that query i may see, one by one. */
export function* keysOf({ nk, mask }: Shape, i: number): Generator<number, void, void> {
  if (mask === undefined) for (let j = 0; j < nk; j++) yield j;
  else for (let p = mask.start[i]!; p < mask.start[i + 1]!; p++) for (let j = mask.from[p]!; j < mask.to[p]!; j++) yield j;
}
