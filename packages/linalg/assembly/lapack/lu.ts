/** LU with partial pivoting, and solves with it. */
import { trsm } from '../blas/trsm';
import { getrf, swapRows } from './getrf';
import { allFinite, NOT_FINITE, OK } from './status';
import { entry, fill } from './vector';

/** P A = L U in place; a zero pivot is no error here: the code is its index. */
export function dlu(m: i32, n: i32, a: usize, pivots: usize): i32 {
  return allFinite<f64>(m * n, a) ? getrf(m, n, a, n, pivots) : NOT_FINITE;
}

/** B <- A^-1 B for the factors of `dlu`, none of whose pivots is zero. */
export function dluSolve(n: i32, cols: i32, factors: usize, pivots: usize, b: usize): i32 {
  if (!allFinite<f64>(n * cols, b)) return NOT_FINITE;
  swapRows(n, cols, b, cols, pivots);
  trsm<f64>(true, false, true, n, cols, factors, n, 1, b, cols, 1);
  trsm<f64>(true, true, false, n, cols, factors, n, 1, b, cols, 1);
  return OK;
}

/** Solves A X = B in place of B, destroying A; the identity takes B's place first where `invert`. */
export function dsolve(n: i32, cols: i32, a: usize, pivots: usize, b: usize, invert: bool): i32 {
  const zero = dlu(n, n, a, pivots);
  if (zero != OK) return zero;
  if (invert) {
    fill(n * n, 0, b);
    for (let i = 0; i < n; i++) store<f64>(entry(b, n, i, i), 1);
  }
  return dluSolve(n, cols, a, pivots, b);
}
