/** LU with partial pivoting, and solves with it. */
import { trsm } from '../blas/trsm';
import { getrf, swapRows } from './getrf';
import { absSum } from './status';
import { entry, fill } from './vector';

/** A sum below 2^-868 or above 2^990 calls for scaling: see src/lapack/range.ts. */
const LEAST: f64 = 5.081170449047601e-262;
const MOST: f64 = 1.0463951242053392e298;

/** P A = L U in place; a zero pivot is no error here: the code is its index. -2 where A needs scaling, unless it is `scaled`. */
export function dlu(m: i32, n: i32, a: usize, pivots: usize, scaled: bool): i32 {
  const size = absSum<f64>(m * n, a);
  if (!scaled && !(size >= LEAST && size <= MOST)) return -2;
  const zero = getrf(m, n, a, n, pivots);
  return scaled || absSum<f64>(m * n, a) < Infinity ? zero : -2;
}

/**
 * B <- A^-1 B for the factors of `dlu`, none of whose pivots is zero; the identity takes B's place first where `invert`. Whether
 * B needed no scaling.
 */
export function dluSolve(n: i32, cols: i32, factors: usize, pivots: usize, b: usize, invert: bool): bool {
  if (invert) {
    fill(n * n, 0, b);
    for (let i = 0; i < n; i++) store<f64>(entry(b, n, i, i), 1);
  }
  const size = absSum<f64>(n * cols, b);
  swapRows(n, cols, b, cols, pivots);
  trsm<f64>(true, false, true, n, cols, factors, n, 1, b, cols, 1);
  trsm<f64>(true, true, false, n, cols, factors, n, 1, b, cols, 1);
  return size >= LEAST && size < Infinity && absSum<f64>(n * cols, b) < Infinity;
}
