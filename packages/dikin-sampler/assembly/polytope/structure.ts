/**
 * The metric of the log barrier where the rows of A have few entries, but for few of them: G = G_s + C^T W C, with G_s the sparse part (bounds
 * on its diagonal) and the fixed terms P + r^2 M, and C the few other rows. With G_s = U^T U and Z = W^{1/2} C U^{-1},
 *
 *   det G = det G_s det(I + Z Z^T),   and   U^{-1} (g + Z^T (I + Z Z^T)^{-1} (h - Z g))   has covariance G^{-1}
 *
 * for standard normal g and h (Woodbury). Norms come from A delta and the slacks and need no factor. What a point keeps as its factor are the
 * panels of U, Z, and the Cholesky factor of I + Z Z^T.
 */
import { log } from '../../../linalg/assembly/elementary/log';
import { syrk } from '../../../linalg/assembly/blas/syrk';
import { axpy } from '../../../linalg/assembly/level1/axpy';
import { dot } from '../../../linalg/assembly/level1/dot';
import { count } from '../operations';
import { at, Body, entryAt, Point } from './body';
import { scale, upperCholesky } from './cholesky';
import { halfLogDeterminant, index, solve, solveRowsTransposed, supernodalFactor, Supernodes } from './supernodes';

// @ts-ignore: decorator
@unmanaged
export class Structure {
  nodes: usize;
  /** The coordinate that is eliminated k-th, d of them. */
  order: usize;
  /** Products of the entries of row i of A, pairs pairStart[i] .. pairStart[i + 1] - 1, and where in the panels they go. */
  pairStart: usize;
  pairAt: usize;
  pairValue: usize;
  /** Entries of P and M, where they go, and their coordinates, the row not above the column. */
  fixed: i32;
  fixedAt: usize;
  fixedRow: usize;
  fixedCol: usize;
  fixedP: usize;
  fixedSoft: usize;
  /** The rows of C, `few` x d in the order of elimination; and which rows of A they are. */
  few: i32;
  fewRow: usize;
  fewValue: usize;
  /** Scratch, d + few numbers. */
  scratch: usize;
}

/** Factors the metric at p. */
export function factorStructured(b: Body, p: Point, radius: f64): bool {
  const a = changetype<Structure>(b.structure);
  const s = changetype<Supernodes>(a.nodes);
  const d = b.d;
  const U = p.factor;
  memory.fill(U, 0, <usize>s.size << 3);
  let k = 0;
  for (let i = 0; i < b.n; i++) {
    const end = index(a.pairStart, i + 1);
    if (k == end) continue;
    const slack = load<f64>(at(p.slack, i));
    const weight = 1 / (slack * slack);
    for (; k < end; k++) {
      const to = at(U, index(a.pairAt, k));
      store<f64>(to, load<f64>(to) + weight * load<f64>(at(a.pairValue, k)));
    }
  }
  for (let q = 0; q < a.fixed; q++) {
    const to = at(U, index(a.fixedAt, q));
    store<f64>(to, load<f64>(to) + load<f64>(at(a.fixedP, q)) + radius * radius * load<f64>(at(a.fixedSoft, q)));
  }
  count(<f64>k);
  if (!supernodalFactor(s, U)) return false;
  let sum = halfLogDeterminant(s, U);
  const m = a.few;
  if (m > 0) {
    const Z = at(U, s.size);
    const R = at(Z, m * d);
    memory.copy(Z, a.fewValue, (<usize>m * <usize>d) << 3);
    memory.fill(R, 0, (<usize>m * <usize>m) << 3);
    solveRowsTransposed(s, U, m, Z);
    for (let r = 0; r < m; r++) {
      scale(d, 1 / load<f64>(at(p.slack, index(a.fewRow, r))), at(Z, r * d));
      store<f64>(entryAt(R, m, r, r), 1);
    }
    syrk<f64>(m, d, 1, Z, d, 1, 1, R, m, 1, true);
    count(<f64>m * (<f64>s.size + 0.5 * <f64>(m + 1) * <f64>d));
    if (!upperCholesky<f64>(m, R)) return false;
    for (let r = 0; r < m; r++) sum += log(load<f64>(entryAt(R, m, r, r)));
  }
  p.halfLogDeterminant = sum;
  p.factored = 1;
  return sum - sum == 0;
}

/** Overwrites d + few standard normals by a vector with covariance G^{-1}, in its first d entries. */
export function drawStructured(b: Body, p: Point, x: usize): void {
  const a = changetype<Structure>(b.structure);
  const s = changetype<Supernodes>(a.nodes);
  const d = b.d;
  const m = a.few;
  const e = a.scratch;
  memory.copy(e, x, <usize>(d + m) << 3);
  if (m > 0) {
    const h = at(e, d);
    const Z = at(p.factor, s.size);
    const R = at(Z, m * d);
    for (let r = 0; r < m; r++) store<f64>(at(h, r), load<f64>(at(h, r)) - dot<f64>(d, at(Z, r * d), 8, e, 8));
    for (let r = 0; r < m; r++) {
      const value = load<f64>(at(h, r)) / load<f64>(entryAt(R, m, r, r));
      store<f64>(at(h, r), value);
      axpy<f64>(m - r - 1, -value, entryAt(R, m, r, r + 1), at(h, r + 1));
    }
    for (let r = m - 1; r >= 0; r--) {
      const sum = load<f64>(at(h, r)) - dot<f64>(m - r - 1, entryAt(R, m, r, r + 1), 8, at(h, r + 1), 8);
      store<f64>(at(h, r), sum / load<f64>(entryAt(R, m, r, r)));
    }
    for (let r = 0; r < m; r++) axpy<f64>(d, load<f64>(at(h, r)), at(Z, r * d), e);
  }
  count(<f64>s.size + 2.0 * <f64>m * <f64>d);
  // U, not its transpose: (U^{-1} e)(U^{-1} e)^T averages to (U^T U)^{-1}.
  solve(s, p.factor, e);
  for (let k = 0; k < d; k++) store<f64>(at(x, index(a.order, k)), load<f64>(at(e, k)));
}

/** ||delta||^2 in the metric at slacks s, given A delta. */
export function squaredNorm(b: Body, s: usize, delta: usize, image: usize, radius: f64): f64 {
  const a = changetype<Structure>(b.structure);
  let sum: f64 = 0;
  for (let i = 0; i < b.n; i++) {
    const ratio = load<f64>(at(image, i)) / load<f64>(at(s, i));
    sum += ratio * ratio;
  }
  for (let q = 0; q < a.fixed; q++) {
    const i = index(a.fixedRow, q);
    const j = index(a.fixedCol, q);
    const value = load<f64>(at(a.fixedP, q)) + radius * radius * load<f64>(at(a.fixedSoft, q));
    sum += (i == j ? 1 : 2) * value * load<f64>(at(delta, i)) * load<f64>(at(delta, j));
  }
  return sum;
}
