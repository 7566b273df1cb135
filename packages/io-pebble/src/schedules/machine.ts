import type { Mask } from '../masks/mask.ts';

/** What attention is computed on. */
export interface Shape {
  /** Queries and keys. */
  readonly nq: number;
  readonly nk: number;
  /** Size of a query and a key, and of a value. */
  readonly d: number;
  readonly dv: number;
  /** Allowed pairs; undefined allows all. */
  readonly mask: Mask | undefined;
  /** Words of data that one accumulator takes in fast memory: 1, or 2 for data in 16 and sums in 32 bits. */
  readonly accumulator: number;
}

/** Rows or columns from `start`, `size` of them. */
export interface Span {
  readonly start: number;
  readonly size: number;
}

/** Consecutive spans of at most `size` that cover 0 .. n - 1. */
export function* spans(n: number, size: number): Generator<Span, void, void> {
  for (let start = 0; start < n; start += size) yield { start, size: Math.min(size, n - start) };
}

/** A matrix in slow memory, by name. `width` is the words of data that an entry takes. */
export interface Tensor {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  readonly width: number;
}

/** Room in fast memory for part of a matrix. */
export interface Tile {
  readonly rows: number;
  readonly cols: number;
  readonly width: number;
}

/** Which entries of a tile are meant: all, or those for which it is true (local row and column). */
export type Entries = (i: number, j: number) => boolean;

/**
 * What a schedule is written for. One machine counts, another plays the schedule entry by entry, on data and as moves of the pebble game;
 * so what is counted is what computes.
 */
export interface Machine {
  /** A matrix in slow memory: an input where the machine has one of that name, else empty. */
  tensor(name: string, rows: number, cols: number, width?: number): Tensor;
  /** Room without values. */
  room(rows: number, cols: number, width?: number): Tile;
  /** Reads part of a matrix into room of its own. `count` is the number of `entries`, where not all are read. */
  load(tensor: Tensor, rows: Span, cols: Span, entries?: { readonly count: number; readonly has: Entries }): Tile;
  /** Writes a tile; it stays in fast memory. */
  store(tile: Tile, tensor: Tensor, rows: Span, cols: Span, entries?: { readonly count: number; readonly has: Entries }): void;
  free(...tiles: readonly Tile[]): void;
  /** Computes on what is in fast memory; a machine that only counts does nothing. */
  compute(kernel: (cells: Cells) => void): void;
}

/** A value in fast memory, or a constant (empty room is 0). */
export interface Cell {
  readonly value: number;
}

/** Fast memory, entry by entry. */
export interface Cells {
  get(tile: Tile, i: number, j: number): Cell;
  /** Computes an entry from others, one of which may be what stands there now. */
  set(tile: Tile, i: number, j: number, from: readonly Cell[], f: (...values: number[]) => number): void;
  /** Empties an entry. */
  clear(tile: Tile, i: number, j: number): void;
}

/** All rows or columns of a matrix. */
export function all(n: number): Span {
  return { start: 0, size: n };
}
