/**
 * QR by Householder reflectors. The matrix arrives transposed: row c of `at` (n x m, ld = m) is column c of A, so every
 * vector is contiguous; it leaves with the reflectors in the first k = min(m, n) rows (see ./reflector) and R in `r`,
 * k x n, row-major. Panels are split in halves until eight columns are left, so that most of their work is products too.
 */
import { allocateArray, mark, release } from '../arena';
import { gemm } from '../blas/gemm';
import { applyBlock, BLOCK, blockT, blockTs, extendT, reflect } from './reflector';
import { axpy, dot, entry, fill, norm2, swap, W } from './vector';

/** Columns below which a panel is not split. */
const LEAF: i32 = 8;
/** sqrt(2^-53): an updated norm smaller than this fraction of the fresh one has lost half of its digits. */
const DIGITS_LOST: f64 = 1.0536712127723509e-8;

export function geqrf(m: i32, n: i32, at: usize, t: usize, r: usize): void {
  const k = min(m, n);
  fill(k * n, 0, r);
  fill(blockTs(k), 0, t);
  const top = mark();
  const work = allocateArray<f64>(2 * max(n, BLOCK) * BLOCK);
  for (let j = 0; j < k; j += BLOCK) {
    const count = min(BLOCK, k - j);
    panel(m, j, count, at, blockT(t, j), r, n, work);
    const rest = j + count;
    applyBlock(n - rest, m - j, count, entry(at, m, rest, j), m, 1, entry(at, m, j, j), m, blockT(t, j), BLOCK, 1, work);
  }
  for (let c = k; c < n; c++) copyToR(k, entry(at, m, c, 0), r, n, c);
  release(top);
}

/** Columns first, ..., first + count - 1, with all earlier reflectors applied to them; T at `t`. */
function panel(m: i32, first: i32, count: i32, at: usize, t: usize, r: usize, ldr: i32, work: usize): void {
  if (count <= LEAF) {
    leaf(m, first, count, at, t, r, ldr);
    return;
  }
  const left = (count / 2 + LEAF - 1) & ~(LEAF - 1);
  const right = count - left;
  const second = first + left;
  const v1 = entry(at, m, first, first);
  panel(m, first, left, at, t, r, ldr, work);
  applyBlock(right, m - first, left, entry(at, m, second, first), m, 1, v1, m, t, BLOCK, 1, work);
  const t2 = entry(t, BLOCK, left, left);
  panel(m, second, right, at, t2, r, ldr, work);
  // T12 = -T1 (V1^T V2) T2; V2 is zero in the rows before `second`.
  const product = work + <usize>(left * right) * W;
  gemm<f64>(left, right, m - second, 1, entry(at, m, first, second), m, 1, entry(at, m, second, second), 1, m, 0, work, right, 1);
  gemm<f64>(left, right, right, 1, work, right, 1, t2, BLOCK, 1, 0, product, right, 1);
  gemm<f64>(left, right, left, -1, t, BLOCK, 1, product, right, 1, 0, entry(t, BLOCK, 0, left), BLOCK, 1);
}

function leaf(m: i32, first: i32, count: i32, at: usize, t: usize, r: usize, ldr: i32): void {
  const top = mark();
  const products = allocateArray<f64>(count);
  for (let i = 0; i < count; i++) {
    const k = first + i;
    const tau = takeReflector(m, k, at, r, ldr, k);
    const v = entry(at, m, k, k);
    for (let c = k + 1; c < first + count; c++) {
      const x = entry(at, m, c, k);
      axpy(m - k, -tau * dot(m - k, v, x), v, x);
    }
    for (let l = 0; l < i; l++) store<f64>(products + <usize>l * W, dot(m - k, entry(at, m, first + l, k), v));
    extendT(i, tau, products, 1, t, BLOCK);
  }
  release(top);
}

/** Moves row k of `at` above its entry k to column `column` of R and makes the rest reflector k, explicitly. */
function takeReflector(m: i32, k: i32, at: usize, r: usize, ldr: i32, column: i32): f64 {
  const row = entry(at, m, k, 0);
  const head = row + <usize>k * W;
  const tau = reflect(m - k, head);
  copyToR(k + 1, row, r, ldr, column);
  fill(k, 0, row);
  store<f64>(head, 1);
  return tau;
}

function copyToR(count: i32, x: usize, r: usize, ldr: i32, column: i32): void {
  for (let i = 0; i < count; i++) store<f64>(entry(r, ldr, i, column), load<f64>(x + <usize>i * W));
}

/**
 * QR with column pivoting: at each step the column with the largest remaining norm goes first (Businger and Golub 1965),
 * so |R_00| >= |R_11| >= ... Columns are swapped in `at`, and `order` (n integers) tells which column of A stands where.
 * Remaining norms are updated, and computed afresh when the update has lost half of its digits (Drmac and Bujanovic 2008).
 */
export function geqp3(m: i32, n: i32, at: usize, tau: usize, r: usize, order: usize): void {
  const k = min(m, n);
  fill(k * n, 0, r);
  const top = mark();
  const norms = allocateArray<f64>(2 * n);
  for (let c = 0; c < n; c++) {
    store<i32>(order + (<usize>c << 2), c);
    resetNorm(m, c, 0, at, norms);
  }
  for (let i = 0; i < k; i++) {
    let pivot = i;
    for (let c = i + 1; c < n; c++) {
      if (load<f64>(norms + <usize>(2 * c) * W) > load<f64>(norms + <usize>(2 * pivot) * W)) pivot = c;
    }
    if (pivot != i) {
      swap(m, entry(at, m, i, 0), entry(at, m, pivot, 0));
      swap(2, norms + <usize>(2 * i) * W, norms + <usize>(2 * pivot) * W);
      const other = load<i32>(order + (<usize>pivot << 2));
      store<i32>(order + (<usize>pivot << 2), load<i32>(order + (<usize>i << 2)));
      store<i32>(order + (<usize>i << 2), other);
    }
    const taken = takeReflector(m, i, at, r, n, i);
    store<f64>(tau + <usize>i * W, taken);
    const v = entry(at, m, i, i);
    for (let c = i + 1; c < n; c++) {
      const x = entry(at, m, c, i);
      axpy(m - i, -taken * dot(m - i, v, x), v, x);
      updateNorm(m, c, i, at, norms);
    }
  }
  for (let c = k; c < n; c++) copyToR(k, entry(at, m, c, 0), r, n, c);
  release(top);
}

/** A column's pair of norms: the current one, and what it was when last computed afresh. */
function resetNorm(m: i32, c: i32, from: i32, at: usize, norms: usize): void {
  const norm = norm2(m - from, entry(at, m, c, from));
  const pair = norms + <usize>(2 * c) * W;
  store<f64>(pair, norm);
  store<f64>(pair, norm, 8);
}

/** Takes entry i out of the norm of column c. */
function updateNorm(m: i32, c: i32, i: i32, at: usize, norms: usize): void {
  const pair = norms + <usize>(2 * c) * W;
  const norm = load<f64>(pair);
  if (norm == 0) return;
  const share = Math.abs(load<f64>(entry(at, m, c, i))) / norm;
  const left = max(1 - share * share, 0);
  const sinceFresh = norm / load<f64>(pair, 8);
  if (left * sinceFresh * sinceFresh <= DIGITS_LOST) resetNorm(m, c, i + 1, at, norms);
  else store<f64>(pair, norm * Math.sqrt(left));
}
