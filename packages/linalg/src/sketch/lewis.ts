import { checkObject, checkRange, checkSize } from '../check.ts';
import { exp } from '../elementary/exp.ts';
import { log } from '../elementary/log.ts';
import { AbortedError, NotConvergedError } from '../errors.ts';
import { checkRunning, run, runAsync, type Steps } from '../progress.ts';
import type { Matrix } from '../sparse/csr.ts';
import { checkFiniteMatrix, checkMatrix } from '../sparse/rows.ts';
import { raise, scaleRows, scalesOf } from './columns.ts';
import { rowNorms } from './factors.ts';
import { orthonormalize } from './orthonormalize.ts';

export interface LewisOptions {
  /** The residual max |tau_i / w_i - 1| to reach; default 1e-10. */
  readonly tolerance?: number;
  /** Default: half as many again as the rate below asks for, and 20. */
  readonly maxIterations?: number;
  /** Checked before each iteration. In `lewisWeights`, which lets no event through, only `onProgress` can fire it in between. */
  readonly signal?: AbortSignal;
  /** Called after each iteration. */
  readonly onProgress?: (residual: number, iteration: number) => void;
}

export interface LewisWeights {
  /** One for each row, 0 for zero rows and at least 2^-1000 for others; they sum to the rank. */
  readonly weights: Float64Array;
  readonly rank: number;
  readonly iterations: number;
  /** max |tau_i / w_i - 1| before each update and, last, of `weights`. */
  readonly residuals: readonly number[];
}

/**
 * The l_p Lewis weights of A: the w > 0 that are the leverage scores of their own W^(1/2 - 1/p) A. p = 2 gives the leverage scores;
 * for the John ellipsoid (p = infinity) take p = 2 ln n.
 *
 * Iterates log w <- log w + (2p / (2 + p)) (log tau - log w). In Cohen and Peng's terms, T(w)_i = (a_i^T (A^T W^(1-2/p) A)^-1
 * a_i)^(p/2), this is a step eta = 4 / (2 + p) towards log T. The Jacobian of log T at the fixed point is -(p/2 - 1) times a matrix
 * with eigenvalues in [0, 1], Sigma^-1 (P o P), so errors shrink by |p - 2| / (p + 2) for every p, where eta = 1 stops to
 * converge at p = 4. That is local; while the residual grows for three steps on end, the step is halved. The start is the leverage scores
 * for p >= 2 and below, where they may lie far off, T(1) scaled to their sum.
 *
 * @param A - n x d.
 * @param p - in [1e-3, 1e3].
 * @throws ShapeError; NonFiniteError naming the first bad entry; ArgumentError for p or options; NotConvergedError and
 *   AbortedError, whose `partial` holds the weights so far.
 * Cost: that of exact leverage scores for each iteration; about ln(tolerance) / ln(|p - 2| / (p + 2)) of them. A copy of A.
 * Source: Cohen and Peng, arXiv 1412.0588, section 3, and the step derived above.
 */
export function lewisWeights(A: Matrix, p: number, options: LewisOptions = {}): LewisWeights {
  return run(steps('lewisWeights', A, p, options));
}

/** `lewisWeights` with a turn of the event loop after each iteration, so that timers run and an abort is seen. @throws (rejects) as `lewisWeights`. */
export async function lewisWeightsAsync(A: Matrix, p: number, options: LewisOptions = {}): Promise<LewisWeights> {
  return runAsync(steps('lewisWeightsAsync', A, p, options));
}

function* steps(operation: string, A: Matrix, p: number, options: LewisOptions): Steps<LewisWeights> {
  checkObject(operation, 'options', options);
  const { tolerance = 1e-10, signal, onProgress } = options;
  checkMatrix(operation, 'A', A);
  checkRange(operation, 'p', p, 1e-3, 1e3);
  checkRange(operation, 'tolerance', tolerance, 0);
  const { maxIterations = iterationsFor(p, tolerance) } = options;
  checkSize(operation, 'maxIterations', maxIterations);
  checkFiniteMatrix(operation, 'A', A);
  checkRunning(operation, options);
  const sizes = raise(new Float64Array(A.rows), A, true);
  const raised = (x: Float64Array): Float64Array => x.map((v, i) => (sizes[i]! > 0 ? Math.max(v, LEAST) : 0));
  const first = scoresOf(operation, A);
  let { rank } = first;
  let weights = raised(first.scores);
  if (p < 2) weights = flattened(weights, p / 2);
  // Rows near the ends of the range of f64 are brought near 1, and their factors bring them back.
  const scale = scalesOf(sizes);
  const B = scaleRows(A, scale);
  const logs = scale.map(log);
  let step = (2 * p) / (2 + p);
  const residuals: number[] = [];
  let grown = 0;
  for (let iteration = 0; ; iteration++) {
    if (signal?.aborted) throw new AbortedError(`${operation}: aborted after ${iteration} iterations`, weights);
    const reweighted = scoresOf(operation, scaleRows(B, powers(weights, 0.5 - 1 / p, logs)));
    rank = reweighted.rank;
    const tau = raised(reweighted.scores);
    const residual = weights.reduce((most, w, i) => (w > 0 ? Math.max(most, Math.abs(tau[i]! / w - 1)) : most), 0);
    // By more than rounding errors, which for p near 0 are larger than what an iteration gains.
    grown = residual > 1.1 * (residuals.at(-1) ?? Number.POSITIVE_INFINITY) ? grown + 1 : 0;
    residuals.push(residual);
    onProgress?.(residual, iteration);
    if (residual <= tolerance) return { weights, rank, iterations: iteration, residuals };
    if (iteration >= maxIterations) {
      throw new NotConvergedError(
        `${operation}: the residual is ${residual} after ${iteration} iterations; ${tolerance} was asked for`,
        iteration,
        residual,
        weights,
      );
    }
    if (grown === 3) {
      step /= 2;
      grown = 0;
    }
    weights = raised(weights.map((w, i) => w * exp(step * log(tau[i]! / w))));
    yield;
  }
}

function scoresOf(operation: string, A: Matrix): { scores: Float64Array; rank: number } {
  const basis = orthonormalize(operation, A);
  return { scores: rowNorms(A, basis), rank: basis.rank };
}

/** Weights and scores may lie below the range of f64. They are raised to this, with digits to spare, as no other weight feels it. */
const LEAST: number = 2 ** -1000;

/** The documented rate takes ln(tolerance) / ln(rate) iterations from a residual of 1, less what comes before the rate holds. */
function iterationsFor(p: number, tolerance: number): number {
  const gain = Math.log(Math.min(Math.max(tolerance, Number.EPSILON), 1));
  return Math.ceil((1.5 * gain) / Math.log(Math.abs(p - 2) / (p + 2))) + 20;
}

/** w^e / scale, given by its logarithms, and 0 for w = 0, over the largest: leverage scores do not change under a common factor, and nothing overflows. */
function powers(weights: Float64Array, e: number, scale?: Float64Array): Float64Array {
  const logs = weights.map((w, i) => (w > 0 ? e * log(w) - (scale?.[i] ?? 0) : Number.NEGATIVE_INFINITY));
  const largest = logs.reduce((most, x) => Math.max(most, x), Number.NEGATIVE_INFINITY);
  return logs.map((x) => (x > Number.NEGATIVE_INFINITY ? exp(x - largest) : 0));
}

/** w^e with the sum of w. */
function flattened(weights: Float64Array, e: number): Float64Array {
  const to = powers(weights, e);
  const factor = total(weights) / (total(to) || 1);
  return to.map((w) => w * factor);
}

function total(x: Float64Array): number {
  return x.reduce((sum, v) => sum + v, 0);
}
