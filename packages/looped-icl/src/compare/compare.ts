import { AbortedError, cholesky, choleskySolve, copy, type Dense, dense, gram, identity, ShapeError } from '@x/linalg';
import { checkChoice, checkFinite, checkMatrix, checkVector, checkWhole } from '../check.ts';
import { lassoPredict } from '../comparators/lasso.ts';
import { averagePredict, olsPredict, ridgePredict } from '../comparators/linear.ts';
import { nearestPredict } from '../comparators/nearest.ts';
import { type Context, promptOf } from '../context.ts';
import { contextSpectrum } from '../context-spectrum.ts';
import { UnknownConditionError } from '../errors.ts';
import { type LoopOptions, loopedTransformer } from '../model.ts';
import { loopsOf } from '../predict.ts';
import { product } from '../product.ts';
import { resolve } from '../resolve.ts';
import { turn } from '../turn.ts';
import { chebyshevIterates } from './chebyshev.ts';

/**
 * `gd`: step size 1 / L; `optimal`: 2 / (L + mu); `momentum`: Polyak's; `chebyshev`: for each T the T steps of its own; `pgd`: 1 / L with A =
 * (H + h I)^-1, h a tenth of the mean eigenvalue of H; `softmax`: the softmax loop of step size 1. The others do not loop.
 */
export type Method = 'gd' | 'optimal' | 'momentum' | 'chebyshev' | 'pgd' | 'softmax' | 'ols' | 'ridge' | 'lasso' | 'knn' | 'average';

export const METHODS: readonly Method[] = [
  'gd',
  'optimal',
  'momentum',
  'chebyshev',
  'pgd',
  'softmax',
  'ols',
  'ridge',
  'lasso',
  'knn',
  'average',
];

/** Mean squared errors over queries and outputs. */
export interface ErrorCurves {
  readonly loops: number;
  /** Certified upper bound of the condition number of the context; Infinity where there is none. */
  readonly kappa: number;
  /** errors[t]: after t loops, t = 0 .. loops. */
  readonly curves: readonly { readonly method: Method; readonly errors: Float64Array }[];
  /** Of methods that do not loop. */
  readonly levels: readonly { readonly method: Method; readonly error: number }[];
  /** Methods that this context does not allow, and why. */
  readonly skipped: readonly { readonly method: Method; readonly reason: string }[];
}

export interface CompareOptions {
  /** Default 50. */
  readonly loops?: number;
  /** Default all. */
  readonly methods?: readonly Method[];
  readonly signal?: AbortSignal;
  /** Called with the finished fraction of all loops, and the method that is under way. */
  readonly onProgress?: (fraction: number, method: Method) => void;
}

/**
 * Prediction errors of looped transformers after each loop, beside methods that do not loop.
 *
 * @param queries - q x d, q >= 1. @param targets - what they should give: q numbers, or q x k.
 * @throws as `predict`; ShapeError when targets do not fit; AbortedError when `signal` fires, with the methods that are finished in `partial`.
 * Cost: that of `predict` for each method, spectrum included; of `softmax`, 2 (n + q)^2 (d + 2 k) flops a loop.
 */
export async function compare(
  context: Context,
  queries: Dense,
  targets: Dense | Float64Array,
  options: CompareOptions = {},
): Promise<ErrorCurves> {
  const { loops = 50, methods = METHODS, signal, onProgress } = options;
  checkWhole('compare', 'loops', loops, 0);
  for (const method of methods) checkChoice('compare', 'methods', method, METHODS);
  const prompt = promptOf('compare', context, queries);
  const wanted = wantedOf(targets, prompt.q, prompt.k);
  const errorOf = (P: Dense) => P.data.reduce((sum, value, i) => sum + (value - wanted[i]!) ** 2, 0) / wanted.length;
  const before = errorOf(dense(prompt.q, prompt.k, new Float64Array(wanted.length)));

  const model = (of: LoopOptions) => loopsOf('compare', loopedTransformer({ loops, ...of }), prompt);
  function* predictionsOf(states: ReturnType<typeof model>): Generator<Dense> {
    for (const { run } of states) yield run.predictions();
  }
  /** Predictions after each loop. */
  const looping: Readonly<Partial<Record<Method, () => Iterable<Dense>>>> = {
    gd: () => predictionsOf(model({ step: 'inverse-L' })),
    optimal: () => predictionsOf(model({ step: 'optimal' })),
    momentum: () => predictionsOf(model({ step: 'optimal', momentum: 'optimal' })),
    chebyshev: function* () {
      const { descent } = resolve('compare', loopedTransformer({ loops: 1, step: 'chebyshev' }), prompt, false);
      for (const W of chebyshevIterates(prompt, descent!)) yield product(prompt.queries, W);
    },
    pgd: () => predictionsOf(model({ preconditioner: dampedInverse(prompt.X) })),
    softmax: () => predictionsOf(model({ step: 1, attention: 'softmax' })),
  };
  const constant: Readonly<Partial<Record<Method, () => Dense>>> = {
    ols: () => olsPredict(context, queries),
    ridge: () => ridgePredict(context, queries),
    lasso: () => lassoPredict(context, queries),
    knn: () => nearestPredict(context, queries),
    average: () => averagePredict(context, queries),
  };
  const curves: { method: Method; errors: Float64Array }[] = [];
  const levels: { method: Method; error: number }[] = [];
  const skipped: { method: Method; reason: string }[] = [];
  const { kappa } = contextSpectrum(prompt.X);
  const finished = (): ErrorCurves => ({ loops, kappa, curves, levels, skipped });

  const count = Math.max(1, methods.filter((method) => looping[method] !== undefined).length);
  async function curve(method: Method, predictions: Iterable<Dense>): Promise<void> {
    const errors = new Float64Array(loops + 1).fill(before);
    const steps = predictions[Symbol.iterator]();
    for (let t = 1; t <= loops; t++) {
      if (signal?.aborted) throw new AbortedError(`compare: aborted after ${t - 1} of ${loops} loops of ${method}`, finished());
      errors[t] = errorOf(steps.next().value as Dense);
      onProgress?.((curves.length + skipped.length + t / loops) / count, method);
      await turn();
    }
    curves.push({ method, errors });
  }
  for (const method of methods) {
    try {
      if (looping[method] !== undefined) await curve(method, looping[method]());
      else levels.push({ method, error: errorOf(constant[method]!()) });
    } catch (error) {
      // A method that needs a spectrum which is not known.
      if (!(error instanceof UnknownConditionError)) throw error;
      skipped.push({ method, reason: error.message });
    }
  }
  return finished();
}

function wantedOf(targets: Dense | Float64Array, q: number, k: number): Float64Array {
  if (targets instanceof Float64Array) {
    checkVector('compare', 'targets', targets, q * k);
    if (q > 0) return targets;
  } else {
    checkMatrix('compare', 'targets', targets);
    if (targets.rows === q && targets.cols === k && q > 0) {
      const wanted = copy(targets);
      checkFinite('compare', 'targets', wanted);
      return wanted.data;
    }
  }
  throw new ShapeError(`compare: targets must be ${q} x ${k}, as the queries and context.y, and there must be at least one query`);
}

/** (H + h I)^-1 with h a tenth of the mean eigenvalue of H = X^T X / n. */
function dampedInverse(X: Dense): Dense {
  const d = X.cols;
  const H = gram(X);
  let trace = 0;
  for (let j = 0; j < d; j++) trace += H.data[j * (d + 1)]! / X.rows;
  for (let i = 0; i < H.data.length; i++) H.data[i]! /= X.rows;
  // Inputs that are all 0 leave nothing to damp.
  for (let j = 0; j < d; j++) H.data[j * (d + 1)]! += trace > 0 ? trace / (10 * d) : 1;
  const A = choleskySolve(cholesky(H), identity(d));
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) A.data[i * d + j] = A.data[j * d + i]!;
  return A;
}
