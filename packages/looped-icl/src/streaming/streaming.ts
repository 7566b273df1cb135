import { ArgumentError, copy, type Dense, dense, ShapeError, zeros } from '@x/linalg';
import { checkFinite, checkMagnitude, checkMatrix, checkRange, checkVector, checkWhole } from '../check.ts';
import { type Context, promptOf } from '../context.ts';
import { descent } from '../engines/descent.ts';
import type { LoopModel } from '../model.ts';
import { product } from '../product.ts';
import { stepsOf } from '../resolve.ts';
import { certifiedSpectrum, type Spectrum } from '../spectrum.ts';
import { runningSums } from './sums.ts';

export interface StreamingOptions {
  /** Only the last so many examples count; default all. */
  readonly window?: number;
  /** An example counts this many times less with each one after it, in (0, 1]; default 1. Not together with `window` or `remove`. */
  readonly forget?: number;
}

export interface StreamPredictOptions {
  /**
   * `restart`: from W = 0, what the transformer outputs on the examples now in the context. `warm`: from the weights that the last call
   * with the same model reached, which takes fewer loops and is not what a transformer outputs. Default `restart`.
   */
  readonly mode?: 'restart' | 'warm';
}

/** A context that examples enter and leave. */
export interface StreamingContext {
  /** Sum of the weights of the examples: their number without `forget`. */
  readonly weight: number;
  /** O(d^2 + d k). @throws ShapeError, NonFiniteError. */
  push(x: Float64Array, y: Float64Array | number): void;
  /**
   * Takes back an example that was pushed; O(d^2 + d k). What was never pushed is noticed only where a sum of squares falls below 0.
   *
   * @throws ArgumentError with `window` or `forget`, when none is left, or when it was never pushed, as far as that is noticed.
   */
  remove(x: Float64Array, y: Float64Array | number): void;
  /** q x k: predictions by the model's loops, whatever the number of examples; O(T d^2 k). @throws ArgumentError with no example or for a model that does not fit. */
  predict(model: LoopModel, queries: Dense, options?: StreamPredictOptions): Dense;
  /** Of the covariance of the examples, certified as always; O(d^3), kept until the examples change. */
  spectrum(): Spectrum;
}

/**
 * Keeps H = X^T X / n and c = X^T Y / n of a changing context, so that an example costs O(d^2) and a prediction nothing that grows with n.
 *
 * The sums are compensated: what an example added it takes away again to a few roundoffs of the rounding errors of the largest sums, which
 * the certified spectrum allows for.
 *
 * @param d - inputs. @param k - outputs; default 1.
 * @throws ArgumentError.
 */
export function streamingContext(d: number, k: number = 1, options: StreamingOptions = {}): StreamingContext {
  const { window, forget = 1 } = options;
  checkWhole('streamingContext', 'd', d, 1);
  checkWhole('streamingContext', 'k', k, 1);
  if (window !== undefined) checkWhole('streamingContext', 'window', window, 1);
  checkRange('streamingContext', 'forget', forget, Number.MIN_VALUE, 1);
  if (window !== undefined && forget < 1) throw new ArgumentError('streamingContext: window and forget cannot go together', 'forget');
  const sums = runningSums(d, k);
  const kept: { x: Float64Array; y: Float64Array }[] = [];
  let warm: { readonly model: LoopModel; readonly W: Dense } | undefined;
  let known: Spectrum | undefined;

  function add(x: Float64Array, y: Float64Array, sign: 1 | -1): void {
    sums.add(x, y, sign);
    known = undefined;
  }

  function check(operation: string, x: Float64Array, y: Float64Array | number): Float64Array {
    const outputs = typeof y === 'number' ? Float64Array.of(y) : y;
    checkVector(operation, 'x', x, d);
    checkVector(operation, 'y', outputs, k);
    checkMagnitude(operation, 'x', x);
    checkMagnitude(operation, 'y', outputs);
    return outputs;
  }

  function spectrum(): Spectrum {
    if (sums.weight === 0) throw new ArgumentError('spectrum: the context has no example', 'context');
    known ??= certifiedSpectrum(sums.mean(0, d), sums.slack());
    return known;
  }

  return {
    get weight() {
      return sums.weight;
    },
    push(x, y) {
      const outputs = check('push', x, y);
      if (forget < 1) sums.forget(forget);
      add(x, outputs, 1);
      if (window === undefined) return;
      kept.push({ x: x.slice(), y: outputs.slice() });
      const old = kept.length > window ? kept.shift() : undefined;
      if (old !== undefined) add(old.x, old.y, -1);
    },
    remove(x, y) {
      const outputs = check('remove', x, y);
      if (window !== undefined || forget < 1) throw new ArgumentError('remove: examples leave by themselves with window or forget', 'x');
      if (sums.weight === 0) throw new ArgumentError('remove: the context has no example', 'x');
      add(x, outputs, -1);
      if (!sums.impossible()) return;
      add(x, outputs, 1);
      throw new ArgumentError('remove: x was never pushed: without it a sum of squares would be below 0', 'x');
    },
    predict(model, queries, { mode = 'restart' } = {}) {
      checkMatrix('predict', 'queries', queries);
      if (queries.cols !== d) throw new ShapeError(`predict: queries has ${queries.cols} columns; the context has ${d}`);
      const Q = copy(queries);
      checkFinite('predict', 'queries', Q);
      if (sums.weight === 0) throw new ArgumentError('predict: the context has no example', 'context');
      const A = blockOf(model, d);
      const { steps, momentum } = stepsOf('predict', model, A === undefined && typeof model.step === 'string' ? spectrum() : undefined);
      const run = descent(sums.mean(0, d), sums.mean(d, k), A, momentum, mode === 'warm' && warm?.model === model ? warm.W : zeros(d, k));
      for (const eta of steps) run.loop(eta);
      warm = run.W.data.every(Number.isFinite) ? { model, W: run.W } : undefined;
      return product(Q, run.W);
    },
    spectrum,
  };
}

function blockOf({ mask, attention, preconditioner }: LoopModel, d: number): Dense | undefined {
  if (mask !== 'queries' || attention !== 'linear' || preconditioner === 'inverse-covariance') {
    throw new ArgumentError('predict: a stream takes models with the mask queries, linear attention and a fixed preconditioner', 'model');
  }
  if (preconditioner === 'identity') return undefined;
  if (preconditioner.rows !== d)
    throw new ShapeError(`predict: the model's preconditioner is for ${preconditioner.rows} columns; the context has ${d}`);
  return preconditioner;
}

/** How well each prefix of a context predicts the example after it. */
export interface PrefixCurve {
  /** Examples in the context: 1 .. N - 1. */
  readonly examples: Float64Array;
  /** Squared error of the prediction of the next example, summed over outputs. */
  readonly squaredErrors: Float64Array;
  /** (N - 1) x k. */
  readonly predictions: Dense;
}

/**
 * Learning curve within one context: the model on its first 1, 2, ..., N - 1 examples, each time asked for the next one.
 *
 * @throws as `streamingContext`'s predict.
 * Cost: N (d^2 + d^3 + T d^2 k): d^3 for the certified spectrum where a step rule needs it.
 */
export function prefixCurve(model: LoopModel, context: Context, options: StreamingOptions = {}): PrefixCurve {
  const { n, d, k, X, Y } = promptOf('prefixCurve', context);
  const stream = streamingContext(d, k, options);
  const count = n - 1;
  const predictions = zeros(count, k);
  const squaredErrors = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    stream.push(X.data.subarray(i * d, (i + 1) * d), Y.data.subarray(i * k, (i + 1) * k));
    const next = stream.predict(model, dense(1, d, X.data.subarray((i + 1) * d, (i + 2) * d))).data;
    predictions.data.set(next, i * k);
    for (let c = 0; c < k; c++) squaredErrors[i]! += (next[c]! - Y.data[(i + 1) * k + c]!) ** 2;
  }
  return { examples: Float64Array.from({ length: count }, (_, i) => i + 1), squaredErrors, predictions };
}
