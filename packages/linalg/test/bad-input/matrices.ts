import * as linalg from '../../src/index.ts';
import { ArgumentError, dense, ShapeError } from '../../src/index.ts';
import { A, any, matrix, type Row, sparse, x } from './arguments.ts';

const S = linalg.csrFromDense(A);
const propagating = { finite: false, double: false };

export const MATRICES: Readonly<Record<string, readonly Row[]>> = {
  dense: [
    ...[-1, 1.5, Number.NaN].map((n): Row => [`${n} rows`, () => dense(n, 1, x), ShapeError]),
    ['negative columns', () => dense(1, -1, x), ShapeError],
    ['length', () => dense(2, 2, x), ShapeError],
    ['plain array', () => dense(1, 3, any([1, 2, 3])), ArgumentError, { argument: 'data' }],
  ],
  zeros: [-1, 1.5, Number.NaN, Infinity].flatMap((n): Row[] => [
    [`${n} rows`, () => linalg.zeros(n, 2), ShapeError],
    [`${n} columns`, () => linalg.zeros(2, n), ShapeError],
  ]),
  identity: [-1, 1.5, Number.NaN, Infinity].map((n): Row => [`${n}`, () => linalg.identity(n), ShapeError]),
  fromRows: [['ragged', () => linalg.fromRows([[1, 2], [3]]), ShapeError]],
  toRows: matrix((M) => linalg.toRows(M), propagating),
  copy: matrix((M) => linalg.copy(M), propagating),
  block: [
    ['beyond the rows', () => linalg.block(A, 2, 0, 2, 1), ShapeError],
    ['beyond the columns', () => linalg.block(A, 0, 3, 1, 1), ShapeError],
    ['negative start', () => linalg.block(A, -1, 0, 1, 1), ShapeError],
    ['fractional size', () => linalg.block(A, 0, 0, 1.5, 1), ShapeError],
    ['NaN', () => linalg.block(A, 0, 0, 1, Number.NaN), ShapeError],
  ],
  csr: sparse((M) => linalg.csr(M.rows, M.cols, M.indptr, M.indices, M.data), { finite: false, missing: false }),
  csrFromTriplets: [
    ['negative size', () => linalg.csrFromTriplets(-1, 2, [], [], []), ShapeError],
    ['fractional size', () => linalg.csrFromTriplets(2, 1.5, [], [], []), ShapeError],
    ['lengths', () => linalg.csrFromTriplets(2, 2, [0], [0, 1], [1]), ShapeError],
    ['row outside', () => linalg.csrFromTriplets(2, 2, [2], [0], [1]), ArgumentError, { argument: 'rowOf' }],
    ['fractional column', () => linalg.csrFromTriplets(2, 2, [1], [0.5], [1]), ArgumentError, { argument: 'colOf' }],
  ],
  csrFromDense: matrix((M) => linalg.csrFromDense(M), propagating),
  csrToDense: sparse((M) => linalg.csrToDense(M), { finite: false }),
  csrTranspose: sparse((M) => linalg.csrTranspose(M), { finite: false }),
  csrRows: [
    ...sparse((M) => linalg.csrRows(M, [0]), { finite: false }),
    ...[3, -1, 0.5, Number.NaN].map((i): Row => [`row ${i}`, () => linalg.csrRows(S, [i]), ArgumentError, { argument: 'rows' }]),
  ],
};
