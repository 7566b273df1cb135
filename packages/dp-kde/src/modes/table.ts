import type { Line } from './mode.ts';

/** Values at grid points -1 ... cells + 1 and the straight lines between them, which go on outside. */
export function tableAt(table: Float64Array, cells: number, t: number): number {
  const from = t + 1;
  const k = Math.min(Math.max(from, 0), cells + 1) | 0;
  const low = table[k] as number;
  return low + (from - k) * ((table[k + 1] as number) - low);
}

/** The table of F at 0 ... cells, continued by one cell on either side with slope -rows and rows. */
export function continued(F: Float64Array, rows: number, one: number): Float64Array {
  const table = new Float64Array(F.length + 2);
  table.set(F, 1);
  table[0] = (F[0] as number) + rows * one;
  table[F.length + 1] = (F[F.length - 1] as number) + rows * one;
  return table;
}

/** A chord of |u - x| over the cell lies above it, by 2 f (1 - f) cells at most at fraction f. */
export function tableLine(table: Float64Array, cells: number, one: number, terms: Line['terms']): Line {
  return {
    table,
    at: (u) => tableAt(table, cells, u / one),
    terms,
    bias(u) {
      const t = u / one;
      const f = t <= 0 || t >= cells ? 0 : t - Math.floor(t);
      return [0, 2 * f * (1 - f) * one];
    },
    factor: 1,
  };
}
