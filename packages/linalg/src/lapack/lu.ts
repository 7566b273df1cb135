import { substitute } from '../blas/substitute.ts';
import { checkFinite, checkObject, checkSquare } from '../check.ts';
import { at, type Dense, dense, identity, zeros } from '../dense.ts';
import { log } from '../elementary/log.ts';
import { ArgumentError, ShapeError } from '../errors.ts';
import type { Kernel } from '../kernel/instance.ts';
import {
  allocate,
  copyIn,
  type Pointer,
  readDense,
  readVector,
  view,
  withWorkspace,
  writeDense,
  writeVector,
} from '../kernel/workspace.ts';
import { columnsFromRange, columnsToRange, fromRange, LARGE, solveInRange } from './range.ts';
import { asColumns, checkDouble, checkSquareDouble, OK, readSolution, singular } from './support.ts';

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
 * @throws ShapeError; NonFiniteError naming the first bad entry, or the result where U overflows.
 * A multiplier or product below 2^-1022 loses digits, or is 0: rows and columns that differ by factors of 1e150 should be scaled first.
 * Cost: 2 n^3 / 3 operations for m = n.
 * Source: S. Toledo, Locality of reference in LU decomposition with partial pivoting, SIAM J. Matrix Anal. Appl. 18 (1997).
 */
export function lu(A: Dense): Lu {
  checkDouble('lu', 'A', A);
  const { rows, cols } = A;
  return withWorkspace((k) => {
    const { a, pivots, powers, zero } = factorise(k, 'lu', A);
    columnsFromRange(k, 'lu', A, a, powers);
    return {
      factors: readDense(k, A.data, a, rows, cols),
      swaps: readVector(k, new Int32Array(0), pivots, Math.min(rows, cols)),
      zeroPivot: zero === OK ? undefined : zero,
    };
  });
}

/** P A D = L U in the kernel's memory, D = diag(powers). */
interface Factors {
  readonly a: Pointer;
  readonly pivots: Pointer;
  readonly powers: Float64Array | undefined;
}

function factorise(k: Kernel, operation: string, A: Dense): Factors & { readonly zero: number } {
  const { rows, cols } = A;
  const a = writeDense(k, A);
  const pivots = allocate(k, 4 * Math.min(rows, cols));
  let powers: Factors['powers'];
  let zero = k.dlu(rows, cols, a, pivots, false);
  // A pivot of a regular matrix may have vanished by underflow.
  if (zero !== OK) {
    copyIn(k, A, a);
    powers = columnsToRange(k, operation, A, a, LARGE);
    zero = k.dlu(rows, cols, a, pivots, true);
    fromRange(k, operation, A.data, a, rows * cols);
  }
  return { a, pivots, powers, zero };
}

/** Where A^-1 B is in the kernel's memory; A^-1 without B. */
function solveFactors(k: Kernel, operation: string, { a, pivots, powers }: Factors, n: number, B?: Dense): Pointer {
  const cols = B ? B.cols : n;
  if (!powers) {
    const x = B ? writeDense(k, B) : allocate(k, 8 * n * n);
    if (k.dluSolve(n, cols, a, pivots, x, !B)) return x;
  }
  return solveInRange(
    k,
    operation,
    B ?? identity(n),
    (x) => k.dluSolve(n, cols, a, pivots, x, false),
    (X) => {
      const factors = dense(n, n, view(k, X.data, a, n * n));
      view(k, new Int32Array(0), pivots, n).forEach((other, i) => {
        for (let c = 0; c < cols; c++)
          [X.data[i * cols + c], X.data[other * cols + c]] = [X.data[other * cols + c]!, X.data[i * cols + c]!];
      });
      substitute(factors, false, true, X);
      substitute(factors, true, false, X);
    },
    powers,
  );
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
 * @throws SingularError naming the zero pivot; ShapeError when A is not square or B has not n rows; NonFiniteError naming the first
 *   bad entry, or the result where X overflows; ArgumentError for swaps not of `lu`.
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
    const x = solveFactors(k, 'luSolve', { a, pivots: writeVector(k, swaps), powers: undefined }, columns.rows, columns);
    return readSolution(k, columns, B, x);
  });
}

/**
 * Solves A X = B for a square A by LU with partial pivoting. For several B use `lu` and `luSolve`; for a symmetric positive
 * definite A `cholesky` is twice as fast; for a rectangular one see `leastSquares`.
 *
 * @param A - n x n, f64, any strides; not changed.
 * @param B - n x r matrix, any strides, or vector of n entries; not changed.
 * @returns X, of B's kind.
 * @throws SingularError naming the pivot that is exactly zero, by underflow too: see `lu`. A nearly singular A is solved: see `conditionNumber`.
 *   ShapeError; NonFiniteError naming the first bad entry, or the result where X overflows.
 * Cost: 2 n^3 / 3 + 2 n^2 r operations.
 */
export function solve(A: Dense, B: Dense): Dense;
export function solve(A: Dense, b: Float64Array): Float64Array;
export function solve(A: Dense, B: Dense | Float64Array): Dense | Float64Array {
  checkSquareDouble('solve', 'A', A);
  const columns = asColumns('solve', 'B', B, A.rows, A.data);
  return withWorkspace((k) => readSolution(k, columns, B, solveSquare(k, 'solve', A, columns)));
}

function solveSquare(k: Kernel, operation: string, A: Dense, B?: Dense): Pointer {
  const factors = factorise(k, operation, A);
  if (factors.zero !== OK) throw singular(operation, factors.zero);
  return solveFactors(k, operation, factors, A.rows, B);
}

/**
 * A^-1. To solve a system use `solve`: it is faster and more accurate.
 *
 * @throws SingularError naming the pivot that is exactly zero; ShapeError when A is not square; NonFiniteError
 *   naming the first bad entry, or the result where it overflows.
 * Cost: 8 n^3 / 3 operations.
 */
export function inverse(A: Dense): Dense {
  checkSquareDouble('inverse', 'A', A);
  const n = A.rows;
  return withWorkspace((k) => readDense(k, A.data, solveSquare(k, 'inverse', A), n, n));
}

/** A determinant as sign * exp(logAbs), which neither overflows nor vanishes. */
export interface LogDeterminant {
  /** -1, 0 or 1. */
  readonly sign: number;
  /** log |det A|; -Infinity where the sign is 0. */
  readonly logAbs: number;
}

/**
 * det A by LU. Infinity, with its sign, or 0 where it exceeds or falls below the range of numbers: see `logDeterminant`.
 *
 * @throws ShapeError when A is not square; NonFiniteError.
 * Cost: 2 n^3 / 3 operations.
 */
export function determinant(A: Dense): number {
  let product = 1;
  let count = 0;
  // Numbers far from 1 are multiplied by 2^(-256 count): only the determinant itself can overflow or vanish.
  const near = (x: number): number => {
    for (; Math.abs(x) > 2 ** 256; count++) x *= 2 ** -256;
    for (; x !== 0 && Math.abs(x) < 2 ** -256; count--) x *= 2 ** 256;
    return x;
  };
  for (const factor of determinantFactors('determinant', A)) product = near(product * near(factor));
  for (; count > 0; count--) product *= 2 ** 256;
  for (; count < 0; count++) product *= 2 ** -256;
  return product + 0;
}

/** Sign and logarithm of |det A| by LU; errors and cost as `determinant`. */
export function logDeterminant(A: Dense): LogDeterminant {
  let sign = 1;
  let logAbs = 0;
  for (const factor of determinantFactors('logDeterminant', A)) {
    sign *= Math.sign(factor);
    logAbs += log(Math.abs(factor));
  }
  return { sign: sign + 0, logAbs };
}

/** Numbers whose product is the determinant: the sign of the swaps, pivots, and the inverses of the scales of columns. */
function determinantFactors(operation: string, A: Dense): number[] {
  checkSquareDouble(operation, 'A', A);
  const n = A.rows;
  return withWorkspace((k) => {
    const { a, pivots, powers } = factorise(k, operation, A);
    const u = view(k, A.data, a, n * n);
    const swaps = view(k, new Int32Array(0), pivots, n);
    const factors: number[] = [];
    for (let i = 0; i < n; i++) {
      factors.push(swaps[i] === i ? 1 : -1, u[i * (n + 1)]!);
      if (powers) factors.push(1 / powers[i]!);
    }
    return factors;
  });
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
