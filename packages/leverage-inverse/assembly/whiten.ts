/** Columns for which Z takes 8 KiB or less, and so stays in a first-level cache beside the rows; measured at d = 20 and d = 50. */
const CACHED: i32 = 32;

/**
 * B = diag(factors) A Z for an upper triangular Z in panels (`packFactor`) and a row-major block A of m rows, m a multiple of four: panels
 * of B at `b`, and the squared norms of its rows at `sums`. Even and odd columns are summed apart, as two lanes do.
 */
export function whiten(m: i32, d: i32, a: usize, factors: usize, z: usize, b: usize, sums: usize): void {
  const width = <usize>d << 3;
  const panel = <usize>m << 5;
  // Rows outside, panels inside: A comes from memory while the panels of Z, in cache, keep the processor busy. Where Z is too large for
  // that, the other way round.
  if (d <= CACHED) {
    for (let i: usize = 0; i < <usize>m; i += 4, a += width << 2, b += 128) {
      let own = z;
      let to = b;
      for (let q = 0; q < d; q += 4, own += width << 2, to += panel) {
        fourRows(min(d, q + 4), a, width, own, factors + (i << 3), to, sums + (i << 3), q == 0);
      }
    }
  } else {
    for (let q = 0; q < d; q += 4, z += width << 2) {
      const depth = min(d, q + 4);
      let row = a;
      for (let i: usize = 0; i < <usize>m; i += 4, row += width << 2, b += 128) {
        fourRows(depth, row, width, z, factors + (i << 3), b, sums + (i << 3), q == 0);
      }
    }
  }
}

/** Four columns of B for four rows. */
function fourRows(depth: i32, x: usize, width: usize, z: usize, factor: usize, b: usize, sum: usize, first: bool): void {
  if (ASC_FEATURE_SIMD) {
    const zero = f64x2.splat(0);
    let c00 = zero, c01 = zero, c10 = zero, c11 = zero;
    let c20 = zero, c21 = zero, c30 = zero, c31 = zero;
    let y = x + (width << 1);
    for (const end = x + (<usize>depth << 3); x < end; x += 8, y += 8, z += 32) {
      const z0 = v128.load(z);
      const z1 = v128.load(z, 16);
      const x0 = v128.load64_splat(x);
      c00 = f64x2.add(c00, f64x2.mul(x0, z0));
      c01 = f64x2.add(c01, f64x2.mul(x0, z1));
      const x1 = v128.load64_splat(x + width);
      c10 = f64x2.add(c10, f64x2.mul(x1, z0));
      c11 = f64x2.add(c11, f64x2.mul(x1, z1));
      const x2 = v128.load64_splat(y);
      c20 = f64x2.add(c20, f64x2.mul(x2, z0));
      c21 = f64x2.add(c21, f64x2.mul(x2, z1));
      const x3 = v128.load64_splat(y + width);
      c30 = f64x2.add(c30, f64x2.mul(x3, z0));
      c31 = f64x2.add(c31, f64x2.mul(x3, z1));
    }
    writeRow(c00, c01, v128.load64_splat(factor), b, sum, first);
    writeRow(c10, c11, v128.load64_splat(factor, 8), b + 32, sum + 8, first);
    writeRow(c20, c21, v128.load64_splat(factor, 16), b + 64, sum + 16, first);
    writeRow(c30, c31, v128.load64_splat(factor, 24), b + 96, sum + 24, first);
  } else {
    for (let i: usize = 0; i < 4; i++, x += width, b += 32) scalarRow(depth, x, z, load<f64>(factor + (i << 3)), b, sum + (i << 3), first);
  }
}

// @ts-ignore: decorator
@inline
function writeRow(c0: v128, c1: v128, factor: v128, b: usize, sum: usize, first: bool): void {
  c0 = f64x2.mul(c0, factor);
  c1 = f64x2.mul(c1, factor);
  v128.store(b, c0);
  v128.store(b, c1, 16);
  const squares = f64x2.add(f64x2.mul(c0, c0), f64x2.mul(c1, c1));
  store<f64>(sum, (first ? 0 : load<f64>(sum)) + (f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1)));
}

function scalarRow(depth: i32, x: usize, z: usize, factor: f64, b: usize, sum: usize, first: bool): void {
  let s0: f64 = 0, s1: f64 = 0, s2: f64 = 0, s3: f64 = 0;
  for (const end = x + (<usize>depth << 3); x < end; x += 8, z += 32) {
    const value = load<f64>(x);
    s0 += value * load<f64>(z);
    s1 += value * load<f64>(z, 8);
    s2 += value * load<f64>(z, 16);
    s3 += value * load<f64>(z, 24);
  }
  s0 *= factor;
  s1 *= factor;
  s2 *= factor;
  s3 *= factor;
  store<f64>(b, s0);
  store<f64>(b, s1, 8);
  store<f64>(b, s2, 16);
  store<f64>(b, s3, 24);
  store<f64>(sum, (first ? 0 : load<f64>(sum)) + (s0 * s0 + s2 * s2 + (s1 * s1 + s3 * s3)));
}
