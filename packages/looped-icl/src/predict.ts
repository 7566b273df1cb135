import { ArgumentError, type Dense } from '@x/linalg';
import { errorBound } from './certificate.ts';
import { type Context, type Prompt, promptOf } from './context.ts';
import { chooseEngine, start } from './engines/choose.ts';
import type { EngineName, LoopRun, Task } from './engines/engine.ts';
import type { LoopModel } from './model.ts';
import { type Resolved, resolve } from './resolve.ts';
import type { LoopWeights } from './weights.ts';

export interface PredictOptions {
  /** Also return the predictions after every loop. Default false. */
  readonly perLoop?: boolean;
  /** Compute kappa, contraction and error bounds, which takes the spectrum of H: n d^2 + O(d^3) flops. Default true. */
  readonly certify?: boolean;
}

/** Something a user should know about a prediction. */
export interface LoopWarning {
  /**
   * `diverges`: errors along some eigenvector grow, as with a step size above 2 / L or below 0; told where the spectrum is known, so not without
   * `certify` unless a rule needs it, nor for an A that is not symmetric positive definite. `overflow`: predictions are not finite.
   */
  readonly kind: 'diverges' | 'overflow';
  readonly message: string;
  /** Step size times the largest eigenvalue of A H, for `diverges`. */
  readonly etaL?: number;
}

export interface Prediction {
  /** q x k. */
  readonly predictions: Dense;
  /** After each loop, q x k; where asked for. */
  readonly perLoop?: readonly Dense[];
  /** What the model's rules gave for this context. */
  readonly weights: LoopWeights;
  readonly engine: EngineName;
  /** Certified upper bound of the condition number of H = X^T X / n; Infinity when H is singular or nearly so. */
  readonly kappa?: number;
  /** What these loops leave at worst of any initial error, in the norm of A^-1 (the usual one without A). Absent where it is not known. */
  readonly contraction?: number;
  /** q x k: certified bounds of |prediction - least-squares prediction|, rounding included; with Y = X W* that is the truth. */
  readonly errorBound?: Dense;
  /** Why there is no error bound, where there is none. */
  readonly noBound?: string;
  readonly warnings: readonly LoopWarning[];
}

/**
 * What a looped transformer outputs for queries after a context.
 *
 * Too large steps diverge and are not refused: a warning says so where that is known, and predictions may then overflow.
 *
 * @param queries - q x d; q may be 0.
 * @throws ShapeError, NonFiniteError; UnknownConditionError where a step rule needs a spectrum that is not known.
 * Cost: see the engines, and `certify`.
 */
export function predict(model: LoopModel, context: Context, queries: Dense, options: PredictOptions = {}): Prediction {
  const { perLoop = false, certify = true } = options;
  const prompt = promptOf('predict', context, queries);
  const certified = certify && model.attention === 'linear';
  const resolved = resolve('predict', model, prompt, certified);
  const { weights } = resolved;
  const task: Task = { prompt, weights, mask: model.mask, attention: model.attention };
  const engine = model.engine === 'auto' ? chooseEngine(task) : model.engine;
  const run = start(engine, task);
  const history: Dense[] = [];
  for (const eta of weights.steps) {
    run.loop(eta);
    if (perLoop) history.push(run.predictions());
  }
  const predictions = run.predictions();
  return {
    predictions,
    ...(perLoop && { perLoop: history }),
    weights,
    engine,
    ...(certified && { kappa: resolved.spectrum!.kappa }),
    ...(resolved.contraction !== undefined && { contraction: resolved.contraction }),
    ...boundsOf(task, resolved, run, predictions, certify),
    warnings: warningsOf(resolved, predictions),
  };
}

function boundsOf(task: Task, { spectrum }: Resolved, run: LoopRun, predictions: Dense, certify: boolean) {
  if (task.attention === 'softmax') return { noBound: 'softmax attention is not gradient descent' };
  if (task.mask !== 'queries')
    return { noBound: `under the mask ${task.mask} the loops do not tend to the least-squares weights of the context` };
  if (!certify || spectrum === undefined) return { noBound: 'not asked for' };
  if (spectrum.kappa === Number.POSITIVE_INFINITY) {
    const { n, d } = task.prompt;
    const reason = n < d ? `${n} examples do not determine ${d} weights` : 'the covariance of the context is singular or nearly so';
    return { noBound: `kappa is not known to be finite: ${reason}` };
  }
  const W = run.weights?.() ?? weightsReached(task);
  return { errorBound: errorBound(task.prompt, spectrum, W, predictions) };
}

function weightsReached(task: Task): Dense {
  const run = start('gram', task);
  for (const eta of task.weights.steps) run.loop(eta);
  return run.weights!();
}

function warningsOf({ weights, descent, contraction }: Resolved, predictions: Dense): LoopWarning[] {
  const warnings: LoopWarning[] = [];
  const { steps, momentum } = weights;
  const eta = steps.reduce((most, step) => Math.max(most, Math.abs(step)), 0);
  const negative = steps.some((step) => step < 0);
  const constant = steps.every((step) => step === steps[0]);
  const etaL = eta * (descent?.largest ?? 0);
  // With momentum m the limit is 2 (1 + m).
  const limit = 2 * (1 + momentum);
  if (negative) {
    warnings.push({ kind: 'diverges', message: 'a step size is below 0: such a loop moves away from the solution', etaL });
  } else if (constant && etaL > limit) {
    const message = `step size ${eta} times the largest eigenvalue is ${etaL.toPrecision(4)}; above ${limit} the loops diverge`;
    warnings.push({ kind: 'diverges', message, etaL });
  } else if (contraction !== undefined && contraction > GROWTH) {
    const message = `all loops together may multiply an error by ${contraction.toPrecision(4)}`;
    warnings.push({ kind: 'diverges', message, etaL });
  }
  if (!predictions.data.every(Number.isFinite)) {
    warnings.push({ kind: 'overflow', message: 'predictions are not finite: the loops diverged beyond the range of numbers' });
  }
  return warnings;
}

/** Contraction is rounded up, and is 1 where nothing is learned. */
const GROWTH = 1 + 1e-6;

/** A looped transformer after so many loops. */
export interface LoopState {
  readonly loop: number;
  /** Step size of this loop. */
  readonly step: number;
  /** q x k. */
  readonly predictions: Dense;
  /** n x k: the label entries of the examples, which are their residuals under the mask `queries`. */
  readonly residuals: Dense;
  /** d x k: the implicit weights, where the engine has them (gram, kernel). */
  readonly weights?: Dense;
}

/**
 * The states of the loops one by one, from the first on, computed as they are asked for.
 *
 * @throws as `predict`.
 */
export function* trace(model: LoopModel, context: Context, queries: Dense): Generator<LoopState, void, void> {
  for (const { loop, step, run } of loopsOf('trace', model, promptOf('trace', context, queries))) {
    const implicit = run.weights?.();
    yield { loop, step, predictions: run.predictions(), residuals: run.residuals(), ...(implicit && { weights: implicit }) };
  }
}

/** The transformer after each loop; it is the same one every time, and goes on when the next is asked for. */
export function* loopsOf(
  operation: string,
  model: LoopModel,
  prompt: Prompt,
): Generator<{ readonly loop: number; readonly step: number; readonly run: LoopRun }, void, void> {
  const { weights } = resolve(operation, model, prompt, false);
  const task: Task = { prompt, weights, mask: model.mask, attention: model.attention };
  const run = start(model.engine === 'auto' ? chooseEngine(task) : model.engine, task);
  for (const [t, step] of weights.steps.entries()) {
    run.loop(step);
    yield { loop: t + 1, step, run };
  }
}

/**
 * W_T, d x k: what gradient descent, and so the transformer, has learned from the context after T loops.
 *
 * @param loops - T; default the model's. Rules give the step sizes of the first T of the model's loops.
 * @throws ArgumentError for the causal mask and for softmax attention, where no one W stands for all tokens; else as `predict`.
 */
export function implicitWeights(model: LoopModel, context: Context, loops: number = model.loops): Dense {
  const prompt = promptOf('implicitWeights', context);
  if (model.mask === 'causal' || model.attention === 'softmax') {
    throw new ArgumentError('implicitWeights: under the causal mask and with softmax attention no one W stands for all tokens', 'model');
  }
  if (!(Number.isInteger(loops) && loops >= 0 && loops <= model.loops)) {
    throw new ArgumentError(`implicitWeights: loops is ${loops}; it must be a whole number in [0, ${model.loops}]`, 'loops');
  }
  const { weights } = resolve('implicitWeights', model, prompt, false);
  const run = start(prompt.n < prompt.d ? 'kernel' : 'gram', { prompt, weights, mask: model.mask, attention: 'linear' });
  for (const eta of weights.steps.subarray(0, loops)) run.loop(eta);
  return run.weights!();
}
