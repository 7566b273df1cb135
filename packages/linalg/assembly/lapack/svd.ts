/** Singular value decomposition. */
import { allocateArray, mark, release } from '../arena';
import { gemm } from '../blas/gemm';
import { bdsqr } from './bdsqr';
import { gebrd } from './gebrd';
import { geqrf } from './geqrf';
import { applyQ, blockTs, formQ, formQFromTau } from './reflector';
import { closeRotations, openRotations } from './rotations';
import { sortOrder } from './status';
import { entry, fill, transpose, W } from './vector';

/** A matrix taller than this many times its width is reduced to its R first. */
const TALL: f64 = 1.5;

/**
 * A = U diag(s) V^T for the m x n matrix at `a` (destroyed), s descending, k = min(m, n) of them. u and v are both 0, or
 * m x uCols and n x vCols; columns beyond the k-th complete the basis, where asked for. Returns how many
 * off-diagonal entries did not vanish.
 */
export function dsvd(m: i32, n: i32, a: usize, s: usize, uCols: i32, u: usize, vCols: i32, v: usize): i32 {
  if (m == 0 || n == 0) {
    if (u != 0) formQ(m, 0, uCols, 0, 0, 0, u, uCols);
    if (v != 0) formQ(n, 0, vCols, 0, 0, 0, v, vCols);
    return 0;
  }
  const top = mark();
  let unfinished: i32;
  if (m >= n) {
    unfinished = tall(m, n, a, s, uCols, u, vCols, v);
  } else {
    const at = allocateArray<f64>(m * n);
    transpose(m, n, a, n, at, m);
    unfinished = tall(n, m, at, s, vCols, v, uCols, u);
  }
  release(top);
  return unfinished;
}

/** x (n x m) <- V diag(factor / s) U^T, a power of two, over the singular values above tolerance s_0; returns as `dsvd`. */
export function dpseudoInverse(m: i32, n: i32, a: usize, tolerance: f64, factor: f64, x: usize): i32 {
  const top = mark();
  const k = min(m, n);
  const s = allocateArray<f64>(k);
  const u = allocateArray<f64>(m * k);
  const v = allocateArray<f64>(n * k);
  const code = dsvd(m, n, a, s, k, u, k, v);
  if (code == 0) {
    let rank = 0;
    while (rank < k && load<f64>(s + <usize>rank * W) > tolerance * load<f64>(s)) rank++;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < rank; j++) {
        const at = entry(v, k, i, j);
        store<f64>(at, load<f64>(at) * factor / load<f64>(s + <usize>j * W));
      }
    }
    gemm<f64>(n, m, rank, 1, v, k, 1, u, 1, k, 0, x, m, 1);
  }
  release(top);
  return code;
}

/** The case m >= n; vCols = n. */
function tall(m: i32, n: i32, a: usize, s: usize, uCols: i32, u: usize, vCols: i32, v: usize): i32 {
  if (<f64>m < TALL * <f64>n) return square(m, n, a, s, uCols, u, uCols, vCols, v);
  const reflectors = allocateArray<f64>(m * n);
  const t = allocateArray<f64>(blockTs(n));
  const r = allocateArray<f64>(n * n);
  transpose(m, n, a, n, reflectors, m);
  geqrf(m, n, reflectors, t, r);
  if (u == 0) return square(n, n, r, s, n, 0, n, vCols, v);
  // U = Q [U of R, 0; 0, I].
  const unfinished = square(n, n, r, s, n, u, uCols, vCols, v);
  for (let i = 0; i < n; i++) fill(uCols - n, 0, entry(u, uCols, i, n));
  for (let i = n; i < m; i++) {
    fill(uCols, 0, entry(u, uCols, i, 0));
    if (i < uCols) store<f64>(entry(u, uCols, i, i), 1);
  }
  applyQ(m, n, uCols, reflectors, m, t, u, uCols);
  return unfinished;
}

/** By bidiagonalisation of the m x n matrix at a, m >= n; u is m x uCols with ldu elements from row to row. */
function square(m: i32, n: i32, a: usize, s: usize, uCols: i32, u: usize, ldu: i32, vCols: i32, v: usize): i32 {
  const d = allocateArray<f64>(n);
  const e = allocateArray<f64>(n);
  const tauU = allocateArray<f64>(n);
  const tauV = allocateArray<f64>(n);
  const left = allocateArray<f64>(n * m);
  const right = allocateArray<f64>(n * n);
  const order = allocateArray<i32>(n);
  gebrd(m, n, a, d, e, left, tauU, right, tauV);
  let rotateU: usize = 0;
  let rotateV: usize = 0;
  if (u != 0) {
    formQFromTau(m, n, uCols, left, m, tauU, u, ldu);
    rotateU = openRotations(m, n, u, ldu);
    fill(n, 0, v);
    for (let i = 1; i < n; i++) store<f64>(entry(v, vCols, i, 0), 0);
    store<f64>(v, 1);
    formQFromTau(n - 1, n - 1, n - 1, right + W, n, tauV, entry(v, vCols, 1, 1), vCols);
    rotateV = openRotations(n, n, v, vCols);
  }
  const unfinished = bdsqr(n, d, e, rotateV, rotateU);
  // A negative value changes sign together with its right vector.
  for (let i = 0; i < n; i++) {
    const value = load<f64>(d + <usize>i * W);
    store<f64>(e + <usize>i * W, value < 0 ? -1 : 1);
    store<f64>(d + <usize>i * W, Math.abs(value));
  }
  sortOrder(n, d, order, true);
  for (let i = 0; i < n; i++) store<f64>(s + <usize>i * W, load<f64>(d + <usize>load<i32>(order + (<usize>i << 2)) * W));
  if (u != 0) {
    closeRotations(rotateU, u, ldu, order, 0);
    closeRotations(rotateV, v, vCols, order, e);
  }
  return unfinished;
}
