/** Slow, obvious oracles with about 100 bits, for tests that measure errors of the fast code. */
import { at, type Dense, type Float } from '../src/index.ts';

/** An unevaluated sum of two f64. */
export type Double = readonly [high: number, low: number];

/** a + b exactly (Knuth). */
function twoSum(a: number, b: number): Double {
  const sum = a + b;
  const bb = sum - a;
  return [sum, a - (sum - bb) + (b - bb)];
}

/** a b exactly, unless it under- or overflows (Dekker, Veltkamp's splitting). */
function twoProduct(a: number, b: number): Double {
  const [ah, al] = split(a);
  const [bh, bl] = split(b);
  const product = a * b;
  return [product, ah * bh - product + ah * bl + al * bh + al * bl];
}

function split(x: number): Double {
  const scaled = 134217729 * x;
  const high = scaled - (scaled - x);
  return [high, x - high];
}

export function add([ah, al]: Double, [bh, bl]: Double): Double {
  const [high, low] = twoSum(ah, bh);
  return twoSum(high, low + al + bl);
}

export function times(factor: number, [high, low]: Double): Double {
  const [h, l] = twoProduct(factor, high);
  return twoSum(h, l + factor * low);
}

/** x - (high + low), rounded once. */
export function minus(x: number, [high, low]: Double): number {
  return x - high - low;
}

/** Entry (i, j) of A B, and of |A| |B|. */
export function productEntry(
  A: Dense<Float>,
  B: Dense<Float>,
  i: number,
  j: number,
): { readonly value: Double; readonly magnitude: number } {
  let high = 0;
  let low = 0;
  let magnitude = 0;
  // `twoProduct` and `add` written out, without arrays: this is where the tests spend their time.
  for (let p = 0; p < A.cols; p++) {
    const a = at(A, i, p);
    const b = at(B, p, j);
    const ah = 134217729 * a - (134217729 * a - a);
    const bh = 134217729 * b - (134217729 * b - b);
    const term = a * b;
    const rest = ah * bh - term + ah * (b - bh) + (a - ah) * bh + (a - ah) * (b - bh);
    const sum = high + term;
    const back = sum - high;
    const tail = high - (sum - back) + (term - back) + (low + rest);
    high = sum + tail;
    const part = high - sum;
    low = sum - (high - part) + (tail - part);
    magnitude += Math.abs(term);
  }
  return { value: [high, low], magnitude };
}

/** The unit roundoff of A's element type. */
export function roundoff(A: Dense<Float>): number {
  return A.data instanceof Float64Array ? 2 ** -53 : 2 ** -24;
}

/** The smallest positive number of A's element type: what one underflow can cost. */
export function tiniest(A: Dense<Float>): number {
  return A.data instanceof Float64Array ? 2 ** -1074 : 2 ** -149;
}

/** gamma_n = n u / (1 - n u). */
export function gamma(n: number, u: number): number {
  return (n * u) / (1 - n * u);
}
