/**
 * The micro-kernel: one tile of C <- alpha A B + beta C, tileRows x tileCols, from one packed panel of A and one of B.
 *
 * Contract: depth >= 1; `a` and `b` are panels as `pack` writes them; the rows of `c` are contiguous and `rowBytes`
 * apart; beta = 0 does not read C. Each entry is the sum over p = 0, 1, ... of a_ip b_pj, each product rounded before it
 * is added, then alpha * sum + beta * c: the scalar branch does the same operations in the same order, so the plain
 * fallback gives the same bits.
 *
 * Neither loop is unrolled and at most 15 vectors are live: otherwise the engine of Node 20 hoists the loads of the
 * whole body and spills, which halves the speed.
 */
import { tileCols, tileRows } from './blocking';

export function tile<T>(depth: i32, alpha: T, a: usize, b: usize, beta: T, c: usize, rowBytes: usize): void {
  if (ASC_FEATURE_SIMD) {
    if (sizeof<T>() == 8) tile2x8(depth, <f64>alpha, a, b, <f64>beta, c, rowBytes);
    else tile4x8(depth, <f32>alpha, a, b, <f32>beta, c, rowBytes);
  } else {
    tileScalar<T>(depth, alpha, a, b, beta, c, rowBytes);
  }
}

function tile2x8(depth: i32, alpha: f64, a: usize, b: usize, beta: f64, c: usize, rowBytes: usize): void {
  let c00 = f64x2.splat(0), c01 = c00, c02 = c00, c03 = c00;
  let c10 = c00, c11 = c00, c12 = c00, c13 = c00;
  const end = a + <usize>depth * 16;
  do {
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
  } while (a < end);
  const va = f64x2.splat(alpha);
  const vb = f64x2.splat(beta);
  const keep = beta != 0;
  write<f64>(keep, va, c00, vb, c);
  write<f64>(keep, va, c01, vb, c + 16);
  write<f64>(keep, va, c02, vb, c + 32);
  write<f64>(keep, va, c03, vb, c + 48);
  c += rowBytes;
  write<f64>(keep, va, c10, vb, c);
  write<f64>(keep, va, c11, vb, c + 16);
  write<f64>(keep, va, c12, vb, c + 32);
  write<f64>(keep, va, c13, vb, c + 48);
}

function tile4x8(depth: i32, alpha: f32, a: usize, b: usize, beta: f32, c: usize, rowBytes: usize): void {
  let c00 = f32x4.splat(0), c01 = c00;
  let c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00;
  const end = a + <usize>depth * 16;
  do {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(a0, b0));
    c01 = f32x4.add(c01, f32x4.mul(a0, b1));
    const a1 = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(a1, b0));
    c11 = f32x4.add(c11, f32x4.mul(a1, b1));
    const a2 = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(a2, b0));
    c21 = f32x4.add(c21, f32x4.mul(a2, b1));
    const a3 = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(a3, b0));
    c31 = f32x4.add(c31, f32x4.mul(a3, b1));
    a += 16;
    b += 32;
  } while (a < end);
  const va = f32x4.splat(alpha);
  const vb = f32x4.splat(beta);
  const keep = beta != 0;
  write<f32>(keep, va, c00, vb, c);
  write<f32>(keep, va, c01, vb, c + 16);
  c += rowBytes;
  write<f32>(keep, va, c10, vb, c);
  write<f32>(keep, va, c11, vb, c + 16);
  c += rowBytes;
  write<f32>(keep, va, c20, vb, c);
  write<f32>(keep, va, c21, vb, c + 16);
  c += rowBytes;
  write<f32>(keep, va, c30, vb, c);
  write<f32>(keep, va, c31, vb, c + 16);
}

/** One vector of C <- alpha sum + beta C. */
// @ts-ignore: decorator
@inline
function write<T>(keep: bool, alpha: v128, sum: v128, beta: v128, c: usize): void {
  const product = v128.mul<T>(alpha, sum);
  v128.store(c, keep ? v128.add<T>(product, v128.mul<T>(beta, v128.load(c))) : product);
}

/** Four entries of a row at a time: engines keep so many accumulators in registers. */
function tileScalar<T>(depth: i32, alpha: T, a: usize, b: usize, beta: T, c: usize, rowBytes: usize): void {
  const aStep = <usize>tileRows<T>() * sizeof<T>();
  const bStep = <usize>tileCols<T>() * sizeof<T>();
  for (let i = 0; i < tileRows<T>(); i++) {
    for (let j: usize = 0; j < bStep; j += 4 * sizeof<T>()) {
      let s0 = <T>0, s1 = <T>0, s2 = <T>0, s3 = <T>0;
      let pa = a + <usize>i * sizeof<T>();
      let pb = b + j;
      for (let p = 0; p < depth; p++) {
        const value = load<T>(pa);
        s0 += value * load<T>(pb);
        s1 += value * load<T>(pb, sizeof<T>());
        s2 += value * load<T>(pb, 2 * sizeof<T>());
        s3 += value * load<T>(pb, 3 * sizeof<T>());
        pa += aStep;
        pb += bStep;
      }
      writeScalar<T>(alpha, s0, beta, c + j);
      writeScalar<T>(alpha, s1, beta, c + j + sizeof<T>());
      writeScalar<T>(alpha, s2, beta, c + j + 2 * sizeof<T>());
      writeScalar<T>(alpha, s3, beta, c + j + 3 * sizeof<T>());
    }
    c += rowBytes;
  }
}

/** One entry of C <- alpha sum + beta C. */
// @ts-ignore: decorator
@inline
export function writeScalar<T>(alpha: T, sum: T, beta: T, c: usize): void {
  store<T>(c, beta == <T>0 ? alpha * sum : alpha * sum + beta * load<T>(c));
}
