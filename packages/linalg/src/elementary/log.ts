import { highWord, scaleDown } from './bits.ts';

const LN2_HI = 0.6931471803691238;
const LN2_LO = 1.9082149292705877e-10;
const SQRT_HALF_HIGH = 0x3fe6a09e;

/**
 * ln x with the same bits on every platform; the kernel's version gives the same ones, its plain
 * fallback calls this one. Error below 0.82 ulp; 0 gives -Infinity,
 * x < 0 and NaN give NaN. The method is explained in assembly/elementary/log.ts.
 */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : Number.NaN;
  if (x === Infinity) return x;
  const subnormal = x < 2.2250738585072014e-308;
  const u = subnormal ? x * 18014398509481984 : x;
  const e = (highWord(u) - SQRT_HALF_HIGH) >> 20;
  const f = scaleDown(u, e) - 1;
  const k = subnormal ? e - 54 : e;
  const s = f / (2 + f);
  const z = s * s;
  let R = 2 / 19 + z * (2 / 21);
  R = 2 / 17 + z * R;
  R = 2 / 15 + z * R;
  R = 2 / 13 + z * R;
  R = 2 / 11 + z * R;
  R = 2 / 9 + z * R;
  R = 2 / 7 + z * R;
  R = 2 / 5 + z * R;
  R = z * (2 / 3 + z * R);
  const h = 0.5 * f * f;
  return k * LN2_HI - (h - (s * (h + R) + k * LN2_LO) - f);
}
