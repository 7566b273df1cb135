import { type AbstractMatrix, Matrix } from 'ml-matrix';
import { ArgumentError, NonFiniteError, NotPositiveDefiniteError, ShapeError, SingularError } from '../../src/index.ts';
import * as ours from '../../src/ml-matrix.ts';
import { any, A as entries, matrix, missing, options, type Row, singular as singularEntries, tolerance } from './arguments.ts';

const A = ours.toMlMatrix(entries);
const wide = new Matrix(2, 3);
const singular = ours.toMlMatrix(singularEntries);

interface Options {
  readonly argument?: string;
  readonly square?: boolean;
  readonly finite?: boolean;
}

/** Calls of `f` with bad 3 x 3 matrices of ml-matrix. */
function foreign(f: (A: AbstractMatrix) => unknown, { argument = 'A', square = false, finite = true }: Options = {}): Row[] {
  const withNaN = A.clone();
  withNaN.set(1, 0, Number.NaN);
  const rows: Row[] = [undefined, null, 5, [[1]], entries].map((value) => [
    `${argument} is ${value === entries ? 'a matrix of the main entry' : JSON.stringify(value)}`,
    () => f(any(value)),
    ShapeError,
  ]);
  if (square) rows.push([`${argument} not square`, () => f(wide), ShapeError]);
  if (finite) rows.push([`${argument} with NaN`, () => f(withNaN), NonFiniteError, { argument, index: [1, 0] }]);
  return rows;
}

export const ML_MATRIX: Readonly<Record<string, readonly Row[]>> = {
  fromMlMatrix: foreign((M) => ours.fromMlMatrix(M), { finite: false }),
  toMlMatrix: matrix((M) => ours.toMlMatrix(M), { finite: false, double: false }),
  mmul: [
    ...foreign((M) => ours.mmul(M, A), { finite: false }),
    ...foreign((M) => ours.mmul(A, M), { argument: 'B', finite: false }),
    ['inner sizes', () => ours.mmul(A, wide), ShapeError],
  ],
  gram: [
    ...foreign((M) => ours.gram(M), { finite: false }),
    ['weights too short', () => ours.gram(A, new Float64Array(2)), ShapeError],
    ['weights in an array', () => ours.gram(A, any([1, 2, 3])), ArgumentError, { argument: 'weights' }],
  ],
  cholesky: [
    ...foreign((M) => ours.cholesky(M), { square: true }),
    ['singular', () => ours.cholesky(Matrix.zeros(2, 2)), NotPositiveDefiniteError, { pivot: 0, value: 0 }],
  ],
  choleskySolve: [
    ...missing((none) => ours.choleskySolve(any(none), A), 'factor'),
    ...foreign((L) => ours.choleskySolve({ L: any(L) }, A), { argument: 'factor.L', square: true }),
    ...foreign((B) => ours.choleskySolve(ours.cholesky(A), B), { argument: 'B' }),
    ['rows of B', () => ours.choleskySolve(ours.cholesky(A), wide), ShapeError],
  ],
  lu: foreign((M) => ours.lu(M)),
  qr: [
    ...foreign((M) => ours.qr(M)),
    ...options((none) => ours.qr(A, none)),
    ['mode', () => ours.qr(A, { mode: any('economy') }), ArgumentError, { argument: 'mode' }],
  ],
  pivotedQr: [...foreign((M) => ours.pivotedQr(M)), ...tolerance((options) => ours.pivotedQr(A, options))],
  eigh: foreign((M) => ours.eigh(M), { square: true }),
  svd: [
    ...foreign((M) => ours.svd(M)),
    ...options((none) => ours.svd(A, none)),
    ['mode', () => ours.svd(A, { mode: any('economy') }), ArgumentError, { argument: 'mode' }],
  ],
  solve: [
    ...foreign((M) => ours.solve(M, A), { square: true }),
    ...foreign((B) => ours.solve(A, B), { argument: 'B' }),
    ['rows of B', () => ours.solve(A, wide), ShapeError],
    ['singular', () => ours.solve(singular, A), SingularError, { pivot: 1 }],
  ],
  leastSquares: [
    ...foreign((M) => ours.leastSquares(M, A)),
    ...foreign((B) => ours.leastSquares(A, B), { argument: 'B' }),
    ['rows of B', () => ours.leastSquares(A, wide), ShapeError],
    ...tolerance((options) => ours.leastSquares(A, A, options)),
  ],
  inverse: [...foreign((M) => ours.inverse(M), { square: true }), ['singular', () => ours.inverse(singular), SingularError, { pivot: 1 }]],
  pseudoInverse: [...foreign((M) => ours.pseudoInverse(M)), ...tolerance((options) => ours.pseudoInverse(A, options))],
  determinant: foreign((M) => ours.determinant(M), { square: true }),
  rank: [...foreign((M) => ours.rank(M)), ...tolerance((options) => ours.rank(A, options))],
  nullSpace: [...foreign((M) => ours.nullSpace(M)), ...tolerance((options) => ours.nullSpace(A, options))],
};
