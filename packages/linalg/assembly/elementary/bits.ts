/** Powers of two built from bit patterns. src/elementary/bits.ts does the same in TypeScript. */

/** 1.5 * 2^52: adding it rounds |x| < 2^51 to a whole number, half to even, and leaves that number in the low bits. */
export const SHIFT: f64 = 6755399441055744;
/** 1.5 * 2^23, the same for f32 and |x| < 2^22. */
export const SHIFT32: f32 = 12582912;

/** 2^k for whole -126 <= k <= 127, given k + SHIFT32. */
// @ts-ignore: decorator
@inline
export function pow2f(shifted: f32): f32 {
  return reinterpret<f32>((reinterpret<i32>(shifted) + 127) << 23);
}

/** The pair of powers 2^k for whole -1022 <= k <= 1023, given k + SHIFT in both lanes. */
// @ts-ignore: decorator
@inline
export function pow2F64x2(shifted: v128): v128 {
  return i64x2.shl(i64x2.add(shifted, i64x2.splat(1023)), 52);
}

/** The four powers 2^k, given k + SHIFT32 in every lane. */
// @ts-ignore: decorator
@inline
export function pow2F32x4(shifted: v128): v128 {
  return i32x4.shl(i32x4.add(shifted, i32x4.splat(127)), 23);
}
