import { addTile } from './tile';

/**
 * The lower triangle of C += X^T Y, for panels X and Y = diag(w) X: C is D x D row-major, D = d rounded up to a multiple of eight. What
 * the tiles on the diagonal add above it is right as well; the rest of the upper triangle stays.
 */
export function addSymmetric(m: i32, d: i32, x: usize, y: usize, c: usize): void {
  const panel = <usize>m << 6;
  const rowBytes = <usize>((d + 7) & ~7) << 3;
  for (let q = 0; q < d; q += 8, y += panel) {
    for (let i = q; i < d; i += 2) {
      addTile(m, x + <usize>(i >> 3) * panel + (<usize>(i & 7) << 3), 64, y, c + <usize>i * rowBytes + (<usize>q << 3), rowBytes);
    }
  }
}
