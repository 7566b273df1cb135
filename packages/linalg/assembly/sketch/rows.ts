/** What is done to blocks of rows, row-major and contiguous. */

/** sums[i] += the squared norm of row i of the m x n matrix x. Even and odd columns are summed apart, as two lanes do. */
export function addRowSquares(m: i32, n: i32, x: usize, sums: usize): void {
  const even = <usize>(n & ~1) << 3;
  for (let i = 0; i < m; i++, sums += 8) {
    const end = x + even;
    let first: f64 = 0;
    let second: f64 = 0;
    if (ASC_FEATURE_SIMD) {
      let both = f64x2.splat(0);
      for (; x < end; x += 16) {
        const v = v128.load(x);
        both = f64x2.add(both, f64x2.mul(v, v));
      }
      first = f64x2.extract_lane(both, 0);
      second = f64x2.extract_lane(both, 1);
    } else {
      for (; x < end; x += 16) {
        first += load<f64>(x) * load<f64>(x);
        second += load<f64>(x, 8) * load<f64>(x, 8);
      }
    }
    if (n & 1) {
      first += load<f64>(x) * load<f64>(x);
      x += 8;
    }
    store<f64>(sums, load<f64>(sums) + (first + second));
  }
}

/** y <- y + x, or y - x when `negative`, over n f64. */
export function addSigned(n: i32, negative: bool, x: usize, y: usize): void {
  const end = x + (<usize>n << 3);
  if (ASC_FEATURE_SIMD) {
    // A sum with the sign bit flipped is the difference, to the bit.
    const flip = i64x2.splat(negative ? i64.MIN_VALUE : 0);
    for (; x + 16 <= end; x += 16, y += 16) v128.store(y, f64x2.add(v128.load(y), v128.xor(v128.load(x), flip)));
  }
  for (; x < end; x += 8, y += 8) store<f64>(y, negative ? load<f64>(y) - load<f64>(x) : load<f64>(y) + load<f64>(x));
}

/** `addSigned` of one x to two rows, which do not overlap: x is read once. */
export function addSignedTwice(n: i32, x: usize, negative: bool, y: usize, alsoNegative: bool, also: usize): void {
  if (ASC_FEATURE_SIMD) {
    const end = x + (<usize>(n & ~1) << 3);
    const flip = i64x2.splat(negative ? i64.MIN_VALUE : 0);
    const alsoFlip = i64x2.splat(alsoNegative ? i64.MIN_VALUE : 0);
    for (; x < end; x += 16, y += 16, also += 16) {
      const v = v128.load(x);
      v128.store(y, f64x2.add(v128.load(y), v128.xor(v, flip)));
      v128.store(also, f64x2.add(v128.load(also), v128.xor(v, alsoFlip)));
    }
    n &= 1;
  }
  addSigned(n, negative, x, y);
  addSigned(n, alsoNegative, x, also);
}
