import type { AbstractMatrix, Matrix } from 'ml-matrix';
import { multiply } from '../blas/gemm.ts';
import * as blas from '../blas/syrk.ts';
import { fromMlMatrix, toMlMatrix } from './convert.ts';

/**
 * A B, as `A.mmul(B)`, by `gemm`.
 *
 * @throws ShapeError when A has not as many columns as B has rows.
 */
export function mmul(A: AbstractMatrix, B: AbstractMatrix): Matrix {
  return toMlMatrix(multiply(fromMlMatrix(A), fromMlMatrix(B)));
}

/** The Gram matrix A^T D A with D = diag(weights), or the identity. @throws as `gram` of the main entry. */
export function gram(A: AbstractMatrix, weights?: Float64Array): Matrix {
  return toMlMatrix(blas.gram(fromMlMatrix(A), weights));
}
