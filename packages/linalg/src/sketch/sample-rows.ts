import { checkChoice, checkObject, checkRange, checkVector, kindOf } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { newArray } from '../memory.ts';
import { aliasTable } from '../random/alias.ts';
import { philoxFor } from '../random/streams.ts';
import type { Matrix } from '../sparse/csr.ts';
import { checkMatrix, takeRows } from '../sparse/rows.ts';
import { scaleRows, scalesOf } from './columns.ts';
import { leverageScores } from './leverage.ts';

export interface SampleOptions {
  /** How many rows to draw: exactly ('multinomial') or on average ('bernoulli'). Give this, or `eps` and `delta`. */
  readonly size?: number;
  /** The distortion eps in (0, 1] that should hold with probability 1 - delta. */
  readonly eps?: number;
  readonly delta?: number;
  /**
   * 'bernoulli' (default): row i is kept with probability q_i = min(1, C tau_i), so none comes twice and a row that alone carries a
   * direction always comes. 'multinomial': independent draws with probabilities tau_i / sum tau.
   */
  readonly scheme?: 'bernoulli' | 'multinomial';
  /** Scores to sample by, n numbers >= 0; exact leverage scores by default. Where those take long, `leverageScoresOfBlocks` can be aborted. */
  readonly scores?: Float64Array;
  /** With approximate `scores`, at least beta times the exact ones after both are scaled to equal sums: give 1 / beta. Default 1. */
  readonly oversample?: number;
  /** A whole number in [0, 2^53); default 0. */
  readonly seed?: number;
}

export interface RowSample {
  /** Rows of A, increasing; repeated for repeated draws of 'multinomial'. */
  readonly indices: Int32Array;
  /** The factor of each, 1 / sqrt(q_i) or 1 / sqrt(m p_i): ||S A x||^2 has the mean ||A x||^2. */
  readonly weights: Float64Array;
}

/**
 * A random sample of rows of A with weights that keeps ||A x|| for all x: a coreset for least squares.
 *
 * For eps and delta the size is m = (2 d / eps^2) (1 + eps / 3) ln(2 d / delta) ('bernoulli': C = m / sum tau), d being the rank, or
 * the number of columns where `scores` are given: by the matrix Bernstein inequality, as each sampled term has norm and variance at
 * most d / m.
 *
 * @param A - n x d.
 * @throws ShapeError; NonFiniteError; ArgumentError for options that are not allowed, all scores zero among them.
 * Cost: that of the scores, O(n + m).
 * Source of the inequality: Tropp, arXiv 1004.4389, theorem 1.4.
 */
export function sampleRows(A: Matrix, options: SampleOptions = {}): RowSample {
  checkObject('sampleRows', 'options', options);
  const { scheme = 'bernoulli', oversample = 1, seed = 0 } = options;
  checkMatrix('sampleRows', 'A', A);
  checkChoice('sampleRows', 'scheme', scheme, ['bernoulli', 'multinomial']);
  checkRange('sampleRows', 'oversample', oversample, Number.MIN_VALUE);
  const { scores: given, rank } = options.scores ? { scores: options.scores, rank: A.cols } : leverageScores(A);
  checkVector('sampleRows', 'scores', given, A.rows);
  const [power] = scalesOf(Float64Array.of(given.reduce((most, tau) => Math.max(most, tau), 0)));
  const scores = given.map((tau) => tau * power!);
  const total = scores.reduce((sum, tau) => sum + tau, 0);
  if (!(total > 0) || scores.some((tau) => tau < 0)) throw new ArgumentError('sampleRows: scores must be >= 0, and one positive', 'scores');
  const size = oversample * targetSize(rank, options);
  if (scheme === 'bernoulli') return bernoulli(scores, options.size === undefined ? size / total : multiplier(scores, size), seed);
  return multinomial(scores, total, Math.ceil(size), seed);
}

function targetSize(rank: number, { size, eps, delta }: SampleOptions): number {
  if (size !== undefined) {
    checkRange('sampleRows', 'size', size, Number.MIN_VALUE);
    return size;
  }
  if (eps === undefined || delta === undefined) throw new ArgumentError('sampleRows: give size, or eps and delta', 'size');
  checkRange('sampleRows', 'eps', eps, Number.MIN_VALUE, 1);
  checkRange('sampleRows', 'delta', delta, Number.MIN_VALUE, 1);
  return rank && ((2 * rank) / eps ** 2) * (1 + eps / 3) * Math.log((2 * rank) / delta);
}

function bernoulli(scores: Float64Array, C: number, seed: number): RowSample {
  const draws = philoxFor('rows', seed).fillUniform(new Float64Array(scores.length));
  const indices = Int32Array.from(scores.keys()).filter((i) => draws[i]! < C * scores[i]!);
  return { indices, weights: Float64Array.from(indices, (i) => 1 / Math.sqrt(Math.min(1, C * scores[i]!))) };
}

/** C with sum min(1, C tau_i) = size, or as many as there are positive scores. */
function multiplier(scores: Float64Array, size: number): number {
  const sorted = scores.filter((tau) => tau > 0).sort();
  let sum = 0;
  const sums = sorted.map((tau) => (sum += tau));
  // The largest scores are certain one after the other, until C leaves the next one below 1.
  for (let certain = 0, next = sorted.length - 1; next >= 0 && certain < size; certain++, next--) {
    const C = (size - certain) / sums[next]!;
    if (C * sorted[next]! <= 1) return C;
  }
  return 1 / sorted[0]!;
}

function multinomial(scores: Float64Array, total: number, size: number, seed: number): RowSample {
  const table = aliasTable(scores);
  const rng = philoxFor('rows', seed);
  const indices = newArray('sampleRows', Int32Array, size)
    .map(() => table.draw(rng))
    .sort();
  return { indices, weights: Float64Array.from(indices, (i) => 1 / Math.sqrt((size * scores[i]!) / total)) };
}

/**
 * The sampled rows times their weights: S A, of the same kind as A. NaN and infinities propagate, and products may overflow.
 *
 * @throws ShapeError when A is not well formed; ArgumentError when a row does not exist.
 */
export function sampledRows(A: Matrix, sample: RowSample): Matrix {
  checkMatrix('sampledRows', 'A', A);
  checkObject('sampledRows', 'sample', sample);
  const { indices, weights } = sample;
  if (!(indices instanceof Int32Array))
    throw new ArgumentError(`sampledRows: indices is ${kindOf(indices)}; it must be an Int32Array`, 'indices');
  checkVector('sampledRows', 'weights', weights, indices.length);
  indices.forEach((row, i) => {
    if (row < 0 || row >= A.rows) throw new ArgumentError(`sampledRows: indices[${i}] is ${row}; A has ${A.rows} rows`, 'indices');
  });
  return scaleRows(takeRows('sampledRows', A, indices), weights);
}
