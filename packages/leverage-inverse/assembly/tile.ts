/**
 * The micro-kernel: 2 x 8 entries of C += A^T B, summed over the rows of two columns at `a` (aStep bytes from row to row) and of one
 * panel at `b`. Each entry is summed row by row and then added to C; the scalar branch does the same in the same order.
 *
 * Eight accumulators, four vectors of B, an entry of A and a product are live; not unrolled: see ../../linalg/assembly/blas/tile.
 */
export function addTile(depth: i32, a: usize, aStep: usize, b: usize, c: usize, rowBytes: usize): void {
  if (ASC_FEATURE_SIMD) {
    const zero = f64x2.splat(0);
    let c00 = zero, c01 = zero, c02 = zero, c03 = zero;
    let c10 = zero, c11 = zero, c12 = zero, c13 = zero;
    for (const end = b + (<usize>depth << 6); b < end; a += aStep, b += 64) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const a0 = v128.load64_splat(a);
      c00 = f64x2.add(c00, f64x2.mul(a0, b0));
      c01 = f64x2.add(c01, f64x2.mul(a0, b1));
      c02 = f64x2.add(c02, f64x2.mul(a0, b2));
      c03 = f64x2.add(c03, f64x2.mul(a0, b3));
      const a1 = v128.load64_splat(a, 8);
      c10 = f64x2.add(c10, f64x2.mul(a1, b0));
      c11 = f64x2.add(c11, f64x2.mul(a1, b1));
      c12 = f64x2.add(c12, f64x2.mul(a1, b2));
      c13 = f64x2.add(c13, f64x2.mul(a1, b3));
    }
    accumulate(c00, c01, c02, c03, c);
    accumulate(c10, c11, c12, c13, c + rowBytes);
  } else {
    for (let i: usize = 0; i < 2; i++, a += 8, c += rowBytes) {
      for (let j: usize = 0; j < 64; j += 32) {
        let s0: f64 = 0, s1: f64 = 0, s2: f64 = 0, s3: f64 = 0;
        let pa = a;
        let pb = b + j;
        for (let p = 0; p < depth; p++, pa += aStep, pb += 64) {
          const value = load<f64>(pa);
          s0 += value * load<f64>(pb);
          s1 += value * load<f64>(pb, 8);
          s2 += value * load<f64>(pb, 16);
          s3 += value * load<f64>(pb, 24);
        }
        store<f64>(c + j, load<f64>(c + j) + s0);
        store<f64>(c + j, load<f64>(c + j, 8) + s1, 8);
        store<f64>(c + j, load<f64>(c + j, 16) + s2, 16);
        store<f64>(c + j, load<f64>(c + j, 24) + s3, 24);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function accumulate(s0: v128, s1: v128, s2: v128, s3: v128, c: usize): void {
  v128.store(c, f64x2.add(v128.load(c), s0));
  v128.store(c, f64x2.add(v128.load(c, 16), s1), 16);
  v128.store(c, f64x2.add(v128.load(c, 32), s2), 32);
  v128.store(c, f64x2.add(v128.load(c, 48), s3), 48);
}
