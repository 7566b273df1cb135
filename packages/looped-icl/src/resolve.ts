import { cholesky, choleskySolve, type Dense, gram, identity, NotPositiveDefiniteError, ShapeError } from '@x/linalg';
import { type Context, type Prompt, promptOf } from './context.ts';
import { type ContextSpectrum, contextSpectrum, preconditionedSpectrum } from './context-spectrum.ts';
import { UnknownConditionError } from './errors.ts';
import type { LoopModel } from './model.ts';
import { stack } from './product.ts';
import type { Spectrum } from './spectrum.ts';
import { chebyshevSteps } from './steps/chebyshev.ts';
import { contractionOf, outward } from './steps/contraction.ts';
import { rateBound } from './steps/rates.ts';
import type { LoopWeights } from './weights.ts';

/** A model's weights for a context, and what is known of the descent that they make. */
export interface Resolved {
  readonly weights: LoopWeights;
  /** Of H, where it was asked for. */
  readonly spectrum: ContextSpectrum | undefined;
  /** Of A H, where that is known. */
  readonly descent: ContextSpectrum | undefined;
  /** What the loops leave of the error at worst, in the norm of A^-1, where that is known. */
  readonly contraction: number | undefined;
}

/**
 * The numbers that a model's rules give for a context.
 *
 * @throws ShapeError, NonFiniteError; UnknownConditionError where a rule needs a positive lower bound of the spectrum.
 */
export function weightsFor(model: LoopModel, context: Context): LoopWeights {
  return resolve('weightsFor', model, promptOf('weightsFor', context), false).weights;
}

/** @param certify - whether the spectrum is wanted even if no rule needs it. */
export function resolve(operation: string, model: LoopModel, prompt: Prompt, certify: boolean): Resolved {
  const { d, k, n } = prompt;
  const X = model.mask === 'none' ? stack(prompt.X, prompt.queries) : prompt.X;
  const A = queryKeyBlock(operation, model, prompt, X);
  const needed = typeof model.step === 'string';
  const spectrum = certify || (needed && A === undefined) ? contextSpectrum(X, n) : undefined;
  const descent = A === undefined ? spectrum : certify || needed ? preconditionedSpectrum(X, A, n) : undefined;
  const { steps, momentum } = stepsOf(operation, model, descent);
  const weights: LoopWeights = { d, k, A, steps, momentum };
  return { weights, spectrum, descent, contraction: descent && contraction(model, weights, descent) };
}

function queryKeyBlock(operation: string, { preconditioner }: LoopModel, { d, n }: Prompt, X: Dense): Dense | undefined {
  if (preconditioner === 'identity') return undefined;
  if (preconditioner !== 'inverse-covariance') {
    if (preconditioner.rows === d) return preconditioner;
    throw new ShapeError(
      `${operation}: the model's preconditioner is ${preconditioner.rows} x ${preconditioner.rows}; the context has ${d} columns`,
    );
  }
  const H = gram(X);
  for (let i = 0; i < H.data.length; i++) H.data[i]! /= n;
  try {
    const A = choleskySolve(cholesky(H), identity(d));
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < i; j++) A.data[i * d + j] = A.data[j * d + i] = (A.data[i * d + j]! + A.data[j * d + i]!) / 2;
    }
    return A;
  } catch (error) {
    if (!(error instanceof NotPositiveDefiniteError)) throw error;
    throw new UnknownConditionError(
      `${operation}: preconditioner is inverse-covariance and the covariance of the context is singular (pivot ${error.pivot}); give a matrix, or more examples`,
      Number.POSITIVE_INFINITY,
    );
  }
}

/** The step sizes of a model's loops, by rule or as given. @throws UnknownConditionError. */
export function stepsOf(
  operation: string,
  { step, momentum, loops }: LoopModel,
  descent: Spectrum | undefined,
): { readonly steps: Float64Array; readonly momentum: number } {
  const constant = (eta: number) => new Float64Array(loops).fill(eta);
  if (typeof step === 'object') return { steps: step.slice(), momentum: momentum as number };
  if (typeof step === 'number') return { steps: constant(step), momentum: momentum as number };
  if (descent === undefined) {
    throw new UnknownConditionError(
      `${operation}: step is ${step} and the preconditioner is not symmetric positive definite; give step sizes`,
      Number.POSITIVE_INFINITY,
    );
  }
  const { lower, upper } = descent;
  // Inputs that are all 0 teach nothing, at any step size.
  if (step === 'inverse-L') return { steps: constant(Number.isFinite(1 / upper) ? 1 / upper : 1), momentum: momentum as number };
  if (lower === 0) {
    throw new UnknownConditionError(
      `${operation}: step is ${step} and the least eigenvalue is not known to be above 0 (computed ${descent.smallest}, largest ${upper}); use inverse-L`,
      upper,
    );
  }
  if (step === 'chebyshev') return { steps: chebyshevSteps(loops, lower, upper), momentum: 0 };
  if (momentum !== 'optimal') return { steps: constant(2 / (lower + upper)), momentum };
  const [low, high] = [Math.sqrt(lower), Math.sqrt(upper)];
  return { steps: constant((2 / (low + high)) ** 2), momentum: ((high - low) / (high + low)) ** 2 };
}

function contraction(
  { step, loops, mask }: LoopModel,
  { steps, momentum }: LoopWeights,
  { lower, upper }: ContextSpectrum,
): number | undefined {
  if (mask === 'causal' || momentum !== 0 || lower === 0) return undefined;
  if (step !== 'chebyshev') return contractionOf(steps, lower, upper);
  // Rounded steps miss the polynomial's zeros, the closest of which is some 1 / T^2 away.
  return outward(rateBound(step, upper / lower, loops), loops * loops);
}
