/** LU with partial pivoting, and solves with it. */
import { trsm } from '../blas/trsm';
import { getrf, swapRows } from './getrf';

/** P A = L U in place; a zero pivot is no error here: the code is its index. */
export function dlu(m: i32, n: i32, a: usize, pivots: usize): i32 {
  return getrf(m, n, a, n, pivots);
}

/** B <- A^-1 B for the factors of `dlu`, none of whose pivots is zero. */
export function dluSolve(n: i32, cols: i32, factors: usize, pivots: usize, b: usize): void {
  swapRows(n, cols, b, cols, pivots);
  trsm<f64>(true, false, true, n, cols, factors, n, 1, b, cols, 1);
  trsm<f64>(true, true, false, n, cols, factors, n, 1, b, cols, 1);
}
