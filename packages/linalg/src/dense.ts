import { checkDense, checkElements, checkNumbers, checkSize, kindOf } from './check.ts';
import { ArgumentError, ShapeError } from './errors.ts';
import { newArray } from './memory.ts';

/** Element storage of a dense matrix: f64 or f32. */
export type Float = Float64Array | Float32Array;

/** A dense matrix or a view of one: entry (i, j) is `data[offset + i * rowStride + j * colStride]`. */
export interface Dense<T extends Float = Float64Array> {
  readonly rows: number;
  readonly cols: number;
  readonly data: T;
  readonly offset: number;
  readonly rowStride: number;
  readonly colStride: number;
}

/**
 * Wraps row-major data as a matrix, without copying.
 *
 * @param rows - number of rows, >= 0.
 * @param cols - number of columns, >= 0.
 * @param data - rows * cols entries, row by row.
 * @throws ShapeError when a size is not a whole number >= 0 or `data` has another length; ArgumentError when `data` is not f64 or f32.
 */
export function dense<T extends Float>(rows: number, cols: number, data: T): Dense<T> {
  checkSize('dense', 'rows', rows);
  checkSize('dense', 'cols', cols);
  checkElements('dense', 'data', data);
  if (data.length !== rows * cols) {
    throw new ShapeError(`dense: data has ${data.length} entries; a ${rows} x ${cols} matrix has ${rows * cols}`);
  }
  return { rows, cols, data, offset: 0, rowStride: cols, colStride: 1 };
}

/** `Float64Array` or `Float32Array`: the element type of a matrix to be made. */
export type FloatClass<T extends Float> = { new (length: number): T; readonly BYTES_PER_ELEMENT: number };

/**
 * A rows x cols matrix of zeros, in f64 unless `type` is Float32Array.
 *
 * @throws ShapeError unless the sizes are whole numbers in [0, 2^31); ArgumentError for another type; OutOfMemoryError.
 */
export function zeros(rows: number, cols: number, type?: undefined): Dense;
export function zeros<T extends Float>(rows: number, cols: number, type: FloatClass<T>): Dense<T>;
export function zeros<T extends Float>(rows: number, cols: number, type?: FloatClass<T>): Dense<T> {
  return make('zeros', rows, cols, type);
}

/** The n x n identity. @throws as `zeros`. */
export function identity(n: number, type?: undefined): Dense;
export function identity<T extends Float>(n: number, type: FloatClass<T>): Dense<T>;
export function identity<T extends Float>(n: number, type?: FloatClass<T>): Dense<T> {
  const I = make('identity', n, n, type);
  for (let i = 0; i < n; i++) I.data[i * n + i] = 1;
  return I;
}

/**
 * A matrix from nested rows, copied; rounded where `type` is Float32Array.
 *
 * @throws ShapeError when the rows differ in length; ArgumentError unless they are arrays of numbers; else as `zeros`.
 */
export function fromRows(rows: readonly ArrayLike<number>[], type?: undefined): Dense;
export function fromRows<T extends Float>(rows: readonly ArrayLike<number>[], type: FloatClass<T>): Dense<T>;
export function fromRows<T extends Float>(rows: readonly ArrayLike<number>[], type?: FloatClass<T>): Dense<T> {
  if (!Array.isArray(rows)) throw new ArgumentError(`fromRows: rows is ${kindOf(rows)}; it must be an array of rows`, 'rows');
  const cols = rows[0]?.length ?? 0;
  const A = make('fromRows', rows.length, cols, type);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as ArrayLike<number>;
    checkNumbers('fromRows', `rows[${i}]`, row);
    if (row.length !== cols) throw new ShapeError(`fromRows: row ${i} has ${row.length} entries; row 0 has ${cols}`);
    A.data.set(row, i * cols);
  }
  return A;
}

function make<T extends Float>(
  operation: string,
  rows: number,
  cols: number,
  type: FloatClass<T> = Float64Array as unknown as FloatClass<T>,
): Dense<T> {
  checkSize(operation, 'rows', rows);
  checkSize(operation, 'cols', cols);
  if (![Float64Array, Float32Array].includes(type as never)) {
    throw new ArgumentError(`${operation}: type is ${kindOf(type)}; it must be Float64Array or Float32Array`, 'type');
  }
  return dense(rows, cols, newArray(operation, type as never, rows * cols));
}

/** Nested rows, copied. @throws ShapeError when A reaches outside its data. */
export function toRows(A: Dense<Float>): number[][] {
  checkDense('toRows', 'A', A);
  return Array.from({ length: A.rows }, (_, i) => Array.from({ length: A.cols }, (_, j) => at(A, i, j)));
}

/** Entry (i, j); not range-checked. */
export function at(A: Dense<Float>, i: number, j: number): number {
  return A.data[A.offset + i * A.rowStride + j * A.colStride] as number;
}

/** The transpose, as a view of the same data. @throws ArgumentError, ShapeError when A is not a matrix. */
export function transpose<T extends Float>(A: Dense<T>): Dense<T> {
  checkDense('transpose', 'A', A);
  return { ...A, rows: A.cols, cols: A.rows, rowStride: A.colStride, colStride: A.rowStride };
}

/**
 * The rows x cols block whose first entry is (i, j), as a view of the same data.
 *
 * @throws ShapeError when the block does not lie inside A; ArgumentError when A is not a matrix.
 */
export function block<T extends Float>(A: Dense<T>, i: number, j: number, rows: number, cols: number): Dense<T> {
  checkDense('block', 'A', A);
  checkSize('block', 'i', i);
  checkSize('block', 'j', j);
  checkSize('block', 'rows', rows);
  checkSize('block', 'cols', cols);
  if (i + rows > A.rows || j + cols > A.cols) {
    throw new ShapeError(`block: rows ${i}..${i + rows} and columns ${j}..${j + cols} do not lie inside a ${A.rows} x ${A.cols} matrix`);
  }
  return { ...A, rows, cols, offset: A.offset + i * A.rowStride + j * A.colStride };
}

/** A row-major copy that shares nothing with A. @throws ShapeError when A reaches outside its data. */
export function copy<T extends Float>(A: Dense<T>): Dense<T> {
  checkDense('copy', 'A', A);
  const data = newArray('copy', A.data.constructor as Float64ArrayConstructor, A.rows * A.cols) as T;
  if (A.colStride === 1 && A.rowStride === A.cols) {
    data.set(A.data.subarray(A.offset, A.offset + data.length) as never);
  } else {
    for (let i = 0, p = 0; i < A.rows; i++) for (let j = 0; j < A.cols; j++) data[p++] = at(A, i, j);
  }
  return dense(A.rows, A.cols, data);
}
