import type { Curve, PointBounds, Turn } from './curve.ts';
import { above, below, TINY, U } from './round.ts';

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
 * A polynomial as a curve: bounds at a point by Horner's scheme, and enclosures of all points where it may turn.
 *
 * @param a - coefficients; each may be wrong by U of itself, as those of a derivative are.
 * Horner's scheme of degree n errs by at most 2 n U / (1 - 2 n U) times sum |a_i| |x|^i, coefficients wrong by U add one more;
 * the sum, computed beside it, is itself below the truth by no more than a factor 1 + 2 n U. With (2 n + 8) U all is covered, coefficients rounded twice too, for n < 10^6.
 */
export function polynomialCurve(a: Float64Array): Curve {
  const bounds = pointBounds(a);
  return { bounds, turns: turnsOf(a, bounds) };
}

function twiceRounded(v: number): Interval {
  return [below(below(v)), above(above(v))];
}

function pointBounds(a: Float64Array): PointBounds {
  // TINY stands for what underflow loses.
  const sizes = a.map((v) => Math.abs(v) + TINY);
  const error = (2 * a.length + 6) * U;
  return (x, out) => {
    const size = Math.abs(x);
    let p = 0;
    let s = 0;
    for (let i = a.length - 1; i >= 0; i--) {
      p = p * x + a[i];
      s = s * size + sizes[i];
    }
    out[0] = below(p - s * error);
    out[1] = above(p + s * error);
  };
}

/** Intervals as pairs, for work that is done once. */
type Interval = readonly [least: number, most: number];

function hornerOver(a: readonly Interval[], [l, r]: Interval): Interval {
  let least = 0;
  let most = 0;
  for (let i = a.length - 1; i >= 0; i--) {
    const products = [least * l, least * r, most * l, most * r];
    least = below(below(Math.min(...products)) + a[i][0]);
    most = above(above(Math.max(...products)) + a[i][1]);
  }
  return [least, most];
}

/** Of this size, against the larger of 1 and the place, are the enclosures of turns. */
const NARROW = 2.842170943040401e-14;

/** Pieces looked at: where terms cancel beyond rounding there is no end, and what is left counts as turns, with bounds as wide as they are. */
const MOST_PIECES = 20_000;

/** Enclosures of all real zeros of the derivative, by bisection from a bound on their size (Cauchy: 1 + max |d_i / d_n|). */
function turnsOf(a: Float64Array, bounds: PointBounds): Turn[] {
  const d = derivative(a);
  let n = d.length - 1;
  while (n > 0 && d[n] === 0) n--;
  if (n === 0) return [];
  // Twice rounded: once in the coefficients handed over, once here.
  const own = d.subarray(0, n + 1);
  const coefficients = Array.from(own, twiceRounded);
  const second = Array.from(
    derivative(own),
    (v) => twiceRounded(v).map((end, k) => (k === 0 ? below(end) : above(end))) as unknown as Interval,
  );
  const slopeAt = pointBounds(own);
  const out = new Float64Array(2);
  const sign = (x: number) => {
    slopeAt(x, out);
    return out[0] > 0 ? 1 : out[1] < 0 ? -1 : 0;
  };
  const reach = 2 + 2 * d.subarray(0, n).reduce((most, v) => Math.max(most, Math.abs(v / d[n])), 0);
  const found: Interval[] = [];
  const open: Interval[] = [[-reach, reach]];
  // Wide pieces come first, so that those which are left at the end are narrow.
  for (let piece = 0; piece < open.length; piece++) {
    const [l, r] = open[piece];
    if (piece > MOST_PIECES) {
      found.push([l, r]);
      continue;
    }
    const [least, most] = hornerOver(coefficients, [l, r]);
    if (least > 0 || most < 0) continue;
    const middle = l / 2 + r / 2;
    // The centred form, slope(middle) + second(l, r) (x - middle), excludes zero nearly up to a multiple root, where Horner's does not.
    const steepest = hornerOver(second, [l, r]);
    slopeAt(middle, out);
    const spread = above(Math.max(-steepest[0], steepest[1]) * above(r - middle));
    if (below(out[0] - spread) > 0 || above(out[1] + spread) < 0) continue;
    // Within rounding of a multiple root no sign is known anywhere: cutting on would only make more such pieces.
    const flat = sign(l / 2 + middle / 2) === 0 && sign(middle) === 0 && sign(middle / 2 + r / 2) === 0;
    if (!flat && r - l > NARROW * Math.max(1, Math.abs(middle))) open.push([l, middle], [middle, r]);
    else found.push([l, r]);
  }
  const turns = found.map(([left, right]): Turn => {
    const middle = left / 2 + right / 2;
    bounds(middle, out);
    const [least, most] = hornerOver(coefficients, [left, right]);
    const spread = above(Math.max(-least, most) * above(right - left));
    return { left, right, least: below(out[0] - spread), most: above(out[1] + spread) };
  });
  return joined(turns.sort((a, b) => a.left - b.left));
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
