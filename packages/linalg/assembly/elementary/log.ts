/**
 * ln x in IEEE + - * / only. src/elementary/log.ts is its twin in TypeScript, equal bit for bit (host.ts).
 *
 * x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)). With s = f / (2 + f), ln(1 + f) = 2 artanh s = 2s + s R,
 * R = sum_j 2 / (2j + 1) s^2j, cut after s^20, which costs 0.01 ulp; 2s = f - s f, so the large term f stays unrounded.
 * The error is below 0.82 ulp (test/exp.test.ts).
 */
import { hostLog } from './host';

const LN2_HI: f64 = 0.6931471803691238; // 32 bits, so that k LN2_HI is exact
const LN2_LO: f64 = 1.9082149292705877e-10;
/** The upper half of the bits of sqrt(1/2). */
const SQRT_HALF_HIGH: i32 = 0x3fe6a09e;

/** ln x; 0 gives -Infinity, x < 0 and NaN give NaN, Infinity gives Infinity. */
export function log(x: f64): f64 {
  if (!ASC_FEATURE_SIMD) return hostLog(x);
  if (!(x > 0)) return x == 0 ? -Infinity : NaN;
  if (x == Infinity) return x;
  let exponent = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984; // 2^54
    exponent = -54;
  }
  const bits = reinterpret<i64>(x);
  const e = (<i32>(bits >>> 32) - SQRT_HALF_HIGH) >> 20;
  const f = reinterpret<f64>(bits - (<i64>e << 52)) - 1;
  const k = <f64>(exponent + e);
  const s = f / (2 + f);
  const z = s * s;
  let R = 2.0 / 19 + z * (2.0 / 21);
  R = 2.0 / 17 + z * R;
  R = 2.0 / 15 + z * R;
  R = 2.0 / 13 + z * R;
  R = 2.0 / 11 + z * R;
  R = 2.0 / 9 + z * R;
  R = 2.0 / 7 + z * R;
  R = 2.0 / 5 + z * R;
  R = z * (2.0 / 3 + z * R);
  const h = 0.5 * f * f;
  return k * LN2_HI - (h - (s * (h + R) + k * LN2_LO) - f);
}
