/**
 * S(y) = S0 + sum_j y_j B_j and its Cholesky factor. The host fills the record once; its fields stand in this order, four bytes each.
 */
import { allocateArray, mark, release } from '../../../linalg/assembly/arena';
import { potrf } from '../../../linalg/assembly/lapack/potrf';
import { axpy } from '../../../linalg/assembly/level1/axpy';
import { count } from '../operations';

// @ts-ignore: decorator
@unmanaged
export class Pencil {
  /** S is n x n, y has d entries. */
  n: i32;
  d: i32;
  /** S0, n x n. */
  constant: usize;
  /** Entries of the lower triangles: those of B_j are start[j] .. start[j + 1] - 1. */
  start: usize;
  row: usize;
  col: usize;
  value: usize;
  /** How the Hessian is made: DENSE, SPARSE, LOW_RANK or SKETCHED. */
  kind: i32;
  /** DENSE: row a of B_j at (a d + j) n; and n (n + 1) / 2 weights of the entries of a lower triangle, 1 or 2. */
  blocks: usize;
  weights: usize;
  /** LOW_RANK: vectors of B_j are rows vectorStart[j] .. vectorStart[j + 1] - 1, with their weights. */
  vectorStart: usize;
  vectors: usize;
  vectorWeights: usize;
  /** SKETCHED: N = 2^k >= n signs twice, then the chosen rows of either side, `samples` each. */
  padded: i32;
  samples: i32;
  leftSigns: usize;
  rightSigns: usize;
  leftRows: usize;
  rightRows: usize;
  /** Whether every B_j has all its n (n + 1) / 2 entries, row by row. */
  full: i32;
}

/** Lower triangle of S(y) into L, then its Cholesky factor: L L^T = S(y), zeros above. Returns whether S(y) is positive definite. */
export function pencilFactor(p: Pencil, y: usize, L: usize): bool {
  const n = p.n;
  memory.copy(L, p.constant, (<usize>n * <usize>n) << 3);
  addCombination(p, y, L);
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) store<f64>(at(L, n, i, j), 0);
  }
  count((<f64>n * <f64>n * <f64>n) / 6);
  return potrf<f64>(n, L, n) < 0;
}

/** Adds sum_j v_j B_j to the lower triangle of M. */
export function addCombination(p: Pencil, v: usize, M: usize): void {
  const n = p.n;
  if (p.full) {
    addFull(p, v, M);
    return;
  }
  let q = 0;
  for (let j = 0; j < p.d; j++) {
    const factor = load<f64>(v + (<usize>j << 3));
    const end = load<i32>(p.start + (<usize>(j + 1) << 2));
    for (; q < end; q++) {
      const to = at(M, n, load<i32>(p.row + (<usize>q << 2)), load<i32>(p.col + (<usize>q << 2)));
      store<f64>(to, load<f64>(to) + factor * load<f64>(p.value + (<usize>q << 3)));
    }
  }
}

/** The same where the lower triangles are full: sums of contiguous vectors. */
function addFull(p: Pencil, v: usize, M: usize): void {
  const top = mark();
  const n = p.n;
  const lower = (n * (n + 1)) / 2;
  const sum = allocateArray<f64>(lower);
  memory.fill(sum, 0, <usize>lower << 3);
  for (let j = 0; j < p.d; j++) axpy<f64>(lower, load<f64>(v + (<usize>j << 3)), p.value + ((<usize>j * <usize>lower) << 3), sum);
  let from = sum;
  for (let i = 0; i < n; i++) {
    axpy<f64>(i + 1, 1, from, at(M, n, i, 0));
    from += <usize>(i + 1) << 3;
  }
  release(top);
}

/** Address of entry (i, j) of a matrix with n columns. */
// @ts-ignore: decorator
@inline
export function at(M: usize, n: i32, i: i32, j: i32): usize {
  return M + (<usize>(i * n + j) << 3);
}
