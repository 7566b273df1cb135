/**
 * e^x in IEEE + - * / only, so that every engine gives the same bits. The scalar functions do the operations of one lane.
 *
 * x = k ln 2 + r with whole k and |r| <= ln 2 / 2. From r coth(r/2) = 2 + sum_j 2 B_2j / (2j)! r^2j =: 2 + S(r^2),
 * e^r = 1 + r + r c / (2 - c) with c = r - S. S is cut after r^12 (f64) or r^6 (f32): that costs 0.02 ulp and 0.01 ulp.
 * ln 2 is split in two parts so that k times the upper one is exact. Results below the normal range are rounded once.
 * The error is below 0.85 ulp in f64 and 0.92 ulp in f32 (test/exp.test.ts measures it against 320-bit arithmetic).
 */
import { pow2F32x4, pow2F64x2, pow2f, SHIFT, SHIFT32 } from './bits';
import { hostExp } from './host';

const LOG2E: f64 = 1.4426950408889634;
const LN2_HI: f64 = 0.6931471803691238; // 32 bits
const LN2_LO: f64 = 1.9082149292705877e-10;
const S1: f64 = 1.0 / 6;
const S2: f64 = -1.0 / 360;
const S3: f64 = 1.0 / 15120;
const S4: f64 = -1.0 / 604800;
const S5: f64 = 1.0 / 23950080;
const S6: f64 = -691.0 / 653837184000;
/** Outside these the result is 0 or Infinity, and k would leave the range of the two scalings. */
const LOW: f64 = -750;
const HIGH: f64 = 710;

const LN2_HI32: f32 = 0.693145751953125; // 15 bits
const LN2_LO32: f32 = 1.428606765330187e-6;
const LOW32: f32 = -104;
const HIGH32: f32 = 89;

/** e^x; NaN gives NaN, -Infinity 0, Infinity Infinity. */
export function exp(x: f64): f64 {
  return ASC_FEATURE_SIMD ? f64x2.extract_lane(expF64x2(f64x2.splat(x)), 0) : hostExp(x);
}

/** The same for two lanes. */
export function expF64x2(x: v128): v128 {
  x = f64x2.pmin(f64x2.pmax(x, f64x2.splat(LOW)), f64x2.splat(HIGH));
  const shift = f64x2.splat(SHIFT);
  const k = f64x2.sub(f64x2.add(f64x2.mul(x, f64x2.splat(LOG2E)), shift), shift);
  const hi = f64x2.sub(x, f64x2.mul(k, f64x2.splat(LN2_HI)));
  const lo = f64x2.mul(k, f64x2.splat(LN2_LO));
  const r = f64x2.sub(hi, lo);
  const z = f64x2.mul(r, r);
  let s = f64x2.add(f64x2.splat(S5), f64x2.mul(z, f64x2.splat(S6)));
  s = f64x2.add(f64x2.splat(S4), f64x2.mul(z, s));
  s = f64x2.add(f64x2.splat(S3), f64x2.mul(z, s));
  s = f64x2.add(f64x2.splat(S2), f64x2.mul(z, s));
  s = f64x2.add(f64x2.splat(S1), f64x2.mul(z, s));
  const c = f64x2.sub(r, f64x2.mul(z, s));
  const q = f64x2.div(f64x2.mul(r, c), f64x2.sub(f64x2.splat(2), c));
  const y = f64x2.sub(f64x2.splat(1), f64x2.sub(f64x2.sub(lo, q), hi));
  const half = f64x2.add(f64x2.mul(k, f64x2.splat(0.5)), shift);
  const rest = f64x2.add(f64x2.sub(k, f64x2.sub(half, shift)), shift);
  return f64x2.mul(f64x2.mul(y, pow2F64x2(half)), pow2F64x2(rest));
}

/** e^x in f32 arithmetic. */
export function expf(x: f32): f32 {
  if (ASC_FEATURE_SIMD) return f32x4.extract_lane(expF32x4(f32x4.splat(x)), 0);
  x = x < LOW32 ? LOW32 : x > HIGH32 ? HIGH32 : x;
  const k = x * <f32>LOG2E + SHIFT32 - SHIFT32;
  const hi = x - k * LN2_HI32;
  const lo = k * LN2_LO32;
  const r = hi - lo;
  const z = r * r;
  const c = r - z * (<f32>S1 + z * (<f32>S2 + z * <f32>S3));
  const y = <f32>1 - (lo - (r * c) / (<f32>2 - c) - hi);
  const half = k * <f32>0.5 + SHIFT32;
  return y * pow2f(half) * pow2f(k - (half - SHIFT32) + SHIFT32);
}

/** The same for four lanes. */
export function expF32x4(x: v128): v128 {
  x = f32x4.pmin(f32x4.pmax(x, f32x4.splat(LOW32)), f32x4.splat(HIGH32));
  const shift = f32x4.splat(SHIFT32);
  const k = f32x4.sub(f32x4.add(f32x4.mul(x, f32x4.splat(<f32>LOG2E)), shift), shift);
  const hi = f32x4.sub(x, f32x4.mul(k, f32x4.splat(LN2_HI32)));
  const lo = f32x4.mul(k, f32x4.splat(LN2_LO32));
  const r = f32x4.sub(hi, lo);
  const z = f32x4.mul(r, r);
  let s = f32x4.add(f32x4.splat(<f32>S2), f32x4.mul(z, f32x4.splat(<f32>S3)));
  s = f32x4.add(f32x4.splat(<f32>S1), f32x4.mul(z, s));
  const c = f32x4.sub(r, f32x4.mul(z, s));
  const q = f32x4.div(f32x4.mul(r, c), f32x4.sub(f32x4.splat(2), c));
  const y = f32x4.sub(f32x4.splat(1), f32x4.sub(f32x4.sub(lo, q), hi));
  const half = f32x4.add(f32x4.mul(k, f32x4.splat(0.5)), shift);
  const rest = f32x4.add(f32x4.sub(k, f32x4.sub(half, shift)), shift);
  return f32x4.mul(f32x4.mul(y, pow2F32x4(half)), pow2F32x4(rest));
}
