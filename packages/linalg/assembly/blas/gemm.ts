/**
 * C <- alpha A B + beta C with A m x k, B k x n, C m x n; strides in elements, so a transpose is a swap of strides.
 * beta = 0 overwrites C without reading it; alpha = 0 or k = 0 reads neither A nor B. NaN and infinities propagate.
 * C overlaps neither A nor B. Scratch comes from the arena and goes back before the return.
 */
import { allocate, mark, release } from '../arena';
import { multiplyOriented, orientedScratch } from './packed';

export function gemm<T>(
  m: i32, n: i32, k: i32,
  alpha: T, a: usize, aRow: i32, aCol: i32,
  b: usize, bRow: i32, bCol: i32,
  beta: T, c: usize, cRow: i32, cCol: i32,
): void {
  const top = mark();
  const scratch = allocate(orientedScratch<T>(m, n, k));
  multiplyOriented<T>(m, n, k, alpha, a, aRow, aCol, b, bRow, bCol, beta, c, cRow, cCol, scratch);
  release(top);
}
