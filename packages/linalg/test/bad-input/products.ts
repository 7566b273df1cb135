import * as linalg from '../../src/index.ts';
import { AbortedError, ArgumentError, dense, NonFiniteError, OutOfMemoryError, ShapeError, SingularError } from '../../src/index.ts';
import { A, any, around, HUGE, matrix, missing, numbers, options, type Row, running, sparse, vector, wide, x } from './arguments.ts';

const single = dense(3, 3, new Float32Array(A.data));
const S = linalg.csrFromDense(A);
const fired = AbortSignal.abort();
const propagating = { finite: false, double: false };

let pool: Promise<linalg.Pool> | undefined;
/** A product of a pool. */
async function pooled(options: linalg.TiledGemmOptions): Promise<unknown> {
  pool ??= linalg.createPool({ threads: 1 });
  return (await pool).gemm(options);
}

/** Shapes, types, factors of products; NaN propagates. */
function product(f: (options: linalg.TiledGemmOptions) => unknown): Row[] {
  return [
    ...missing((none) => f(any(none)), 'options'),
    ...matrix((M) => f({ A: M, B: A }), propagating),
    ...matrix((M) => f({ A, B: M }), { ...propagating, argument: 'B' }),
    ...matrix((M) => f({ A, B: A, C: M }), { ...propagating, argument: 'C', optional: true }),
    ['beyond memory', () => f({ A: { ...A, rows: HUGE, rowStride: 0 }, B: A }), OutOfMemoryError, { bytes: 24 * HUGE }],
    ['inner sizes', () => f({ A, B: wide }), ShapeError],
    ['shape of C', () => f({ A, B: A, C: linalg.zeros(3, 4) }), ShapeError],
    ['C whose rows are one', () => f({ A, B: A, C: { ...linalg.zeros(3, 3), rowStride: 0 } }), ShapeError],
    ['C whose columns are one', () => f({ A, B: A, C: { ...linalg.zeros(3, 3), colStride: 0 } }), ShapeError],
    ['C whose rows overlap', () => f({ A, B: A, C: { ...linalg.zeros(3, 3), rowStride: 2 } }), ShapeError],
    ['C whose columns overlap', () => f({ A, B: A, C: { ...linalg.zeros(3, 3), rowStride: 1, colStride: 2 } }), ShapeError],
    ['f32 and f64', () => f({ A, B: any(single) }), ArgumentError, { argument: 'B' }],
    ['C of another type', () => f({ A, B: A, C: any(single) }), ArgumentError, { argument: 'C' }],
    ['beta without C', () => f({ A, B: A, beta: 1 }), ShapeError],
    ['alpha is text', () => f({ A, B: A, alpha: any('2') }), ArgumentError, { argument: 'alpha' }],
    ['beta is null', () => f({ A, B: A, beta: any(null), C: linalg.zeros(3, 3) }), ArgumentError, { argument: 'beta' }],
  ];
}

export const PRODUCTS: Readonly<Record<string, readonly Row[]>> = {
  gemm: [
    ...product((options) => linalg.gemm(options)),
    ['unknown algorithm', () => linalg.gemm({ A, B: A, algorithm: any('strassen') }), ArgumentError, { argument: 'algorithm' }],
    ['negative levels', () => linalg.gemm({ A, B: A, algorithm: 'winograd', levels: -1 }), ShapeError],
    ['too many levels', () => linalg.gemm({ A, B: A, algorithm: 'winograd', levels: 9 }), ArgumentError, { argument: 'levels' }],
  ],
  multiply: [
    ...matrix((M) => linalg.multiply(M, A), propagating),
    ...matrix((M) => linalg.multiply(A, M), { ...propagating, argument: 'B' }),
    ['inner sizes', () => linalg.multiply(A, wide), ShapeError],
  ],
  gemmAsync: [
    ...product((options) => linalg.gemmAsync(options)),
    ['aborted', () => linalg.gemmAsync({ A, B: A, signal: fired }), AbortedError, { partial: undefined }],
    ...running((options) => linalg.gemmAsync({ A, B: A, ...options })),
  ],
  createPool: [
    ...options((none) => linalg.createPool(none)),
    ...product((options) => pooled(options)),
    ...running((options) => pooled({ A, B: A, ...options })),
    ...[0, -1, 1.5, Number.NaN, 257].map(
      (threads): Row => [`${threads} threads`, () => linalg.createPool({ threads }), ArgumentError, { argument: 'threads' }],
    ),
  ],
  syrk: [
    ...missing((none) => linalg.syrk(any(none)), 'options'),
    ...matrix((M) => linalg.syrk({ A: M }), propagating),
    ...matrix((M) => linalg.syrk({ A, C: M }), { ...propagating, argument: 'C', optional: true }),
    ['weights too short', () => linalg.syrk({ A, weights: new Float64Array(2) }), ShapeError],
    ['weights of another type', () => linalg.syrk({ A, weights: any(new Float32Array(3)) }), ArgumentError, { argument: 'weights' }],
    ['weights in an array', () => linalg.syrk({ A, weights: any([1, 2, 3]) }), ArgumentError, { argument: 'weights' }],
    ['shape of C', () => linalg.syrk({ A: wide, C: linalg.zeros(3, 3) }), ShapeError],
    ['beta without C', () => linalg.syrk({ A, beta: 1 }), ShapeError],
    ['alpha', () => linalg.syrk({ A, alpha: any('1') }), ArgumentError, { argument: 'alpha' }],
  ],
  gram: [
    ...matrix((M) => linalg.gram(M), propagating),
    ['weights too long', () => linalg.gram(A, new Float64Array(4)), ShapeError],
    ['weights of another type', () => linalg.gram(A, any(new Int32Array(3))), ArgumentError, { argument: 'weights' }],
  ],
  trsm: [
    ...missing((none) => linalg.trsm(any(none)), 'options'),
    ...matrix((M) => linalg.trsm({ A: M, B: A, triangle: 'lower' }), { square: true, double: false }),
    ...matrix((M) => linalg.trsm({ A, B: M, triangle: 'lower' }), { argument: 'B' }),
    ['sizes', () => linalg.trsm({ A, B: wide, triangle: 'lower' }), ShapeError],
    ['sizes on the right', () => linalg.trsm({ A, B: linalg.zeros(3, 2), triangle: 'lower', side: 'right' }), ShapeError],
    ['unknown triangle', () => linalg.trsm({ A, B: A, triangle: any('low') }), ArgumentError, { argument: 'triangle' }],
    ['no triangle', () => linalg.trsm(any({ A, B: A })), ArgumentError, { argument: 'triangle' }],
    ['unknown side', () => linalg.trsm({ A, B: A, triangle: 'lower', side: any('both') }), ArgumentError, { argument: 'side' }],
    ['zero pivot', () => linalg.trsm({ A: linalg.zeros(3, 3), B: A, triangle: 'upper' }), SingularError, { pivot: 0 }],
  ],
  rankOneUpdate: [
    ...numbers((u) => linalg.rankOneUpdate(linalg.zeros(3, 3), u, x), 'x'),
    ...numbers((v) => linalg.rankOneUpdate(linalg.zeros(3, 3), x, v), 'y'),
    ...matrix((M) => linalg.rankOneUpdate(M, x, x), { ...propagating, argument: 'C' }),
    ['rows of C are one', () => linalg.rankOneUpdate({ ...linalg.zeros(3, 3), rowStride: 0 }, x, x), ShapeError],
    ['length of x', () => linalg.rankOneUpdate(linalg.zeros(3, 3), new Float64Array(2), x), ShapeError],
    ['alpha', () => linalg.rankOneUpdate(linalg.zeros(3, 3), x, x, any('1')), ArgumentError, { argument: 'alpha' }],
  ],
  rankKUpdate: [
    ...matrix((M) => linalg.rankKUpdate(M, A, A), { ...propagating, argument: 'C' }),
    ...matrix((M) => linalg.rankKUpdate(linalg.zeros(3, 3), M, A), { ...propagating, argument: 'U' }),
    ...matrix((M) => linalg.rankKUpdate(linalg.zeros(3, 3), A, M), { ...propagating, argument: 'V' }),
    ['inner sizes', () => linalg.rankKUpdate(linalg.zeros(3, 3), A, linalg.zeros(3, 2)), ShapeError],
    ['shape of C', () => linalg.rankKUpdate(linalg.zeros(2, 3), A, A), ShapeError],
    ['element types', () => linalg.rankKUpdate(linalg.zeros(3, 3), A, any(single)), ArgumentError, { argument: 'V' }],
    ['alpha', () => linalg.rankKUpdate(linalg.zeros(3, 3), A, A, any(null)), ArgumentError, { argument: 'alpha' }],
  ],
  gemv: [
    ...missing((none) => linalg.gemv(any(none)), 'options'),
    ...matrix((M) => linalg.gemv({ A: M, x }), propagating),
    ...vector((v) => linalg.gemv({ A, x: v })),
    ...vector((v) => linalg.gemv({ A, x, y: v }), { argument: 'y', missing: false }),
    ['x of another type', () => linalg.gemv({ A, x: any(new Float32Array(3)) }), ArgumentError, { argument: 'x' }],
    ['y of another type', () => linalg.gemv({ A, x, y: any(new Float32Array(3)) }), ArgumentError, { argument: 'y' }],
    ['beta without y', () => linalg.gemv({ A, x, beta: 1 }), ShapeError],
    ['alpha', () => linalg.gemv({ A, x, alpha: any('1') }), ArgumentError, { argument: 'alpha' }],
  ],
  dot: [...vector((v) => linalg.dot(v, x), { length: false }), ...vector((v) => linalg.dot(x, v), { argument: 'y' })],
  axpy: [
    ...vector((v) => linalg.axpy(1, v, x.slice()), { length: false }),
    ...vector((v) => linalg.axpy(1, x, v), { argument: 'y' }),
    ['alpha', () => linalg.axpy(any(undefined), x, x.slice()), ArgumentError, { argument: 'alpha' }],
  ],
  scale: [
    ...vector((v) => linalg.scale(1, v), { length: false }),
    ['alpha', () => linalg.scale(any('2'), x.slice()), ArgumentError, { argument: 'alpha' }],
  ],
  nrm2: vector((v) => linalg.nrm2(v), { length: false }),
  asum: vector((v) => linalg.asum(v), { length: false }),
  softmaxRows: [
    ...matrix((M) => linalg.softmaxRows(M), propagating),
    ['NaN', () => linalg.softmaxRows(dense(1, 3, around(Number.NaN))), NonFiniteError, { argument: 'A', index: [0, 1] }],
    ['Infinity', () => linalg.softmaxRows(dense(1, 3, around(Infinity))), NonFiniteError, { argument: 'A', index: [0, 1] }],
  ],
  logSumExpRows: [
    ...matrix((M) => linalg.logSumExpRows(M), propagating),
    ['NaN', () => linalg.logSumExpRows(dense(1, 3, around(Number.NaN))), NonFiniteError, { argument: 'A', index: [0, 1] }],
  ],
  csrMultiply: [
    ...sparse((M) => linalg.csrMultiply(M, x), { finite: false }),
    ...matrix((X) => linalg.csrMultiply(S, X), { ...propagating, argument: 'X' }),
    ['length', () => linalg.csrMultiply(S, new Float64Array(2)), ShapeError],
    ['rows', () => linalg.csrMultiply(S, wide), ShapeError],
    ['f32 vector', () => linalg.csrMultiply(S, any(new Float32Array(3))), ArgumentError, { argument: 'X' }],
  ],
  csrMultiplyTransposed: [
    ...sparse((M) => linalg.csrMultiplyTransposed(M, x), { finite: false }),
    ...matrix((Y) => linalg.csrMultiplyTransposed(S, Y), { ...propagating, argument: 'Y' }),
    ['length', () => linalg.csrMultiplyTransposed(S, new Float64Array(4)), ShapeError],
    ['rows', () => linalg.csrMultiplyTransposed(S, wide), ShapeError],
  ],
  csrGram: [
    ...sparse((M) => linalg.csrGram(M), { finite: false }),
    ...vector((w) => linalg.csrGram(S, w), { argument: 'weights', missing: false }),
    ['weights null', () => linalg.csrGram(S, any(null)), ArgumentError, { argument: 'weights' }],
    ['beyond memory', () => linalg.csrGram({ ...S, cols: HUGE }), OutOfMemoryError, { bytes: 8 * HUGE * HUGE }],
    ['weights too short', () => linalg.csrGram(S, new Float64Array(2)), ShapeError],
    ['weight NaN', () => linalg.csrGram(S, around(Number.NaN)), NonFiniteError, { argument: 'weights', index: [1] }],
  ],
  csrGramSparse: [
    ...sparse((M) => linalg.csrGramSparse(M), { finite: false }),
    ...vector((w) => linalg.csrGramSparse(S, w), { argument: 'weights', missing: false }),
    ['weights too short', () => linalg.csrGramSparse(S, new Float64Array(2)), ShapeError],
    ['weight Infinity', () => linalg.csrGramSparse(S, around(Infinity)), NonFiniteError, { argument: 'weights', index: [1] }],
  ],
};
