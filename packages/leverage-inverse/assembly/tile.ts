/**
 * The micro-kernel: 4 x 4 entries of C += A^T B, summed over `depth` rows of four columns at `a` and four at `b`, 32 bytes from row to
 * row. Each entry is summed row by row and then added to C; the scalar branch does the same in the same order.
 *
 * Eight accumulators, two vectors of B, an entry of A and a product are live; not unrolled: see ../../linalg/assembly/blas/tile.
 */
export function addTile(depth: i32, a: usize, b: usize, c: usize, rowBytes: usize): void {
  if (ASC_FEATURE_SIMD) {
    const zero = f64x2.splat(0);
    let c00 = zero, c01 = zero, c10 = zero, c11 = zero;
    let c20 = zero, c21 = zero, c30 = zero, c31 = zero;
    for (const end = b + (<usize>depth << 5); b < end; a += 32, b += 32) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const a0 = v128.load64_splat(a);
      c00 = f64x2.add(c00, f64x2.mul(a0, b0));
      c01 = f64x2.add(c01, f64x2.mul(a0, b1));
      const a1 = v128.load64_splat(a, 8);
      c10 = f64x2.add(c10, f64x2.mul(a1, b0));
      c11 = f64x2.add(c11, f64x2.mul(a1, b1));
      const a2 = v128.load64_splat(a, 16);
      c20 = f64x2.add(c20, f64x2.mul(a2, b0));
      c21 = f64x2.add(c21, f64x2.mul(a2, b1));
      const a3 = v128.load64_splat(a, 24);
      c30 = f64x2.add(c30, f64x2.mul(a3, b0));
      c31 = f64x2.add(c31, f64x2.mul(a3, b1));
    }
    accumulate(c00, c01, c);
    accumulate(c10, c11, c + rowBytes);
    accumulate(c20, c21, c + 2 * rowBytes);
    accumulate(c30, c31, c + 3 * rowBytes);
  } else {
    for (let i: usize = 0; i < 4; i++, a += 8, c += rowBytes) {
      let s0: f64 = 0, s1: f64 = 0, s2: f64 = 0, s3: f64 = 0;
      for (let p: usize = 0; p < <usize>depth << 5; p += 32) {
        const value = load<f64>(a + p);
        s0 += value * load<f64>(b + p);
        s1 += value * load<f64>(b + p, 8);
        s2 += value * load<f64>(b + p, 16);
        s3 += value * load<f64>(b + p, 24);
      }
      store<f64>(c, load<f64>(c) + s0);
      store<f64>(c, load<f64>(c, 8) + s1, 8);
      store<f64>(c, load<f64>(c, 16) + s2, 16);
      store<f64>(c, load<f64>(c, 24) + s3, 24);
    }
  }
}

// @ts-ignore: decorator
@inline
function accumulate(s0: v128, s1: v128, c: usize): void {
  v128.store(c, f64x2.add(v128.load(c), s0));
  v128.store(c, f64x2.add(v128.load(c, 16), s1), 16);
}
