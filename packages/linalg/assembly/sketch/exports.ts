import { hadamard } from './hadamard';
import { osnap } from './osnap';
import { addRowSquares } from './rows';
import { addProductSquares, packColumns } from './squares';

export function daddRowSquares(m: i32, n: i32, x: usize, sums: usize): void {
  addRowSquares(m, n, x, sums);
}

export function dpackColumns(d: i32, r: i32, z: usize, to: usize): void {
  packColumns(d, r, z, to);
}

export function daddProductSquares(m: i32, d: i32, r: i32, x: usize, panels: usize, upper: bool, sums: usize): void {
  addProductSquares(m, d, r, x, panels, upper, sums);
}

export function dhadamard(n: i32, w: i32, x: usize): void {
  hadamard(n, w, x);
}

export function dosnap(
  rows: i32, d: i32, a: usize, indptr: usize, indices: usize, first: i32,
  s: i32, m: i32, stream0: u32, stream1: u32, key0: u32, key1: u32, out: usize,
): void {
  osnap(rows, d, a, indptr, indices, first, s, m, stream0, stream1, key0, key1, out);
}
