import { copy, type Dense, dense, ShapeError } from '@x/linalg';
import { checkFinite, checkMagnitude, checkMatrix, checkVector } from './check.ts';

/** Examples that a model is to learn from without any training: rows x_i and what belongs to each. */
export interface Context {
  /** n x d, n and d >= 1. */
  readonly x: Dense;
  /** n x k; or n numbers, which is k = 1. */
  readonly y: Dense | Float64Array;
}

/** A context and queries, checked, row-major and apart from the caller's data. */
export interface Prompt {
  /** Examples, queries, inputs and outputs. */
  readonly n: number;
  readonly q: number;
  readonly d: number;
  readonly k: number;
  /** n x d. */
  readonly X: Dense;
  /** n x k. */
  readonly Y: Dense;
  /** q x d. */
  readonly queries: Dense;
}

/**
 * @throws ShapeError when sizes do not fit or n, d or k is 0; NonFiniteError naming argument and index; ArgumentError for another type
 *   and when the largest entry of a matrix is not 0 and outside [1e-100, 1e100].
 */
export function promptOf(operation: string, context: Context, queries?: Dense): Prompt {
  checkMatrix(operation, 'context.x', context?.x);
  const X = copy(context.x);
  const { rows: n, cols: d } = X;
  if (n === 0 || d === 0) throw new ShapeError(`${operation}: context.x is ${n} x ${d}; it must have at least one row and one column`);
  checkFinite(operation, 'context.x', X);
  checkMagnitude(operation, 'context.x', X.data);
  const Y = outputsOf(operation, context.y, n);
  const Q = queries === undefined ? dense(0, d, new Float64Array()) : queriesOf(operation, queries, d);
  return { n, q: Q.rows, d, k: Y.cols, X, Y, queries: Q };
}

function outputsOf(operation: string, y: Dense | Float64Array, n: number): Dense {
  if (y instanceof Float64Array) {
    checkVector(operation, 'context.y', y, n);
    checkMagnitude(operation, 'context.y', y);
    return dense(n, 1, y.slice());
  }
  checkMatrix(operation, 'context.y', y);
  if (y.rows !== n || y.cols === 0) {
    throw new ShapeError(`${operation}: context.y is ${y.rows} x ${y.cols}; it must have ${n} rows, as context.x, and at least one column`);
  }
  const Y = copy(y);
  checkFinite(operation, 'context.y', Y);
  checkMagnitude(operation, 'context.y', Y.data);
  return Y;
}

function queriesOf(operation: string, queries: Dense, d: number): Dense {
  checkMatrix(operation, 'queries', queries);
  if (queries.cols !== d) throw new ShapeError(`${operation}: queries has ${queries.cols} columns; context.x has ${d}`);
  const Q = copy(queries);
  checkFinite(operation, 'queries', Q);
  checkMagnitude(operation, 'queries', Q.data);
  return Q;
}
