import { substitute } from '../blas/substitute.ts';
import { checkObject, checkSquare } from '../check.ts';
import { at, type Dense, type Float, identity, transpose } from '../dense.ts';
import { log } from '../elementary/log.ts';
import { ArgumentError, NotPositiveDefiniteError } from '../errors.ts';
import { readDense, view, withWorkspace, writeDense } from '../kernel/workspace.ts';
import { powerFor, rangeOf, solveInRange, times } from './range.ts';
import { asColumns, checkFiniteTriangle, checkSquareDouble, readSolution } from './support.ts';

/** A = L L^T. */
export interface Cholesky<T extends Float = Float64Array> {
  /** Lower triangular, positive diagonal, zeros above it. */
  readonly L: Dense<T>;
}

/**
 * Cholesky factor of a symmetric positive definite matrix: A = L L^T.
 *
 * Only the lower triangle of A is read, so a slightly asymmetric A is taken as the symmetric matrix that its lower
 * triangle determines, and what stands above the diagonal does not matter. For the upper one pass `transpose(A)`.
 *
 * @param A - n x n, f64 or f32, any strides; not changed.
 * @returns L with ||A - L L^T|| <= c n u ||A||, u the unit round-off of A's type.
 * @throws ShapeError when A is not square; NonFiniteError naming the first bad entry of the lower triangle;
 *   NotPositiveDefiniteError with the index and the value of the first pivot that is not positive.
 * Cost: n^3 / 3 operations.
 * Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., chapter 10.
 */
export function cholesky<T extends Float>(A: Dense<T>): Cholesky<T> {
  checkSquare('cholesky', 'A', A);
  const n = A.rows;
  return withWorkspace((k) => {
    const a = writeDense(k, A);
    // The largest entry is on the diagonal, and those of L are at most its root: only small ones need a scale.
    let largest = 0;
    for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(at(A, i, i)));
    const power = powerFor(largest, rangeOf(A.data)[0]);
    if (power !== 1) times(view(k, A.data, a, n * n), power);
    const pivot = A.data instanceof Float64Array ? k.dcholesky(n, a) : k.scholesky(n, a);
    if (pivot >= 0) {
      // An entry that is not finite makes a pivot so, or negative.
      checkFiniteTriangle('cholesky', 'A', A);
      const value = (view(k, A.data, a, n * n)[pivot * (n + 1)] as number) / power;
      throw new NotPositiveDefiniteError(
        `cholesky: pivot ${pivot} is ${value}; the matrix is not positive definite (symmetrise it, or add a ridge)`,
        pivot,
        value,
      );
    }
    if (power !== 1) times(view(k, A.data, a, n * n), 1 / Math.sqrt(power));
    return { L: readDense(k, A.data, a, n, n) };
  });
}

/**
 * Solves A X = B with a Cholesky factor of A.
 *
 * @param factor - of `cholesky`, order n.
 * @param B - n x r matrix, any strides, or vector of n entries; of the type of the factor; not changed.
 * @returns X, of B's kind.
 * @throws ShapeError when B has not n rows; NonFiniteError naming the first bad entry, or the result where X overflows;
 *   ArgumentError when the diagonal of L is not positive.
 * Cost: 2 n^2 r operations.
 */
export function choleskySolve<T extends Float>(factor: Cholesky<T>, B: Dense<T>): Dense<T>;
export function choleskySolve<T extends Float>(factor: Cholesky<T>, b: T): T;
export function choleskySolve<T extends Float>(factor: Cholesky<T>, B: Dense<T> | T): Dense<T> | T {
  checkObject('choleskySolve', 'factor', factor);
  const { L } = factor;
  checkSquare('choleskySolve', 'factor.L', L);
  checkFiniteTriangle('choleskySolve', 'factor.L', L);
  checkDiagonal('choleskySolve', L);
  const columns = asColumns('choleskySolve', 'B', B, L.rows, L.data);
  return withWorkspace((k) => {
    const l = writeDense(k, L);
    const { rows: n, cols } = columns;
    const solve = L.data instanceof Float64Array ? k.dtrsm : k.strsm;
    const x = solveInRange(
      k,
      'choleskySolve',
      columns,
      (x) => {
        solve(true, false, false, n, cols, l, n, 1, x, cols, 1);
        solve(true, true, false, n, cols, l, 1, n, x, cols, 1);
      },
      (X) => {
        substitute(L, false, false, X);
        substitute(transpose(L), true, false, X);
      },
    );
    return readSolution(k, columns, B, x);
  });
}

/**
 * A^-1 from a Cholesky factor of A; exactly symmetric. To solve a system use `choleskySolve`: it is faster and more accurate.
 *
 * @throws as `choleskySolve`; ArgumentError for an f32 factor.
 * Cost: 2 n^3 operations.
 */
export function choleskyInverse(factor: Cholesky): Dense {
  checkObject('choleskyInverse', 'factor', factor);
  checkSquareDouble('choleskyInverse', 'factor.L', factor.L);
  const n = factor.L.rows;
  const X = choleskySolve(factor, identity(n));
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) X.data[j * n + i] = X.data[i * n + j] as number;
  return X;
}

/** log det A = 2 sum log L_ii from a Cholesky factor of A; 0 for order 0. @throws ArgumentError when an L_ii is not positive. */
export function choleskyLogDeterminant(factor: Cholesky<Float>): number {
  checkObject('choleskyLogDeterminant', 'factor', factor);
  checkSquare('choleskyLogDeterminant', 'factor.L', factor.L);
  checkDiagonal('choleskyLogDeterminant', factor.L);
  let sum = 0;
  for (let i = 0; i < factor.L.rows; i++) sum += log(at(factor.L, i, i));
  return 2 * sum;
}

/** @throws ArgumentError unless the diagonal of L is positive. */
function checkDiagonal(operation: string, L: Dense<Float>): void {
  for (let i = 0; i < L.rows; i++) {
    const value = at(L, i, i);
    if (!(value > 0)) throw new ArgumentError(`${operation}: factor.L[${i}, ${i}] is ${value}; the diagonal must be positive`, 'factor.L');
  }
}
