/** What the factorisations share: the kernel's codes, refusals of bad input, right-hand sides that are vectors. */
import { checkDense, checkElements, checkSquare, checkType, nonFinite } from '../check.ts';
import { at, type Dense, dense, type Float } from '../dense.ts';
import { NotConvergedError, ShapeError, SingularError } from '../errors.ts';
import type { Kernel } from '../kernel/instance.ts';
import { type Pointer, readDense, readVector } from '../kernel/workspace.ts';

/** The kernel computed everything; codes >= 0 name a pivot. */
export const OK: number = -1;
/** @throws ShapeError as `checkDense`; ArgumentError when A holds f32, which the factorisations other than Cholesky do not take. */
export function checkDouble(operation: string, name: string, A: Dense): void {
  checkDense(operation, name, A);
  checkType(operation, name, A.data, Float64Array);
}

/** @throws ShapeError unless A, of f64, is square. */
export function checkSquareDouble(operation: string, name: string, A: Dense): void {
  checkDouble(operation, name, A);
  checkSquare(operation, name, A);
}

/** @throws NonFiniteError naming the first entry of the triangle that is NaN or infinite; a unit diagonal does not count. */
export function checkFiniteTriangle(operation: string, name: string, A: Dense<Float>, upper = false, unit = false): void {
  for (let i = 0; i < A.rows; i++) {
    const last = upper ? A.rows - 1 : i;
    for (let j = upper ? i : 0; j <= last; j++) {
      const x = at(A, i, j);
      if (x - x !== 0 && !(unit && i === j)) throw nonFinite(operation, name, x, i, j);
    }
  }
}

/** A right-hand side as a matrix: a vector is its only column. @throws ShapeError unless it has `rows` rows. */
export function asColumns<T extends Float>(operation: string, name: string, B: Dense<T> | T, rows: number, like: T): Dense<T> {
  if (isVector(B) || Array.isArray(B)) checkElements(operation, name, B as T);
  const matrix = isVector(B) ? dense(B.length, 1, B) : B;
  checkDense(operation, name, matrix);
  checkType(operation, name, matrix.data, like);
  if (matrix.rows !== rows) throw new ShapeError(`${operation}: ${name} has ${matrix.rows} rows; it must have ${rows}`);
  return matrix;
}

/** @throws NotConvergedError unless every off-diagonal entry vanished. */
export function checkConverged(operation: string, order: number, left: number): void {
  if (left === 0) return;
  const sweeps = 30 * order;
  throw new NotConvergedError(`${operation}: ${left} off-diagonal entries did not vanish in ${sweeps} sweeps`, sweeps, left);
}

/** A solution at `x`, of the kind of B; `columns` is B as a matrix. */
export function readSolution<T extends Float, X extends Dense<T> | T>(k: Kernel, { data, rows, cols }: Dense<T>, B: X, x: Pointer): X {
  return (isVector<T>(B) ? readVector(k, data, x, rows) : readDense(k, data, x, rows, cols)) as X;
}

export function isVector<T extends Float>(B: Dense<T> | T): B is T {
  return ArrayBuffer.isView(B);
}

export function singular(operation: string, pivot: number): SingularError {
  return new SingularError(`${operation}: pivot ${pivot} is zero; the matrix is singular (see leastSquares)`, pivot);
}
