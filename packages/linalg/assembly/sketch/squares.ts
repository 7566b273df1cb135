/**
 * Squared row norms of a product X Z, which is never written: the tiles of a product whose left operand is read where it lies, as
 * its rows are contiguous, and packed no more than Z, once for all blocks of X.
 */
import { pack } from '../blas/pack';

/** Columns of a panel of Z: four vectors. */
const WIDTH: i32 = 8;

/** Z (d x r, row-major) in panels of WIDTH columns: d WIDTH f64 for each, filled up with zeros. */
export function packColumns(d: i32, r: i32, z: usize, to: usize): void {
  pack<f64>(WIDTH, r, d, z, 1, r, to);
}

/** sums[i] += ||x_i Z||^2 for the m rows of X (m x d, row-major); `panels` from `packColumns`; nothing below Z's diagonal when `upper`. */
export function addProductSquares(m: i32, d: i32, r: i32, x: usize, panels: usize, upper: bool, sums: usize): void {
  const width = <usize>d << 3;
  for (let j = 0; j < r; j += WIDTH) {
    const depth = upper ? min(d, j + WIDTH) : d;
    let row = x;
    let i = 0;
    if (ASC_FEATURE_SIMD) for (; i + 1 < m; i += 2, row += 2 * width) addTile(depth, row, width, panels, sums + (<usize>i << 3), true);
    for (; i < m; i++, row += width) addTile(depth, row, 0, panels, sums + (<usize>i << 3), false);
    panels += <usize>WIDTH * width;
  }
}

/** One panel for two rows, `next` bytes apart, or with `both` false for one. Even and odd columns are summed apart, as two lanes do. */
function addTile(depth: i32, x: usize, next: usize, z: usize, sums: usize, both: bool): void {
  const end = x + (<usize>depth << 3);
  if (ASC_FEATURE_SIMD) {
    const zero = f64x2.splat(0);
    let c00 = zero, c01 = zero, c02 = zero, c03 = zero;
    let c10 = zero, c11 = zero, c12 = zero, c13 = zero;
    for (; x < end; x += 8, z += 64) {
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
    addLanes(c00, c01, c02, c03, sums);
    if (both) addLanes(c10, c11, c12, c13, sums + 8);
  } else {
    addScalar(end, x, z, sums);
  }
}

// @ts-ignore: decorator
@inline
function addLanes(a: v128, b: v128, c: v128, d: v128, sum: usize): void {
  const squares = f64x2.add(f64x2.add(f64x2.mul(a, a), f64x2.mul(b, b)), f64x2.add(f64x2.mul(c, c), f64x2.mul(d, d)));
  store<f64>(sum, load<f64>(sum) + (f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1)));
}

function addScalar(end: usize, from: usize, panel: usize, sum: usize): void {
  let even: f64 = 0;
  let odd: f64 = 0;
  for (let half: usize = 0; half < 64; half += 32) {
    let s0: f64 = 0, s1: f64 = 0, s2: f64 = 0, s3: f64 = 0;
    let z = panel + half;
    for (let x = from; x < end; x += 8, z += 64) {
      const value = load<f64>(x);
      s0 += value * load<f64>(z);
      s1 += value * load<f64>(z, 8);
      s2 += value * load<f64>(z, 16);
      s3 += value * load<f64>(z, 24);
    }
    even += s0 * s0 + s2 * s2;
    odd += s1 * s1 + s3 * s3;
  }
  store<f64>(sum, load<f64>(sum) + (even + odd));
}
