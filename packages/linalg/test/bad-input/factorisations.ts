import * as linalg from '../../src/index.ts';
import { ArgumentError, dense, NotPositiveDefiniteError, ShapeError, SingularError } from '../../src/index.ts';
import { A, any, matrix, missing, options, type Row, rightHandSide, singular, tolerance, x } from './arguments.ts';

const indefinite = linalg.fromRows([
  [1, 2, 0],
  [2, 1, 0],
  [0, 0, 1],
]);
const factor = linalg.cholesky(A);
const factorisation = linalg.lu(A);
const propagating = { finite: false, double: false };
const swaps = { argument: 'factorisation.swaps' };

export const FACTORISATIONS: Readonly<Record<string, readonly Row[]>> = {
  cholesky: [
    ...matrix((M) => linalg.cholesky(M), { square: true, double: false }),
    ['indefinite', () => linalg.cholesky(indefinite), NotPositiveDefiniteError, { pivot: 1, value: -3 }],
    ['zero', () => linalg.cholesky(linalg.zeros(3, 3)), NotPositiveDefiniteError, { pivot: 0, value: 0 }],
  ],
  choleskySolve: [
    ...missing((none) => linalg.choleskySolve(any(none), x), 'factor'),
    ...matrix((L) => linalg.choleskySolve({ L }, x), { argument: 'factor.L', square: true, double: false }),
    ...rightHandSide((B) => linalg.choleskySolve(factor, B)),
    ['diagonal', () => linalg.choleskySolve({ L: linalg.zeros(3, 3) }, x), ArgumentError, { argument: 'factor.L' }],
  ],
  choleskyInverse: [
    ...missing((none) => linalg.choleskyInverse(any(none)), 'factor'),
    ...matrix((L) => linalg.choleskyInverse({ L }), { argument: 'factor.L', square: true }),
    ['diagonal', () => linalg.choleskyInverse({ L: linalg.zeros(3, 3) }), ArgumentError, { argument: 'factor.L' }],
  ],
  choleskyLogDeterminant: [
    ...missing((none) => linalg.choleskyLogDeterminant(any(none)), 'factor'),
    ...matrix((L) => linalg.choleskyLogDeterminant({ L }), { ...propagating, argument: 'factor.L', square: true }),
    ['negative', () => linalg.choleskyLogDeterminant({ L: dense(1, 1, new Float64Array([-1])) }), ArgumentError, { argument: 'factor.L' }],
    [
      'NaN',
      () => linalg.choleskyLogDeterminant({ L: dense(1, 1, new Float64Array([Number.NaN])) }),
      ArgumentError,
      { argument: 'factor.L' },
    ],
  ],
  lu: matrix((M) => linalg.lu(M)),
  lowerFactor: [
    ...missing((none) => linalg.lowerFactor(any(none)), 'factorisation'),
    ...matrix((factors) => linalg.lowerFactor({ ...factorisation, factors }), { finite: false, argument: 'factorisation.factors' }),
  ],
  upperFactor: [
    ...missing((none) => linalg.upperFactor(any(none)), 'factorisation'),
    ...matrix((factors) => linalg.upperFactor({ ...factorisation, factors }), { finite: false, argument: 'factorisation.factors' }),
  ],
  permutation: [
    ...missing((none) => linalg.permutation(any(none)), 'factorisation'),
    ...matrix((factors) => linalg.permutation({ ...factorisation, factors }), { finite: false, argument: 'factorisation.factors' }),
    ['swap outside', () => linalg.permutation({ ...factorisation, swaps: new Int32Array([9, 1, 2]) }), ArgumentError, swaps],
  ],
  luSolve: [
    ...missing((none) => linalg.luSolve(any(none), x), 'factorisation'),
    ...matrix((factors) => linalg.luSolve({ ...factorisation, factors }, x), { square: true, argument: 'factorisation.factors' }),
    ...rightHandSide((B) => linalg.luSolve(factorisation, B)),
    ['singular', () => linalg.luSolve(linalg.lu(singular), x), SingularError, { pivot: 1 }],
    ['zero pivot kept quiet', () => linalg.luSolve({ ...linalg.lu(singular), zeroPivot: undefined }, x), SingularError, { pivot: 1 }],
    ['swap outside', () => linalg.luSolve({ ...factorisation, swaps: new Int32Array([1e9, 1, 2]) }, x), ArgumentError, swaps],
    ['swap upwards', () => linalg.luSolve({ ...factorisation, swaps: new Int32Array([0, 0, 2]) }, x), ArgumentError, swaps],
    ['too few swaps', () => linalg.luSolve({ ...factorisation, swaps: new Int32Array(1) }, x), ShapeError],
    ['swaps in an array', () => linalg.luSolve({ ...factorisation, swaps: any([0, 1, 2]) }, x), ArgumentError, swaps],
  ],
  solve: [
    ...matrix((M) => linalg.solve(M, x), { square: true }),
    ...rightHandSide((B) => linalg.solve(A, B)),
    ['singular', () => linalg.solve(singular, x), SingularError, { pivot: 1 }],
  ],
  inverse: [
    ...matrix((M) => linalg.inverse(M), { square: true }),
    ['singular', () => linalg.inverse(singular), SingularError, { pivot: 1 }],
  ],
  determinant: matrix((M) => linalg.determinant(M), { square: true }),
  logDeterminant: matrix((M) => linalg.logDeterminant(M), { square: true }),
  qr: [
    ...matrix((M) => linalg.qr(M)),
    ...options((none) => linalg.qr(A, none)),
    ['mode', () => linalg.qr(A, { mode: any('economy') }), ArgumentError, { argument: 'mode' }],
  ],
  rFactor: matrix((M) => linalg.rFactor(M)),
  pivotedQr: [...matrix((M) => linalg.pivotedQr(M)), ...tolerance((options) => linalg.pivotedQr(A, options))],
  leastSquares: [
    ...matrix((M) => linalg.leastSquares(M, x)),
    ...rightHandSide((B) => linalg.leastSquares(A, B)),
    ...tolerance((options) => linalg.leastSquares(A, x, options)),
  ],
  eigh: matrix((M) => linalg.eigh(M), { square: true }),
  eigenvalues: matrix((M) => linalg.eigenvalues(M), { square: true }),
  svd: [
    ...matrix((M) => linalg.svd(M)),
    ...options((none) => linalg.svd(A, none)),
    ['mode', () => linalg.svd(A, { mode: any('economy') }), ArgumentError, { argument: 'mode' }],
  ],
  singularValues: matrix((M) => linalg.singularValues(M)),
  norm2: matrix((M) => linalg.norm2(M)),
  rank: [...matrix((M) => linalg.rank(M)), ...tolerance((options) => linalg.rank(A, options))],
  conditionNumber: matrix((M) => linalg.conditionNumber(M)),
  pseudoInverse: [...matrix((M) => linalg.pseudoInverse(M)), ...tolerance((options) => linalg.pseudoInverse(A, options))],
  nullSpace: [...matrix((M) => linalg.nullSpace(M)), ...tolerance((options) => linalg.nullSpace(A, options))],
};
