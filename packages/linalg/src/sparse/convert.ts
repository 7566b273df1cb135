import { checkDense, checkNumbers, checkSize } from '../check.ts';
import { at, type Dense, dense, type Float } from '../dense.ts';
import { ArgumentError, ShapeError } from '../errors.ts';
import { newArray } from '../memory.ts';
import { type Csr, checkCsr } from './csr.ts';

/**
 * A sparse matrix from entries in any order; entries of the same place are added, in the order given.
 *
 * @param rowOf - the row of each entry, in [0, rows).
 * @param colOf - the column of each entry, in [0, cols).
 * @param values - the value of each entry; a zero is stored.
 * @throws ShapeError when the lengths differ; ArgumentError for what is not an array of numbers, and naming the first entry that stands
 *   outside the matrix; OutOfMemoryError.
 * Cost: O(rows + cols + entries).
 */
export function csrFromTriplets(
  rows: number,
  cols: number,
  rowOf: ArrayLike<number>,
  colOf: ArrayLike<number>,
  values: ArrayLike<number>,
): Csr {
  checkSize('csrFromTriplets', 'rows', rows);
  checkSize('csrFromTriplets', 'cols', cols);
  checkNumbers('csrFromTriplets', 'rowOf', rowOf);
  checkNumbers('csrFromTriplets', 'colOf', colOf);
  checkNumbers('csrFromTriplets', 'values', values);
  const count = values.length;
  if (rowOf.length !== count || colOf.length !== count) {
    throw new ShapeError(`csrFromTriplets: ${rowOf.length} rows, ${colOf.length} columns and ${count} values; the lengths must agree`);
  }
  const inside = (x: number, size: number): boolean => Number.isInteger(x) && x >= 0 && x < size;
  for (let p = 0; p < count; p++) {
    if (!inside(rowOf[p]!, rows) || !inside(colOf[p]!, cols)) {
      const name = inside(rowOf[p]!, rows) ? 'colOf' : 'rowOf';
      throw new ArgumentError(`csrFromTriplets: entry ${p} stands at (${rowOf[p]}, ${colOf[p]}), outside a ${rows} x ${cols} matrix`, name);
    }
  }
  // Two stable counting sorts, by column and then by row, bring duplicates next to each other in the order given.
  const byRow = stableOrder(
    stableOrder(
      Int32Array.from({ length: count }, (_, p) => p),
      colOf,
      cols,
    ),
    rowOf,
    rows,
  );
  const indptr = newArray('csrFromTriplets', Int32Array, rows + 1);
  const indices = new Int32Array(count);
  const data = new Float64Array(count);
  let kept = 0;
  let previousRow = -1;
  for (const p of byRow) {
    const i = rowOf[p]!;
    const j = colOf[p]!;
    if (i === previousRow && indices[kept - 1] === j) data[kept - 1]! += values[p]!;
    else {
      indices[kept] = j;
      data[kept++] = values[p]!;
      previousRow = i;
    }
    indptr[i + 1] = kept;
  }
  for (let i = 0; i < rows; i++) indptr[i + 1] = Math.max(indptr[i + 1]!, indptr[i]!);
  return { rows, cols, indptr, indices: indices.slice(0, kept), data: data.slice(0, kept) };
}

/** `order` rearranged by increasing `key`, equal keys staying in order. */
function stableOrder(order: Int32Array, key: ArrayLike<number>, keys: number): Int32Array {
  const next = newArray('csrFromTriplets', Int32Array, keys + 1);
  for (const p of order) next[key[p]! + 1]!++;
  for (let k = 0; k < keys; k++) next[k + 1]! += next[k]!;
  const sorted = new Int32Array(order.length);
  for (const p of order) sorted[next[key[p]!]!++] = p;
  return sorted;
}

/** The entries of A that are not exactly zero (NaN counts as such an entry). @throws ShapeError when A reaches outside its data. */
export function csrFromDense(A: Dense<Float>): Csr {
  checkDense('csrFromDense', 'A', A);
  const indptr = new Int32Array(A.rows + 1);
  for (let i = 0, count = 0; i < A.rows; i++) {
    for (let j = 0; j < A.cols; j++) if (at(A, i, j) !== 0) count++;
    indptr[i + 1] = count;
  }
  const indices = new Int32Array(indptr[A.rows]!);
  const data = new Float64Array(indptr[A.rows]!);
  for (let i = 0, p = 0; i < A.rows; i++) {
    for (let j = 0; j < A.cols; j++) {
      const x = at(A, i, j);
      if (x !== 0) {
        indices[p] = j;
        data[p++] = x;
      }
    }
  }
  return { rows: A.rows, cols: A.cols, indptr, indices, data };
}

/** A as a dense matrix. @throws ShapeError when A is not well formed; OutOfMemoryError. */
export function csrToDense(A: Csr): Dense {
  checkCsr('csrToDense', 'A', A);
  const D = dense(A.rows, A.cols, newArray('csrToDense', Float64Array, A.rows * A.cols));
  for (let i = 0; i < A.rows; i++) {
    for (let p = A.indptr[i]!; p < A.indptr[i + 1]!; p++) D.data[i * A.cols + A.indices[p]!] = A.data[p]!;
  }
  return D;
}

/** A^T, by one counting sort. @throws ShapeError when A is not well formed. Cost: O(rows + cols + entries). */
export function csrTranspose(A: Csr): Csr {
  checkCsr('csrTranspose', 'A', A);
  const indptr = newArray('csrTranspose', Int32Array, A.cols + 1);
  for (const j of A.indices) indptr[j + 1]!++;
  for (let j = 0; j < A.cols; j++) indptr[j + 1]! += indptr[j]!;
  const next = indptr.slice();
  const indices = new Int32Array(A.data.length);
  const data = new Float64Array(A.data.length);
  for (let i = 0; i < A.rows; i++) {
    for (let p = A.indptr[i]!; p < A.indptr[i + 1]!; p++) {
      const q = next[A.indices[p]!]!++;
      indices[q] = i;
      data[q] = A.data[p]!;
    }
  }
  return { rows: A.cols, cols: A.rows, indptr, indices, data };
}

/**
 * The rows of A named by `rows`, in that order and as often as named.
 *
 * @throws ArgumentError when a row does not exist; ShapeError when A is not well formed; OutOfMemoryError.
 */
export function csrRows(A: Csr, rows: ArrayLike<number>): Csr {
  checkCsr('csrRows', 'A', A);
  checkNumbers('csrRows', 'rows', rows);
  const indptr = newArray('csrRows', Int32Array, rows.length + 1);
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]!;
    if (!Number.isInteger(from) || from < 0 || from >= A.rows) {
      throw new ArgumentError(`csrRows: rows[${i}] is ${from}; it must be a whole number in [0, ${A.rows})`, 'rows');
    }
    count += A.indptr[from + 1]! - A.indptr[from]!;
    indptr[i + 1] = count;
  }
  const indices = newArray('csrRows', Int32Array, count);
  const data = newArray('csrRows', Float64Array, count);
  for (let i = 0; i < rows.length; i++) {
    const from = A.indptr[rows[i]!]!;
    const to = A.indptr[rows[i]! + 1]!;
    indices.set(A.indices.subarray(from, to), indptr[i]!);
    data.set(A.data.subarray(from, to), indptr[i]!);
  }
  return { rows: rows.length, cols: A.cols, indptr, indices, data };
}
