/**
 * The Hessian of -log det S, H_ij = tr(S^{-1} B_i S^{-1} B_j), with S = L L^T, added to the lower triangle of the d x d matrix H; by
 * whichever of the ways suits the matrices.
 */
import { allocateArray, mark, release } from '../../../linalg/assembly/arena';
import { syrk, weightedSyrk, mirror } from '../../../linalg/assembly/blas/syrk';
import { trsm } from '../../../linalg/assembly/blas/trsm';
import { count } from '../operations';
import { addCombination, at, Pencil } from './pencil';
import { sketchedHessian } from './sketch';

const DENSE: i32 = 0;
const SPARSE: i32 = 1;
const LOW_RANK: i32 = 2;

export function pencilHessian(p: Pencil, L: usize, H: usize): void {
  const top = mark();
  if (p.kind == DENSE) denseHessian(p, L, H);
  else if (p.kind == SPARSE) sparseHessian(p, L, H);
  else if (p.kind == LOW_RANK) lowRankHessian(p, L, H);
  else sketchedHessian(p, L, H);
  release(top);
}

/**
 * M_j = L^{-1} B_j L^{-T} for all j by two triangular solves, then the inner products of their lower triangles, with what is below the
 * diagonal twice. 2 d n^3 + d^2 n^2 / 2 flops.
 */
function denseHessian(p: Pencil, L: usize, H: usize): void {
  const n = p.n;
  const d = p.d;
  const lower = (n * (n + 1)) / 2;
  const M = allocateArray<f64>(n * d * n);
  const rows = allocateArray<f64>(d * lower);
  memory.copy(M, p.blocks, (<usize>(n * d) * <usize>n) << 3);
  // Rows (a, j) of length n are one (n d) x n matrix for the solve with L^T from the right, and one n x (d n) for that from the left.
  trsm<f64>(false, true, false, n * d, n, L, 1, n, M, n, 1);
  trsm<f64>(true, false, false, n, d * n, L, n, 1, M, d * n, 1);
  for (let a = 0, first = 0; a < n; a++) {
    for (let j = 0; j < d; j++) memory.copy(rows + (<usize>(j * lower + first) << 3), M + (<usize>((a * d + j) * n) << 3), <usize>(a + 1) << 3);
    first += a + 1;
  }
  count(<f64>d * (<f64>n * <f64>n * <f64>n + 0.5 * <f64>d * <f64>lower));
  weightedSyrk<f64>(d, lower, 1, rows, lower, 1, p.weights, 1, H, d, 1, false);
}

/** S^{-1}, both triangles. */
export function inverse(n: i32, L: usize): usize {
  const X = allocateArray<f64>(n * n);
  const top = mark();
  const W = allocateArray<f64>(n * n);
  inverseFactor(n, L, W);
  syrk<f64>(n, n, 1, W, 1, n, 0, X, n, 1, false);
  mirror<f64>(n, X, n, 1, false);
  release(top);
  return X;
}

/** L^{-1} into W. */
export function inverseFactor(n: i32, L: usize, W: usize): void {
  memory.fill(W, 0, (<usize>n * <usize>n) << 3);
  for (let i = 0; i < n; i++) store<f64>(at(W, n, i, i), 1);
  trsm<f64>(true, false, false, n, n, L, n, 1, W, n, 1);
}

/**
 * With X = S^{-1}, an entry v at (a, b) of B_i and one w at (c, e) of B_j, each with its mirror image, contribute
 * 2 v w (X_ac X_be + X_ae X_bc), where an entry on the diagonal counts half. n^3 flops and 6 for each pair of entries.
 */
function sparseHessian(p: Pencil, L: usize, H: usize): void {
  const n = p.n;
  const X = inverse(n, L);
  const entries = load<i32>(p.start + (<usize>p.d << 2));
  count(<f64>n * <f64>n * <f64>n + 1.5 * <f64>entries * <f64>entries);
  let first = 0;
  for (let i = 0; i < p.d; i++) {
    const last = load<i32>(p.start + (<usize>(i + 1) << 2));
    for (let r = first; r < last; r++) {
      const a = load<i32>(p.row + (<usize>r << 2));
      const b = load<i32>(p.col + (<usize>r << 2));
      const v = load<f64>(p.value + (<usize>r << 3)) * (a == b ? 1 : 2);
      const Xa = at(X, n, a, 0);
      const Xb = at(X, n, b, 0);
      let q = 0;
      for (let j = 0; j <= i; j++) {
        const end = load<i32>(p.start + (<usize>(j + 1) << 2));
        let sum: f64 = 0;
        for (; q < end; q++) {
          const c = <usize>load<i32>(p.row + (<usize>q << 2)) << 3;
          const e = <usize>load<i32>(p.col + (<usize>q << 2)) << 3;
          const both = load<f64>(Xa + c) * load<f64>(Xb + e) + load<f64>(Xa + e) * load<f64>(Xb + c);
          sum += load<f64>(p.value + (<usize>q << 3)) * (c == e ? 0.5 * both : both);
        }
        const to = at(H, p.d, i, j);
        store<f64>(to, load<f64>(to) + v * sum);
      }
    }
    first = last;
  }
}

/** H_ij = sum of weight_k weight_l (u_k^T S^{-1} u_l)^2 over the vectors of B_i and B_j. R n^2 + R^2 n flops for R vectors in all. */
function lowRankHessian(p: Pencil, L: usize, H: usize): void {
  const n = p.n;
  const vectors = load<i32>(p.vectorStart + (<usize>p.d << 2));
  const V = allocateArray<f64>(vectors * n);
  const G = allocateArray<f64>(vectors * vectors);
  memory.copy(V, p.vectors, (<usize>vectors * <usize>n) << 3);
  trsm<f64>(false, true, false, vectors, n, L, 1, n, V, n, 1);
  syrk<f64>(vectors, n, 1, V, n, 1, 0, G, vectors, 1, false);
  count(<f64>vectors * (0.5 * <f64>n * <f64>n + 0.5 * <f64>vectors * <f64>n + <f64>vectors));
  for (let i = 0; i < p.d; i++) {
    const from = load<i32>(p.vectorStart + (<usize>i << 2));
    const to = load<i32>(p.vectorStart + (<usize>(i + 1) << 2));
    for (let j = 0; j <= i; j++) {
      const end = load<i32>(p.vectorStart + (<usize>(j + 1) << 2));
      let sum: f64 = 0;
      for (let k = from; k < to; k++) {
        const weight = load<f64>(p.vectorWeights + (<usize>k << 3));
        for (let l = load<i32>(p.vectorStart + (<usize>j << 2)); l < end; l++) {
          // Within one matrix only the lower triangle of G is there.
          const g = k >= l ? load<f64>(at(G, vectors, k, l)) : load<f64>(at(G, vectors, l, k));
          sum += weight * load<f64>(p.vectorWeights + (<usize>l << 3)) * (g * g);
        }
      }
      const h = at(H, p.d, i, j);
      store<f64>(h, load<f64>(h) + sum);
    }
  }
}

/** Overwrites the gradient of -log det S, -tr(S^{-1} B_j). */
export function pencilGradient(p: Pencil, L: usize, gradient: usize): void {
  const top = mark();
  const n = p.n;
  const X = inverse(n, L);
  let q = 0;
  for (let j = 0; j < p.d; j++) {
    const end = load<i32>(p.start + (<usize>(j + 1) << 2));
    let sum: f64 = 0;
    for (; q < end; q++) {
      const a = load<i32>(p.row + (<usize>q << 2));
      const b = load<i32>(p.col + (<usize>q << 2));
      const term = load<f64>(p.value + (<usize>q << 3)) * load<f64>(at(X, n, a, b));
      sum += a == b ? term : 2 * term;
    }
    store<f64>(gradient + (<usize>j << 3), -sum);
  }
  release(top);
}

/** out = L^{-1} (sum_j v_j B_j) L^{-T}, n x n. */
export function pencilAlong(p: Pencil, L: usize, v: usize, out: usize): void {
  const n = p.n;
  memory.fill(out, 0, (<usize>n * <usize>n) << 3);
  addCombination(p, v, out);
  mirror<f64>(n, out, n, 1, false);
  trsm<f64>(false, true, false, n, n, L, 1, n, out, n, 1);
  trsm<f64>(true, false, false, n, n, L, n, 1, out, n, 1);
}
