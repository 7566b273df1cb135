/**
 * Sums in a fixed order, the same for every stride and in the plain fallback.
 *
 * A block of up to BLOCK terms is summed in `width<T>()` interleaved chains (chain j takes terms j, j + width, ...), which are
 * then added in a binary tree; blocks are added pairwise (`firstHalf`). So n terms go through at most
 * depth(n) = BLOCK / width + log2(width) + ceil(log2(ceil(n / BLOCK))) roundings each, and the error of a sum of terms t_i that
 * were themselves rounded once is at most gamma_(depth(n) + 1) sum |t_i|, gamma_k = k u / (1 - k u).
 */
export const BLOCK: i32 = 512;

/** Chains: four vectors hide the latency of an addition. */
// @ts-ignore: decorator
@inline
function width<T>(): i32 {
  return <i32>(64 / sizeof<T>());
}

/** Where the pairwise sum of n > BLOCK terms is cut: the largest BLOCK 2^k below n. */
export function firstHalf(n: i32): i32 {
  let half = BLOCK;
  while (half < n - half) half <<= 1;
  return half;
}

/** The sum of n <= BLOCK terms: products x_i y_i, or the entries of x alone. Steps in bytes. */
// @ts-ignore: decorator
@inline
export function sumBlock<T>(products: bool, n: i32, x: usize, xStep: usize, y: usize, yStep: usize): T {
  if (ASC_FEATURE_SIMD) {
    if (xStep == sizeof<T>() && (!products || yStep == sizeof<T>())) return sumContiguous<T>(products, n, x, y);
  }
  return tree<T>(products, 0, 1, n, x, xStep, y, yStep);
}

/** Chains first, first + apart, first + 2 apart, ... added as a tree. */
function tree<T>(products: bool, first: i32, apart: i32, n: i32, x: usize, xStep: usize, y: usize, yStep: usize): T {
  if (apart < width<T>()) {
    return (
      tree<T>(products, first, 2 * apart, n, x, xStep, y, yStep) + tree<T>(products, first + apart, 2 * apart, n, x, xStep, y, yStep)
    );
  }
  let sum: T = <T>0;
  for (let i = first; i < n; i += apart) {
    const entry = load<T>(x + <usize>i * xStep);
    sum += products ? entry * load<T>(y + <usize>i * yStep) : entry;
  }
  return sum;
}

/** The same sum in vectors: a0..a3 hold the chains in order. */
function sumContiguous<T>(products: bool, n: i32, x: usize, y: usize): T {
  let a0 = f64x2.splat(0), a1 = a0, a2 = a0, a3 = a0;
  let left = <usize>n * sizeof<T>();
  for (; left >= 64; left -= 64) {
    a0 = v128.add<T>(a0, term<T>(products, v128.load(x), y, 0));
    a1 = v128.add<T>(a1, term<T>(products, v128.load(x, 16), y, 16));
    a2 = v128.add<T>(a2, term<T>(products, v128.load(x, 32), y, 32));
    a3 = v128.add<T>(a3, term<T>(products, v128.load(x, 48), y, 48));
    x += 64;
    y += 64;
  }
  if (left >= 16) a0 = v128.add<T>(a0, term<T>(products, v128.load(x), y, 0));
  if (left >= 32) a1 = v128.add<T>(a1, term<T>(products, v128.load(x, 16), y, 16));
  if (left >= 48) a2 = v128.add<T>(a2, term<T>(products, v128.load(x, 32), y, 32));
  const part = left & 15;
  if (part) {
    const whole = left - part;
    let last = loadPart<T>(part, x + whole);
    if (products) last = v128.mul<T>(last, loadPart<T>(part, y + whole));
    // A chain is never -0, so that the zeros beyond the end change nothing.
    if (whole == 0) a0 = v128.add<T>(a0, last);
    else if (whole == 16) a1 = v128.add<T>(a1, last);
    else if (whole == 32) a2 = v128.add<T>(a2, last);
    else a3 = v128.add<T>(a3, last);
  }
  a0 = v128.add<T>(v128.add<T>(a0, a2), v128.add<T>(a1, a3));
  if (sizeof<T>() == 8) return <T>(f64x2.extract_lane(a0, 0) + f64x2.extract_lane(a0, 1));
  return <T>(
    (f32x4.extract_lane(a0, 0) + f32x4.extract_lane(a0, 2) + (f32x4.extract_lane(a0, 1) + f32x4.extract_lane(a0, 3)))
  );
}

// @ts-ignore: decorator
@inline
function term<T>(products: bool, x: v128, y: usize, at: usize): v128 {
  return products ? v128.mul<T>(x, v128.load(y + at)) : x;
}

/** The first 4, 8 or 12 bytes at `from`, then zeros. */
// @ts-ignore: decorator
@inline
function loadPart<T>(bytes: usize, from: usize): v128 {
  if (sizeof<T>() == 8) return v128.load64_zero(from);
  if (bytes == 4) return v128.load32_zero(from);
  const pair = v128.load64_zero(from);
  return bytes == 8 ? pair : v128.load32_lane(from + 8, pair, 2);
}
