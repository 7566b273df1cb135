import { checkElements } from '../check.ts';
import type { Float } from '../dense.ts';
import { dotRange } from './dot.ts';

/** Sums of squares outside these have lost accuracy to underflow, or overflowed. */
const LEAST_SQUARES = 2 ** -900;

/**
 * Euclidean norm ||x||_2, without overflow or harmful underflow on the way. Relative error at most gamma_d / 2 + u with d of `dot`.
 * NaN when an entry is NaN, else Infinity when one is infinite or the norm exceeds the f64 range.
 *
 * @throws ArgumentError when x is not a vector of f64 or f32.
 */
export function nrm2(x: Float): number {
  checkElements('nrm2', 'x', x);
  const squares = dotRange(x, x, 0, x.length);
  if (squares === Infinity) return scaledNorm(x, 2 ** -600);
  if (squares < LEAST_SQUARES) return scaledNorm(x, 2 ** 900);
  return Math.sqrt(squares);
}

/** Scaling by a power of two rounds nothing that counts. */
function scaledNorm(x: Float, scale: number): number {
  const scaled = Float64Array.from(x, (value) => value * scale);
  return Math.sqrt(dotRange(scaled, scaled, 0, scaled.length)) / scale;
}

/** Terms that are added one after the other. */
const BLOCK = 128;

/**
 * Sum of magnitudes, ||x||_1, accumulated in f64. Relative error at most gamma_d, d = 127 + ceil(log2(n / 128)).
 * NaN when an entry is NaN, else Infinity when one is infinite.
 *
 * @throws ArgumentError when x is not a vector of f64 or f32.
 */
export function asum(x: Float): number {
  checkElements('asum', 'x', x);
  return asumRange(x, 0, x.length);
}

function asumRange(x: Float, from: number, to: number): number {
  if (to - from > BLOCK) {
    const middle = (from + to) >>> 1;
    return asumRange(x, from, middle) + asumRange(x, middle, to);
  }
  let sum = 0;
  for (let i = from; i < to; i++) sum += Math.abs(x[i]!);
  return sum;
}
