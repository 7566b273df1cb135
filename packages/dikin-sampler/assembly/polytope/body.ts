/**
 * A polytope {w : A w <= slack} with f(w) = w^T P w / 2 + g^T w (+ the host's), and what belongs to a point of a chain. The host fills the
 * records once; fields stand in this order, f64 first, then four bytes each. An address of 0 says that the thing is not there.
 */

// @ts-ignore: decorator
@unmanaged
export class Body {
  /** ln(1 + e) of slack bucketing. */
  bucket: f64;
  /** Weights of the barrier solve w = leverage(W^{power / 2} S^{-1} A) + shift; the Hessian has w^outer. */
  power: f64;
  shift: f64;
  outer: f64;
  n: i32;
  d: i32;
  /** A^T, d x n, where products with it are dense; or 0. */
  At: usize;
  /** slacks at w = 0. */
  slack: usize;
  /** A by columns, entries start[j] .. start[j + 1] - 1, the positive ones before split[j]; and their inverses. */
  start: usize;
  split: usize;
  row: usize;
  entry: usize;
  inverse: usize;
  /** d x d and d. */
  P: usize;
  g: usize;
  /** M of the soft threshold, d x d. */
  soft: usize;
  /** Iterations of the weights; 0 for the logarithmic barrier. */
  rounds: i32;
  /** How the Hessian is made: EXACT, SINGLE, BUCKETED, SAMPLED. */
  hessian: i32;
  /** Whether f has a part that the host computes. */
  hosted: i32;
  /** A, packed for products (gram.ts), in f64 and for SINGLE in f32. BUCKETED and SAMPLED: A, n x d. */
  packed: usize;
  packed32: usize;
  A: usize;
  /** Scratch: 3 n + d numbers; weights: d n + d d + 14 n more; SINGLE: (n + d d) f32; BUCKETED: n d. */
  scratch: usize;
  work: usize;
  /** How the metric is made where A is sparse (structure.ts); or 0. */
  structure: usize;
  /** SAMPLED: what rows are drawn with (sampled.ts). */
  sampling: usize;
}

export const EXACT: i32 = 0;
export const SINGLE: i32 = 1;
export const BUCKETED: i32 = 2;
export const SAMPLED: i32 = 3;

/** A point of a chain. */
// @ts-ignore: decorator
@unmanaged
export class Point {
  energy: f64;
  halfLogDeterminant: f64;
  /** d and n entries. */
  w: usize;
  slack: usize;
  /** P w + g, d entries. */
  gradient: usize;
  /** Cholesky factor U of the metric U^T U, upper triangle, or what structure.ts keeps; whether it is that of this point. */
  factor: usize;
  factored: i32;
  /** BUCKETED: the Hessian of the log barrier, and the bucket of each slack as f64. */
  H: usize;
  buckets: usize;
}

// @ts-ignore: decorator
@inline
export function at(x: usize, i: i32): usize {
  return x + (<usize>i << 3);
}

// @ts-ignore: decorator
@inline
export function entryAt(a: usize, ld: i32, i: i32, j: i32): usize {
  return a + ((<usize>i * <usize>ld + <usize>j) << 3);
}
