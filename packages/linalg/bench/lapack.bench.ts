import type { Suite } from '@x/bench';
import { at, cholesky, type Dense, dense, eigh, gram, leastSquares, lu, philox, qr, solve, svd, upperFactor } from '@x/linalg';
import { toMlMatrix } from '@x/linalg/ml-matrix';
import { CholeskyDecomposition, EVD, LuDecomposition, Matrix, QrDecomposition, SVD, solve as solveByMlMatrix } from 'ml-matrix';

interface Size {
  readonly n: number;
}

/** The same work by both packages. Each gives back the numbers that are unique up to signs, which must agree, when `look` is called. */
interface Job<Ours, Theirs> {
  readonly id: string;
  readonly title: string;
  /** A matrix with n columns. */
  readonly input: (n: number) => Dense;
  readonly ours: (A: Dense, b: Float64Array) => Ours;
  readonly theirs: (A: Matrix, b: Matrix) => Theirs;
  readonly ourNumbers: (result: Ours) => Float64Array;
  readonly theirNumbers: (result: Theirs) => ArrayLike<number>;
  /** How many times as fast as ml-matrix it should be, by n; 1 where nothing is said. */
  readonly bars: Readonly<Record<number, number>>;
}

const gaussian = (m: number, n: number): Dense => dense(m, n, philox(1).fillNormal(new Float64Array(m * n)));
const square = (n: number): Dense => gaussian(n, n);
const definite = (n: number): Dense => gram(gaussian(2 * n, n));
function symmetric(n: number): Dense {
  const A = square(n);
  return dense(
    n,
    n,
    A.data.map((x, p) => (x + at(A, p % n, Math.floor(p / n))) / 2),
  );
}

/** The numbers of different orders of summation differ by n u times a condition number, which is below 1e5 for these matrices. */
const TOLERANCE = 1e-8;

function mustAgree(ours: Float64Array, theirs: ArrayLike<number>): void {
  const largest = ours.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  const worst = ours.reduce((max, x, i) => Math.max(max, Math.abs(Math.abs(x) - Math.abs(theirs[i] ?? Number.NaN))), 0);
  if (ours.length !== theirs.length || !(worst <= TOLERANCE * largest)) throw new Error(`results differ by ${worst} of ${largest}`);
}

function suite<Ours, Theirs>({ id, title, input, ours, theirs, ourNumbers, theirNumbers, bars }: Job<Ours, Theirs>): Suite<Size> {
  const sizes = [...new Set([8, 16, 32, 128, 512, ...Object.keys(bars).map(Number)])];
  const label = (n: number) => `n = ${n}`;
  const OURS = '@x/linalg';
  const PEER = 'ml-matrix 6.15.1';
  const prepare = (n: number) => {
    const A = input(n);
    return { A, b: philox(2).fillNormal(new Float64Array(A.rows)) };
  };
  return {
    id,
    title,
    cases: sizes.map((n) => ({ label: label(n), parameters: { n }, size: n })),
    contenders: [
      {
        name: OURS,
        setup({ n }) {
          const { A, b } = prepare(n);
          return () => ours(A, b);
        },
      },
      {
        name: PEER,
        setup({ n }) {
          const { A, b } = prepare(n);
          const M = toMlMatrix(A);
          const column = Matrix.columnVector(b);
          mustAgree(ourNumbers(ours(A, b)), theirNumbers(theirs(M, column)));
          return () => theirs(M, column);
        },
      },
    ],
    bars: sizes.map((n) => ({ of: OURS, over: PEER, atLeast: bars[n] ?? 1, cases: [label(n)] })),
  };
}

export const suites: readonly Suite<Size>[] = [
  suite({
    id: 'lapack-cholesky',
    title: 'Cholesky factor',
    input: definite,
    ours: (A) => cholesky(A),
    theirs: (A) => new CholeskyDecomposition(A),
    ourNumbers: ({ L }) => L.data,
    theirNumbers: ({ lowerTriangularMatrix }) => lowerTriangularMatrix.to1DArray(),
    bars: { 512: 15, 1024: 15 },
  }),
  suite({
    id: 'lapack-lu',
    title: 'LU factorisation with partial pivoting',
    input: square,
    ours: (A) => lu(A),
    theirs: (A) => new LuDecomposition(A),
    ourNumbers: (factorisation) => upperFactor(factorisation).data,
    theirNumbers: ({ upperTriangularMatrix }) => upperTriangularMatrix.to1DArray(),
    bars: {},
  }),
  suite({
    id: 'lapack-solve',
    title: 'Linear system with one right-hand side',
    input: square,
    ours: (A, b) => solve(A, b),
    theirs: (A, b) => solveByMlMatrix(A, b),
    ourNumbers: (x) => x,
    theirNumbers: (x) => x.to1DArray(),
    bars: {},
  }),
  suite({
    id: 'lapack-qr',
    title: 'QR factorisation, both factors formed',
    input: square,
    ours: (A) => qr(A),
    theirs(A) {
      const { orthogonalMatrix, upperTriangularMatrix } = new QrDecomposition(A);
      return { orthogonalMatrix, upperTriangularMatrix };
    },
    ourNumbers: ({ Q, R }) => Float64Array.from([Q, R].flatMap(({ data }) => Array.from(data))),
    theirNumbers: ({ orthogonalMatrix: Q, upperTriangularMatrix: R }) => [Q, R].flatMap((factor) => factor.to1DArray()),
    bars: { 512: 8 },
  }),
  suite({
    id: 'lapack-least-squares',
    title: 'Least squares, 2 n equations for n unknowns, one right-hand side',
    input: (n) => gaussian(2 * n, n),
    ours: (A, b) => leastSquares(A, b),
    theirs: (A, b) => solveByMlMatrix(A, b),
    ourNumbers: ({ X }) => X,
    theirNumbers: (X) => X.to1DArray(),
    bars: {},
  }),
  suite({
    id: 'lapack-eigh',
    title: 'Eigenvalues and eigenvectors of a symmetric matrix',
    input: symmetric,
    ours: (A) => eigh(A),
    theirs: (A) => new EVD(A, { assumeSymmetric: true }),
    ourNumbers: ({ values }) => values,
    theirNumbers: ({ realEigenvalues }) => realEigenvalues,
    bars: { 512: 5 },
  }),
  suite({
    id: 'lapack-svd',
    title: 'Singular values and vectors',
    input: square,
    ours: (A) => svd(A),
    theirs: (A) => new SVD(A, { autoTranspose: true }),
    ourNumbers: ({ singularValues }) => singularValues,
    theirNumbers: ({ diagonal }) => diagonal,
    bars: { 512: 8 },
  }),
];
