import { ETA_EXP, powerOfTwo, scaleByPowerOfTwo } from './power.ts';

/**
 * The exponential function with a proved error, built from + - * / alone, which IEEE 754 fixes: the same bits on every engine, and in the kernel
 * (assembly/exp.ts does the same two at a time).
 *
 * x = k ln 2 + r with |r| < 0.35. ln 2 is split so that k * LN2_HI has no more than 44 bits and x - k * LN2_HI is exact; what is lost in r is
 * below U / 2. e^r - 1 = r h, h = A + r B with A = 1 + r^2 / 6 + ... and B = 1/2 + r^2 / 24 + ... to r^12 together: two short chains. A errs by at most 1.1 U, B by
 * 0.6 U, so h by 1.1 U + 0.2 U (r B is below 0.2) + 0.35 * 0.6 U and its own rounding, in all less than 2.6 U h, as h > 0.84; r h loses at most 4 U of itself, the tail's 0.2 U
 * included (0.35^13 / 14! < 1.4e-17). In all |computed - e^x| <= 4 U e^x, as |r h| < 0.42 e^r, and bounds are taken with 8 U; below the normal range two
 * units of the last place are added.
 */
const LOG2E = Math.LOG2E;
const LN2_HI = 0.6931471803691238;
const LN2_LO = 1.9082149292705877e-10;
/** 1.5 * 2^52: adding it rounds to a whole number. */
const SHIFT = 6755399441055744;
/** 8 U. */
const EXP_ERROR = 8.881784197001252e-16;
/** Where e^x leaves the range of numbers: a little above log(2^1024), and a little below log(2^-1075). */
const OVERFLOW = 709.8;
const UNDERFLOW = -745.2;

/** e^r - 1 for |r| < 0.35: |error| <= 4 U |e^r - 1|. */
function expm1Small(r: number): number {
  const z = r * r;
  let A = 1 / 39916800 + z * (1 / 6227020800);
  let B = 1 / 3628800 + z * (1 / 479001600);
  A = 1 / 362880 + z * A;
  B = 1 / 40320 + z * B;
  A = 1 / 5040 + z * A;
  B = 1 / 720 + z * B;
  A = 1 / 120 + z * A;
  B = 1 / 24 + z * B;
  A = 1 / 6 + z * A;
  B = 0.5 + z * B;
  A = 1 + z * A;
  return r * (A + r * B);
}

/** Where e^-y is lost beside 1. */
const LOST = 80;

/** 1 - e^-y for y >= 0, to 7 U relatively: with 2^k = s and e^r - 1 = q it is (1 - s) - s q, and -q for k = 0. */
export function decay(y: number): number {
  const x = Math.max(-y, -LOST);
  const k = x * LOG2E + SHIFT - SHIFT;
  const q = expm1Small(x - k * LN2_HI - k * LN2_LO);
  const s = powerOfTwo(k);
  return 1 - s - s * q;
}

/** e^x to 4 U, relatively. */
export function exp(x: number): number {
  if (!(x < OVERFLOW)) return x === x ? Infinity : x;
  if (x < UNDERFLOW) return 0;
  const k = x * LOG2E + SHIFT - SHIFT;
  const r = x - k * LN2_HI - k * LN2_LO;
  return scaleByPowerOfTwo(1 + expm1Small(r), k);
}

/** A number in [0, e^x]. */
export function expBelow(x: number): number {
  const e = exp(x);
  // e^x > 1e308 where the nearest number is Infinity.
  return e === Infinity ? 1e308 : Math.max(0, e - (e * EXP_ERROR + ETA_EXP));
}

/** A number at least e^x, or Infinity. */
export function expAbove(x: number): number {
  const e = exp(x);
  return e + (e * EXP_ERROR + ETA_EXP);
}
