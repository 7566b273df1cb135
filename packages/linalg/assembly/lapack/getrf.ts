/**
 * LU factorisation with partial pivoting, in place: P A = L U for the m x n row-major matrix at `a`; L has a unit diagonal
 * that is not stored. Row i was swapped with row pivots[i] (i32, min(m, n) of them), in order. Returns -1, or the index of
 * the first pivot that is exactly zero; the factorisation is complete in both cases.
 *
 * Recursive over columns (Toledo 1997), so nearly all work is in gemm and trsm; a panel of LEAF columns is copied out
 * transposed, so that its columns are contiguous.
 */
import { allocateArray, mark, release } from '../arena';
import { gemm } from '../blas/gemm';
import { trsm } from '../blas/trsm';
import { axpy, entry, scale, swap, transpose, W } from './vector';

/** Columns of the base case. */
const LEAF: i32 = 8;
/** The reciprocal of a pivot smaller than this overflows. */
const SMALLEST: f64 = 2.2250738585072014e-308;

export function getrf(m: i32, n: i32, a: usize, lda: i32, pivots: usize): i32 {
  const k = min(m, n);
  const zero = factorColumns(m, k, a, lda, pivots);
  if (n > k) {
    const rest = entry(a, lda, 0, k);
    swapRows(k, n - k, rest, lda, pivots);
    trsm<f64>(true, false, true, k, n - k, a, lda, 1, rest, lda, 1);
  }
  return zero;
}

/** Swaps rows i and pivots[i] of an array with `cols` columns, i = 0 ... k - 1. */
export function swapRows(k: i32, cols: i32, a: usize, lda: i32, pivots: usize): void {
  for (let i = 0; i < k; i++) {
    const other = load<i32>(pivots + (<usize>i << 2));
    if (other != i) swap(cols, entry(a, lda, i, 0), entry(a, lda, other, 0));
  }
}

function factorColumns(m: i32, n: i32, a: usize, lda: i32, pivots: usize): i32 {
  if (n <= LEAF) return leaf(m, n, a, lda, pivots);
  const left = (n / 2 + LEAF - 1) & ~(LEAF - 1);
  const right = n - left;
  const second = pivots + (<usize>left << 2);
  const a12 = entry(a, lda, 0, left);
  const a21 = entry(a, lda, left, 0);
  const a22 = entry(a, lda, left, left);
  const zero = factorColumns(m, left, a, lda, pivots);
  swapRows(left, right, a12, lda, pivots);
  trsm<f64>(true, false, true, left, right, a, lda, 1, a12, lda, 1);
  gemm<f64>(m - left, right, left, -1, a21, lda, 1, a12, lda, 1, 1, a22, lda, 1);
  const later = factorColumns(m - left, right, a22, lda, second);
  swapRows(right, left, a21, lda, second);
  for (let i = 0; i < right; i++) store<i32>(second + (<usize>i << 2), load<i32>(second + (<usize>i << 2)) + left);
  return zero >= 0 ? zero : later >= 0 ? later + left : -1;
}

function leaf(m: i32, n: i32, a: usize, lda: i32, pivots: usize): i32 {
  const top = mark();
  const columns = allocateArray<f64>(m * n);
  transpose(m, n, a, lda, columns, m);
  let zero = -1;
  for (let k = 0; k < n; k++) {
    const x = entry(columns, m, k, 0);
    let best = k;
    let largest = Math.abs(load<f64>(x + <usize>k * W));
    for (let i = k + 1; i < m; i++) {
      const size = Math.abs(load<f64>(x + <usize>i * W));
      if (size > largest) {
        largest = size;
        best = i;
      }
    }
    store<i32>(pivots + (<usize>k << 2), best);
    if (largest == 0) {
      if (zero < 0) zero = k;
      continue;
    }
    if (best != k) {
      for (let j = 0; j < n; j++) swap(1, entry(columns, m, j, k), entry(columns, m, j, best));
    }
    const pivot = load<f64>(x + <usize>k * W);
    const below = x + <usize>(k + 1) * W;
    if (largest >= SMALLEST) scale(m - k - 1, 1 / pivot, below);
    else for (let i = 0; i < m - k - 1; i++) store<f64>(below + <usize>i * W, load<f64>(below + <usize>i * W) / pivot);
    for (let j = k + 1; j < n; j++) axpy(m - k - 1, -load<f64>(entry(columns, m, j, k)), below, entry(columns, m, j, k + 1));
  }
  transpose(n, m, columns, m, a, lda);
  release(top);
  return zero;
}
