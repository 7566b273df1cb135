/**
 * The work that tells how fast the machine is at the moment: the inner loops of a packed f64 matrix product, because they need all that a
 * contender may need at once: 128-bit multiplications and additions, loads from the first cache, and panels from the second.
 *
 * Memory from BASE: a panel of A (DEPTH x 2), then PANELS panels of B (DEPTH x 8 each), 260 KB in all.
 */
const BASE: usize = 1024;
const DEPTH: i32 = 256;
const PANELS: i32 = 16;
const A_BYTES: usize = 256 * 2 * 8;
const B_BYTES: usize = 256 * 8 * 8;

export function fill(): void {
  const count = 256 * 2 + 16 * 256 * 8;
  for (let k = 0; k < count; k++) store<f64>(BASE + (<usize>k << 3), 1.0 + 0.001 * <f64>(k % 7));
}

/** One 2 x 8 tile of the product for each panel of B; returns a sum that depends on all of them. */
export function sweep(): f64 {
  let total = f64x2.splat(0);
  for (let panel = 0; panel < PANELS; panel++) {
    let a = BASE;
    let b = BASE + A_BYTES + <usize>panel * B_BYTES;
    let c00 = f64x2.splat(0);
    let c01 = c00;
    let c02 = c00;
    let c03 = c00;
    let c10 = c00;
    let c11 = c00;
    let c12 = c00;
    let c13 = c00;
    for (let k = 0; k < DEPTH; k++) {
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
      a += 16;
      b += 64;
    }
    const first = f64x2.add(f64x2.add(c00, c01), f64x2.add(c02, c03));
    const second = f64x2.add(f64x2.add(c10, c11), f64x2.add(c12, c13));
    total = f64x2.add(total, f64x2.add(first, second));
  }
  return f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
}
