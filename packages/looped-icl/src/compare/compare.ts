import { cholesky, choleskySolve, type Dense, dense, gram, identity, ShapeError } from '@x/linalg';
import { checkChoice, checkMatrix, checkVector, checkWhole } from '../check.ts';
import { lassoPredict } from '../comparators/lasso.ts';
import { averagePredict, olsPredict, ridgePredict } from '../comparators/linear.ts';
import { nearestPredict } from '../comparators/nearest.ts';
import { type Context, promptOf } from '../context.ts';
import { contextSpectrum } from '../context-spectrum.ts';
import { UnknownConditionError } from '../errors.ts';
import { type LoopModel, type LoopOptions, loopedTransformer } from '../model.ts';
import { predict } from '../predict.ts';

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

/**
 * Prediction errors of looped transformers after each loop, beside methods that do not loop.
 *
 * @param queries - q x d, q >= 1. @param targets - what they should give: q numbers, or q x k.
 * @throws as `predict`; ShapeError when targets do not fit.
 */
export function compare(
  context: Context,
  queries: Dense,
  targets: Dense | Float64Array,
  options: { readonly loops?: number; readonly methods?: readonly Method[] } = {},
): ErrorCurves {
  const { loops = 50, methods = METHODS } = options;
  checkWhole('compare', 'loops', loops, 0);
  for (const method of methods) checkChoice('compare', 'methods', method, METHODS);
  const prompt = promptOf('compare', context, queries);
  const wanted = wantedOf(targets, prompt.q, prompt.k);
  const errorOf = (P: Dense) => P.data.reduce((sum, value, i) => sum + (value - wanted[i]!) ** 2, 0) / wanted.length;
  const before = errorOf(dense(prompt.q, prompt.k, new Float64Array(wanted.length)));

  function curve(of: LoopOptions): Float64Array {
    const { perLoop } = predict(loopedTransformer({ loops, ...of }), context, queries, { perLoop: true, certify: false });
    return Float64Array.of(before, ...perLoop!.map(errorOf));
  }
  const looping: Readonly<Partial<Record<Method, () => Float64Array>>> = {
    gd: () => curve({ step: 'inverse-L' }),
    optimal: () => curve({ step: 'optimal' }),
    momentum: () => curve({ step: 'optimal', momentum: 'optimal' }),
    chebyshev: () => {
      const model = (T: number): LoopModel => loopedTransformer({ loops: T, step: 'chebyshev' });
      return Float64Array.from({ length: loops + 1 }, (_, T) =>
        T === 0 ? before : errorOf(predict(model(T), context, queries, { certify: false }).predictions),
      );
    },
    pgd: () => curve({ preconditioner: dampedInverse(prompt.X) }),
    softmax: () => curve({ step: 1, attention: 'softmax' }),
  };
  const constant: Readonly<Partial<Record<Method, () => Dense>>> = {
    ols: () => olsPredict(context, queries),
    ridge: () => ridgePredict(context, queries),
    lasso: () => lassoPredict(context, queries),
    knn: () => nearestPredict(context, queries),
    average: () => averagePredict(context, queries),
  };
  const skipped: { method: Method; reason: string }[] = [];
  /** Results of the methods of one kind, less those that need a spectrum which is not known. */
  const run = <R>(kind: Readonly<Partial<Record<Method, () => R>>>) =>
    methods.flatMap((method): { method: Method; result: R }[] => {
      try {
        return kind[method] === undefined ? [] : [{ method, result: kind[method]() }];
      } catch (error) {
        if (!(error instanceof UnknownConditionError)) throw error;
        skipped.push({ method, reason: error.message });
        return [];
      }
    });
  return {
    loops,
    kappa: contextSpectrum(prompt.X).kappa,
    curves: run(looping).map(({ method, result }) => ({ method, errors: result })),
    levels: run(constant).map(({ method, result }) => ({ method, error: errorOf(result) })),
    skipped,
  };
}

function wantedOf(targets: Dense | Float64Array, q: number, k: number): Float64Array {
  if (targets instanceof Float64Array) {
    checkVector('compare', 'targets', targets, q * k);
    if (q > 0) return targets;
  } else {
    checkMatrix('compare', 'targets', targets);
    if (targets.rows === q && targets.cols === k && q > 0) return promptOf('compare', { x: targets, y: new Float64Array(q) }).X.data;
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
