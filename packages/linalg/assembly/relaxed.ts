/**
 * The packed product with fused multiply-add (relaxed SIMD), for `fast: true`. It runs on the memory of the main module and
 * owns none of it: no static data, no arena. The caller allocates `scratch` in the main module.
 */
import { NO_LEAST, NO_MOST, multiplyPacked, scratchBytes } from './blas/packed';

export function dscratch(m: i32, n: i32, k: i32): usize {
  return scratchBytes<f64>(m, n, k);
}

export function sscratch(m: i32, n: i32, k: i32): usize {
  return scratchBytes<f32>(m, n, k);
}

/** m, n, k >= 1. */
export function dgemm(m: i32, n: i32, k: i32, alpha: f64, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32, beta: f64, c: usize, cRow: i32, cCol: i32, scratch: usize): void {
  multiplyPacked<f64>(m, n, k, alpha, a, aRow, aCol, 0, b, bRow, bCol, beta, c, cRow, cCol, NO_LEAST, NO_MOST, scratch);
}

/** m, n, k >= 1. */
export function sgemm(m: i32, n: i32, k: i32, alpha: f32, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32, beta: f32, c: usize, cRow: i32, cCol: i32, scratch: usize): void {
  multiplyPacked<f32>(m, n, k, alpha, a, aRow, aCol, 0, b, bRow, bCol, beta, c, cRow, cCol, NO_LEAST, NO_MOST, scratch);
}
