import { checkElements, checkLength } from '../check.ts';
import type { Float } from '../dense.ts';

/** Terms of a sum that are added one after the other, in two chains; more are split in halves. */
const BLOCK = 256;

/**
 * x^T y, accumulated in f64 also for f32 vectors, in a fixed order: two chains in blocks of 256, blocks added pairwise.
 *
 * The error is at most gamma_d sum |x_i y_i| with d = 130 + ceil(log2(n / 256)), gamma_d = d u / (1 - d u), u = 2^-53.
 * NaN and infinities propagate. A loop in TypeScript: for vectors, copying into the kernel costs what it saves.
 *
 * @throws ShapeError when the lengths differ; ArgumentError when x or y is not a vector of f64 or f32.
 */
export function dot(x: Float, y: Float): number {
  checkElements('dot', 'x', x);
  checkLength('dot', 'y', y, x.length);
  return dotRange(x, y, 0, x.length);
}

/** The sum of x_i y_i over from <= i < to. */
export function dotRange(x: Float, y: Float, from: number, to: number): number {
  if (to - from > BLOCK) {
    const middle = (from + to) >>> 1;
    return dotRange(x, y, from, middle) + dotRange(x, y, middle, to);
  }
  let even = 0;
  let odd = 0;
  let i = from;
  for (; i + 1 < to; i += 2) {
    even += x[i]! * y[i]!;
    odd += x[i + 1]! * y[i + 1]!;
  }
  if (i < to) even += x[i]! * y[i]!;
  return even + odd;
}
