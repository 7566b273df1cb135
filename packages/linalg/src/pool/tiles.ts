/**
 * How a product is cut into tasks. The cut depends on the shape alone, never on the number of workers, and each task adds up the
 * terms of an entry in the same order, so the bits are the same for any number of workers, and the same as without cutting:
 * the kernel sums blocks of `depthBlock()` terms, and tasks cut the sum at multiples of that only.
 */
import { kernel } from '../kernel/instance.ts';

/** Rows and columns of a task's tile of C. */
const TILE_ROWS = 256;
const TILE_COLS = 1024;
/** Blocks of terms that a task loads at once. Bounds a worker's memory to about 50 MiB in f64. */
const DEPTH_BLOCKS = 10;

/** A block of C. */
export interface Tile {
  /** Index of its first row. */
  readonly row: number;
  /** Index of its first column. */
  readonly col: number;
  readonly rows: number;
  readonly cols: number;
}

/** The cut of one product. */
export interface Tiling {
  readonly rows: number;
  readonly cols: number;
  readonly depth: number;
  /** Tiles in a column of tiles; tiles are numbered column by column, so that neighbours share a block of B. */
  readonly down: number;
  readonly count: number;
}

/** The cut of an m x n product. */
export function tiling(m: number, n: number): Tiling {
  const down = Math.ceil(m / TILE_ROWS);
  return { rows: TILE_ROWS, cols: TILE_COLS, depth: DEPTH_BLOCKS * kernel().depthBlock(), down, count: down * Math.ceil(n / TILE_COLS) };
}

/** Tile number `index` of an m x n product. */
export function tileAt({ rows, cols, down }: Tiling, index: number, m: number, n: number): Tile {
  const row = (index % down) * rows;
  const col = Math.floor(index / down) * cols;
  return { row, col, rows: Math.min(rows, m - row), cols: Math.min(cols, n - col) };
}
