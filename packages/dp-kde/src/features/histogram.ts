import type { Bounds, Design } from '../design.ts';

/** Of one column: rows in each cell, and the sums of their whole-number positions inside it. All exact. */
export interface Histogram {
  readonly counts: Float64Array;
  readonly fractions: Float64Array;
}

export function emptyHistogram({ cells }: Design): Histogram {
  return { counts: new Float64Array(cells), fractions: new Float64Array(cells) };
}

/**
 * The whole-number position of x: the bounds are 0 and cells * one; what lies outside is clamped to them, and NaN to the lower one. It
 * depends on x and public numbers alone, so that its rounding costs no privacy.
 */
export function positionOf(x: number, [lower, upper]: Bounds, { cells, one }: Design): number {
  const most = cells * one;
  const t = (x - lower) * (most / (upper - lower)) + 0.5;
  return t >= 1 ? Math.min(Math.floor(t), most) : 0;
}

/** Adds x[start + i stride], i < rows, at their `positionOf`. */
export function addColumn(
  h: Histogram,
  x: ArrayLike<number>,
  start: number,
  stride: number,
  rows: number,
  bounds: Bounds,
  design: Design,
): void {
  const { counts, fractions } = h;
  const { cells, one, fractionBits } = design;
  const [lower, upper] = bounds;
  const most = cells * one;
  const scale = most / (upper - lower);
  const last = cells - 1;
  for (let i = 0, p = start; i < rows; i++, p += stride) {
    const t = ((x[p] as number) - lower) * scale + 0.5;
    const u = t >= 1 ? (t > most ? most : t | 0) : 0;
    const cell = u >> fractionBits;
    const k = Math.min(cell, last);
    counts[k] = (counts[k] as number) + 1;
    fractions[k] = (fractions[k] as number) + (u - k * one);
  }
}

export function addHistogram(to: Histogram, from: Histogram): void {
  for (let k = 0; k < to.counts.length; k++) {
    to.counts[k] = (to.counts[k] as number) + (from.counts[k] as number);
    to.fractions[k] = (to.fractions[k] as number) + (from.fractions[k] as number);
  }
}

export function wipe(...arrays: Float64Array[]): void {
  for (const array of arrays) array.fill(0);
}

/**
 * The slopes of F(y) = sum |y - x| over each cell, times `one`: rows on the left count +, on the right -, and those inside by how
 * much of the cell lies on either side of them.
 */
export function slopes({ counts, fractions }: Histogram, rows: number, { one }: Design): Float64Array {
  const out = new Float64Array(counts.length);
  let left = 0;
  for (let t = 0; t < out.length; t++) {
    const here = counts[t] as number;
    out[t] = one * (2 * left + here - rows) + (one * here - 2 * (fractions[t] as number));
    left += here;
  }
  // one (left - right) + one here - 2 fractions, with right = rows - left - here.
  return out;
}

/** F at the cells + 1 grid points, in units of a position. */
export function distances(h: Histogram, rows: number, design: Design): Float64Array {
  const S = slopes(h, rows, design);
  const F = new Float64Array(S.length + 1);
  for (let t = 0; t < S.length; t++) F[0] = (F[0] as number) + (h.counts[t] as number) * t * design.one + (h.fractions[t] as number);
  for (let t = 0; t < S.length; t++) F[t + 1] = (F[t] as number) + (S[t] as number);
  wipe(S);
  return F;
}
