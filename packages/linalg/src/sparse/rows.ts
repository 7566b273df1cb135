/** Row blocks of a matrix in the kernel's memory: what is tall is read a block at a time, so that scratch stays small. */
import { checkDense, checkFinite } from '../check.ts';
import { at, dense } from '../dense.ts';
import type { Kernel } from '../kernel/instance.ts';
import type { Pointer } from '../kernel/workspace.ts';
import { allocate } from '../kernel/workspace.ts';
import { newArray } from '../memory.ts';
import { csrRows } from './convert.ts';
import { checkCsr, checkCsrFinite, isCsr, type Matrix } from './csr.ts';

/** Rows in a block: half a MiB, which fits the second-level cache beside the other operands, but no fewer than 64. */
export function blockRows(cols: number): number {
  return Math.max(64, Math.floor(65536 / Math.max(cols, 1)));
}

/** @throws ShapeError or ArgumentError unless A is well formed. */
export function checkMatrix(operation: string, name: string, A: Matrix): void {
  if (isCsr(A)) checkCsr(operation, name, A);
  else checkDense(operation, name, A);
}

/** @throws NonFiniteError naming the first entry that is NaN or infinite. */
export function checkFiniteMatrix(operation: string, name: string, A: Matrix): void {
  if (isCsr(A)) checkCsrFinite(operation, name, A);
  else checkFinite(operation, name, A);
}

/** The f64 at an address; to be taken anew after every call that may grow the memory. */
export function f64At(k: Kernel, pointer: Pointer, length: number): Float64Array {
  return new Float64Array(k.memory.buffer, pointer >>> 0, length);
}

/** Writes rows from .. to - 1 of A, row-major f64, to `pointer`. */
function writeRows(k: Kernel, A: Matrix, from: number, to: number, pointer: Pointer): void {
  const cols = A.cols;
  const target = f64At(k, pointer, (to - from) * cols);
  if (isCsr(A)) {
    target.fill(0);
    for (let i = from; i < to; i++) {
      for (let p = A.indptr[i]!; p < A.indptr[i + 1]!; p++) target[(i - from) * cols + A.indices[p]!] = A.data[p]!;
    }
    return;
  }
  const { data, offset, rowStride, colStride } = A;
  const start = offset + from * rowStride;
  if (colStride === 1 && rowStride === cols) target.set(data.subarray(start, start + target.length));
  else if (colStride === 1) {
    for (let i = 0, p = start; i < to - from; i++, p += rowStride) target.set(data.subarray(p, p + cols), i * cols);
  } else {
    for (let i = 0, t = 0; i < to - from; i++) {
      for (let j = 0, p = start + i * rowStride; j < cols; j++, p += colStride) target[t++] = data[p]!;
    }
  }
}

/**
 * Calls `visit` for each block of rows of A, written to the same scratch, from the first row to the last.
 *
 * @throws NonFiniteError naming the first entry of A that is NaN or infinite.
 */
export function forEachBlock(
  k: Kernel,
  operation: string,
  A: Matrix,
  rows: number,
  visit: (block: Pointer, first: number, count: number) => void,
): void {
  forEachFiniteBlock(k, A, rows, (block, first, count) => {
    if (!(k.dabsSum(count * A.cols, block) < Number.POSITIVE_INFINITY)) checkFiniteMatrix(operation, 'A', A);
    visit(block, first, count);
  });
}

/** `forEachBlock` without the check, for A that is known to be finite or whose results tell. */
export function forEachFiniteBlock(
  k: Kernel,
  A: Matrix,
  rows: number,
  visit: (block: Pointer, first: number, count: number) => void,
): void {
  const scratch = allocate(k, 8 * Math.min(rows, A.rows) * A.cols);
  for (let first = 0; first < A.rows; first += rows) {
    const count = Math.min(rows, A.rows - first);
    writeRows(k, A, first, first + count, scratch);
    visit(scratch, first, count);
  }
}

/** The rows of A that are named, as f64. */
export function takeRows(operation: string, A: Matrix, rows: ArrayLike<number>): Matrix {
  if (isCsr(A)) return csrRows(A, rows);
  const { cols } = A;
  const data = newArray(operation, Float64Array, rows.length * cols);
  for (let p = 0; p < data.length; p++) data[p] = at(A, rows[Math.floor(p / cols)]!, p % cols);
  return dense(rows.length, cols, data);
}
