import { lowWord, SHIFT } from './bits.ts';

const PI_TAIL = 1.2246467991473532e-16;
const PI_UPPER = 3.1415926814079285;
const PI_LOWER = -2.781813535079891e-8;
const SPLITTER = 134217729;

/**
 * sin(pi x) with the same bits on every platform, exact reduction for every x; the kernel's version gives the same bits, its
 * plain fallback calls this one.
 * Error below 0.77 ulp; whole x gives 0 with the sign of x, NaN and infinities give NaN. Method: assembly/elementary/trig.ts.
 */
export function sinPi(x: number): number {
  if (x === 0) return x;
  const value = sineAfter(Math.abs(x), 0);
  return x < 0 ? -value : value;
}

/** cos(pi x), as `sinPi`; x a whole number and a half gives 0. */
export function cosPi(x: number): number {
  return sineAfter(Math.abs(x), 1);
}

/** sin(pi x + quarters pi / 2) for x >= 0. */
function sineAfter(x: number, quarters: number): number {
  const turn = x - 2 * Math.floor(x * 0.5);
  const shifted = turn * 2 + SHIFT;
  const r = turn - (shifted - SHIFT) * 0.5;
  const quadrant = lowWord(shifted) + quarters;

  const hi = r * Math.PI;
  const c = r * SPLITTER;
  const upper = c - (c - r);
  const lower = r - upper;
  const lo = upper * PI_UPPER - hi + upper * PI_LOWER + lower * PI_UPPER + lower * PI_LOWER + r * PI_TAIL;
  const value = quadrant & 1 ? cosine(hi, lo) : sine(hi, lo);
  return quadrant & 2 ? 0 - value : value;
}

/** sin(y + tail), |y| <= pi / 4. */
function sine(y: number, tail: number): number {
  const z = y * y;
  let s = -1 / 1307674368000 + z * (1 / 355687428096000);
  s = 1 / 6227020800 + z * s;
  s = -1 / 39916800 + z * s;
  s = 1 / 362880 + z * s;
  s = -1 / 5040 + z * s;
  s = 1 / 120 + z * s;
  s = -1 / 6 + z * s;
  return y + (y * z * s + tail * (1 - 0.5 * z));
}

/** cos(y + tail), |y| <= pi / 4. */
function cosine(y: number, tail: number): number {
  const z = y * y;
  let s = -1 / 87178291200 + z * (1 / 20922789888000);
  s = 1 / 479001600 + z * s;
  s = -1 / 3628800 + z * s;
  s = 1 / 40320 + z * s;
  s = -1 / 720 + z * s;
  s = 1 / 24 + z * s;
  const half = 0.5 * z;
  const rounded = 1 - half;
  return rounded + (1 - rounded - half + (z * z * s - y * tail));
}
