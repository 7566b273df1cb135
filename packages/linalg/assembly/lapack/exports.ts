/** The factorisations, one call each. Matrices are row-major and contiguous; results go where the pointers say. */
export * from './lu';
export * from './qr';
export * from './eigh';
export * from './svd';
import { potrf } from './potrf';
import { absSum } from './status';

/** A = L L^T in place, in the lower triangle alone; codes of `potrf`. */
export function dcholesky(n: i32, a: usize): i32 {
  return potrf<f64>(n, a, n);
}

export function scholesky(n: i32, a: usize): i32 {
  return potrf<f32>(n, a, n);
}

export function dabsSum(count: i32, x: usize): f64 {
  return absSum<f64>(count, x);
}

export function sabsSum(count: i32, x: usize): f32 {
  return absSum<f32>(count, x);
}
