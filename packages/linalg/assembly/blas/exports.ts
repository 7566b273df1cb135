/** BLAS names: d for f64, s for f32. */
import { gemm } from './gemm';

export function dgemm(m: i32, n: i32, k: i32, alpha: f64, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32, beta: f64, c: usize, cRow: i32, cCol: i32): void {
  gemm<f64>(m, n, k, alpha, a, aRow, aCol, b, bRow, bCol, beta, c, cRow, cCol);
}

export function sgemm(m: i32, n: i32, k: i32, alpha: f32, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32, beta: f32, c: usize, cRow: i32, cCol: i32): void {
  gemm<f32>(m, n, k, alpha, a, aRow, aCol, b, bRow, bCol, beta, c, cRow, cCol);
}
