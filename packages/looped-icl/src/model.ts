import { ArgumentError, copy, type Dense, dense, ShapeError } from '@x/linalg';
import { checkChoice, checkFinite, checkMatrix, checkRange, checkVector, checkWhole } from './check.ts';
import { checkEngine } from './engines/choose.ts';
import type { Attention, EngineName, Mask } from './engines/engine.ts';
import type { StepRule } from './steps/rates.ts';

/** What `loopedTransformer` takes. */
export interface LoopOptions {
  /** Number of loops T. Default 20; that of `step` where it lists one a loop. */
  readonly loops?: number;
  /** Step size: a number, one for each loop, or a rule that reads it off the context's spectrum. Default `inverse-L`. */
  readonly step?: number | StepRule | Float64Array;
  /** Share of the last change that is added again, in [0, 1). `optimal`, with the step rule of that name, is Polyak's. Default 0. */
  readonly momentum?: number | 'optimal';
  /**
   * The query-key block A: d x d, or its diagonal, or by rule. `inverse-covariance` takes H^-1 of each context, with which one loop of step
   * size 1 solves it: the limit of what training can find when all contexts have one covariance. Default `identity`.
   */
  readonly preconditioner?: 'identity' | 'inverse-covariance' | Dense | Float64Array;
  /** Default `queries`. */
  readonly mask?: Mask;
  /** Default `linear`. */
  readonly attention?: Attention;
  /** Default `auto`: the one with the fewest operations. */
  readonly engine?: EngineName | 'auto';
}

/** A looped transformer: the loop's weights, or the rules that give them for a context. Made by `loopedTransformer`. */
export interface LoopModel {
  readonly loops: number;
  readonly step: number | StepRule | Float64Array;
  readonly momentum: number | 'optimal';
  /** Square, row-major. */
  readonly preconditioner: 'identity' | 'inverse-covariance' | Dense;
  readonly mask: Mask;
  readonly attention: Attention;
  readonly engine: EngineName | 'auto';
}

/**
 * A linear transformer whose one layer is looped, Z <- Z - (eta / n) P Z M (Z^T Q Z): on a context X, Y its loops are the steps
 * W <- W - eta A^T (X^T (X W - Y) / n) of preconditioned gradient descent from W = 0, and its outputs at a query x are W^T x.
 *
 * @throws ArgumentError; ShapeError for a matrix that is not square or step sizes that are not as many as loops; NonFiniteError.
 * Source: von Oswald et al., arXiv 2212.07677, for the construction; Chen, Li, Liang, Shi, Song, arXiv 2410.11268, for its loops.
 */
export function loopedTransformer(options: LoopOptions = {}): LoopModel {
  const op = 'loopedTransformer';
  const { step = 'inverse-L', momentum = 0, mask = 'queries', attention = 'linear', engine = 'auto' } = options;
  const loops = options.loops ?? (step instanceof Float64Array ? step.length : 20);
  checkWhole(op, 'loops', loops, 0, 1e7);
  if (step instanceof Float64Array) {
    checkVector(op, 'step', step);
    if (step.length !== loops) throw new ShapeError(`${op}: step has ${step.length} entries; it must have one for each of ${loops} loops`);
  } else if (typeof step === 'number') checkRange(op, 'step', step, -Number.MAX_VALUE);
  else checkChoice(op, 'step', step, ['inverse-L', 'optimal', 'chebyshev']);
  if (momentum !== 'optimal') checkRange(op, 'momentum', momentum, 0, 1 - Number.EPSILON);
  else if (step !== 'optimal') {
    throw new ArgumentError(`${op}: momentum is optimal and step is not; Polyak's momentum goes with his step size`, 'momentum');
  }
  if (step === 'chebyshev' && momentum !== 0) {
    throw new ArgumentError(`${op}: momentum is ${momentum} with step chebyshev; its steps are optimal without`, 'momentum');
  }
  checkChoice(op, 'mask', mask, ['queries', 'causal', 'none']);
  checkChoice(op, 'attention', attention, ['linear', 'softmax']);
  checkChoice(op, 'engine', engine, ['auto', 'token', 'linear-attention', 'gram', 'kernel']);
  checkEngine(op, engine, mask, attention);
  const preconditioner = preconditionerOf(op, options.preconditioner ?? 'identity');
  if (attention === 'softmax' && (typeof step === 'string' || preconditioner === 'inverse-covariance')) {
    throw new ArgumentError(
      `${op}: step is ${step}; rules follow from gradient descent, which the softmax loop is not: give numbers`,
      'step',
    );
  }
  return { loops, step: typeof step === 'object' ? step.slice() : step, momentum, preconditioner, mask, attention, engine };
}

function preconditionerOf(op: string, A: NonNullable<LoopOptions['preconditioner']>): LoopModel['preconditioner'] {
  if (typeof A === 'string') {
    checkChoice(op, 'preconditioner', A, ['identity', 'inverse-covariance']);
    return A;
  }
  if (A instanceof Float64Array) {
    checkVector(op, 'preconditioner', A);
    const d = A.length;
    if (d === 0) throw new ShapeError(`${op}: preconditioner is empty; it must have one entry for each input`);
    const data = new Float64Array(d * d);
    for (let i = 0; i < d; i++) data[i * d + i] = A[i]!;
    return dense(d, d, data);
  }
  checkMatrix(op, 'preconditioner', A);
  if (A.rows !== A.cols || A.rows === 0)
    throw new ShapeError(`${op}: preconditioner is ${A.rows} x ${A.cols}; it must be square, with at least one row`);
  const square = copy(A);
  checkFinite(op, 'preconditioner', square);
  return square;
}
