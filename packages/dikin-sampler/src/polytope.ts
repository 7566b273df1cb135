import { ArgumentError, type Csr, csr, type Dense, NonFiniteError, ShapeError } from '@x/linalg';
import { checkRange } from './check.ts';
import { packRows, rowOf, type SparseRow } from './sparse.ts';

/**
 * The body {x in R^n : rowLower <= rows x <= rowUpper, lower <= x <= upper}. Equal row bounds make an equation, an infinite bound
 * is no bound. This is the form in which MPS files and metabolic models come; `polytope` makes it from {A x <= b, Aeq x = beq}.
 */
export interface Polytope {
  readonly variables: number;
  /** m x n. */
  readonly rows: Csr;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Names of the variables and of the rows, used in messages, summaries and files. */
  readonly names: readonly string[];
  readonly rowNames: readonly string[];
  /** The objective of the file it came from; sampling ignores it. */
  readonly objective?: Objective;
  /** Names of variables that the file declares integer; sampling treats them as real numbers. */
  readonly relaxed: readonly string[];
}

/** c^T x + offset. */
export interface Objective {
  readonly coefficients: Float64Array;
  readonly offset: number;
  readonly sense: 'min' | 'max';
  readonly name: string;
}

/** What `polytope` accepts. */
export interface PolytopeInput {
  /** Inequalities A x <= b: an m x n matrix, dense or CSR; an entry of b may be +Infinity. */
  readonly A?: Dense | Csr;
  readonly b?: ArrayLike<number>;
  /** Equations Aeq x = beq. */
  readonly Aeq?: Dense | Csr;
  readonly beq?: ArrayLike<number>;
  /** Bounds of the variables, one number for all or one each; default none. */
  readonly lower?: number | ArrayLike<number>;
  readonly upper?: number | ArrayLike<number>;
  /** Number of variables; needed only when no other field tells it. */
  readonly variables?: number;
  /** Names of the variables; default x0, x1, ... */
  readonly names?: readonly string[];
}

/**
 * The body {x : A x <= b, Aeq x = beq, lower <= x <= upper}.
 *
 * @returns a polytope with its own copy of the data; A's rows come first, then Aeq's.
 * @throws ShapeError when sizes disagree or nothing tells the number of variables; NonFiniteError naming the first bad entry;
 * ArgumentError for a name that comes twice.
 */
export function polytope(input: PolytopeInput): Polytope {
  const n = countVariables(input);
  const inequalities = input.A === undefined ? [] : toRows('A', input.A, n);
  const equations = input.Aeq === undefined ? [] : toRows('Aeq', input.Aeq, n);
  const b = vector('b', input.b ?? [], inequalities.length, 1);
  const beq = vector('beq', input.beq ?? [], equations.length, 0);
  return {
    variables: n,
    rows: packRows(n, [...inequalities, ...equations]),
    rowLower: Float64Array.from([...inequalities.map(() => Number.NEGATIVE_INFINITY), ...beq]),
    rowUpper: Float64Array.from([...b, ...beq]),
    lower: bounds('lower', input.lower ?? Number.NEGATIVE_INFINITY, n, -1),
    upper: bounds('upper', input.upper ?? Number.POSITIVE_INFINITY, n, 1),
    names: namesOf(input.names, n),
    rowNames: [...inequalities.map((_, i) => `A[${i}]`), ...equations.map((_, i) => `Aeq[${i}]`)],
    relaxed: [],
  };
}

/** A further constraint lower <= coefficients^T x <= upper. */
export interface Cut {
  readonly coefficients: ArrayLike<number>;
  readonly lower?: number;
  readonly upper?: number;
  readonly name?: string;
}

/**
 * The part of a body that also satisfies one more row, for instance a bound on the objective.
 *
 * @throws ShapeError when `coefficients` has another length than the body has variables; NonFiniteError; ArgumentError without a bound.
 */
export function cut(body: Polytope, { coefficients, lower, upper, name = 'cut' }: Cut): Polytope {
  if (lower === undefined && upper === undefined) {
    throw new ArgumentError('cut: neither lower nor upper is given; at least one is needed', 'lower');
  }
  const entries = vector('coefficients', coefficients, body.variables, 0);
  const rows: SparseRow[] = Array.from({ length: body.rows.rows }, (_, i) => rowOf(body.rows, i));
  return {
    ...body,
    rows: packRows(body.variables, [...rows, { columns: Int32Array.from(entries.keys()), entries }]),
    rowLower: Float64Array.from([...body.rowLower, ...vector('lower', [lower ?? Number.NEGATIVE_INFINITY], 1, -1)]),
    rowUpper: Float64Array.from([...body.rowUpper, ...vector('upper', [upper ?? Number.POSITIVE_INFINITY], 1, 1)]),
    rowNames: [...body.rowNames, name],
  };
}

/**
 * The part of a body with |x_j| <= limit for every variable, which makes an unbounded one bounded.
 *
 * @throws ArgumentError unless `limit` is positive and finite.
 */
export function box(body: Polytope, limit: number): Polytope {
  checkRange('box', 'limit', limit, Number.MIN_VALUE);
  return { ...body, lower: body.lower.map((value) => Math.max(value, -limit)), upper: body.upper.map((value) => Math.min(value, limit)) };
}

function countVariables({ A, Aeq, lower, upper, names, variables }: PolytopeInput): number {
  const known = [
    A?.cols,
    Aeq?.cols,
    names?.length,
    variables,
    ...[lower, upper].map((x) => (typeof x === 'object' ? x.length : undefined)),
  ];
  const n = known.find((count) => count !== undefined);
  if (n === undefined) throw new ShapeError('polytope: no field tells the number of variables; give A, Aeq, a bound array or `variables`');
  if (!Number.isInteger(n) || n < 1) throw new ShapeError(`polytope: ${n} variables; at least one is needed`);
  return n;
}

function toRows(name: string, A: Dense | Csr, n: number): SparseRow[] {
  if (A.cols !== n) throw new ShapeError(`polytope: ${name} has ${A.cols} columns; the body has ${n} variables`);
  if ('indptr' in A) csr(A.rows, A.cols, A.indptr, A.indices, A.data);
  return Array.from({ length: A.rows }, (_, i) => {
    const row = 'indptr' in A ? rowOf(A, i) : denseRow(A, i);
    const bad = row.entries.findIndex((entry) => !Number.isFinite(entry));
    if (bad >= 0) {
      const column = row.columns[bad]!;
      throw new NonFiniteError(`polytope: ${name}[${i}][${column}] is ${row.entries[bad]}; entries must be finite`, name, [i, column]);
    }
    return row;
  });
}

function denseRow(A: Dense, i: number): { readonly columns: Int32Array; readonly entries: Float64Array } {
  const entries = Float64Array.from({ length: A.cols }, (_, j) => A.data[A.offset + i * A.rowStride + j * A.colStride]!);
  return { columns: Int32Array.from(entries.keys()), entries };
}

/** A copy of `values`, which must be finite, or infinite in the one direction (+1, -1) that means "no bound". */
function vector(name: string, values: ArrayLike<number>, length: number, direction: -1 | 0 | 1): Float64Array {
  if (values.length !== length) throw new ShapeError(`polytope: ${name} has ${values.length} entries; ${length} are needed`);
  const copy = Float64Array.from(values);
  const bad = copy.findIndex((value) => !(Number.isFinite(value) || (direction !== 0 && value === direction * Number.POSITIVE_INFINITY)));
  if (bad >= 0) {
    const allowed = direction === 0 ? 'finite' : `finite or ${direction > 0 ? '+' : '-'}Infinity`;
    throw new NonFiniteError(`polytope: ${name}[${bad}] is ${copy[bad]}; it must be ${allowed}`, name, [bad]);
  }
  return copy;
}

function bounds(name: string, value: number | ArrayLike<number>, n: number, direction: -1 | 1): Float64Array {
  return vector(name, typeof value === 'number' ? new Float64Array(n).fill(value) : value, n, direction);
}

function namesOf(names: readonly string[] | undefined, n: number): readonly string[] {
  if (names !== undefined && names.length !== n) throw new ShapeError(`polytope: ${names.length} names for ${n} variables`);
  const seen = new Set<string>();
  const twice = names?.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined)
    throw new ArgumentError(`polytope: the name ${twice} comes twice; reports tell variables apart by name`, 'names');
  return names ?? Array.from({ length: n }, (_, j) => `x${j}`);
}
