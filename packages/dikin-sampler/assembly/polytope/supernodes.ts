/**
 * Cholesky factor U of a sparse symmetric matrix whose rows stand in the order of elimination: U^T U, by supernodes, which are rows of U with
 * the same columns. Their entries form a panel, row by row: those of node J are columns `rows`[rowsStart[J] ..], the first of which are the node's own
 * rows. What a node takes from an earlier one is made densely and then added where it belongs.
 *
 * The host works out the pattern once (src/walk/structure); fields stand in this order, four bytes each.
 * Source: Ng and Peyton 1993, "Block sparse Cholesky algorithms on advanced uniprocessor computers", SIAM J. Sci. Comput. 14(5) (left-looking).
 */
import { axpy } from '../../../linalg/assembly/level1/axpy';
import { dot } from '../../../linalg/assembly/level1/dot';
import { log } from '../../../linalg/assembly/elementary/log';
import { at } from './body';
import { subtract, subtractFour, subtractFourTwice, upperTrapezoid } from './cholesky';

// @ts-ignore: decorator
@unmanaged
export class Supernodes {
  d: i32;
  count: i32;
  /** Entries of all panels. */
  size: i32;
  /** Node J has rows first[J] .. first[J + 1] - 1, and its panel begins at panel[J]. */
  first: usize;
  rowsStart: usize;
  rows: usize;
  panel: usize;
  /** What node J takes: from node updateNode[t] the products of its entries updateFrom[t] .. updateTo[t] - 1 with all from there on. */
  updateStart: usize;
  updateNode: usize;
  updateFrom: usize;
  updateTo: usize;
  /** Scratch: d places of four bytes, and 2 d numbers. */
  local: usize;
  buffer: usize;
}

// @ts-ignore: decorator
@inline
export function index(x: usize, i: i32): i32 {
  return load<i32>(x + (<usize>i << 2));
}

/** Overwrites the entries U of the matrix by those of its factor; false where a pivot is not positive. */
export function supernodalFactor(s: Supernodes, U: usize): bool {
  for (let J = 0; J < s.count; J++) {
    const from = index(s.rowsStart, J);
    const width = index(s.rowsStart, J + 1) - from;
    const panel = at(U, index(s.panel, J));
    const rows = s.rows + (<usize>from << 2);
    const last = index(s.updateStart, J + 1);
    let t = index(s.updateStart, J);
    if (t < last) for (let u = 0; u < width; u++) store<i32>(s.local + (<usize>index(rows, u) << 2), u);
    for (; t < last; t++) {
      takeFrom(s, U, index(s.updateNode, t), index(s.updateFrom, t), index(s.updateTo, t), panel, width);
    }
    if (!upperTrapezoid<f64>(index(s.first, J + 1) - index(s.first, J), width, panel)) return false;
  }
  return true;
}

/** Subtracts from a panel what node K has for it; two rows at a time. */
function takeFrom(s: Supernodes, U: usize, K: i32, from: i32, to: i32, panel: usize, width: i32): void {
  const start = index(s.rowsStart, K);
  const length = index(s.rowsStart, K + 1) - start;
  const count = index(s.first, K + 1) - index(s.first, K);
  const source = at(U, index(s.panel, K));
  const rows = s.rows + (<usize>start << 2);
  const row = <usize>length << 3;
  const y = s.buffer;
  const z = at(s.buffer, s.d);
  for (let t = from; t < to; t += 2) {
    const both = t + 1 < to;
    const rest = length - t;
    memory.fill(y, 0, <usize>rest << 3);
    if (both) memory.fill(z, 0, <usize>rest << 3);
    let k = 0;
    for (; k + 4 <= count; k += 4) {
      const f = source + <usize>k * row + (<usize>t << 3);
      if (both) {
        subtractFour<f64>(1, f, row, f, y);
        subtractFourTwice<f64>(rest - 1, f, row, y + 8, z + 8);
      } else subtractFour<f64>(rest, f, row, f, y);
    }
    for (; k < count; k++) {
      const f = source + <usize>k * row + (<usize>t << 3);
      subtract<f64>(rest, load<f64>(f), f, y);
      if (both) subtract<f64>(rest - 1, load<f64>(f + 8), f + 8, z + 8);
    }
    spread(s, rows, t, length, y, panel, width);
    if (both) spread(s, rows, t + 1, length, z + 8, panel, width);
  }
}

/** Adds the numbers at x to the row of the panel that `rows`[t] is, in the columns `rows`[t] and after. */
function spread(s: Supernodes, rows: usize, t: i32, length: i32, x: usize, panel: usize, width: i32): void {
  const to = at(panel, index(s.local, index(rows, t)) * width);
  for (let u = t; u < length; u++, x += 8) {
    const place = at(to, index(s.local, index(rows, u)));
    store<f64>(place, load<f64>(place) + load<f64>(x));
  }
}

/** Half the log-determinant of the matrix. */
export function halfLogDeterminant(s: Supernodes, U: usize): f64 {
  let sum: f64 = 0;
  for (let J = 0; J < s.count; J++) {
    const width = index(s.rowsStart, J + 1) - index(s.rowsStart, J);
    const count = index(s.first, J + 1) - index(s.first, J);
    const panel = at(U, index(s.panel, J));
    for (let r = 0; r < count; r++) sum += log(load<f64>(at(panel, r * (width + 1))));
  }
  return sum;
}

/** x <- U^{-T} x for each of the m rows x of an m x d matrix. */
export function solveRowsTransposed(s: Supernodes, U: usize, m: i32, X: usize): void {
  const d = s.d;
  if (s.size > d) {
    for (let r = 0; r < m; r++) solveTransposed(s, U, at(X, r * d));
    return;
  }
  // A diagonal: divided by once.
  const inverse = s.buffer;
  for (let j = 0; j < d; j++) store<f64>(at(inverse, j), 1 / load<f64>(at(U, j)));
  for (let r = 0; r < m; r++) multiply(d, inverse, at(X, r * d));
}

/** y <- x y, entry by entry. */
function multiply(n: i32, x: usize, y: usize): void {
  const end = at(x, n);
  if (ASC_FEATURE_SIMD) for (; x + 16 <= end; x += 16, y += 16) v128.store(y, f64x2.mul(v128.load(x), v128.load(y)));
  for (; x < end; x += 8, y += 8) store<f64>(y, load<f64>(x) * load<f64>(y));
}

/** x <- U^{-T} x. */
function solveTransposed(s: Supernodes, U: usize, x: usize): void {
  for (let J = 0; J < s.count; J++) {
    const from = index(s.rowsStart, J);
    const width = index(s.rowsStart, J + 1) - from;
    const rows = s.rows + (<usize>from << 2);
    const first = index(s.first, J);
    const count = index(s.first, J + 1) - first;
    const panel = at(U, index(s.panel, J));
    for (let r = 0; r < count; r++) {
      const row = at(panel, r * width);
      const value = load<f64>(at(x, first + r)) / load<f64>(at(row, r));
      store<f64>(at(x, first + r), value);
      axpy<f64>(count - r - 1, -value, at(row, r + 1), at(x, first + r + 1));
      for (let u = count; u < width; u++) {
        const place = at(x, index(rows, u));
        store<f64>(place, load<f64>(place) - value * load<f64>(at(row, u)));
      }
    }
  }
}

/** x <- U^{-1} x. */
export function solve(s: Supernodes, U: usize, x: usize): void {
  for (let J = s.count - 1; J >= 0; J--) {
    const from = index(s.rowsStart, J);
    const width = index(s.rowsStart, J + 1) - from;
    const rows = s.rows + (<usize>from << 2);
    const first = index(s.first, J);
    const count = index(s.first, J + 1) - first;
    const panel = at(U, index(s.panel, J));
    for (let r = count - 1; r >= 0; r--) {
      const row = at(panel, r * width);
      let sum = load<f64>(at(x, first + r)) - dot<f64>(count - r - 1, at(row, r + 1), 8, at(x, first + r + 1), 8);
      for (let u = count; u < width; u++) sum -= load<f64>(at(row, u)) * load<f64>(at(x, index(rows, u)));
      store<f64>(at(x, first + r), sum / load<f64>(at(row, r)));
    }
  }
}
