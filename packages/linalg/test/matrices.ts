import { ENSEMBLES, ensemble, seeds, views } from '@x/testkit';
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
