import type { Cells, Entries, Tile } from './machine.ts';

/** acc_ij += left_i right_j, both given as a row or a column. */
export function addOuterProduct(cells: Cells, acc: Tile, left: Tile, right: Tile, allowed: Entries = () => true): void {
  const at = (line: Tile, k: number) => (line.rows === 1 ? cells.get(line, 0, k) : cells.get(line, k, 0));
  for (let i = 0; i < acc.rows; i++) {
    for (let j = 0; j < acc.cols; j++) {
      if (allowed(i, j)) cells.set(acc, i, j, [cells.get(acc, i, j), at(left, i), at(right, j)], (sum, a, b) => sum! + a! * b!);
    }
  }
}

/** acc_ij += sum_t left_it right_jt, entry by entry. */
export function addProduct(cells: Cells, acc: Tile, left: Tile, right: Tile, allowed: Entries = () => true): void {
  for (let i = 0; i < acc.rows; i++) {
    for (let j = 0; j < acc.cols; j++) {
      if (!allowed(i, j)) continue;
      for (let t = 0; t < left.cols; t++) {
        cells.set(acc, i, j, [cells.get(acc, i, j), cells.get(left, i, t), cells.get(right, j, t)], (sum, a, b) => sum! + a! * b!);
      }
    }
  }
}

/** Of each row, one column each: the largest score so far, and the sum of the exponentials of all relative to it. */
export interface Statistics {
  readonly largest: Tile;
  readonly sum: Tile;
}

export function startStatistics(cells: Cells, { largest }: Statistics): void {
  for (let i = 0; i < largest.rows; i++) cells.set(largest, i, 0, [], () => Number.NEGATIVE_INFINITY);
}

/**
 * Online softmax of one row: takes the scores of a row of `scores` into its statistics, replaces them by e^(score - largest), and scales the
 * sum and a row of `O` to the new largest score. `spare` is room for one value.
 *
 * Source: Milakov and Gimelshein, arXiv 1805.02867; Dao et al., arXiv 2205.14135.
 */
export function absorbRow(
  cells: Cells,
  row: number,
  scores: Tile,
  { largest, sum }: Statistics,
  spare: Tile,
  allowed: Entries,
  O?: { readonly tile: Tile; readonly row: number },
): void {
  const seen = Array.from({ length: scores.cols }, (_, j) => j).filter((j) => allowed(row, j));
  // The new largest score stands in the spare place until the old one has become the factor e^(old - new).
  cells.set(spare, 0, 0, [cells.get(largest, row, 0)], (old) => old!);
  for (const j of seen) cells.set(spare, 0, 0, [cells.get(spare, 0, 0), cells.get(scores, row, j)], (a, b) => Math.max(a!, b!));
  cells.set(largest, row, 0, [cells.get(largest, row, 0), cells.get(spare, 0, 0)], (old, now) => (old === now ? 1 : Math.exp(old! - now!)));
  const factor = () => cells.get(largest, row, 0);
  cells.set(sum, row, 0, [cells.get(sum, row, 0), factor()], (z, by) => z! * by!);
  for (let k = 0; O !== undefined && k < O.tile.cols; k++) {
    cells.set(O.tile, O.row, k, [cells.get(O.tile, O.row, k), factor()], (o, by) => o! * by!);
  }
  for (const j of seen) {
    cells.set(scores, row, j, [cells.get(scores, row, j), cells.get(spare, 0, 0)], (s, most) => Math.exp(s! - most!));
    cells.set(sum, row, 0, [cells.get(sum, row, 0), cells.get(scores, row, j)], (z, p) => z! + p!);
  }
  cells.set(largest, row, 0, [cells.get(spare, 0, 0)], (now) => now!);
  cells.clear(spare, 0, 0);
}

/** O_ik += sum_j P_ij V_jk over allowed pairs. */
export function addValues(cells: Cells, O: Tile, P: Tile, V: Tile, allowed: Entries): void {
  for (let i = 0; i < O.rows; i++) {
    for (let j = 0; j < P.cols; j++) {
      if (!allowed(i, j)) continue;
      for (let k = 0; k < O.cols; k++) {
        cells.set(O, i, k, [cells.get(O, i, k), cells.get(P, i, j), cells.get(V, j, k)], (sum, p, v) => sum! + p! * v!);
      }
    }
  }
}

/** O_i / sum_i, and the logarithm of the sum of exponentials in place of the sum; rows that saw nothing stay 0. */
export function finishRows(cells: Cells, O: Tile, { largest, sum }: Statistics): void {
  for (let i = 0; i < O.rows; i++) {
    for (let k = 0; k < O.cols; k++) cells.set(O, i, k, [cells.get(O, i, k), cells.get(sum, i, 0)], (o, z) => (z === 0 ? 0 : o! / z!));
    cells.set(sum, i, 0, [cells.get(sum, i, 0), cells.get(largest, i, 0)], (z, most) => most! + Math.log(z!));
  }
}

/** e^(score - l_i) in place of scores, l the logarithms of the sums of exponentials: probabilities. */
export function probabilities(cells: Cells, scores: Tile, l: Tile, allowed: Entries): void {
  for (let i = 0; i < scores.rows; i++) {
    for (let j = 0; j < scores.cols; j++) {
      if (allowed(i, j)) cells.set(scores, i, j, [cells.get(scores, i, j), cells.get(l, i, 0)], (s, at) => Math.exp(s! - at!));
    }
  }
}

/** p (dP - D) in place of dP: gradients of scores. */
export function scoreGradients(cells: Cells, dP: Tile, P: Tile, D: Tile, allowed: Entries): void {
  for (let i = 0; i < dP.rows; i++) {
    for (let j = 0; j < dP.cols; j++) {
      if (!allowed(i, j)) continue;
      cells.set(dP, i, j, [cells.get(dP, i, j), cells.get(P, i, j), cells.get(D, i, 0)], (g, p, mean) => p! * (g! - mean!));
    }
  }
}

/** Y_jk += sum_i P_ij X_ik over allowed pairs. */
export function addColumns(cells: Cells, Y: Tile, P: Tile, X: Tile, allowed: Entries): void {
  for (let i = 0; i < P.rows; i++) {
    for (let j = 0; j < P.cols; j++) {
      if (!allowed(i, j)) continue;
      for (let k = 0; k < Y.cols; k++) {
        cells.set(Y, j, k, [cells.get(Y, j, k), cells.get(P, i, j), cells.get(X, i, k)], (sum, p, x) => sum! + p! * x!);
      }
    }
  }
}

/** Copies the rows that no allowed pair of a block changes, so that the whole tile is new when it is written. */
export function keepRows(cells: Cells, Y: Tile, keys: number, allowed: Entries): void {
  for (let i = 0; i < Y.rows; i++) {
    if (Array.from({ length: keys }, (_, j) => j).some((j) => allowed(i, j))) continue;
    for (let k = 0; k < Y.cols; k++) cells.set(Y, i, k, [cells.get(Y, i, k)], (y) => y!);
  }
}
