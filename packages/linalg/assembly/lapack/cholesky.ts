/** Cholesky: A = L L^T in place (strictly upper part zeroed), and solves with it. */
import { trsm } from '../blas/trsm';
import { potrf } from './potrf';
import { allFinite, lowerFinite, NOT_FINITE, OK } from './status';

function factor<T>(n: i32, a: usize): i32 {
  if (!lowerFinite<T>(n, a)) return NOT_FINITE;
  for (let i = 0; i < n; i++) {
    const row = a + <usize>i * <usize>n * sizeof<T>();
    for (let j = i + 1; j < n; j++) store<T>(row + <usize>j * sizeof<T>(), 0);
  }
  return potrf<T>(n, a, n);
}

/** B <- A^-1 B, B n x cols. */
function solve<T>(n: i32, cols: i32, l: usize, b: usize): i32 {
  if (!allFinite<T>(n * cols, b)) return NOT_FINITE;
  trsm<T>(true, false, false, n, cols, l, n, 1, b, cols, 1);
  trsm<T>(true, true, false, n, cols, l, 1, n, b, cols, 1);
  return OK;
}

export function dcholesky(n: i32, a: usize): i32 {
  return factor<f64>(n, a);
}

export function scholesky(n: i32, a: usize): i32 {
  return factor<f32>(n, a);
}

export function dcholeskySolve(n: i32, cols: i32, l: usize, b: usize): i32 {
  return solve<f64>(n, cols, l, b);
}

export function scholeskySolve(n: i32, cols: i32, l: usize, b: usize): i32 {
  return solve<f32>(n, cols, l, b);
}
