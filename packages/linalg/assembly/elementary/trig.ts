/**
 * sin(pi x) and cos(pi x) in IEEE + - * / only; the reduction to |r| <= 1/4 is exact for every x. Box-Muller needs
 * cosPi(2u). src/elementary/trig.ts is the twin in TypeScript, equal bit for bit (host.ts).
 *
 * y = pi r is kept as an unevaluated sum hi + lo (Dekker's product); then Taylor's series to y^17 and y^16, whose cut
 * costs 0.001 and 0.02 ulp. The error is below 0.77 ulp (test/exp.test.ts).
 */
import { SHIFT } from './bits';
import { hostCosPi, hostSinPi } from './host';

const PI: f64 = 3.141592653589793;
/** pi - PI. */
const PI_TAIL: f64 = 1.2246467991473532e-16;
/** PI = PI_UPPER + PI_LOWER, 26 bits each, so that products with half of r are exact. */
const PI_UPPER: f64 = 3.1415926814079285;
const PI_LOWER: f64 = -2.781813535079891e-8;
/** 2^27 + 1 splits a double into two halves (Veltkamp). */
const SPLITTER: f64 = 134217729;

/** sin(pi x); whole x gives 0 with the sign of x; NaN and infinities give NaN. */
export function sinPi(x: f64): f64 {
  if (!ASC_FEATURE_SIMD) return hostSinPi(x);
  if (x == 0) return x;
  const value = sineAfter(abs<f64>(x), 0);
  return x < 0 ? -value : value;
}

/** cos(pi x); x a whole number and a half gives 0; NaN and infinities give NaN. */
export function cosPi(x: f64): f64 {
  return ASC_FEATURE_SIMD ? sineAfter(abs<f64>(x), 1) : hostCosPi(x);
}

/** sin(pi x + quarters pi / 2) for x >= 0. */
function sineAfter(x: f64, quarters: i32): f64 {
  const turn = x - 2 * floor<f64>(x * 0.5);
  const shifted = turn * 2 + SHIFT;
  const r = turn - (shifted - SHIFT) * 0.5;
  const quadrant = <i32>reinterpret<i64>(shifted) + quarters;

  const hi = r * PI;
  const c = r * SPLITTER;
  const upper = c - (c - r);
  const lower = r - upper;
  const lo = upper * PI_UPPER - hi + upper * PI_LOWER + lower * PI_UPPER + lower * PI_LOWER + r * PI_TAIL;
  const value = quadrant & 1 ? cosine(hi, lo) : sine(hi, lo);
  return quadrant & 2 ? 0 - value : value;
}

/** sin(y + tail), |y| <= pi / 4. */
function sine(y: f64, tail: f64): f64 {
  const z = y * y;
  let s = -1.0 / 1307674368000 + z * (1.0 / 355687428096000);
  s = 1.0 / 6227020800 + z * s;
  s = -1.0 / 39916800 + z * s;
  s = 1.0 / 362880 + z * s;
  s = -1.0 / 5040 + z * s;
  s = 1.0 / 120 + z * s;
  s = -1.0 / 6 + z * s;
  return y + (y * z * s + tail * (1 - 0.5 * z));
}

/** cos(y + tail), |y| <= pi / 4. */
function cosine(y: f64, tail: f64): f64 {
  const z = y * y;
  let s = -1.0 / 87178291200 + z * (1.0 / 20922789888000);
  s = 1.0 / 479001600 + z * s;
  s = -1.0 / 3628800 + z * s;
  s = 1.0 / 40320 + z * s;
  s = -1.0 / 720 + z * s;
  s = 1.0 / 24 + z * s;
  const half = 0.5 * z;
  const rounded = 1 - half;
  return rounded + (1 - rounded - half + (z * z * s - y * tail));
}
