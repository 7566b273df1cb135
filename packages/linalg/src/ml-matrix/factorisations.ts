/** Factorisations of ml-matrix objects. Assumptions, bounds, errors and costs are those of the same names in the main entry. */
import type { AbstractMatrix, Matrix } from 'ml-matrix';
import { checkObject } from '../check.ts';
import * as lapackCholesky from '../lapack/cholesky.ts';
import * as lapackEigh from '../lapack/eigh.ts';
import * as lapackLu from '../lapack/lu.ts';
import * as lapackQr from '../lapack/qr.ts';
import type { RankOptions } from '../lapack/rank.ts';
import * as lapackSvd from '../lapack/svd.ts';
import { fromMlMatrix, toMlMatrix } from './convert.ts';

/** A = L L^T. */
export interface Cholesky {
  /** Lower triangular. */
  readonly L: Matrix;
}

/** Cholesky factor of a symmetric positive definite matrix; reads the lower triangle. @throws NotPositiveDefiniteError. */
export function cholesky(A: AbstractMatrix): Cholesky {
  return { L: toMlMatrix(lapackCholesky.cholesky(fromMlMatrix(A)).L) };
}

/** Solves A X = B with a Cholesky factor of A. */
export function choleskySolve(factor: Cholesky, B: AbstractMatrix): Matrix {
  checkObject('choleskySolve', 'factor', factor);
  return toMlMatrix(lapackCholesky.choleskySolve({ L: fromMlMatrix(factor.L) }, fromMlMatrix(B)));
}

/** P A = L U: row i of P A is row `permutation[i]` of A. */
export interface Lu {
  /** Unit lower triangular or trapezoidal. */
  readonly L: Matrix;
  /** Upper triangular or trapezoidal. */
  readonly U: Matrix;
  readonly permutation: Int32Array;
  /** Index of the first pivot that is exactly zero, if any. */
  readonly zeroPivot: number | undefined;
}

/** LU factorisation with partial pivoting. To solve a system use `solve`. */
export function lu(A: AbstractMatrix): Lu {
  const factorisation = lapackLu.lu(fromMlMatrix(A));
  return {
    L: toMlMatrix(lapackLu.lowerFactor(factorisation)),
    U: toMlMatrix(lapackLu.upperFactor(factorisation)),
    permutation: lapackLu.permutation(factorisation),
    zeroPivot: factorisation.zeroPivot,
  };
}

/** A = Q R. */
export interface Qr {
  /** Orthonormal columns. */
  readonly Q: Matrix;
  /** Upper triangular or trapezoidal. */
  readonly R: Matrix;
}

/** QR factorisation by Householder reflectors. */
export function qr(A: AbstractMatrix, options?: lapackQr.QrOptions): Qr {
  const { Q, R } = lapackQr.qr(fromMlMatrix(A), options);
  return { Q: toMlMatrix(Q), R: toMlMatrix(R) };
}

/** A P = Q R: column j of A P is column `permutation[j]` of A. */
export interface PivotedQr extends Qr {
  readonly permutation: Int32Array;
  readonly rank: number;
}

/** QR factorisation with column pivoting, which reveals the rank. */
export function pivotedQr(A: AbstractMatrix, options?: RankOptions): PivotedQr {
  const { Q, R, ...rest } = lapackQr.pivotedQr(fromMlMatrix(A), options);
  return { Q: toMlMatrix(Q), R: toMlMatrix(R), ...rest };
}

/** A = V diag(values) V^T. */
export interface SymmetricEigen {
  /** In the order of the main entry's `eigh`. */
  readonly values: Float64Array;
  /** Orthonormal columns. */
  readonly vectors: Matrix;
}

/** Eigenvalues and eigenvectors of a symmetric matrix; reads the lower triangle. */
export function eigh(A: AbstractMatrix): SymmetricEigen {
  const { values, vectors } = lapackEigh.eigh(fromMlMatrix(A));
  return { values, vectors: toMlMatrix(vectors) };
}

/** A = U diag(singularValues) V^T. */
export interface Svd {
  /** Orthonormal columns. */
  readonly U: Matrix;
  /** Largest first. */
  readonly singularValues: Float64Array;
  /** Orthonormal columns. */
  readonly V: Matrix;
}

/** Singular value decomposition. */
export function svd(A: AbstractMatrix, options?: lapackSvd.SvdOptions): Svd {
  const { U, singularValues, V } = lapackSvd.svd(fromMlMatrix(A), options);
  return { U: toMlMatrix(U), singularValues, V: toMlMatrix(V) };
}
