/**
 * B = diag(factors) A Z for an upper triangular Z in panels (`packFactor`) and a row-major block A: panels of B at `b`, and the squared
 * norms of its rows at `sums`. Even and odd columns are summed apart, as two lanes do.
 */
export function whiten(m: i32, d: i32, a: usize, factors: usize, z: usize, b: usize, sums: usize): void {
  const width = <usize>d << 3;
  for (let q = 0; q < d; q += 8, z += width << 3) {
    const depth = min(d, q + 8);
    let row = a;
    let i = 0;
    for (; i + 1 < m; i += 2, row += 2 * width, b += 128) rowPair(depth, row, width, z, factors + (<usize>i << 3), b, sums + (<usize>i << 3), q == 0, true);
    if (i < m) {
      rowPair(depth, row, 0, z, factors + (<usize>i << 3), b, sums + (<usize>i << 3), q == 0, false);
      b += 64;
    }
  }
}

function rowPair(depth: i32, x: usize, next: usize, z: usize, factor: usize, b: usize, sum: usize, first: bool, both: bool): void {
  if (ASC_FEATURE_SIMD) {
    const zero = f64x2.splat(0);
    let c00 = zero, c01 = zero, c02 = zero, c03 = zero;
    let c10 = zero, c11 = zero, c12 = zero, c13 = zero;
    for (const end = x + (<usize>depth << 3); x < end; x += 8, z += 64) {
      const z0 = v128.load(z);
      const z1 = v128.load(z, 16);
      const z2 = v128.load(z, 32);
      const z3 = v128.load(z, 48);
      const x0 = v128.load64_splat(x);
      c00 = f64x2.add(c00, f64x2.mul(x0, z0));
      c01 = f64x2.add(c01, f64x2.mul(x0, z1));
      c02 = f64x2.add(c02, f64x2.mul(x0, z2));
      c03 = f64x2.add(c03, f64x2.mul(x0, z3));
      const x1 = v128.load64_splat(x + next);
      c10 = f64x2.add(c10, f64x2.mul(x1, z0));
      c11 = f64x2.add(c11, f64x2.mul(x1, z1));
      c12 = f64x2.add(c12, f64x2.mul(x1, z2));
      c13 = f64x2.add(c13, f64x2.mul(x1, z3));
    }
    writeRow(c00, c01, c02, c03, v128.load64_splat(factor), b, sum, first);
    if (both) writeRow(c10, c11, c12, c13, v128.load64_splat(factor, 8), b + 64, sum + 8, first);
  } else {
    scalarRow(depth, x, z, load<f64>(factor), b, sum, first);
    if (both) scalarRow(depth, x + next, z, load<f64>(factor, 8), b + 64, sum + 8, first);
  }
}

// @ts-ignore: decorator
@inline
function writeRow(c0: v128, c1: v128, c2: v128, c3: v128, factor: v128, b: usize, sum: usize, first: bool): void {
  c0 = f64x2.mul(c0, factor);
  c1 = f64x2.mul(c1, factor);
  c2 = f64x2.mul(c2, factor);
  c3 = f64x2.mul(c3, factor);
  v128.store(b, c0);
  v128.store(b, c1, 16);
  v128.store(b, c2, 32);
  v128.store(b, c3, 48);
  const squares = f64x2.add(f64x2.add(f64x2.mul(c0, c0), f64x2.mul(c1, c1)), f64x2.add(f64x2.mul(c2, c2), f64x2.mul(c3, c3)));
  store<f64>(sum, (first ? 0 : load<f64>(sum)) + (f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1)));
}

function scalarRow(depth: i32, x: usize, z: usize, factor: f64, b: usize, sum: usize, first: bool): void {
  let even: f64 = 0;
  let odd: f64 = 0;
  for (let half: usize = 0; half < 64; half += 32) {
    let s0: f64 = 0, s1: f64 = 0, s2: f64 = 0, s3: f64 = 0;
    let at = z + half;
    for (let p = x; p < x + (<usize>depth << 3); p += 8, at += 64) {
      const value = load<f64>(p);
      s0 += value * load<f64>(at);
      s1 += value * load<f64>(at, 8);
      s2 += value * load<f64>(at, 16);
      s3 += value * load<f64>(at, 24);
    }
    s0 *= factor;
    s1 *= factor;
    s2 *= factor;
    s3 *= factor;
    store<f64>(b + half, s0);
    store<f64>(b + half, s1, 8);
    store<f64>(b + half, s2, 16);
    store<f64>(b + half, s3, 24);
    even += s0 * s0 + s2 * s2;
    odd += s1 * s1 + s3 * s3;
  }
  store<f64>(sum, (first ? 0 : load<f64>(sum)) + (even + odd));
}
