import { ETA_EXP, scaleByPowerOfTwo } from './power.ts';

/**
 * The exponential function with a proved error, built from + - * / alone, which IEEE 754 fixes: the same bits on every engine.
 *
 * x = k ln 2 + r with |r| < 0.35. ln 2 is split so that k * LN2_HI has no more than 44 bits and x - k * LN2_HI is exact; what is lost in r is
 * below U / 2. The series of e^r - 1 to degree 13, nested, loses at most 3 U of itself, its tail 0.2 U included (0.35^13 / 14! < 1.4e-17).
 * In all |computed - e^x| <= 4 U e^x, and bounds are taken with 8 U; below the normal range two units of the last place are added.
 */
const LOG2E = Math.LOG2E;
const LN2_HI = 0.6931471803691238;
const LN2_LO = 1.9082149292705877e-10;
/** 8 U. */
const EXP_ERROR = 8.881784197001252e-16;
/** Where e^x leaves the range of numbers: a little above log(2^1024), and a little below log(2^-1075). */
const OVERFLOW = 709.8;
const UNDERFLOW = -745.2;

/** e^r - 1 for |r| < 0.35: |error| <= 3 U |e^r - 1|. */
export function expm1Small(r: number): number {
  let h = 1;
  for (let k = 13; k >= 2; k--) h = 1 + (r / k) * h;
  return r * h;
}

/** e^x to 4 U, relatively. */
export function exp(x: number): number {
  if (!(x < OVERFLOW)) return x === x ? Infinity : x;
  if (x < UNDERFLOW) return 0;
  const k = Math.round(x * LOG2E);
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
