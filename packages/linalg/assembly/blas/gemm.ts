/**
 * C <- alpha A B + beta C with A m x k, B k x n, C m x n; strides in elements, so a transpose is a swap of strides.
 * beta = 0 overwrites C without reading it; alpha = 0 or k = 0 reads neither A nor B. NaN and infinities propagate.
 * C overlaps neither A nor B. Scratch comes from the arena and goes back before the return.
 */
import { allocate, mark, release } from '../arena';
import { tileCols } from './blocking';
import { multiplyPacked, NO_LEAST, NO_MOST, scratchBytes } from './packed';
import { writeScalar } from './tile';

export function gemm<T>(
  m: i32, n: i32, k: i32,
  alpha: T, a: usize, aRow: i32, aCol: i32,
  b: usize, bRow: i32, bCol: i32,
  beta: T, c: usize, cRow: i32, cCol: i32,
): void {
  if (m <= 0 || n <= 0) return;
  if (k <= 0 || alpha == <T>0) {
    scale<T>(m, n, beta, c, cRow, cCol);
    return;
  }
  if (transposedIsBetter<T>(m, n, cRow, cCol)) multiply<T>(n, m, k, alpha, b, bCol, bRow, a, aCol, aRow, beta, c, cCol, cRow);
  else multiply<T>(m, n, k, alpha, a, aRow, aCol, b, bRow, bCol, beta, c, cRow, cCol);
}

function multiply<T>(
  m: i32, n: i32, k: i32,
  alpha: T, a: usize, aRow: i32, aCol: i32,
  b: usize, bRow: i32, bCol: i32,
  beta: T, c: usize, cRow: i32, cCol: i32,
): void {
  const top = mark();
  const scratch = allocate(scratchBytes<T>(m, n, k));
  multiplyPacked<T>(m, n, k, alpha, a, aRow, aCol, 0, b, bRow, bCol, beta, c, cRow, cCol, NO_LEAST, NO_MOST, scratch);
  release(top);
}

/**
 * C^T = B^T A^T is the same product. Tiles are wide and want contiguous rows of C, so a column-major C is computed
 * transposed; so is a C that is narrower than a tile and taller than wide.
 */
// @ts-ignore: decorator
@inline
function transposedIsBetter<T>(m: i32, n: i32, cRow: i32, cCol: i32): bool {
  return n < tileCols<T>() ? m > n : cCol != 1 && cRow == 1 && m >= tileCols<T>();
}

/** C <- beta C. */
function scale<T>(m: i32, n: i32, beta: T, c: usize, cRow: i32, cCol: i32): void {
  for (let i = 0; i < m; i++) {
    let at = c + <usize>(i * cRow) * sizeof<T>();
    for (let j = 0; j < n; j++) {
      store<T>(at, beta == <T>0 ? <T>0 : beta * load<T>(at));
      at += <usize>cCol * sizeof<T>();
    }
  }
}
