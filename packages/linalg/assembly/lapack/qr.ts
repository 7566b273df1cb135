/** QR, plain and with column pivoting, and least squares with the latter. */
import { allocateArray, mark, release } from '../arena';
import { trsm } from '../blas/trsm';
import { geqp3, geqrf } from './geqrf';
import { applyQ, applyQTransposed, blockTs, formQ, formQFromTau, formTs } from './reflector';
import { copy, entry, fill, norm2, transpose, W } from './vector';

/** A = Q R: q is 0 or m x cols with cols >= k = min(m, n), r is k x n. */
export function dqr(m: i32, n: i32, a: usize, cols: i32, q: usize, r: usize): void {
  const top = mark();
  const k = min(m, n);
  const v = allocateArray<f64>(m * n);
  const t = allocateArray<f64>(blockTs(k));
  transpose(m, n, a, n, v, m);
  geqrf(m, n, v, t, r);
  if (q != 0) formQ(m, k, cols, v, m, t, q, cols);
  release(top);
}

/**
 * A P = Q R with |R_00| >= |R_11| >= ...; q is 0 or m x k, r is k x n, order has n i32. Where m > n a plain QR comes first
 * and pivoting works on its R: the column norms that decide are the same, and only the small factor pays for them.
 * Returns the numerical rank.
 */
export function dqrPivoted(m: i32, n: i32, a: usize, tolerance: f64, q: usize, r: usize, order: usize): i32 {
  const top = mark();
  const k = min(m, n);
  const v = allocateArray<f64>(m * n);
  const t = allocateArray<f64>(blockTs(k));
  const tau = allocateArray<f64>(k);
  transpose(m, n, a, n, v, m);
  if (m > n) {
    const inner = allocateArray<f64>(n * n);
    reducePivoted(m, n, v, t, inner, tau, r, order);
    if (q != 0) {
      formQFromTau(n, n, n, inner, n, tau, q, n);
      fill((m - n) * n, 0, entry(q, n, n, 0));
      applyQ(m, n, n, v, m, t, q, n);
    }
  } else {
    geqp3(m, n, v, tau, r, order);
    if (q != 0) {
      formQFromTau(m, k, k, v, m, tau, q, k);
    }
  }
  release(top);
  return numericalRank(k, n, r, tolerance);
}

/** The case m > n: reflectors of the plain QR in v and t, those of the pivoted QR of its factor in `inner` and tau. */
function reducePivoted(m: i32, n: i32, v: usize, t: usize, inner: usize, tau: usize, r: usize, order: usize): void {
  geqrf(m, n, v, t, r);
  transpose(n, n, r, n, inner, n);
  geqp3(n, n, inner, tau, r, order);
}

/** How many |R_ii| exceed tolerance |R_00|. */
function numericalRank(k: i32, n: i32, r: usize, tolerance: f64): i32 {
  const least = k > 0 ? tolerance * Math.abs(load<f64>(r)) : 0;
  let rank = 0;
  while (rank < k && Math.abs(load<f64>(entry(r, n, rank, rank))) > least) rank++;
  return rank;
}

/**
 * The least-squares solution X (n x cols) of least norm of A X = B, A m x n, B m x cols (destroyed), and the norms of the
 * residuals. Returns the numerical rank.
 */
export function dleastSquares(m: i32, n: i32, cols: i32, a: usize, b: usize, tolerance: f64, x: usize, residuals: usize): i32 {
  const top = mark();
  const k = min(m, n);
  const v = allocateArray<f64>(m * n);
  const t = allocateArray<f64>(blockTs(k));
  const tau = allocateArray<f64>(k);
  const r = allocateArray<f64>(k * n);
  const order = allocateArray<i32>(n);
  transpose(m, n, a, n, v, m);
  if (m > n) {
    const inner = allocateArray<f64>(n * n);
    const innerT = allocateArray<f64>(blockTs(n));
    reducePivoted(m, n, v, t, inner, tau, r, order);
    formTs(n, n, inner, n, tau, innerT);
    applyQTransposed(m, n, cols, v, m, t, b, cols);
    applyQTransposed(n, n, cols, inner, n, innerT, b, cols);
  } else {
    geqp3(m, n, v, tau, r, order);
    formTs(m, k, v, m, tau, t);
    applyQTransposed(m, k, cols, v, m, t, b, cols);
  }
  const rank = numericalRank(k, n, r, tolerance);
  columnNorms(m - rank, cols, entry(b, cols, rank, 0), residuals);
  const y = allocateArray<f64>(n * cols);
  copy(rank * cols, b, y);
  fill((n - rank) * cols, 0, entry(y, cols, rank, 0));
  if (rank == n) trsm<f64>(true, true, false, n, cols, r, n, 1, y, cols, 1);
  else solveLeastNorm(rank, n, cols, r, y);
  for (let i = 0; i < n; i++) copy(cols, entry(y, cols, i, 0), entry(x, cols, load<i32>(order + (<usize>i << 2)), 0));
  release(top);
  return rank;
}

/** y <- the solution of least norm of R y = y[0..rank], R rank x n of full row rank: R^T = Z S, so R = S^T Z^T. */
function solveLeastNorm(rank: i32, n: i32, cols: i32, r: usize, y: usize): void {
  const top = mark();
  const s = allocateArray<f64>(rank * rank);
  const t = allocateArray<f64>(blockTs(rank));
  geqrf(n, rank, r, t, s);
  trsm<f64>(true, false, false, rank, cols, s, 1, rank, y, cols, 1);
  applyQ(n, rank, cols, r, n, t, y, cols);
  release(top);
}

function columnNorms(rows: i32, cols: i32, b: usize, norms: usize): void {
  const top = mark();
  const columns = allocateArray<f64>(rows * cols);
  transpose(rows, cols, b, cols, columns, rows);
  for (let j = 0; j < cols; j++) store<f64>(norms + <usize>j * W, norm2(rows, entry(columns, rows, j, 0)));
  release(top);
}
