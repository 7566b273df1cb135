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

/** `addSigned` of one x to four rows y + 8 n `row`, which do not overlap, by codes 2 row + (1 where negative): x is read once. */
export function addSignedToFour(n: i32, x: usize, codes: usize, y: usize): void {
  const width = <usize>n << 3;
  const a = load<i32>(codes);
  const b = load<i32>(codes, 4);
  const c = load<i32>(codes, 8);
  const d = load<i32>(codes, 12);
  const ya = y + <usize>(a >> 1) * width;
  const yb = y + <usize>(b >> 1) * width;
  const yc = y + <usize>(c >> 1) * width;
  const yd = y + <usize>(d >> 1) * width;
  const flipA = i64x2.splat(<i64>a << 63);
  const flipB = i64x2.splat(<i64>b << 63);
  const flipC = i64x2.splat(<i64>c << 63);
  const flipD = i64x2.splat(<i64>d << 63);
  let at: usize = 0;
  for (; at + 16 <= width; at += 16) {
    const v = v128.load(x + at);
    v128.store(ya + at, f64x2.add(v128.load(ya + at), v128.xor(v, flipA)));
    v128.store(yb + at, f64x2.add(v128.load(yb + at), v128.xor(v, flipB)));
    v128.store(yc + at, f64x2.add(v128.load(yc + at), v128.xor(v, flipC)));
    v128.store(yd + at, f64x2.add(v128.load(yd + at), v128.xor(v, flipD)));
  }
  if (at < width) {
    for (const end = codes + 16; codes < end; codes += 4) {
      const code = load<i32>(codes);
      addSigned(1, (code & 1) != 0, x + at, y + <usize>(code >> 1) * width + at);
    }
  }
}
