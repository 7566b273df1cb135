/** The factorisations, one call each. Matrices are row-major and contiguous; results go where the pointers say. */
export * from './lu';
export * from './qr';
export * from './eigh';
export * from './svd';
import { potrf } from './potrf';
import { absSum } from './status';

/** A = L L^T in place, the strictly upper part zeroed; codes of `potrf`. */
export function dcholesky(n: i32, a: usize): i32 {
  return cholesky<f64>(n, a);
}

export function scholesky(n: i32, a: usize): i32 {
  return cholesky<f32>(n, a);
}

function cholesky<T>(n: i32, a: usize): i32 {
  let diagonal = a;
  for (let i = 1; i < n; i++, diagonal += <usize>(n + 1) * sizeof<T>()) {
    for (let p = diagonal + sizeof<T>(); p < a + <usize>(i * n) * sizeof<T>(); p += sizeof<T>()) store<T>(p, 0);
  }
  return potrf<T>(n, a, n);
}

export function dabsSum(count: i32, x: usize): f64 {
  return absSum<f64>(count, x);
}

export function sabsSum(count: i32, x: usize): f32 {
  return absSum<f32>(count, x);
}
