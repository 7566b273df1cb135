/**
 * The products with fused multiply-add (relaxed SIMD), for `fast: true`. They run on the memory of the main module and
 * own none of it: no static data, no arena. The caller allocates `scratch` in the main module.
 */
import { winograd, winogradScratch } from './blas/winograd';

export function dscratch(levels: i32, m: i32, n: i32, k: i32): usize {
  return winogradScratch<f64>(levels, m, n, k);
}

export function sscratch(levels: i32, m: i32, n: i32, k: i32): usize {
  return winogradScratch<f32>(levels, m, n, k);
}

export function dwinograd(levels: i32, m: i32, n: i32, k: i32, alpha: f64, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32, beta: f64, c: usize, cRow: i32, cCol: i32, scratch: usize): void {
  winograd<f64>(levels, m, n, k, alpha, a, aRow, aCol, b, bRow, bCol, beta, c, cRow, cCol, scratch);
}

export function swinograd(levels: i32, m: i32, n: i32, k: i32, alpha: f32, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32, beta: f32, c: usize, cRow: i32, cCol: i32, scratch: usize): void {
  winograd<f32>(levels, m, n, k, alpha, a, aRow, aCol, b, bRow, bCol, beta, c, cRow, cCol, scratch);
}
