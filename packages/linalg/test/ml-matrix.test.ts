import { ensemble, mustFail, positiveDefinite, seeds, views } from '@x/testkit';
import fc from 'fast-check';
import {
  type AbstractMatrix,
  CholeskyDecomposition,
  LuDecomposition,
  Matrix,
  MatrixColumnSelectionView,
  MatrixColumnView,
  MatrixFlipColumnView,
  MatrixFlipRowView,
  MatrixRowSelectionView,
  MatrixRowView,
  MatrixSelectionView,
  MatrixSubView,
  MatrixTransposeView,
  determinant as mlDeterminant,
  inverse as mlInverse,
  pseudoInverse as mlPseudoInverse,
  solve as mlSolve,
  SymmetricMatrix,
  WrapperMatrix1D,
  WrapperMatrix2D,
} from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { at, type Dense, dense, NotPositiveDefiniteError, ShapeError, SingularError, toRows, zeros } from '../src/index.ts';
import {
  cholesky,
  choleskySolve,
  determinant,
  eigh,
  fromMlMatrix,
  gram,
  inverse,
  leastSquares,
  lu,
  mmul,
  nullSpace,
  pivotedQr,
  pseudoInverse,
  qr,
  rank,
  solve,
  svd,
  toMlMatrix,
} from '../src/ml-matrix.ts';

const ml = (rows: number, cols: number, seed: number): Matrix => toMlMatrix(ensemble('gaussian', rows, cols, seed));
/** max |a_ij - b_ij| <= tolerance, same shape. */
function close(A: AbstractMatrix, B: AbstractMatrix, tolerance: number): void {
  expect([A.rows, A.columns]).toEqual([B.rows, B.columns]);
  for (let i = 0; i < A.rows; i++)
    for (let j = 0; j < A.columns; j++) expect(Math.abs(A.get(i, j) - B.get(i, j))).toBeLessThanOrEqual(tolerance);
}
/** Orders up to 8 and a condition below 1e3 or so: ml-matrix and we are each within n^2 cond u of the truth. */
const LOOSE = 1e-10;

describe('conversion', () => {
  const sizes = fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 }), seeds());
  it('there and back is the identity, for any view of ours', () => {
    const claim = (to: typeof toMlMatrix) =>
      fc.assert(
        fc.property(views(sizes.map(([m, n, seed]) => ensemble('gaussian', m, n, seed))), (A) => {
          const M = to(A);
          expect([M.rows, M.columns]).toEqual([A.rows, A.cols]);
          expect(toRows(fromMlMatrix(M))).toEqual(toRows(A));
        }),
      );
    claim(toMlMatrix);
    mustFail(() => claim((A) => toMlMatrix(dense(A.rows, A.cols, (A as Dense).data.slice(0, A.rows * A.cols)))));
  });
  it('copies: neither side sees later changes of the other', () => {
    const A = zeros(2, 2);
    const M = toMlMatrix(A);
    M.set(0, 0, 5);
    expect(A.data[0]).toBe(0);
    const B = fromMlMatrix(M);
    M.set(0, 0, 6);
    expect(B.data[0]).toBe(5);
  });
  it('f32 becomes f64', () => {
    expect(toMlMatrix(dense(1, 2, new Float32Array([0.5, 3]))).to2DArray()).toEqual([[0.5, 3]]);
  });
  const M = ml(5, 4, 1);
  const kinds: [string, AbstractMatrix][] = [
    ['Matrix', M],
    ['MatrixTransposeView', new MatrixTransposeView(M)],
    ['MatrixSubView', new MatrixSubView(M, 1, 3, 0, 2)],
    ['MatrixSelectionView', new MatrixSelectionView(M, [4, 0], [3, 1])],
    ['MatrixRowView', new MatrixRowView(M, 2)],
    ['MatrixColumnView', new MatrixColumnView(M, 2)],
    ['MatrixRowSelectionView', new MatrixRowSelectionView(M, [3, 3, 0])],
    ['MatrixColumnSelectionView', new MatrixColumnSelectionView(M, [3, 3, 0])],
    ['MatrixFlipRowView', new MatrixFlipRowView(M)],
    ['MatrixFlipColumnView', new MatrixFlipColumnView(M)],
    ['WrapperMatrix1D', new WrapperMatrix1D([1, 2, 3, 4, 5, 6], { rows: 2 })],
    [
      'WrapperMatrix2D',
      new WrapperMatrix2D([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    ],
    ['SymmetricMatrix', new SymmetricMatrix(gram(M))],
  ];
  it.each(kinds)('takes a %s', (_, view) => {
    expect(toRows(fromMlMatrix(view))).toEqual(view.to2DArray());
    close(mmul(view, view.transpose()), view.mmul(view.transpose()), LOOSE);
  });
  it('refuses what is not an ml-matrix object', () => {
    for (const bad of [undefined, null, 3, [[1, 2]], zeros(2, 2)]) expect(() => fromMlMatrix(bad as unknown as Matrix)).toThrow(ShapeError);
  });
});

describe('agrees with ml-matrix', () => {
  const [A, B] = [ml(8, 8, 1), ml(8, 3, 2)];
  const spd = toMlMatrix(positiveDefinite(8, 100, 3));
  it('mmul, gram', () => {
    close(mmul(A, B), A.mmul(B), LOOSE);
    close(gram(A), A.transpose().mmul(A), LOOSE);
    const weights = Float64Array.from({ length: 8 }, (_, i) => i - 2);
    close(gram(A, weights), A.transpose().mmul(Matrix.diag(weights)).mmul(A), LOOSE);
  });
  it('cholesky, choleskySolve', () => {
    close(cholesky(spd).L, new CholeskyDecomposition(spd).lowerTriangularMatrix, LOOSE);
    close(choleskySolve(cholesky(spd), B), new CholeskyDecomposition(spd).solve(B), LOOSE);
  });
  it('lu', () => {
    const { L, U, permutation, zeroPivot } = lu(A);
    const theirs = new LuDecomposition(A);
    close(L, theirs.lowerTriangularMatrix, LOOSE);
    close(U, theirs.upperTriangularMatrix, LOOSE);
    expect(Array.from(permutation)).toEqual(theirs.pivotPermutationVector);
    expect(zeroPivot).toBeUndefined();
  });
  it('solve, inverse, pseudoInverse, determinant', () => {
    close(solve(A, B), mlSolve(A, B), LOOSE);
    close(inverse(A), mlInverse(A), LOOSE);
    close(pseudoInverse(B), mlPseudoInverse(B), LOOSE);
    const theirs = mlDeterminant(A);
    expect(Math.abs(determinant(A) - theirs)).toBeLessThanOrEqual(LOOSE * Math.abs(theirs));
  });
});

describe('factors multiply to the matrix', () => {
  const [tall, wide] = [ml(9, 4, 1), ml(4, 9, 2)];
  it.each([
    ['tall', tall],
    ['wide', wide],
  ])('qr, pivotedQr, svd, leastSquares of a %s matrix', (_, A) => {
    const { Q, R } = qr(A);
    close(Q.mmul(R), A, LOOSE);
    const pivoted = pivotedQr(A);
    close(pivoted.Q.mmul(pivoted.R), A.subMatrixColumn(Array.from(pivoted.permutation)), LOOSE);
    expect(pivoted.rank).toBe(4);
    expect(rank(A)).toBe(4);
    const { U, singularValues, V } = svd(A);
    close(U.mmul(Matrix.diag(singularValues)).mmul(V.transpose()), A, LOOSE);
    const b = ml(A.rows, 1, 3);
    close(leastSquares(A, b).X, mlPseudoInverse(A).mmul(b), LOOSE);
    expect(nullSpace(A).columns).toBe(A.columns - 4);
  });
  it('eigh', () => {
    const S = gram(tall);
    const { values, vectors } = eigh(S);
    close(vectors.mmul(Matrix.diag(values)).mmul(vectors.transpose()), S, LOOSE);
  });
});

it('throws the errors of the main entry', () => {
  expect(() => mmul(ml(2, 3, 1), ml(2, 3, 2))).toThrow(ShapeError);
  expect(() => cholesky(Matrix.diag([1, -1]))).toThrow(NotPositiveDefiniteError);
  expect(() => solve(Matrix.zeros(2, 2), ml(2, 1, 1))).toThrow(SingularError);
  expect(at(fromMlMatrix(Matrix.eye(2)), 0, 0)).toBe(1);
});
