/** Checks that the functions of this folder share. */
import { checkDense } from '../check.ts';
import type { Dense, Float } from '../dense.ts';
import { ArgumentError, ShapeError } from '../errors.ts';

/** @throws ShapeError unless A is a matrix, ArgumentError unless its entries are f64 or f32 like those of `first`. */
export function checkOperand(operation: string, name: string, A: Dense<Float>, first: Dense<Float>): void {
  checkDense(operation, name, A);
  if (A.data.constructor !== first.data.constructor) {
    const [got, want] = [A, first].map(({ data }) => data.constructor.name);
    throw new ArgumentError(
      `${operation}: ${name} holds a ${got}, the first operand a ${want}; all operands must have one element type`,
      name,
    );
  }
}

/** @throws ShapeError unless A is rows x cols. */
export function checkShape(operation: string, name: string, A: Dense<Float>, rows: number, cols: number): void {
  if (A.rows !== rows || A.cols !== cols) {
    throw new ShapeError(`${operation}: ${name} is ${A.rows} x ${A.cols}; it must be ${rows} x ${cols}`);
  }
}
