/**
 * The micro-kernels with fused multiply-add (relaxed SIMD), for `fast: true`. The main module calls them through its table
 * (blas/tile.ts) on its own memory, so this module has neither static data nor an arena.
 */
import { tileVector } from './blas/tile';

export function dtile(depth: i32, alpha: f64, a: usize, b: usize, beta: f64, c: usize, rowBytes: usize): void {
  tileVector<f64>(depth, alpha, a, b, beta, c, rowBytes);
}

export function stile(depth: i32, alpha: f32, a: usize, b: usize, beta: f32, c: usize, rowBytes: usize): void {
  tileVector<f32>(depth, alpha, a, b, beta, c, rowBytes);
}
