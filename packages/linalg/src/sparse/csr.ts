import { checkObject, checkSize, kindOf, nonFinite } from '../check.ts';
import type { Dense, Float } from '../dense.ts';
import { ArgumentError, ShapeError } from '../errors.ts';

/**
 * A sparse matrix by compressed rows: row i holds the entries `indptr[i] .. indptr[i + 1] - 1`, entry p standing in column
 * `indices[p]` with value `data[p]`. Within a row the columns increase strictly, so there are no duplicates; a stored zero is
 * allowed.
 */
export interface Csr {
  readonly rows: number;
  readonly cols: number;
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly data: Float64Array;
}

/** A dense or sparse matrix. */
export type Matrix = Dense<Float> | Csr;

/** Tells a sparse matrix from a dense one, or from anything else. */
export function isCsr(A: Matrix): A is Csr {
  return typeof A === 'object' && A !== null && 'indptr' in A;
}

/**
 * Wraps compressed rows as a matrix, without copying.
 *
 * @param indptr - rows + 1 offsets, from 0 up to the number of entries, never decreasing.
 * @param indices - the column of each entry, in [0, cols), strictly increasing within a row. `csrFromTriplets` sorts entries and
 *   adds duplicates.
 * @param data - the value of each entry.
 * @throws ShapeError naming the first place where this does not hold; ArgumentError for arrays of other types.
 */
export function csr(rows: number, cols: number, indptr: Int32Array, indices: Int32Array, data: Float64Array): Csr {
  const A: Csr = { rows, cols, indptr, indices, data };
  checkCsr('csr', 'A', A);
  return A;
}

/** @throws ArgumentError for arrays of other types, ShapeError unless A keeps what `csr` promises; the kernel and every loop below rely on it. */
export function checkCsr(operation: string, name: string, A: Csr): void {
  checkObject(operation, name, A, 'a matrix');
  const { rows, cols, indptr, indices, data } = A;
  if (!(indptr instanceof Int32Array && indices instanceof Int32Array && data instanceof Float64Array)) {
    const got = [indptr, indices, data].map(kindOf).join(', ');
    throw new ArgumentError(
      `${operation}: ${name}.indptr, indices and data hold ${got}; they must hold Int32Array, Int32Array, Float64Array`,
      name,
    );
  }
  checkSize(operation, `${name}.rows`, rows);
  checkSize(operation, `${name}.cols`, cols);
  if (indptr.length !== rows + 1)
    throw new ShapeError(`${operation}: ${name}.indptr has ${indptr.length} entries; ${rows} rows need ${rows + 1}`);
  if (indices.length !== data.length) {
    throw new ShapeError(`${operation}: ${name}.indices has ${indices.length} entries and ${name}.data ${data.length}; they must agree`);
  }
  if (indptr[0] !== 0 || indptr[rows] !== data.length) {
    throw new ShapeError(`${operation}: ${name}.indptr runs from ${indptr[0]} to ${indptr[rows]}; it must run from 0 to ${data.length}`);
  }
  // Offsets first, all of them: only when none decreases does every entry stand inside the data.
  for (let i = 0; i < rows; i++) {
    if (indptr[i]! > indptr[i + 1]!)
      throw new ShapeError(`${operation}: ${name}.indptr decreases at row ${i}, from ${indptr[i]} to ${indptr[i + 1]}`);
  }
  for (let i = 0; i < rows; i++) {
    for (let p = indptr[i]!, last = -1; p < indptr[i + 1]!; p++) {
      const j = indices[p]!;
      if (j <= last || j >= cols) {
        throw new ShapeError(
          `${operation}: ${name}.indices[${p}] in row ${i} is ${j}; columns must lie in [0, ${cols}) and increase strictly within a row`,
        );
      }
      last = j;
    }
  }
}

/** @throws NonFiniteError naming row and column of the first entry that is NaN or infinite. */
export function checkCsrFinite(operation: string, name: string, A: Csr): void {
  for (let i = 0; i < A.rows; i++) {
    for (let p = A.indptr[i]!; p < A.indptr[i + 1]!; p++) {
      const x = A.data[p]!;
      if (x - x !== 0) throw nonFinite(operation, name, x, i, A.indices[p]!);
    }
  }
}
