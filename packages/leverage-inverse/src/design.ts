import { ArgumentError, type Csr, csr, type Dense, isCsr, type Matrix, NonFiniteError, ShapeError } from '@x/linalg';
import { checkVector } from './check.ts';

/** What everybody knows: the rows a_i and offsets b_i of the slacks s_i(x) = a_i^T x - b_i. */
export interface Design {
  /** n x d, n >= d, of full column rank, dense (f64 or f32) or sparse. */
  readonly A: Matrix;
  /** n numbers; default zeros. */
  readonly b?: Float64Array;
}

/** Writes rows of a matrix, row-major. */
export interface RowReader {
  /** Rows first, ..., first + count - 1. */
  range(first: number, count: number, to: Float64Array): void;
  /** The rows rows[first], ..., rows[first + count - 1]. */
  chosen(rows: Int32Array, first: number, count: number, to: Float64Array): void;
}

/**
 * @throws ArgumentError, ShapeError, NonFiniteError naming what is wrong with a design.
 */
export function checkDesign(operation: string, design: Design): void {
  if (typeof design !== 'object' || design === null) throw new ArgumentError(`${operation}: design must be an object { A, b }`, 'design');
  const { A, b } = design;
  if (typeof A !== 'object' || A === null) throw new ArgumentError(`${operation}: A must be a matrix`, 'A');
  if (isCsr(A)) csr(A.rows, A.cols, A.indptr, A.indices, A.data);
  else checkDense(operation, A);
  if (A.cols < 1 || A.rows < A.cols) {
    throw new ShapeError(`${operation}: A is ${A.rows} x ${A.cols}; it must have a column, and as many rows as columns or more`);
  }
  if (A.rows * A.cols >= 2 ** 31) {
    throw new ShapeError(`${operation}: A has ${A.rows * A.cols} entries; they must number below 2^31`);
  }
  checkEntries(operation, A);
  if (b !== undefined) checkVector(operation, 'b', b, A.rows);
}

function checkDense(operation: string, { rows, cols, data, offset, rowStride, colStride }: Exclude<Matrix, Csr>): void {
  if (!(data instanceof Float64Array || data instanceof Float32Array)) {
    throw new ArgumentError(`${operation}: A.data must be a Float64Array or a Float32Array`, 'A');
  }
  const down = (rows - 1) * rowStride;
  const right = (cols - 1) * colStride;
  const least = offset + Math.min(down, 0) + Math.min(right, 0);
  const most = offset + Math.max(down, 0) + Math.max(right, 0);
  if (![rows, cols, offset, rowStride, colStride].every(Number.isInteger) || (rows * cols > 0 && !(least >= 0 && most < data.length))) {
    throw new ShapeError(`${operation}: A reaches from entry ${least} to ${most} of its data, which has ${data.length}`);
  }
}

function checkEntries(operation: string, A: Matrix): void {
  const fail = (i: number, j: number, value: number): never => {
    throw new NonFiniteError(`${operation}: A[${i}, ${j}] is ${value}; every entry must be finite`, 'A', [i, j]);
  };
  if (isCsr(A)) {
    for (let i = 0; i < A.rows; i++) {
      for (let p = A.indptr[i]!; p < A.indptr[i + 1]!; p++) if (!Number.isFinite(A.data[p]!)) fail(i, A.indices[p]!, A.data[p]!);
    }
    return;
  }
  for (let i = 0; i < A.rows; i++) {
    for (let j = 0, p = A.offset + i * A.rowStride; j < A.cols; j++, p += A.colStride) {
      const value = A.data[p]!;
      if (value - value !== 0) fail(i, j, value);
    }
  }
}

export function rowReader(A: Matrix): RowReader {
  const d = A.cols;
  const one = isCsr(A) ? sparseRow(A) : denseRow(A);
  const whole = !isCsr(A) && A.colStride === 1 && A.rowStride === d ? A : undefined;
  return {
    range(first, count, to) {
      if (whole !== undefined) {
        const start = whole.offset + first * d;
        to.set(whole.data.subarray(start, start + count * d));
      } else for (let i = 0; i < count; i++) one(first + i, to, i * d);
    },
    chosen(rows, first, count, to) {
      for (let i = 0; i < count; i++) one(rows[first + i]!, to, i * d);
    },
  };
}

type Row = (i: number, to: Float64Array, at: number) => void;

function denseRow({ cols, data, offset, rowStride, colStride }: Dense<Float64Array | Float32Array>): Row {
  return (i, to, at) => {
    for (let j = 0, p = offset + i * rowStride; j < cols; j++, p += colStride) to[at + j] = data[p]!;
  };
}

function sparseRow({ cols, indptr, indices, data }: Csr): Row {
  return (i, to, at) => {
    to.fill(0, at, at + cols);
    for (let p = indptr[i]!; p < indptr[i + 1]!; p++) to[at + indices[p]!] = data[p]!;
  };
}
