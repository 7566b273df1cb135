/** Systems, inverses and numbers of ml-matrix objects. Bounds, errors and costs are those of the same names in the main entry. */
import type { AbstractMatrix, Matrix } from 'ml-matrix';
import * as lapackLeastSquares from '../lapack/least-squares.ts';
import * as lapackLu from '../lapack/lu.ts';
import type { RankOptions } from '../lapack/rank.ts';
import * as lapackSvd from '../lapack/svd.ts';
import { fromMlMatrix, toMlMatrix } from './convert.ts';

/** Solves A X = B for a square A by LU with partial pivoting. @throws SingularError naming the zero pivot. */
export function solve(A: AbstractMatrix, B: AbstractMatrix): Matrix {
  return toMlMatrix(lapackLu.solve(fromMlMatrix(A), fromMlMatrix(B)));
}

/** A least-squares solution. */
export interface LeastSquares {
  readonly X: Matrix;
  /** ||A x - b||_2 of each column. */
  readonly residualNorms: Float64Array;
  /** Numerical rank of A. */
  readonly rank: number;
}

/** Least squares of least norm by QR with column pivoting; any shape and rank. */
export function leastSquares(A: AbstractMatrix, B: AbstractMatrix, options?: RankOptions): LeastSquares {
  const { X, ...rest } = lapackLeastSquares.leastSquares(fromMlMatrix(A), fromMlMatrix(B), options);
  return { X: toMlMatrix(X), ...rest };
}

/** A^-1. @throws SingularError naming the zero pivot. */
export function inverse(A: AbstractMatrix): Matrix {
  return toMlMatrix(lapackLu.inverse(fromMlMatrix(A)));
}

/** Moore-Penrose inverse. */
export function pseudoInverse(A: AbstractMatrix, options?: RankOptions): Matrix {
  return toMlMatrix(lapackSvd.pseudoInverse(fromMlMatrix(A), options));
}

/** det A by LU. */
export function determinant(A: AbstractMatrix): number {
  return lapackLu.determinant(fromMlMatrix(A));
}

/** Numerical rank by singular values. */
export function rank(A: AbstractMatrix, options?: RankOptions): number {
  return lapackSvd.rank(fromMlMatrix(A), options);
}

/** An orthonormal basis of the null space, complete for wide matrices too. */
export function nullSpace(A: AbstractMatrix, options?: RankOptions): Matrix {
  return toMlMatrix(lapackSvd.nullSpace(fromMlMatrix(A), options));
}
