import * as linalg from '../../src/index.ts';
import { ArgumentError, dense, OutOfMemoryError, ShapeError } from '../../src/index.ts';
import { A, any, HUGE, matrix, missing, numbers, type Row, sparse, x } from './arguments.ts';

const S = linalg.csrFromDense(A);
const propagating = { finite: false, double: false };

/** An element type that is none. */
const elementType = (f: (type: undefined) => unknown): Row[] =>
  [null, 'f32', Int32Array, Array, new Float32Array(1)].map((type) => [
    `type ${String(type)}`,
    () => f(any(type)),
    ArgumentError,
    { argument: 'type' },
  ]);

export const MATRICES: Readonly<Record<string, readonly Row[]>> = {
  dense: [
    ...[-1, 1.5, Number.NaN].map((n): Row => [`${n} rows`, () => dense(n, 1, x), ShapeError]),
    ['negative columns', () => dense(1, -1, x), ShapeError],
    ['length', () => dense(2, 2, x), ShapeError],
    ['plain array', () => dense(1, 3, any([1, 2, 3])), ArgumentError, { argument: 'data' }],
    ['nothing', () => any(dense)(), ShapeError],
  ],
  zeros: [
    ...[-1, 1.5, Number.NaN, Infinity, 2 ** 31, '3'].flatMap((n): Row[] => [
      [`${n} rows`, () => linalg.zeros(any(n), 2), ShapeError],
      [`${n} columns`, () => linalg.zeros(2, any(n)), ShapeError],
    ]),
    ['beyond memory', () => linalg.zeros(HUGE, HUGE), OutOfMemoryError, { bytes: 8 * HUGE * HUGE }],
    ['beyond memory in f32', () => linalg.zeros(HUGE, HUGE, Float32Array), OutOfMemoryError, { bytes: 4 * HUGE * HUGE }],
    ...elementType((type) => linalg.zeros(1, 1, type)),
  ],
  identity: [
    ...[-1, 1.5, Number.NaN, Infinity, 2 ** 40].map((n): Row => [`${n}`, () => linalg.identity(n), ShapeError]),
    ['beyond memory', () => linalg.identity(HUGE), OutOfMemoryError, { bytes: 8 * HUGE * HUGE }],
    ...elementType((type) => linalg.identity(1, type)),
  ],
  fromRows: [
    ['ragged', () => linalg.fromRows([[1, 2], [3]]), ShapeError],
    ...missing((rows) => linalg.fromRows(any(rows)), 'rows'),
    ['no array', () => linalg.fromRows(any({ length: 2 ** 40 })), ArgumentError, { argument: 'rows' }],
    ['numbers', () => linalg.fromRows(any([1, 2])), ArgumentError, { argument: 'rows[0]' }],
    ['a row missing', () => linalg.fromRows(any([[1], null])), ArgumentError, { argument: 'rows[1]' }],
    ['holes', () => linalg.fromRows(Array.from([[1]]).concat(new Array(2))), ArgumentError, { argument: 'rows[1]' }],
    ...elementType((type) => linalg.fromRows([[1]], type)),
    ...numbers((row) => linalg.fromRows([row]), 'rows[0]').filter(([what]) => !what.includes('length')),
  ],
  transpose: matrix((M) => linalg.transpose(M), propagating),
  toRows: matrix((M) => linalg.toRows(M), propagating),
  copy: [
    ...matrix((M) => linalg.copy(M), propagating),
    ['beyond memory', () => linalg.copy({ ...A, rows: HUGE, rowStride: 0 }), OutOfMemoryError, { bytes: 24 * HUGE }],
  ],
  diagonal: matrix((M) => linalg.diagonal(M), propagating),
  trace: matrix((M) => linalg.trace(M), { ...propagating, square: true }),
  norm: [
    ...matrix((M) => linalg.norm(M), propagating),
    ...matrix((M) => linalg.norm(M, 'one'), propagating),
    ...[null, 2, 'two', 'fro', Symbol('one')].map(
      (kind): Row => [`kind ${String(kind)}`, () => linalg.norm(A, any(kind)), ArgumentError, { argument: 'kind' }],
    ),
  ],
  block: [
    ...matrix((M) => linalg.block(M, 0, 0, 1, 1), propagating),
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
    ...numbers((rowOf) => linalg.csrFromTriplets(3, 3, rowOf, [0, 1, 2], [1, 1, 1]), 'rowOf'),
    ...numbers((colOf) => linalg.csrFromTriplets(3, 3, [0, 1, 2], colOf, [1, 1, 1]), 'colOf'),
    ...numbers((values) => linalg.csrFromTriplets(3, 3, [0, 1, 2], [0, 1, 2], values), 'values'),
    ['row outside', () => linalg.csrFromTriplets(2, 2, [2], [0], [1]), ArgumentError, { argument: 'rowOf' }],
    ['fractional column', () => linalg.csrFromTriplets(2, 2, [1], [0.5], [1]), ArgumentError, { argument: 'colOf' }],
  ],
  csrFromDense: matrix((M) => linalg.csrFromDense(M), propagating),
  csrToDense: [
    ...sparse((M) => linalg.csrToDense(M), { finite: false }),
    ['beyond memory', () => linalg.csrToDense({ ...S, cols: HUGE }), OutOfMemoryError, { bytes: 24 * HUGE }],
  ],
  csrTranspose: sparse((M) => linalg.csrTranspose(M), { finite: false }),
  csrRows: [
    ...sparse((M) => linalg.csrRows(M, [0]), { finite: false }),
    ...[3, -1, 0.5, Number.NaN].map((i): Row => [`row ${i}`, () => linalg.csrRows(S, [i]), ArgumentError, { argument: 'rows' }]),
    ...numbers((rows) => linalg.csrRows(S, rows), 'rows'),
  ],
};
