import type { Csr } from '@x/linalg';

/** One sparse row: its nonzero columns and their entries. */
export interface SparseRow {
  readonly columns: ArrayLike<number>;
  readonly entries: ArrayLike<number>;
}

/** Packs rows, given in order, into CSR with ascending columns and without explicit zeros. */
export function packRows(cols: number, rows: readonly SparseRow[]): Csr {
  const indptr = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => {
    indptr[i + 1] = indptr[i]! + nonzeros(row.entries);
  });
  const indices = new Int32Array(indptr[rows.length]!);
  const data = new Float64Array(indices.length);
  rows.forEach((row, i) => {
    const order = Array.from(row.columns, (_, k) => k).filter((k) => row.entries[k] !== 0);
    order.sort((p, q) => row.columns[p]! - row.columns[q]!);
    order.forEach((k, position) => {
      indices[indptr[i]! + position] = row.columns[k]!;
      data[indptr[i]! + position] = row.entries[k]!;
    });
  });
  return { rows: rows.length, cols, indptr, indices, data };
}

/** Row i, as views of the matrix's arrays. */
export function rowOf(A: Csr, i: number): { readonly columns: Int32Array; readonly entries: Float64Array } {
  const from = A.indptr[i]!;
  const to = A.indptr[i + 1]!;
  return { columns: A.indices.subarray(from, to), entries: A.data.subarray(from, to) };
}

/** sum_j row_j x_j. */
export function dotRow(row: SparseRow, x: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < row.columns.length; k++) sum += row.entries[k]! * x[row.columns[k]!]!;
  return sum;
}

/** Euclidean norm of a sparse row, also where the squares of its entries overflow or vanish. */
export function normOf(row: SparseRow): number {
  let largest = 0;
  for (let k = 0; k < row.entries.length; k++) largest = Math.max(largest, Math.abs(row.entries[k]!));
  if (largest === 0) return 0;
  let sum = 0;
  for (let k = 0; k < row.entries.length; k++) {
    const ratio = row.entries[k]! / largest;
    sum += ratio * ratio;
  }
  return largest * Math.sqrt(sum);
}

function nonzeros(entries: ArrayLike<number>): number {
  let count = 0;
  for (let k = 0; k < entries.length; k++) if (entries[k] !== 0) count++;
  return count;
}

/** A B. */
export function multiplySparse(A: Csr, B: Csr): Csr {
  const sums = new Float64Array(B.cols);
  const touched = new Int32Array(B.cols).fill(-1);
  const rows = Array.from({ length: A.rows }, (_, i) => {
    const columns: number[] = [];
    for (let p = A.indptr[i]!; p < A.indptr[i + 1]!; p++) {
      const k = A.indices[p]!;
      for (let q = B.indptr[k]!; q < B.indptr[k + 1]!; q++) {
        const j = B.indices[q]!;
        if (touched[j] !== i) {
          touched[j] = i;
          sums[j] = 0;
          columns.push(j);
        }
        sums[j] = sums[j]! + A.data[p]! * B.data[q]!;
      }
    }
    return { columns, entries: Float64Array.from(columns, (j) => sums[j]!) };
  });
  return packRows(B.cols, rows);
}

/** The n x n identity. */
export function sparseIdentity(n: number): Csr {
  const indptr = Int32Array.from({ length: n + 1 }, (_, i) => i);
  return { rows: n, cols: n, indptr, indices: indptr.slice(0, n), data: new Float64Array(n).fill(1) };
}

/** y + A x. */
export function affine(y: Float64Array, A: Csr, x: Float64Array): Float64Array {
  return y.map((value, i) => value + dotRow(rowOf(A, i), x));
}
