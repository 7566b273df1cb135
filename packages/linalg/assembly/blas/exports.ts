/** BLAS names: d for f64, s for f32. */
import { KC } from './blocking';
import { gemm } from './gemm';
import { mirror, weightedSyrk } from './syrk';
import { trsm } from './trsm';
export { fuse } from './tile';
import { winograd, winogradScratch } from './winograd';
import { allocate, mark, release } from '../arena';

/** Terms of an entry that a product sums before it adds them to C: where the sum may be cut without changing its bits. */
export function depthBlock(): i32 {
  return KC;
}

export function dgemm(m: i32, n: i32, k: i32, alpha: f64, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32, beta: f64, c: usize, cRow: i32, cCol: i32): void {
  gemm<f64>(m, n, k, alpha, a, aRow, aCol, b, bRow, bCol, beta, c, cRow, cCol);
}

export function sgemm(m: i32, n: i32, k: i32, alpha: f32, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32, beta: f32, c: usize, cRow: i32, cCol: i32): void {
  gemm<f32>(m, n, k, alpha, a, aRow, aCol, b, bRow, bCol, beta, c, cRow, cCol);
}

export function dwinograd(levels: i32, m: i32, n: i32, k: i32, alpha: f64, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32, beta: f64, c: usize, cRow: i32, cCol: i32): void {
  const top = mark();
  const scratch = allocate(winogradScratch<f64>(levels, m, n, k));
  winograd<f64>(levels, m, n, k, alpha, a, aRow, aCol, b, bRow, bCol, beta, c, cRow, cCol, scratch);
  release(top);
}

export function swinograd(levels: i32, m: i32, n: i32, k: i32, alpha: f32, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32, beta: f32, c: usize, cRow: i32, cCol: i32): void {
  const top = mark();
  const scratch = allocate(winogradScratch<f32>(levels, m, n, k));
  winograd<f32>(levels, m, n, k, alpha, a, aRow, aCol, b, bRow, bCol, beta, c, cRow, cCol, scratch);
  release(top);
}

export function dsyrk(n: i32, k: i32, alpha: f64, a: usize, aRow: i32, aCol: i32, weights: usize, beta: f64, c: usize, cRow: i32, cCol: i32, upper: bool): void {
  weightedSyrk<f64>(n, k, alpha, a, aRow, aCol, weights, beta, c, cRow, cCol, upper);
}

export function ssyrk(n: i32, k: i32, alpha: f32, a: usize, aRow: i32, aCol: i32, weights: usize, beta: f32, c: usize, cRow: i32, cCol: i32, upper: bool): void {
  weightedSyrk<f32>(n, k, alpha, a, aRow, aCol, weights, beta, c, cRow, cCol, upper);
}

export function dmirror(n: i32, c: usize, cRow: i32, cCol: i32, fromUpper: bool): void {
  mirror<f64>(n, c, cRow, cCol, fromUpper);
}

export function smirror(n: i32, c: usize, cRow: i32, cCol: i32, fromUpper: bool): void {
  mirror<f32>(n, c, cRow, cCol, fromUpper);
}

export function dtrsm(left: bool, upper: bool, unit: bool, m: i32, n: i32, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32): void {
  trsm<f64>(left, upper, unit, m, n, a, aRow, aCol, b, bRow, bCol);
}

export function strsm(left: bool, upper: bool, unit: bool, m: i32, n: i32, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32): void {
  trsm<f32>(left, upper, unit, m, n, a, aRow, aCol, b, bRow, bCol);
}
