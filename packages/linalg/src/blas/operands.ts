/** Checks that the functions of this folder share. */
import { checkDense, checkType } from '../check.ts';
import type { Dense, Float } from '../dense.ts';
import { ShapeError } from '../errors.ts';

/** @throws ShapeError unless A is a matrix, ArgumentError unless its entries are f64 or f32 like those of `first`. */
export function checkOperand(operation: string, name: string, A: Dense<Float>, first: Dense<Float>): void {
  checkDense(operation, name, A);
  checkType(operation, name, A.data, first.data);
}

/** @throws ShapeError unless C is rows x cols and its entries lie apart, so that each can be written. */
export function checkOutput(operation: string, name: string, C: Dense<Float>, rows: number, cols: number): void {
  checkShape(operation, name, C, rows, cols);
  const along = [
    { step: Math.abs(C.rowStride), count: rows },
    { step: Math.abs(C.colStride), count: cols },
  ].filter(({ count }) => count > 1);
  // The longer stride must step over all entries along the shorter one.
  const [short, long = short] = along.sort((a, b) => a.step - b.step);
  const apart = rows * cols <= 1 || (short!.step > 0 && (long === short || long!.step >= short!.count * short!.step));
  if (!apart) throw new ShapeError(`${operation}: entries of ${name} overlap; it is written to, so each must have its own place`);
}

/** @throws ShapeError unless A is rows x cols. */
export function checkShape(operation: string, name: string, A: Dense<Float>, rows: number, cols: number): void {
  if (A.rows !== rows || A.cols !== cols) {
    throw new ShapeError(`${operation}: ${name} is ${A.rows} x ${A.cols}; it must be ${rows} x ${cols}`);
  }
}
