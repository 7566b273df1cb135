import { ArgumentError, type Csr, type Dense, ShapeError } from '@x/linalg';
import { type Polytope, polytope } from '../polytope.ts';
import { checkedLowRank, type Entries, entriesOf, isLowRank, orderOf, type SymmetricMatrix } from './matrix.ts';

/**
 * The body {x in R^m : S(x) = sum_i x_i A_i - C positive semidefinite, Aeq x = beq}; `spectrahedron` makes it from matrices,
 * `elliptope` and `spectraplex` are two known ones.
 */
export interface Spectrahedron {
  readonly kind: 'spectrahedron';
  /** n: S is n x n. */
  readonly order: number;
  /** m. */
  readonly variables: number;
  /** Lower triangles of A_0 .. A_{m-1} and of C. */
  readonly A: readonly Entries[];
  readonly C: Entries;
  /** sum_k weights_k u_k u_k^T of every A_i, where all were given so. */
  readonly factors: readonly Factors[] | undefined;
  /** The equations, as a polytope without inequalities. */
  readonly equations: Polytope;
  readonly names: readonly string[];
}

/** Vectors row by row and their weights. */
export interface Factors {
  readonly vectors: Float64Array;
  readonly weights: Float64Array;
}

/** What `spectrahedron` accepts. */
export interface SpectrahedronInput {
  /** A_0 .. A_{m-1}, symmetric n x n: dense, sparse with both triangles, or { vectors, weights }. */
  readonly A: readonly SymmetricMatrix[];
  /** Default 0. */
  readonly C?: SymmetricMatrix;
  /** Equations Aeq x = beq, such as trace X = 1. */
  readonly Aeq?: Dense | Csr;
  readonly beq?: ArrayLike<number>;
  /** Names of the variables; default x0, x1, ... */
  readonly names?: readonly string[];
}

/**
 * The body {x : sum_i x_i A_i - C positive semidefinite, Aeq x = beq}.
 *
 * @returns a body with its own copy of the data.
 * @throws ShapeError when sizes disagree; NonFiniteError naming the first bad entry; ArgumentError naming the first asymmetric pair of
 * entries (beyond rounding, a relative 1e-10), no matrices at all, or a name that comes twice.
 */
export function spectrahedron({ A, C, Aeq, beq, names }: SpectrahedronInput): Spectrahedron {
  if (!Array.isArray(A) || A.length === 0) throw new ArgumentError('spectrahedron: A has no matrices; at least one is needed', 'A');
  const n = orderOf('A[0]', A[0]!);
  if (n < 1) throw new ShapeError('spectrahedron: A[0] is 0 x 0; the order must be at least 1');
  for (const [i, matrix] of A.entries()) orderOf(`A[${i}]`, matrix);
  if (C !== undefined) orderOf('C', C);
  const lists = A.map((matrix, i) => entriesOf(`A[${i}]`, matrix, n));
  const lowRank = A.every(isLowRank);
  const equations = polytope({
    variables: A.length,
    ...(Aeq === undefined ? {} : { Aeq }),
    ...(beq === undefined ? {} : { beq }),
    ...(names === undefined ? {} : { names }),
  });
  if (equations.variables !== A.length) {
    throw new ShapeError(`spectrahedron: Aeq or names is for ${equations.variables} variables; there are ${A.length} matrices`);
  }
  return {
    kind: 'spectrahedron',
    order: n,
    variables: A.length,
    A: lists,
    C: C === undefined ? NOTHING : entriesOf('C', C, n),
    factors: lowRank ? A.map((matrix, i) => checkedLowRank(`A[${i}]`, matrix, n)) : undefined,
    equations,
    names: equations.names,
  };
}

const NOTHING: Entries = { row: new Int32Array(0), col: new Int32Array(0), value: new Float64Array(0) };

/**
 * The elliptope: correlation matrices of order n, by their n (n - 1) / 2 entries below the diagonal, row by row, named r1,0, r2,0,
 * r2,1, ... Under the uniform distribution (1 + r) / 2 of every entry is Beta(n / 2, n / 2) (Joe 2006; Lewandowski, Kurowicka and Joe 2009).
 *
 * @throws ShapeError unless n is a whole number of at least 2.
 */
export function elliptope(n: number): Spectrahedron {
  checkOrder('elliptope', n, 2);
  const places = belowDiagonal(n).filter(({ i, j }) => i !== j);
  return known(
    n,
    places.map(({ i, j }) => ({ name: `r${i},${j}`, entries: entry(i, j, 1) })),
    { row: range(n), col: range(n), value: new Float64Array(n).fill(-1) },
  );
}

/**
 * The spectraplex: positive semidefinite matrices of order n and trace 1 (real density matrices), by their n (n + 1) / 2 entries of the
 * lower triangle, row by row, named X0,0, X1,0, X1,1, ... Its uniform distribution is that of W / trace W with W a Wishart matrix of n + 1
 * degrees of freedom.
 *
 * @throws ShapeError unless n is a whole number of at least 2.
 */
export function spectraplex(n: number): Spectrahedron {
  checkOrder('spectraplex', n, 2);
  const places = belowDiagonal(n);
  const trace = Float64Array.from(places, ({ i, j }) => (i === j ? 1 : 0));
  return known(
    n,
    places.map(({ i, j }) => ({ name: `X${i},${j}`, entries: entry(i, j, 1) })),
    NOTHING,
    trace,
  );
}

function known(n: number, variables: readonly { name: string; entries: Entries }[], C: Entries, trace?: Float64Array): Spectrahedron {
  const names = variables.map(({ name }) => name);
  const m = names.length;
  const equation = trace === undefined ? {} : { Aeq: { rows: 1, cols: m, data: trace, offset: 0, rowStride: m, colStride: 1 }, beq: [1] };
  return {
    kind: 'spectrahedron',
    order: n,
    variables: m,
    A: variables.map(({ entries }) => entries),
    C,
    factors: undefined,
    equations: polytope({ variables: m, names, ...equation }),
    names,
  };
}

function checkOrder(operation: string, n: number, least: number): void {
  if (!Number.isInteger(n) || n < least)
    throw new ShapeError(`${operation}: the order is ${n}; it must be a whole number, at least ${least}`);
}

function belowDiagonal(n: number): { readonly i: number; readonly j: number }[] {
  return Array.from({ length: n }, (_, i) => Array.from({ length: i + 1 }, (__, j) => ({ i, j }))).flat();
}

function entry(i: number, j: number, value: number): Entries {
  return { row: Int32Array.of(i), col: Int32Array.of(j), value: Float64Array.of(value) };
}

function range(n: number): Int32Array {
  return Int32Array.from({ length: n }, (_, i) => i);
}
