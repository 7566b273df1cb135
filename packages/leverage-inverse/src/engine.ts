import type { Dense } from '@x/linalg';
import type { Frame } from './coordinates.ts';
import type { Design } from './design.ts';
import { evaluator } from './engine/evaluate.ts';
import { createPasses } from './engine/passes.ts';
import { products } from './engine/products.ts';
import type { Factor } from './factor.ts';
import type { Third } from './third.ts';

/** What there is to know at x. Whitened coordinates are those in which H is the identity: h = Z p, gradients Z^T g. */
export interface Evaluation extends Factor {
  readonly x: Float64Array;
  readonly slack: Float64Array;
  readonly scores: Float64Array;
  /** V = log det(H) / 2. */
  readonly potential: number;
  /** Z^T g = B^T sigma. */
  readonly whitened: Float64Array;
  /** B^T Sigma B, when asked for. */
  readonly qhat: Dense | undefined;
  /** sum_i b_i (x) b_i (x) b_i, when asked for. */
  readonly third: Third | undefined;
}

export interface Wanted {
  readonly qhat?: boolean;
  readonly third?: boolean;
  /** The signs that slacks must have. */
  readonly signs?: Int8Array;
  /** The slacks at x, where they are known better than a plain sum gives them. */
  readonly slacks?: Float64Array;
  /** One that is not needed any more: its arrays of n numbers are overwritten. 'own': those of the last one that was asked for so. */
  readonly reuse?: Evaluation | 'own' | undefined;
}

/** Passes over the rows of a design, block by block: nothing larger than n numbers is ever formed beside A. */
export interface Engine {
  readonly rows: number;
  readonly cols: number;
  readonly b: Float64Array;
  /** A h. */
  times(h: Float64Array): Float64Array;
  /** A^T diag(weights) A, both triangles. */
  gram(weights: Float64Array): Dense;
  /**
   * Undefined when a slack has not the sign that is wanted; errors name the operation. Cost: n d^2 multiply-adds, half for `qhat` again, n d^3 / 6 for `third`.
   *
   * @throws SlackZeroError; RankDeficientError.
   */
  evaluate(operation: string, x: Float64Array, wanted?: Wanted): Evaluation | undefined;
  /** (P o P) u. Cost: 2 n d^2 multiply-adds. */
  squaredProjection(frame: Frame, u: Float64Array): Float64Array;
  /** B^T v for n numbers v, sums of blocks added in twice the precision. Cost: n d^2 / 2. */
  project(frame: Frame, v: Float64Array): Float64Array;
  /** Calls `visit` with the rows of A, block by block, row-major. */
  visitRows(visit: (rows: Float64Array, first: number, count: number) => void): void;
  /** B^T diag(u) B. Cost: n d^2. */
  weighted(frame: Frame, u: Float64Array): Dense;
  /** sum_i u_i b_i (x) b_i (x) b_i. Cost: n d^3 / 6. */
  third(frame: Frame, u: Float64Array): Third;
  /** sum_k weights_k b_i b_i^T with i = rows_k. Cost: m d^2. */
  sampled(frame: Frame, rows: Int32Array, weights: Float64Array): Dense;
  /** ||b_i||^2. Cost: n d^2 / 2. */
  rowNorms(frame: Frame): Float64Array;
}

/**
 * `design` has been checked. `resident`: a dense one is copied into a kernel of its own, where it stays, which pays from the third pass on, as
 * new memory is dear; else each pass copies it block by block.
 */
export function createEngine(design: Design, resident = false): Engine {
  const passes = createPasses(design, resident);
  return { rows: passes.n, cols: passes.d, b: passes.b, evaluate: evaluator(passes), ...products(passes) };
}
