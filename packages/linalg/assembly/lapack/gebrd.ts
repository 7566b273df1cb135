/**
 * Householder bidiagonalisation in blocks (Dongarra, Sorensen and Hammarling 1989): half of the work in two matrix-vector
 * products a column, half in products of blocks.
 */
import { allocateArray, mark, release } from '../arena';
import { gemm } from '../blas/gemm';
import { reflect } from './reflector';
import { addWeightedRows, copy, entry, fill, rowsTimes, scale, W } from './vector';

/** Columns and rows reduced before the rest of the matrix is updated. */
const PANEL: i32 = 32;

/**
 * U^T A V = B, upper bidiagonal, for the m x n row-major A, m >= n, which is destroyed: d (n) and e (n - 1). Left
 * reflector i becomes row i of `u` (n x m), with tauU; right reflector i acts on entries i + 1 ... n - 1 and becomes row i
 * of `v` (n x n), with tauV (see ./reflector). u and v are zeroed here.
 */
export function gebrd(m: i32, n: i32, a: usize, d: usize, e: usize, u: usize, tauU: usize, v: usize, tauV: usize): void {
  fill(n * m, 0, u);
  fill(n * n, 0, v);
  const top = mark();
  // Updates so far are A - [U X] [Y V]^T; each of the four is held by rows, those of one factor in one array.
  const left = allocateArray<f64>(2 * PANEL * m);
  const right = allocateArray<f64>(2 * PANEL * n);
  const x = entry(left, m, PANEL, 0);
  const y = right;
  const work = allocateArray<f64>(max(m, 2 * PANEL));
  for (let first = 0; first < n; first += PANEL) {
    const count = min(PANEL, n - first);
    for (let k = 0; k < count; k++) step(m, n, first, k, a, d, e, u, tauU, v, tauV, x, y, work);
    const rest = first + count;
    if (rest >= n) break;
    // The x of a short panel would not follow its u at once; only the last panel is short, and it has no rest.
    for (let k = 0; k < count; k++) {
      copy(m - rest, entry(u, m, first + k, rest), entry(left, m, k, rest));
      copy(n - rest, entry(v, n, first + k, rest), entry(right, n, PANEL + k, rest));
    }
    gemm<f64>(m - rest, n - rest, 2 * PANEL, -1, entry(left, m, 0, rest), 1, m, entry(right, n, 0, rest), n, 1, 1, entry(a, n, rest, rest), n, 1);
  }
  release(top);
}

/** Reduces column and row i = first + k of the panel that began at `first`. */
function step(
  m: i32, n: i32, first: i32, k: i32,
  a: usize, d: usize, e: usize, u: usize, tauU: usize, v: usize, tauV: usize,
  x: usize, y: usize, work: usize,
): void {
  const i = first + k;
  const next = i + 1;
  const column = entry(u, m, i, i);
  for (let r = i; r < m; r++) store<f64>(column + <usize>(r - i) * W, load<f64>(entry(a, n, r, i)));
  addWeightedRows(k, m - i, -1, entry(u, m, first, i), m, entry(y, n, 0, i), n, column);
  addWeightedRows(k, m - i, -1, entry(x, m, 0, i), m, entry(v, n, first, i), n, column);
  const tu = reflect(m - i, column);
  store<f64>(d + <usize>i * W, load<f64>(column));
  store<f64>(tauU + <usize>i * W, tu);
  store<f64>(column, 1);
  if (next == n) return;

  // y = tau (A^T u - Y (U^T u) - V (X^T u))
  const length = n - next;
  const yi = entry(y, n, k, next);
  fill(length, 0, yi);
  addWeightedRows(m - i, length, 1, entry(a, n, i, next), n, column, 1, yi);
  rowsTimes(k, m - i, entry(u, m, first, i), m, column, work);
  addWeightedRows(k, length, -1, entry(y, n, 0, next), n, work, 1, yi);
  rowsTimes(k, m - i, entry(x, m, 0, i), m, column, work);
  addWeightedRows(k, length, -1, entry(v, n, first, next), n, work, 1, yi);
  scale(length, tu, yi);

  const row = entry(v, n, i, next);
  copy(length, entry(a, n, i, next), row);
  addWeightedRows(k + 1, length, -1, entry(y, n, 0, next), n, entry(u, m, first, i), m, row);
  addWeightedRows(k, length, -1, entry(v, n, first, next), n, entry(x, m, 0, i), m, row);
  const tv = reflect(length, row);
  store<f64>(e + <usize>i * W, load<f64>(row));
  store<f64>(tauV + <usize>i * W, tv);
  store<f64>(row, 1);

  // x = tau (A v - U (Y^T v) - X (V^T v))
  const xi = entry(x, m, k, next);
  rowsTimes(m - next, length, entry(a, n, next, next), n, row, xi);
  rowsTimes(k + 1, length, entry(y, n, 0, next), n, row, work);
  addWeightedRows(k + 1, m - next, -1, entry(u, m, first, next), m, work, 1, xi);
  rowsTimes(k, length, entry(v, n, first, next), n, row, work);
  addWeightedRows(k, m - next, -1, entry(x, m, 0, next), m, work, 1, xi);
  scale(m - next, tv, xi);
}
