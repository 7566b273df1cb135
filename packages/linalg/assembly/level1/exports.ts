/** BLAS names where BLAS has one: d for f64, s for f32. Matrices of softmax and log-sum-exp are row-major, m x n. */
import { gemv } from './gemv';
import { logSumExpRows, softmaxRows } from './softmax';

export function dgemv(m: i32, n: i32, alpha: f64, a: usize, aRow: i32, aCol: i32, x: usize, beta: f64, y: usize): void {
  gemv<f64>(m, n, alpha, a, aRow, aCol, x, beta, y);
}

export function sgemv(m: i32, n: i32, alpha: f32, a: usize, aRow: i32, aCol: i32, x: usize, beta: f32, y: usize): void {
  gemv<f32>(m, n, alpha, a, aRow, aCol, x, beta, y);
}

export function dsoftmaxRows(m: i32, n: i32, a: usize): void {
  softmaxRows<f64>(m, n, a);
}

export function ssoftmaxRows(m: i32, n: i32, a: usize): void {
  softmaxRows<f32>(m, n, a);
}

export function dlogSumExpRows(m: i32, n: i32, a: usize, to: usize): void {
  logSumExpRows<f64>(m, n, a, to);
}

export function slogSumExpRows(m: i32, n: i32, a: usize, to: usize): void {
  logSumExpRows<f32>(m, n, a, to);
}
