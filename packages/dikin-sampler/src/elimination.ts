/** Sparse Gaussian elimination: the shortest row next, and of its large entries the one in the fewest other rows. */

/**
 * A pivot may be this much smaller than the largest entry of its row, in units of the widths where there are some: what a variable is by the
 * others then has coefficients of at most its inverse.
 */
const PIVOT = 0.1;
const SCALED_PIVOT = 0.5;
/** What is left of a sum this small is rounding. */
export const CANCELLED = 1e-13;

export interface Pivot {
  /** Which of the rows it is, what is left of it, and the variable that it eliminates. */
  readonly index: number;
  readonly row: ReadonlyMap<number, number>;
  readonly column: number;
}

/**
 * Eliminates one variable a row, in place; rows of which nothing is left, or nothing above `negligible`, give no pivot.
 *
 * @param rows - entries by variable.
 * @param widths - how far each variable moves; pivots are then chosen by entries in units of them.
 */
export function eliminate(rows: readonly Map<number, number>[], variables: number, widths?: Float64Array, negligible = 0): Pivot[] {
  const holders = Array.from({ length: variables }, () => new Set<number>());
  rows.forEach((row, i) => {
    for (const j of row.keys()) holders[j]!.add(i);
  });
  const pivots: Pivot[] = [];
  const active = new Set(rows.keys());
  while (active.size > 0) {
    const index = shortest(rows, active);
    const row = rows[index]!;
    active.delete(index);
    for (const j of row.keys()) holders[j]!.delete(index);
    if (![...row.values()].some((value) => Math.abs(value) > negligible)) continue;
    const column = pivotOf(row, holders, widths);
    pivots.push({ index, row, column });
    for (const other of holders[column]!) subtractRow(rows[other]!, row, column, other, holders);
    holders[column]!.clear();
  }
  return pivots;
}

function shortest(rows: readonly Map<number, number>[], active: ReadonlySet<number>): number {
  let best = -1;
  for (const i of active) if (best < 0 || rows[i]!.size < rows[best]!.size) best = i;
  return best;
}

/** Of the large entries of a row the one in the fewest other rows. */
function pivotOf(row: ReadonlyMap<number, number>, holders: readonly ReadonlySet<number>[], widths: Float64Array | undefined): number {
  const sizeOf = (j: number, value: number) => Math.abs(value) * (widths?.[j] ?? 1);
  let largest = 0;
  for (const [j, value] of row) largest = Math.max(largest, sizeOf(j, value));
  const least = (widths === undefined ? PIVOT : SCALED_PIVOT) * largest;
  let best = -1;
  for (const [j, value] of row) {
    if (sizeOf(j, value) >= least && (best < 0 || holders[j]!.size < holders[best]!.size)) best = j;
  }
  return best;
}

function subtractRow(
  from: Map<number, number>,
  row: ReadonlyMap<number, number>,
  column: number,
  i: number,
  holders: readonly Set<number>[],
): void {
  const factor = from.get(column)! / row.get(column)!;
  from.delete(column);
  for (const [j, entry] of row) {
    if (j === column) continue;
    const old = from.get(j) ?? 0;
    const value = old - factor * entry;
    if (Math.abs(value) <= CANCELLED * Math.max(Math.abs(old), Math.abs(factor * entry))) {
      from.delete(j);
      holders[j]!.delete(i);
    } else {
      from.set(j, value);
      holders[j]!.add(i);
    }
  }
}
