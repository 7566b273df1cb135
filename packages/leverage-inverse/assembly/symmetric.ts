import { addTile } from './tile';

/**
 * The lower triangle of C += X^T Y, for panels X and Y = diag(w) X: C is D x D row-major, D = d rounded up to a multiple of four. What
 * the tiles on the diagonal add above it is right as well; the rest of the upper triangle stays.
 */
export function addSymmetric(m: i32, d: i32, x: usize, y: usize, c: usize): void {
  const panel = <usize>m << 5;
  const rowBytes = <usize>((d + 3) & ~3) << 3;
  for (let q = 0; q < d; q += 4, x += panel, y += panel) {
    let rows = x;
    for (let i = q; i < d; i += 4, rows += panel) addTile(m, rows, y, c + <usize>i * rowBytes + (<usize>q << 3), rowBytes);
  }
}
