import type { Curve, PointBounds, Turn } from './curve.ts';
import { above, below, TINY, U } from './round.ts';
import {
  derivativeOf,
  type ExactPolynomial,
  exactOf,
  NARROW,
  type RootPlace,
  rootsOf,
  signAt,
  signBeside,
  timesPowerOfTwo,
} from './turns.ts';

/** a_0 + a_1 x + ... */
export function horner(a: Float64Array, x: number): number {
  let p = 0;
  for (let i = a.length - 1; i >= 0; i--) p = p * x + a[i];
  return p;
}

/** Coefficients of the derivative, each rounded once. */
export function derivative(a: Float64Array): Float64Array {
  return a.length < 2 ? new Float64Array([0]) : Float64Array.from({ length: a.length - 1 }, (_, i) => (i + 1) * a[i + 1]);
}

/** Coefficients of x p'(x), each rounded once. */
export function timesDerivative(a: Float64Array): Float64Array {
  return a.map((v, i) => i * v);
}

/**
 * A polynomial as a curve: bounds at a point by Horner's scheme, and enclosures of all points where it turns, which are found exactly.
 *
 * @param p - with coefficients to twice the digits of a number, as those of derivatives have.
 */
export function polynomialCurve(p: ExactPolynomial | Float64Array): Curve {
  const exact = p instanceof Float64Array ? exactOf(p) : p;
  const bounds = pointBounds(exact);
  return { bounds, turns: turnsOf(exact, bounds) };
}

/** Coefficients as sums of two numbers: 53 bits, and the 53 after them. */
function inTwoParts({ c, exponent }: ExactPolynomial): { readonly high: Float64Array; readonly low: Float64Array } {
  const high = new Float64Array(c.length);
  const low = new Float64Array(c.length);
  for (const [i, v] of c.entries()) {
    const size = v < 0n ? -v : v;
    const sign = v < 0n ? -1 : 1;
    const excess = Math.max(0, size.toString(2).length - 53);
    const first = size >> BigInt(excess);
    const rest = size - (first << BigInt(excess));
    const dropped = Math.max(0, excess - 53);
    high[i] = sign * timesPowerOfTwo(Number(first), exponent + excess);
    low[i] = sign * timesPowerOfTwo(Number(rest >> BigInt(dropped)), exponent + dropped);
  }
  return { high, low };
}

/** Added to the sizes of coefficients, 2^-960 stands for what underflow loses, also after a factor of U^2. */
const LOST = 1.0261342003245941e-289;
/** Rounding that is this much of x, or of the value, is worth the second scheme. */
const WORTHWHILE = 64 * U;
/** 2^27 + 1. */
const SPLITTER = 134217729;

/**
 * Bounds at a point. Horner's scheme of degree n errs by at most 2 n U / (1 - 2 n U) times sum |a_i| |x|^i, coefficients cut after 53 bits by 2 more
 * U; the sum, computed beside it, is itself below the truth by no more than a factor 1 + 2 n U. With (2 n + 8) U all is covered for n < 10^6.
 *
 * Where that is much, because terms cancel, the compensated scheme adds what each product and each sum rounded away, and the coefficients' second parts:
 * it errs by at most U |p| + ((2 n + 2) U)^2 sum |a_i| |x|^i, and 2 n + 8 is used.
 *
 * Source of the second: S. Graillat, P. Langlois, N. Louvet, Compensated Horner scheme, 2005 (theorem on its error); T. Dekker 1971 for exact products.
 */
function pointBounds(p: ExactPolynomial): PointBounds {
  const { high, low } = inTwoParts(p);
  const sizes = high.map((v) => Math.abs(v) + LOST);
  const error = (2 * high.length + 6) * U;

  function compensated(x: number, s: number, out: Float64Array): void {
    const t = SPLITTER * x;
    const x1 = t - (t - x);
    const x2 = x - x1;
    let value = 0;
    let rest = 0;
    for (let i = high.length - 1; i >= 0; i--) {
      const product = value * x;
      const v = SPLITTER * value;
      const v1 = v - (v - value);
      const v2 = value - v1;
      const productRest = v2 * x2 - (product - v1 * x1 - v2 * x1 - v1 * x2);
      const sum = product + high[i];
      const z = sum - product;
      const sumRest = product - (sum - z) + (high[i] - z);
      value = sum;
      rest = rest * x + (productRest + sumRest + low[i]);
    }
    const total = value + rest;
    const spread = above(above(2 * U * Math.abs(total)) + above(2 * error * error * s));
    // NaN where a split overflows: then the first bounds stay.
    if (spread - spread !== 0 || total !== total) return;
    out[0] = Math.max(out[0], below(total - spread));
    out[1] = Math.min(out[1], above(total + spread));
  }

  return (x, out) => {
    const size = Math.abs(x);
    let p = 0;
    let s = 0;
    for (let i = high.length - 1; i >= 0; i--) {
      p = p * x + high[i];
      s = s * size + sizes[i];
    }
    const spread = s * error;
    out[0] = below(p - spread);
    out[1] = above(p + spread);
    if (spread > WORTHWHILE * Math.max(size, Math.abs(p))) compensated(x, s, out);
  };
}

/** Derivatives that are looked at one by one; of the next one a rough bound is enough. */
const ORDERS = 4;

/** Enclosures of all points where a polynomial may turn, with bounds of its values there. */
function turnsOf(p: ExactPolynomial, bounds: PointBounds): Turn[] {
  const slope = derivativeOf(p);
  const derivatives = [slope];
  while (derivatives.length <= ORDERS) derivatives.push(derivativeOf(derivatives[derivatives.length - 1]));
  const points = derivatives.slice(0, ORDERS).map(pointBounds);
  const { high } = inTwoParts(derivatives[ORDERS]);
  const out = new Float64Array(2);
  const turns = rootsOf(slope).flatMap((place): Turn[] => {
    const narrow = narrowed(slope, points[0], place);
    if (narrow === undefined) return [];
    const { left, right } = narrow;
    const middle = left / 2 + right / 2;
    const away = above(Math.max(middle - left, right - middle));
    // |p'| <= |p'(middle)| + away (|p''(middle)| + ...), so that terms which cancel in p' do not count.
    const steepest = points.reduceRight(
      (beyond, at) => {
        at(middle, out);
        return above(Math.max(-out[0], out[1]) + above(away * beyond));
      },
      sizeOver(high, left, right),
    );
    bounds(middle, out);
    const spread = above(away * steepest);
    return [{ left, right, least: below(out[0] - spread), most: above(out[1] + spread) }];
  });
  return joined(turns.sort((a, b) => a.left - b.left));
}

/** A bound of |q| over [l, r]: sum |a_i| |x|^i at the farther end, with room for rounding. */
function sizeOver(a: Float64Array, l: number, r: number): number {
  const farther = Math.max(Math.abs(l), Math.abs(r));
  const sum = a.reduceRight((s, v) => s * farther + Math.abs(v), 0);
  return above(sum * (1 + (2 * a.length + 6) * U) + TINY);
}

/** A simple root by bisection on signs, undefined where it lies beyond all numbers; other places as they are. */
function narrowed(q: ExactPolynomial, bounds: PointBounds, place: RootPlace): { left: number; right: number } | undefined {
  let { left, right } = place;
  if (!place.simple) return { left, right };
  const out = new Float64Array(2);
  const sign = (x: number) => {
    bounds(x, out);
    return out[0] > 0 ? 1 : out[1] < 0 ? -1 : signAt(q, x);
  };
  const [first, last] = [sign(left) || signBeside(q, left, 1), sign(right) || signBeside(q, right, -1)];
  if (first === last) return Math.max(-left, right) === Number.MAX_VALUE ? undefined : { left, right };
  const rising = last > 0;
  while (right - left > NARROW * Math.max(1, Math.abs(left), Math.abs(right))) {
    const middle = left / 2 + right / 2;
    const here = sign(middle);
    if (here === 0) return { left: middle, right: middle };
    if (here > 0 === rising) right = middle;
    else left = middle;
  }
  return { left, right };
}

/** Neighbours that touch become one. */
function joined(turns: readonly Turn[]): Turn[] {
  const result: Turn[] = [];
  for (const turn of turns) {
    const last = result[result.length - 1];
    if (last === undefined || turn.left > last.right) result.push(turn);
    else {
      const { left, right, least, most } = last;
      result[result.length - 1] = {
        left,
        right: Math.max(right, turn.right),
        least: Math.min(least, turn.least),
        most: Math.max(most, turn.most),
      };
    }
  }
  return result;
}
