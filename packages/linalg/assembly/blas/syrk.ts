/**
 * Symmetric products: one triangle of C <- alpha A diag(w) A^T + beta C with A n x k and C n x n. The other triangle is
 * neither read nor written; `mirror` fills it. Half the operations of the full product. beta = 0 does not read C.
 */
import { allocate, mark, release } from '../arena';
import { multiplyPacked, NO_LEAST, NO_MOST, scratchBytes } from './packed';

/** C <- alpha A A^T + beta C on the upper triangle, or on the lower one. */
export function syrk<T>(
  n: i32, k: i32,
  alpha: T, a: usize, aRow: i32, aCol: i32,
  beta: T, c: usize, cRow: i32, cCol: i32,
  upper: bool,
): void {
  weightedSyrk<T>(n, k, alpha, a, aRow, aCol, 0, beta, c, cRow, cCol, upper);
}

/** As `syrk`, with the k weights of any sign at address `weights`, or 0 for ones. k = 0 counts as a zero sum. */
export function weightedSyrk<T>(
  n: i32, k: i32,
  alpha: T, a: usize, aRow: i32, aCol: i32,
  weights: usize, beta: T, c: usize, cRow: i32, cCol: i32,
  upper: bool,
): void {
  if (n <= 0) return;
  // A column-major C is a row-major one with the triangles swapped, and C is symmetric.
  if (cCol != 1 && cRow == 1) {
    cRow = cCol;
    cCol = 1;
    upper = !upper;
  }
  if (k <= 0 || alpha == <T>0) {
    scaleTriangle<T>(n, beta, c, cRow, cCol, upper);
    return;
  }
  const least = upper ? 0 : NO_LEAST;
  const most = upper ? NO_MOST : 0;
  const top = mark();
  const scratch = allocate(scratchBytes<T>(n, n, k));
  multiplyPacked<T>(n, n, k, alpha, a, aRow, aCol, weights, a, aCol, aRow, beta, c, cRow, cCol, least, most, scratch);
  release(top);
}

/** C <- beta C on one triangle. */
function scaleTriangle<T>(n: i32, beta: T, c: usize, cRow: i32, cCol: i32, upper: bool): void {
  for (let i = 0; i < n; i++) {
    const last = upper ? n - 1 : i;
    for (let j = upper ? i : 0; j <= last; j++) {
      const at = c + <usize>(i * cRow + j * cCol) * sizeof<T>();
      store<T>(at, beta == <T>0 ? <T>0 : beta * load<T>(at));
    }
  }
}

/** Copies one triangle onto the other, in square blocks so that both sides stay in cache. */
export function mirror<T>(n: i32, c: usize, cRow: i32, cCol: i32, fromUpper: bool): void {
  const from = fromUpper ? cCol : cRow;
  const to = fromUpper ? cRow : cCol;
  const size = 16;
  for (let ib = 0; ib < n; ib += size) {
    for (let jb = 0; jb <= ib; jb += size) {
      for (let i = ib; i < min(ib + size, n); i++) {
        for (let j = jb; j < min(jb + size, i); j++) {
          store<T>(c + <usize>(j * from + i * to) * sizeof<T>(), load<T>(c + <usize>(i * from + j * to) * sizeof<T>()));
        }
      }
    }
  }
}
