import { ENSEMBLES, effort, ensemble, seeds, views } from '@x/testkit';
import fc from 'fast-check';
import type { Dense, Float } from '../src/index.ts';

/** rows x cols matrices of every ensemble, as views with any strides. */
export function matricesOf(rows: number, cols: number): fc.Arbitrary<Dense> {
  return views(fc.tuple(fc.constantFrom(...ENSEMBLES), seeds()).map(([name, seed]) => ensemble(name, rows, cols, seed)));
}

/** `length` draws as f64, or rounded to f32. */
export function floats(single: boolean, length: number, draw: () => number): Float {
  const values = Float64Array.from({ length }, draw);
  return single ? Float32Array.from(values) : values;
}

/** Orders beyond every panel, half, strip and block of the factorisations (16 to 384), and one more than a multiple of them;
 * the largest squares in the long tests alone. */
export const LARGE_ORDERS: readonly number[] = [97, 129, 193, 257, 385, 513].slice(0, effort(4, 6));

/** The same orders, and tall and wide shapes. */
export const LARGE_SHAPES: readonly (readonly [rows: number, cols: number])[] = [
  ...LARGE_ORDERS.map((n) => [n, n] as const),
  [385, 97],
  [97, 385],
  [700, 129],
  [129, 257],
];

/** One full matrix of that shape, as a view. */
export function large(rows: number, cols: number): fc.Arbitrary<Dense> {
  return views(
    fc.tuple(fc.constantFrom('gaussian', 'cauchy', 'ill-conditioned'), seeds()).map(([name, seed]) => ensemble(name, rows, cols, seed)),
  );
}
