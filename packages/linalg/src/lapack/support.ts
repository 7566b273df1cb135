/** What the factorisations share: the kernel's codes, refusals of bad input, right-hand sides that are vectors. */
import { checkDense, checkElements, checkSquare } from '../check.ts';
import { type Dense, dense, type Float } from '../dense.ts';
import { ArgumentError, NonFiniteError, NotConvergedError, ShapeError } from '../errors.ts';
import type { Kernel } from '../kernel/instance.ts';
import { type Pointer, readDense, readVector } from '../kernel/workspace.ts';

/** The kernel computed everything; codes >= 0 name a pivot. */
export const OK: number = -1;
/** @throws ShapeError as `checkDense`; ArgumentError when A holds f32, which the factorisations other than Cholesky do not take. */
export function checkDouble(operation: string, name: string, A: Dense): void {
  checkDense(operation, name, A);
  if (!(A.data instanceof Float64Array)) {
    throw new ArgumentError(`${operation}: ${name} holds ${(A.data as Float).constructor.name}; it must hold Float64Array`, name);
  }
}

/** @throws ShapeError unless A, of f64, is square. */
export function checkSquareDouble(operation: string, name: string, A: Dense): void {
  checkDouble(operation, name, A);
  checkSquare(operation, name, A);
}

/** @throws NonFiniteError naming the first entry of the lower triangle that is NaN or infinite. */
export function checkFiniteTriangle(operation: string, name: string, A: Dense<Float>): void {
  const { rows, data, offset, rowStride, colStride } = A;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) {
      const x = data[offset + i * rowStride + j * colStride] as number;
      if (x - x !== 0) throw new NonFiniteError(`${operation}: ${name}[${i}, ${j}] is ${x}; every entry must be finite`, name, [i, j]);
    }
  }
}

/** A right-hand side as a matrix: a vector is its only column. @throws ShapeError unless it has `rows` rows. */
export function asColumns<T extends Float>(operation: string, name: string, B: Dense<T> | T, rows: number, like: T): Dense<T> {
  if (isVector(B) || Array.isArray(B)) checkElements(operation, name, B as T);
  const matrix = isVector(B) ? dense(B.length, 1, B) : B;
  checkDense(operation, name, matrix);
  if (matrix.data.constructor !== like.constructor) {
    throw new ArgumentError(`${operation}: ${name} holds ${matrix.data.constructor.name}; it must hold ${like.constructor.name}`, name);
  }
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
