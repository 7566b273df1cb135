/** Columns whose squares would leave the range of f64 are scaled first, exactly, by powers of two. */
import { at, dense } from '../dense.ts';
import { isCsr, type Matrix } from '../sparse/csr.ts';

/** Powers of two for each column whose largest entry, or `floor` where that is larger, is out of the ordinary: they bring it near 1. */
export function safeScale(A: Matrix, floor: number): Float64Array {
  return scalesOf(raise(new Float64Array(A.cols).fill(floor), A));
}

/** Entries up to this size, and down to its inverse, have squares well inside the range: their columns stay as they are. */
const ORDINARY: number = 2 ** 400;

/** Powers of two that bring `largest` near 1 where it is out of the ordinary. */
export function scalesOf(largest: Float64Array): Float64Array {
  // 2^1000 leaves room for the inverse of a column of denormal numbers.
  return largest.map((x) => (x === 0 || (x < ORDINARY && x > 1 / ORDINARY) ? 1 : 2 ** Math.min(Math.round(-Math.log2(x)), 1000)));
}

/** Raises `largest` to the largest sizes of entries in the columns of A, or in its rows. */
export function raise(largest: Float64Array, A: Matrix, rows = false): Float64Array {
  forEachEntry(A, (j, x, i) => {
    const q = rows ? i : j;
    largest[q] = Math.max(largest[q]!, Math.abs(x));
  });
  return largest;
}

/** The norms of the columns of A, whose squares stay in range. */
export function columnNorms(A: Matrix): Float64Array {
  const squares = new Float64Array(A.cols);
  forEachEntry(A, (j, x) => {
    squares[j]! += x * x;
  });
  return squares.map(Math.sqrt);
}

/** Calls `see` with the column, the value and the row of each entry, row by row. */
function forEachEntry(A: Matrix, see: (j: number, x: number, i: number) => void): void {
  const sparse = isCsr(A);
  for (let i = 0; i < A.rows; i++) {
    if (sparse) for (let p = A.indptr[i]!; p < A.indptr[i + 1]!; p++) see(A.indices[p]!, A.data[p]!, i);
    else for (let j = 0; j < A.cols; j++) see(j, at(A, i, j), i);
  }
}

/** A with column j multiplied by scale[j]; A itself without a scale. */
export function scaleColumns(A: Matrix, scale: Float64Array | undefined): Matrix {
  return scale === undefined || scale.every((s) => s === 1) ? A : scaled(A, scale, false);
}

/** A with row i multiplied by scale[i], as f64. */
export function scaleRows(A: Matrix, scale: Float64Array): Matrix {
  return scaled(A, scale, true);
}

function scaled(A: Matrix, scale: Float64Array, rows: boolean): Matrix {
  const sparse = isCsr(A);
  const data = new Float64Array(sparse ? A.data.length : A.rows * A.cols);
  for (let i = 0, p = 0; i < A.rows; i++) {
    const end = sparse ? A.indptr[i + 1]! : p + A.cols;
    for (let j = 0; p < end; j++, p++) {
      data[p] = sparse ? A.data[p]! * scale[rows ? i : A.indices[p]!]! : at(A, i, j) * scale[rows ? i : j]!;
    }
  }
  return sparse ? { ...A, data } : dense(A.rows, A.cols, data);
}
