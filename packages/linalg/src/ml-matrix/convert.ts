import { type AbstractMatrix, Matrix } from 'ml-matrix';
import { checkDense, kindOf } from '../check.ts';
import { type Dense, type Float, zeros } from '../dense.ts';
import { ShapeError } from '../errors.ts';

/**
 * A copy of any ml-matrix object, views and wrappers included, as a row-major f64 matrix.
 *
 * @throws ShapeError when the argument is not an ml-matrix object.
 * Cost: rows are copied whole where the object stores them (`Matrix`), else entry by entry.
 */
export function fromMlMatrix(M: AbstractMatrix): Dense {
  if (typeof M?.get !== 'function' || typeof M.rows !== 'number' || typeof M.columns !== 'number') {
    throw new ShapeError(`fromMlMatrix: the argument is ${kindOf(M)}; it must be an ml-matrix object`);
  }
  const { rows, columns } = M;
  const A = zeros(rows, columns);
  const stored = storedRows(M);
  if (stored !== undefined) for (let i = 0; i < rows; i++) A.data.set(stored[i]!, i * columns);
  else for (let i = 0, p = 0; i < rows; i++) for (let j = 0; j < columns; j++) A.data[p++] = M.get(i, j);
  return A;
}

/** A copy as an ml-matrix `Matrix`. f32 entries become f64 exactly. @throws ShapeError when A reaches outside its data. */
export function toMlMatrix(A: Dense<Float>): Matrix {
  checkDense('toMlMatrix', 'A', A);
  const { rows, cols, data, offset, rowStride, colStride } = A;
  const M = new Matrix(rows, cols);
  const stored = colStride === 1 ? storedRows(M) : undefined;
  for (let i = 0; i < rows; i++) {
    const start = offset + i * rowStride;
    if (stored !== undefined) stored[i]!.set(data.subarray(start, start + cols));
    else for (let j = 0; j < cols; j++) M.set(i, j, data[start + j * colStride]!);
  }
  return M;
}

/** ml-matrix keeps the rows of a `Matrix` as f64 arrays; the field is not documented, so every row is looked at before it is used. */
function storedRows(M: AbstractMatrix): readonly Float64Array[] | undefined {
  const { data } = M as { data?: unknown };
  const usable =
    Array.isArray(data) && data.length === M.rows && data.every((row) => row instanceof Float64Array && row.length === M.columns);
  return usable ? data : undefined;
}
