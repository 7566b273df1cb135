/**
 * Householder tridiagonalisation of a symmetric matrix, in blocks (Dongarra, Sorensen and Hammarling 1989): half of the
 * work in one symmetric matrix-vector product a column, half in products of blocks.
 */
import { allocateArray, mark, release } from '../arena';
import { gemm } from '../blas/gemm';
import { reflect } from './reflector';
import { addWeightedRows, axpy, copy, dot, entry, fill, rowsTimes, scale, symmetricTimes, W } from './vector';

/** Columns reduced before the rest of the matrix is updated. */
const PANEL: i32 = 32;
/** Rows of the rest that one product updates; the part of a square tile below the diagonal is computed in vain. */
const STRIPE: i32 = 64;

/**
 * Q^T A Q = T for the n x n matrix whose upper triangle is at `a` (ld = n), which is overwritten: diagonal of T in d (n),
 * off-diagonal in e (n - 1). Reflector i (see ./reflector) acts on entries i + 1 ... n - 1 and becomes row i of `v`
 * (n x n, zeroed here), with its tau.
 */
export function sytrd(n: i32, a: usize, d: usize, e: usize, v: usize, tau: usize): void {
  const top = mark();
  // Rows 0 ... PANEL - 1 hold the w of the panel, the next ones its v again: the update of the rest is one product.
  const w = allocateArray<f64>(2 * PANEL * n);
  const swapped = allocateArray<f64>(2 * PANEL * n);
  const small = allocateArray<f64>(2 * PANEL);
  fill(n * n, 0, v);
  for (let first = 0; first < n; first += PANEL) {
    const count = min(PANEL, n - first);
    for (let k = 0; k < count; k++) column(n, first, first + k, a, d, e, v, tau, w, small);
    const rest = first + count;
    if (rest >= n) break;
    const length = n - rest;
    for (let k = 0; k < count; k++) {
      const vk = entry(v, n, first + k, rest);
      const wk = entry(w, n, k, rest);
      copy(length, vk, entry(w, n, count + k, rest));
      copy(length, vk, entry(swapped, n, k, rest));
      copy(length, wk, entry(swapped, n, count + k, rest));
    }
    for (let i = rest; i < n; i += STRIPE) {
      gemm<f64>(min(STRIPE, n - i), n - i, 2 * count, -1, entry(swapped, n, 0, i), 1, n, entry(w, n, 0, i), n, 1, 1, entry(a, n, i, i), n, 1);
    }
  }
  release(top);
}

/** Reduces row i (which is column i) of a panel that began at row `first`; computes w_i for the later ones. */
function column(n: i32, first: i32, i: i32, a: usize, d: usize, e: usize, v: usize, tau: usize, w: usize, small: usize): void {
  const done = i - first;
  const row = entry(a, n, i, i);
  // The updates of this panel so far: row_i -= V w_i + W v_i, where (V)_i is column i of the stored rows.
  addWeightedRows(done, n - i, -1, entry(v, n, first, i), n, entry(w, n, 0, i), n, row);
  addWeightedRows(done, n - i, -1, entry(w, n, 0, i), n, entry(v, n, first, i), n, row);
  store<f64>(d + <usize>i * W, load<f64>(row));
  if (i == n - 1) return;
  const next = i + 1;
  const length = n - next;
  const x = row + W;
  const t = reflect(length, x);
  store<f64>(e + <usize>i * W, load<f64>(x));
  store<f64>(tau + <usize>i * W, t);
  const vi = entry(v, n, i, next);
  copy(length, x, vi);
  store<f64>(vi, 1);
  // w = tau (A v - V (W^T v) - W (V^T v)) - (tau/2)(w^T v) v
  const wi = entry(w, n, done, next);
  symmetricTimes(length, entry(a, n, next, next), n, vi, wi);
  rowsTimes(done, length, entry(w, n, 0, next), n, vi, small);
  rowsTimes(done, length, entry(v, n, first, next), n, vi, small + <usize>PANEL * W);
  addWeightedRows(done, length, -1, entry(v, n, first, next), n, small, 1, wi);
  addWeightedRows(done, length, -1, entry(w, n, 0, next), n, small + <usize>PANEL * W, 1, wi);
  scale(length, t, wi);
  axpy(length, -0.5 * t * dot(length, wi, vi), vi, wi);
}
