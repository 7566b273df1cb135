import { type Dense, zeros } from '@x/linalg';
import type { Prompt } from '../context.ts';
import { stack } from '../product.ts';
import type { LoopWeights } from '../weights.ts';

/**
 * Which tokens a token attends to. `queries`: all examples and no query, so that no query changes anything but itself. `causal`: examples
 * up to and including itself; queries see all examples. `none`: everything, so that queries act as examples whose label is 0.
 */
export type Mask = 'queries' | 'causal' | 'none';

/**
 * How tokens attend. `softmax` divides e^(x_i^T A x_j / sqrt d) by its sum over i instead of x_i^T A x_j by n; that loop is a contrast and
 * no gradient descent.
 */
export type Attention = 'linear' | 'softmax';

/** How the loops are computed; all give the same numbers to rounding. */
export type EngineName = 'token' | 'linear-attention' | 'gram' | 'kernel';

/** What an engine computes. */
export interface Task {
  readonly prompt: Prompt;
  readonly weights: LoopWeights;
  readonly mask: Mask;
  readonly attention: Attention;
}

/** A transformer in the middle of its loops. */
export interface LoopRun {
  /** One more loop, with step size `eta`. */
  loop(eta: number): void;
  /** q x k: minus the label entries of the queries. */
  predictions(): Dense;
  /** n x k: the label entries of the examples, y_i - W^T x_i under the mask `queries`. */
  residuals(): Dense;
  /** d x k: the implicit weights W, where one W stands for all tokens. */
  readonly weights?: () => Dense;
}

/** What the engines that work with examples alone take for such: without a mask, queries are examples with label 0. */
export function examplesOf({ prompt, mask }: Task): { readonly X: Dense; readonly Y: Dense } {
  const { X, Y, queries, k } = prompt;
  return mask === 'none' ? { X: stack(X, queries), Y: stack(Y, zeros(queries.rows, k)) } : { X, Y };
}
