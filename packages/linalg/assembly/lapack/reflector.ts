/**
 * Householder reflectors and their blocks in compact WY form (Schreiber and Van Loan 1989): the product of the reflectors
 * I - tau_i v_i v_i^T, i = 0, 1, ..., is I - V T V^T with T upper triangular.
 *
 * Reflector i is stored as row i of `v` (ld = ldv), explicitly: zeros, then a one at its first position, then the tail.
 * Reflectors come in blocks of BLOCK; block p has its T at t + p * BLOCK^2, row-major, zeros below the diagonal.
 */
import { allocateArray, mark, release } from '../arena';
import { gemm } from '../blas/gemm';
import { addWeightedRows, axpy, dot, entry, fill, norm2, scale, W } from './vector';

/** Reflectors in a block. */
export const BLOCK: i32 = 32;

/** Below this a reflector is computed on scaled-up entries: its quotients would lose digits in denormal numbers. */
const TINY: f64 = 1e-290;
const LIFT: f64 = 1.6069380442589903e60; // 2^200

/** So few reflectors are applied one by one: products of blocks that small cost more. */
const FEW: i32 = 16;

/** The T of the block that holds reflector j; j is a multiple of BLOCK. */
// @ts-ignore: decorator
@inline
export function blockT(t: usize, j: i32): usize {
  return t + <usize>(j * BLOCK) * W;
}

/** Elements that the Ts of k reflectors need. */
export function blockTs(k: i32): i32 {
  return ((k + BLOCK - 1) / BLOCK) * BLOCK * BLOCK;
}

/**
 * The reflector that maps x (n entries) to beta e_0: x[0] becomes beta, the rest the tail of v, whose first entry is 1.
 * Returns tau; 0 when the tail of x is zero already.
 */
export function reflect(n: i32, x: usize): f64 {
  const tail = x + W;
  let alpha = load<f64>(x);
  let squares = dot(n - 1, tail, tail);
  let norm: f64;
  let lift: f64 = 1;
  if (squares > 1e-280 && squares + alpha * alpha < 1e300) {
    norm = Math.sqrt(alpha * alpha + squares);
  } else {
    norm = norm2(n - 1, tail);
    if (norm == 0) return 0;
    if (max(norm, Math.abs(alpha)) < TINY) {
      lift = LIFT;
      scale(n - 1, LIFT, tail);
      alpha *= LIFT;
      norm = norm2(n - 1, tail);
    }
    norm = hypot(alpha, norm);
  }
  const beta = alpha > 0 ? -norm : norm;
  scale(n - 1, 1 / (alpha - beta), tail);
  store<f64>(x, beta / lift);
  return (beta - alpha) / beta;
}

/** sqrt(a^2 + b^2) without overflow or harmful underflow; one of them is not zero. */
export function hypot(a: f64, b: f64): f64 {
  const plain = a * a + b * b;
  if (plain > 1e-280 && plain < 1e300) return Math.sqrt(plain);
  const largest = max(Math.abs(a), Math.abs(b));
  a /= largest;
  b /= largest;
  return largest * Math.sqrt(a * a + b * b);
}

/**
 * C <- C (I - V T V^T), C rows x length with strides, V^T count x length at v; the transposed T (the transposed factor)
 * is a swap of its strides. `work` holds 2 rows count elements.
 */
export function applyBlock(
  rows: i32, length: i32, count: i32,
  c: usize, cRow: i32, cCol: i32,
  v: usize, ldv: i32,
  t: usize, tRow: i32, tCol: i32,
  work: usize,
): void {
  if (rows <= 0) return;
  const product = work + <usize>(rows * count) * W;
  gemm<f64>(rows, count, length, 1, c, cRow, cCol, v, 1, ldv, 0, work, count, 1);
  gemm<f64>(rows, count, count, 1, work, count, 1, t, tRow, tCol, 0, product, count, 1);
  gemm<f64>(rows, length, count, -1, product, count, 1, v, ldv, 1, 1, c, cRow, cCol);
}

/** Ts of k reflectors from their taus; reflector i starts at column i of `v` and ends at column m. */
export function formTs(m: i32, k: i32, v: usize, ldv: i32, tau: usize, t: usize): void {
  fill(blockTs(k), 0, t);
  const top = mark();
  const gram = allocateArray<f64>(BLOCK * BLOCK);
  for (let j = 0; j < k; j += BLOCK) {
    const count = min(BLOCK, k - j);
    const rows = entry(v, ldv, j, j);
    gemm<f64>(count, count, m - j, 1, rows, ldv, 1, rows, 1, ldv, 0, gram, BLOCK, 1);
    for (let i = 0; i < count; i++) extendT(i, load<f64>(tau + <usize>(j + i) * W), gram + <usize>i * W, BLOCK, blockT(t, j), BLOCK);
  }
  release(top);
}

/** Column i of T from its first i columns: T[0..i, i] = -tau T (V^T v_i), where `products` holds V^T v_i. */
export function extendT(i: i32, tau: f64, products: usize, step: i32, t: usize, ldt: i32): void {
  for (let row = 0; row < i; row++) {
    let sum: f64 = 0;
    for (let l = row; l < i; l++) sum += load<f64>(entry(t, ldt, row, l)) * load<f64>(entry(products, step, l, 0));
    store<f64>(entry(t, ldt, row, i), -tau * sum);
  }
  store<f64>(entry(t, ldt, i, i), tau);
}

/** The first `cols` columns (cols >= k) of the product Q of k reflectors of length m, as an m x cols row-major matrix. */
export function formQ(m: i32, k: i32, cols: i32, v: usize, ldv: i32, t: usize, q: usize, ldq: i32): void {
  setIdentity(m, cols, q, ldq);
  if (k <= FEW) {
    applyOneByOne(m, k, cols, v, ldv, t, BLOCK + 1, q, ldq);
    return;
  }
  const top = mark();
  const work = allocateArray<f64>(2 * cols * BLOCK);
  for (let j = ((k - 1) / BLOCK) * BLOCK; j >= 0; j -= BLOCK) {
    // The columns before j are still those of the identity and zero in these rows.
    const count = min(BLOCK, k - j);
    applyBlock(cols - j, m - j, count, entry(q, ldq, j, j), 1, ldq, entry(v, ldv, j, j), ldv, blockT(t, j), 1, BLOCK, work);
  }
  release(top);
}

/** As `formQ`, from the taus. */
export function formQFromTau(m: i32, k: i32, cols: i32, v: usize, ldv: i32, tau: usize, q: usize, ldq: i32): void {
  if (k <= FEW) {
    setIdentity(m, cols, q, ldq);
    applyOneByOne(m, k, cols, v, ldv, tau, 1, q, ldq);
    return;
  }
  const top = mark();
  const t = allocateArray<f64>(blockTs(k));
  formTs(m, k, v, ldv, tau, t);
  formQ(m, k, cols, v, ldv, t, q, ldq);
  release(top);
}

function setIdentity(m: i32, cols: i32, q: usize, ldq: i32): void {
  for (let i = 0; i < m; i++) {
    fill(cols, 0, entry(q, ldq, i, 0));
    if (i < cols) store<f64>(entry(q, ldq, i, i), 1);
  }
}

/** Q <- the product of a few reflectors, each with its tau at a step of `tauStep`, where Q is the identity so far. */
function applyOneByOne(m: i32, k: i32, cols: i32, v: usize, ldv: i32, tau: usize, tauStep: i32, q: usize, ldq: i32): void {
  const top = mark();
  const w = allocateArray<f64>(cols);
  for (let j = k - 1; j >= 0; j--) {
    const vj = entry(v, ldv, j, j);
    const corner = entry(q, ldq, j, j);
    fill(cols - j, 0, w);
    addWeightedRows(m - j, cols - j, load<f64>(tau + <usize>(j * tauStep) * W), corner, ldq, vj, 1, w);
    for (let i = 0; i < m - j; i++) axpy(cols - j, -load<f64>(vj + <usize>i * W), w, corner + <usize>(i * ldq) * W);
  }
  release(top);
}

/** C <- Q^T C for the m x cols row-major matrix C. */
export function applyQTransposed(m: i32, k: i32, cols: i32, v: usize, ldv: i32, t: usize, c: usize, ldc: i32): void {
  const top = mark();
  const work = allocateArray<f64>(2 * cols * BLOCK);
  for (let j = 0; j < k; j += BLOCK) {
    const count = min(BLOCK, k - j);
    applyBlock(cols, m - j, count, entry(c, ldc, j, 0), 1, ldc, entry(v, ldv, j, j), ldv, blockT(t, j), BLOCK, 1, work);
  }
  release(top);
}

/** C <- Q C for the m x cols row-major matrix C. */
export function applyQ(m: i32, k: i32, cols: i32, v: usize, ldv: i32, t: usize, c: usize, ldc: i32): void {
  if (k == 0) return;
  const top = mark();
  const work = allocateArray<f64>(2 * cols * BLOCK);
  for (let j = ((k - 1) / BLOCK) * BLOCK; j >= 0; j -= BLOCK) {
    const count = min(BLOCK, k - j);
    applyBlock(cols, m - j, count, entry(c, ldc, j, 0), 1, ldc, entry(v, ldv, j, j), ldv, blockT(t, j), 1, BLOCK, work);
  }
  release(top);
}
