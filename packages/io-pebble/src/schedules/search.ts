/** Sizes of tiles are multiples of these, unless a tile takes all there is. */
export interface Grain {
  /** Of the first size of a phase: queries, keys or rows. */
  readonly rows: number;
  /** Of the second: keys or columns. */
  readonly cols: number;
}

export const FINEST: Grain = { rows: 1, cols: 1 };

/** The largest allowed size of at most `most` and n; 0 where there is none. */
export function fitted(n: number, most: number, grain: number): number {
  return most >= n ? n : Math.floor(most / grain) * grain;
}

/** The smallest size that gives no more blocks than `size` does. */
export function leastFor(n: number, size: number, grain: number): number {
  return Math.min(n, Math.ceil(Math.ceil(n / Math.ceil(n / size)) / grain) * grain);
}

/**
 * Block sizes of which one is optimal whatever else is chosen: for every number of blocks the smallest size that gives it. O(sqrt n) sizes.
 *
 * @param most - no size above this.
 */
export function* blockSizes(n: number, most: number, grain: number): Generator<number, void, void> {
  let size = fitted(n, most, grain);
  while (size >= 1) {
    size = leastFor(n, size, grain);
    yield size;
    size = fitted(n, size - 1, grain);
  }
}

/** Sizes up to `most`, or the first one where that is larger. */
export function* sizesUpTo(n: number, most: number, grain: number): Generator<number, void, void> {
  const first = Math.min(n, grain);
  for (let size = first; size === first || size <= Math.min(n, most); size += grain) yield size;
}
