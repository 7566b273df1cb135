/** Bad matrices and vectors, in every way in which one can be bad. */
import { ArgumentError, type Csr, csrFromDense, type Dense, dense, fromRows, NonFiniteError, ShapeError } from '../../src/index.ts';

/** What is bad, a call with it, the error to expect, and the error's fields. */
export type Row = readonly [
  what: string,
  call: () => unknown,
  error: abstract new (...parameters: never[]) => Error,
  fields?: Readonly<Record<string, unknown>>,
];

/** What the types forbid and JavaScript allows. */
// biome-ignore lint/suspicious/noExplicitAny: the tables call every function with what its types forbid.
export const any = (value: unknown): any => value;

/** Symmetric and positive definite, so that every function takes it. */
export const A: Dense = fromRows([
  [4, 1, 0],
  [1, 3, 1],
  [0, 1, 2],
]);
export const wide: Dense = dense(2, 3, new Float64Array([1, 2, 3, 4, 5, 6]));
export const singular: Dense = fromRows([
  [1, 2, 3],
  [2, 4, 6],
  [0, 0, 1],
]);
/** Three numbers. */
export const x: Float64Array = new Float64Array([1, 2, 3]);
/** Three numbers with `middle` in the middle. */
export const around = (middle: number): Float64Array => new Float64Array([1, middle, 3]);

interface MatrixOptions {
  /** What errors call it. Default 'A'. */
  readonly argument?: string;
  /** It must be square. Default false. */
  readonly square?: boolean;
  /** Its entries, at least those of the lower triangle, must be finite. Default true. */
  readonly finite?: boolean;
  /** It must hold f64. Default true. */
  readonly double?: boolean;
  /** It may be left out. Default false. */
  readonly optional?: boolean;
}

/** Calls of `f` with bad 3 x 3 matrices. */
export function matrix(f: (A: Dense) => unknown, options: MatrixOptions = {}): Row[] {
  const { argument = 'A', square = false, finite = true, double = true, optional = false } = options;
  const fields = { argument };
  const withEntry = (i: number, j: number, value: number): Dense => {
    const data = A.data.slice();
    data[3 * i + j] = value;
    return { ...A, data };
  };
  const rows: Row[] = [
    [`${argument} is null`, () => f(any(null)), ArgumentError, fields],
    [`${argument} without data`, () => f(any({ rows: 3, cols: 3 })), ArgumentError, fields],
    [`${argument} in an array`, () => f({ ...A, data: any(Array.from(A.data)) }), ArgumentError, fields],
    [`${argument} of whole numbers`, () => f({ ...A, data: any(Int32Array.from(A.data)) }), ArgumentError, fields],
    [`${argument} with -1 rows`, () => f({ ...A, rows: -1 }), ShapeError],
    [`${argument} with 1.5 columns`, () => f({ ...A, cols: 1.5 }), ShapeError],
    [`${argument} with 2^40 rows`, () => f({ ...A, rows: 2 ** 40, rowStride: 0 }), ShapeError],
    [`${argument} with NaN rows`, () => f({ ...A, rows: Number.NaN }), ShapeError],
    [`${argument} beginning before its data`, () => f({ ...A, offset: -1 }), ShapeError],
    [`${argument} reaching beyond its data`, () => f({ ...A, offset: 1 }), ShapeError],
    [`${argument} with a stride beyond its data`, () => f({ ...A, rowStride: 4 }), ShapeError],
    [`${argument} with a stride before its data`, () => f({ ...A, colStride: -1 }), ShapeError],
    [`${argument} with a stride of three quarters`, () => f({ ...A, rowStride: 0.75 }), ShapeError],
    [`${argument} with a stride of a half, ends on entries`, () => f({ ...A, rowStride: 0.5 }), ShapeError],
    [`${argument} with a stride that is NaN`, () => f({ ...A, colStride: Number.NaN }), ShapeError],
    [`${argument} with an offset of a half`, () => f({ ...A, rowStride: 2, offset: 0.5 }), ShapeError],
  ];
  if (!optional) rows.push([`${argument} is undefined`, () => f(any(undefined)), ArgumentError, fields]);
  if (square) rows.push([`${argument} not square`, () => f(wide), ShapeError]);
  if (double) rows.push([`${argument} of f32`, () => f(any({ ...A, data: Float32Array.from(A.data) })), ArgumentError, fields]);
  if (finite) {
    rows.push([`${argument} with NaN`, () => f(withEntry(1, 0, Number.NaN)), NonFiniteError, { argument, index: [1, 0] }]);
    rows.push([`${argument} with Infinity`, () => f(withEntry(2, 1, Infinity)), NonFiniteError, { argument, index: [2, 1] }]);
    rows.push([`${argument} with -Infinity`, () => f(withEntry(2, 2, -Infinity)), NonFiniteError, { argument, index: [2, 2] }]);
  }
  return rows;
}

interface SparseOptions {
  readonly argument?: string;
  /** Its entries must be finite. Default true. */
  readonly finite?: boolean;
  /** It can be left out. Default true. */
  readonly missing?: boolean;
}

/** Calls of `f` with bad sparse 3 x 3 matrices. */
export function sparse(f: (A: Csr) => unknown, { argument = 'A', finite = true, missing = true }: SparseOptions = {}): Row[] {
  const S = csrFromDense(A);
  const data = S.data.slice();
  data[3] = Number.NaN;
  const rows: Row[] = [
    ['sparse: rows do not fit', () => f({ ...S, rows: 2 }), ShapeError],
    ['sparse: -1 rows', () => f({ ...S, rows: -1 }), ShapeError],
    ['sparse: 2^40 columns', () => f({ ...S, cols: 2 ** 40 }), ShapeError],
    ['sparse: 2.5 columns', () => f({ ...S, cols: 2.5 }), ShapeError],
    ['sparse: a column outside', () => f({ ...S, cols: 2 }), ShapeError],
    ['sparse: offsets decrease', () => f({ ...S, indptr: new Int32Array([0, 5, 2, 7]) }), ShapeError],
    ['sparse: offsets beyond the entries', () => f({ ...S, indptr: new Int32Array([0, 2, 5, 9]) }), ShapeError],
    ['sparse: columns out of order', () => f({ ...S, indices: Int32Array.from(S.indices).reverse() }), ShapeError],
    ['sparse: lengths', () => f({ ...S, data: new Float64Array(3) }), ShapeError],
    ['sparse: f32 entries', () => f({ ...S, data: any(Float32Array.from(S.data)) }), ArgumentError, { argument }],
    ['sparse: columns as f64', () => f({ ...S, indices: any(Float64Array.from(S.indices)) }), ArgumentError, { argument }],
    ['sparse: offsets in an array', () => f({ ...S, indptr: any(Array.from(S.indptr)) }), ArgumentError, { argument }],
  ];
  if (missing) rows.push(['sparse: null', () => f(any(null)), ArgumentError, { argument }]);
  if (finite) rows.push(['sparse: NaN', () => f({ ...S, data }), NonFiniteError, { argument, index: [1, 1] }]);
  return rows;
}

interface VectorOptions {
  readonly argument?: string;
  /** Its length is given by another argument. Default true. */
  readonly length?: boolean;
  /** It can be left out by mistake. Default true. */
  readonly missing?: boolean;
}

/** Calls of `f` with bad vectors where three numbers are needed. */
export function vector(f: (x: Float64Array) => unknown, { argument = 'x', length = true, missing = true }: VectorOptions = {}): Row[] {
  const rows: Row[] = [
    [`${argument} in an array`, () => f(any([1, 2, 3])), ArgumentError, { argument }],
    [`${argument} of whole numbers`, () => f(any(new Int32Array(3))), ArgumentError, { argument }],
  ];
  if (missing) rows.push([`${argument} is undefined`, () => f(any(undefined)), ArgumentError, { argument }]);
  if (length) {
    rows.push([`${argument} too short`, () => f(new Float64Array(2)), ShapeError]);
    rows.push([`${argument} too long`, () => f(new Float64Array(4)), ShapeError]);
  }
  return rows;
}

/** A signal or a callback that is none. */
export function running(f: (options: object) => unknown): Row[] {
  return [null, true, {}, { aborted: false }].flatMap((value): Row[] => [
    [`signal ${JSON.stringify(value)}`, () => f({ signal: value }), ArgumentError, { argument: 'signal' }],
    [`onProgress ${JSON.stringify(value)}`, () => f({ onProgress: value }), ArgumentError, { argument: 'onProgress' }],
  ]);
}

/** Options that are no object. */
export function options(f: (options: undefined) => unknown, argument = 'options'): Row[] {
  return [null, 5, 'fast', true, Symbol('s')].map((value) => [
    `${argument} ${String(value)}`,
    () => f(any(value)),
    ArgumentError,
    { argument },
  ]);
}

/** A result of another function that is missing or something else. */
export function missing(f: (object: undefined) => unknown, argument: string): Row[] {
  return [...options(f, argument), [`no ${argument}`, () => f(any(undefined)), ArgumentError, { argument }]];
}

/** Something else where an array of numbers should stand. */
export function numbers(f: (x: number[]) => unknown, argument: string): Row[] {
  const fields = { argument };
  return [
    ...missing((none) => f(any(none)), argument),
    [`${argument} without a length`, () => f(any({})), ShapeError],
    [`${argument} of a length beyond all`, () => f(any({ length: 2 ** 40 })), ShapeError],
    [`${argument} with a hole`, () => f(any({ length: 3, 0: 1 })), ArgumentError, { argument: `${argument}[1]` }],
    [`${argument} with text`, () => f(any([1, '2', 3])), ArgumentError, { argument: `${argument}[1]` }],
    [`${argument} of bigints`, () => f(any(new BigInt64Array(3))), ArgumentError, { argument: `${argument}[0]` }],
    [`${argument} is text`, () => f(any('abc')), ArgumentError, fields],
  ];
}

/** Sizes that no memory holds: refused with the bytes, or as beyond 2^31. */
export const HUGE = 2 ** 30;

/** A tolerance that decides a rank. */
export function tolerance(f: (options: { tolerance: number }) => unknown): Row[] {
  return [
    ...options((value) => f(any(value))),
    ...[-1, 2, Number.NaN, '0.5'].map(
      (value): Row => [`tolerance ${value}`, () => f(any({ tolerance: value })), ArgumentError, { argument: 'tolerance' }],
    ),
  ];
}

/** A right-hand side, matrix or vector, of three rows. */
export function rightHandSide(f: (B: Dense & Float64Array) => unknown): Row[] {
  return [
    ...matrix((B) => f(any(B)), { argument: 'B' }),
    ['B of two rows', () => f(any(wide)), ShapeError],
    ['vector too short', () => f(any(new Float64Array(2))), ShapeError],
    ['vector of f32', () => f(any(new Float32Array(3))), ArgumentError, { argument: 'B' }],
    ['vector of whole numbers', () => f(any(new Int32Array(3))), ArgumentError, { argument: 'B' }],
    ['vector in an array', () => f(any([1, 2, 3])), ArgumentError, { argument: 'B' }],
    ['vector with NaN', () => f(any(around(Number.NaN))), NonFiniteError, { argument: 'B', index: [1, 0] }],
  ];
}
