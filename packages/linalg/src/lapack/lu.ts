import { checkFinite, checkObject, checkSquare } from '../check.ts';
import { at, type Dense, zeros } from '../dense.ts';
import { ArgumentError, ShapeError, SingularError } from '../errors.ts';
import { allocate, readDense, readVector, withWorkspace, writeDense, writeVector } from '../kernel/workspace.ts';
import { asColumns, checkDouble, checkSquareDouble, isVector, NOT_FINITE, OK, refuseNonFinite } from './support.ts';

/** P A = L U. */
export interface Lu {
  /** m x n: U on and above the diagonal, L below it; the unit diagonal of L is not stored. `lowerFactor`, `upperFactor` unpack. */
  readonly factors: Dense;
  /** Row i was swapped with row swaps[i] >= i, for i = 0, 1, ... in order. */
  readonly swaps: Int32Array;
  /** Index of the first pivot that is exactly zero; undefined for a factorisation that can solve systems. */
  readonly zeroPivot: number | undefined;
}

/**
 * LU factorisation with partial pivoting: P A = L U.
 *
 * @param A - m x n, f64, any strides; not changed. A singular A has a factorisation too: see `zeroPivot`.
 * @throws ShapeError; NonFiniteError naming the first bad entry.
 * Cost: 2 n^3 / 3 operations for m = n.
 * Source: S. Toledo, Locality of reference in LU decomposition with partial pivoting, SIAM J. Matrix Anal. Appl. 18 (1997).
 */
export function lu(A: Dense): Lu {
  checkDouble('lu', 'A', A);
  const { rows, cols } = A;
  const swaps = new Int32Array(Math.min(rows, cols));
  return withWorkspace((k) => {
    const a = writeDense(k, A);
    const pivots = writeVector(k, swaps);
    const zero = k.dlu(rows, cols, a, pivots);
    if (zero === NOT_FINITE) refuseNonFinite('lu', 'A', A);
    return {
      factors: readDense(k, A.data, a, rows, cols),
      swaps: readVector(k, swaps, pivots, swaps.length),
      zeroPivot: zero === OK ? undefined : zero,
    };
  });
}

/** L of an LU factorisation: m x min(m, n), unit lower trapezoidal. */
export function lowerFactor(factorisation: Lu): Dense {
  const factors = factorsOf('lowerFactor', factorisation);
  const L = zeros(factors.rows, Math.min(factors.rows, factors.cols));
  for (let i = 0; i < L.rows; i++) for (let j = 0; j < L.cols; j++) L.data[i * L.cols + j] = i === j ? 1 : i > j ? at(factors, i, j) : 0;
  return L;
}

/** U of an LU factorisation: min(m, n) x n, upper trapezoidal. */
export function upperFactor(factorisation: Lu): Dense {
  const factors = factorsOf('upperFactor', factorisation);
  const U = zeros(Math.min(factors.rows, factors.cols), factors.cols);
  for (let i = 0; i < U.rows; i++) for (let j = i; j < U.cols; j++) U.data[i * U.cols + j] = at(factors, i, j);
  return U;
}

/** The rows of A in the order in which L U has them: row i of L U is row permutation[i] of A. @throws ArgumentError for swaps not of `lu`. */
export function permutation(factorisation: Lu): Int32Array {
  const factors = factorsOf('permutation', factorisation);
  const { swaps } = factorisation;
  checkSwaps('permutation', factors, swaps);
  const order = Int32Array.from({ length: factors.rows }, (_, i) => i);
  swaps.forEach((other, i) => {
    const row = order[i] as number;
    order[i] = order[other] as number;
    order[other] = row;
  });
  return order;
}

/**
 * Solves A X = B with an LU factorisation of a square A.
 *
 * @param factorisation - of `lu`, order n.
 * @param B - n x r matrix, any strides, or vector of n entries; not changed.
 * @returns X, of B's kind.
 * @throws SingularError naming the zero pivot; ShapeError when A is not square or B has not n rows; NonFiniteError; ArgumentError for
 *   swaps not of `lu`.
 * Cost: 2 n^2 r operations.
 */
export function luSolve(factorisation: Lu, B: Dense): Dense;
export function luSolve(factorisation: Lu, b: Float64Array): Float64Array;
export function luSolve(factorisation: Lu, B: Dense | Float64Array): Dense | Float64Array {
  const factors = factorsOf('luSolve', factorisation);
  const { swaps, zeroPivot } = factorisation;
  checkSquare('luSolve', 'factorisation.factors', factors);
  checkSwaps('luSolve', factors, swaps);
  checkFinite('luSolve', 'factorisation.factors', factors);
  if (zeroPivot !== undefined) throw singular('luSolve', zeroPivot);
  for (let i = 0; i < factors.rows; i++) if (at(factors, i, i) === 0) throw singular('luSolve', i);
  const columns = asColumns('luSolve', 'B', B, factors.rows, factors.data);
  return withWorkspace((k) => {
    const a = writeDense(k, factors);
    const pivots = writeVector(k, swaps);
    const x = writeDense(k, columns);
    if (k.dluSolve(factors.rows, columns.cols, a, pivots, x) === NOT_FINITE) refuseNonFinite('luSolve', 'B', columns);
    return isVector(B) ? readVector(k, B, x, B.length) : readDense(k, columns.data, x, columns.rows, columns.cols);
  });
}

/**
 * Solves A X = B for a square A by LU with partial pivoting. For several B use `lu` and `luSolve`; for a symmetric positive
 * definite A `cholesky` is twice as fast; for a rectangular one see `leastSquares`.
 *
 * @param A - n x n, f64, any strides; not changed.
 * @param B - n x r matrix, any strides, or vector of n entries; not changed.
 * @returns X, of B's kind.
 * @throws SingularError naming the pivot that is exactly zero. A nearly singular A is solved: see `conditionNumber`.
 *   ShapeError; NonFiniteError.
 * Cost: 2 n^3 / 3 + 2 n^2 r operations.
 */
export function solve(A: Dense, B: Dense): Dense;
export function solve(A: Dense, b: Float64Array): Float64Array;
export function solve(A: Dense, B: Dense | Float64Array): Dense | Float64Array {
  checkSquareDouble('solve', 'A', A);
  const columns = asColumns('solve', 'B', B, A.rows, A.data);
  return withWorkspace((k) => {
    const a = writeDense(k, A);
    const x = writeDense(k, columns);
    const code = k.dsolve(A.rows, columns.cols, a, allocate(k, 4 * A.rows), x, false);
    if (code === NOT_FINITE) refuseEither('solve', A, columns);
    if (code !== OK) throw singular('solve', code);
    return isVector(B) ? readVector(k, B, x, B.length) : readDense(k, A.data, x, A.rows, columns.cols);
  });
}

/**
 * A^-1. To solve a system use `solve`: it is faster and more accurate.
 *
 * @throws SingularError naming the pivot that is exactly zero; ShapeError when A is not square; NonFiniteError.
 * Cost: 8 n^3 / 3 operations.
 */
export function inverse(A: Dense): Dense {
  checkSquareDouble('inverse', 'A', A);
  const n = A.rows;
  return withWorkspace((k) => {
    const a = writeDense(k, A);
    const x = allocate(k, 8 * n * n);
    const code = k.dsolve(n, n, a, allocate(k, 4 * n), x, true);
    if (code === NOT_FINITE) refuseNonFinite('inverse', 'A', A);
    if (code !== OK) throw singular('inverse', code);
    return readDense(k, A.data, x, n, n);
  });
}

/** A determinant as sign * exp(logAbs), which neither overflows nor vanishes. */
export interface LogDeterminant {
  /** -1, 0 or 1. */
  readonly sign: number;
  /** log |det A|; -Infinity where the sign is 0. */
  readonly logAbs: number;
}

/**
 * det A by LU. May overflow to Infinity or vanish for large orders: see `logDeterminant`.
 *
 * @throws ShapeError when A is not square; NonFiniteError.
 * Cost: 2 n^3 / 3 operations.
 */
export function determinant(A: Dense): number {
  checkSquareDouble('determinant', 'A', A);
  const factorisation = lu(A);
  let product = signOfSwaps(factorisation);
  for (let i = 0; i < A.rows; i++) product *= at(factorisation.factors, i, i);
  return product;
}

/** Sign and logarithm of |det A| by LU; errors and cost as `determinant`. */
export function logDeterminant(A: Dense): LogDeterminant {
  checkSquareDouble('logDeterminant', 'A', A);
  const factorisation = lu(A);
  let sign = signOfSwaps(factorisation);
  let logAbs = 0;
  for (let i = 0; i < A.rows; i++) {
    const pivot = at(factorisation.factors, i, i);
    sign *= Math.sign(pivot);
    logAbs += Math.log(Math.abs(pivot));
  }
  return { sign: sign + 0, logAbs };
}

/** @throws ArgumentError, ShapeError unless it holds a matrix of f64. */
function factorsOf(operation: string, factorisation: Lu): Dense {
  checkObject(operation, 'factorisation', factorisation);
  checkDouble(operation, 'factorisation.factors', factorisation.factors);
  return factorisation.factors;
}

/** The kernel moves rows as it is told: a swap that leads outside the matrix would reach foreign memory. */
function checkSwaps(operation: string, { rows, cols }: Dense, swaps: Int32Array): void {
  const name = 'factorisation.swaps';
  if (!(swaps instanceof Int32Array)) throw new ArgumentError(`${operation}: ${name} is not an Int32Array`, name);
  if (swaps.length !== Math.min(rows, cols)) {
    throw new ShapeError(`${operation}: ${name} has ${swaps.length} entries; it must have ${Math.min(rows, cols)}`);
  }
  swaps.forEach((other, i) => {
    if (other < i || other >= rows)
      throw new ArgumentError(`${operation}: ${name}[${i}] is ${other}; it must lie in [${i}, ${rows})`, name);
  });
}

function signOfSwaps({ swaps }: Lu): number {
  return swaps.reduce((sign, other, i) => (other === i ? sign : -sign), 1);
}

function singular(operation: string, pivot: number): SingularError {
  return new SingularError(`${operation}: pivot ${pivot} is zero; the matrix is singular (see leastSquares)`, pivot);
}

function refuseEither(operation: string, A: Dense, B: Dense): never {
  checkFinite(operation, 'A', A);
  return refuseNonFinite(operation, 'B', B);
}
