import { cholesky, type Dense, gram, multiply, NotPositiveDefiniteError, transpose } from '@x/linalg';
import { checkChoice } from './check.ts';
import { type Context, promptOf } from './context.ts';
import { norm } from './product.ts';
import { certifiedSpectrum, ROUNDOFF, type Spectrum, type SpectrumMethod } from './spectrum.ts';

/** The spectrum of H = X^T X / n, without the d - n zeros that it has when n < d. */
export interface ContextSpectrum extends Spectrum {
  /** Certified upper bound of the condition number of H; Infinity when H is singular or nearly so, as always when n < d. */
  readonly kappa: number;
}

/** @param n - what is divided by; the rows of X but for queries that count as examples. */
export function contextSpectrum(X: Dense, n: number = X.rows, method?: SpectrumMethod): ContextSpectrum {
  return spectrumOfRows(X, norm(X.data) ** 2, n, method);
}

/**
 * The spectrum of A H for symmetric positive definite A = C C^T, which is that of C^T H C; undefined for other A, whose A H may have
 * complex eigenvalues.
 */
export function preconditionedSpectrum(X: Dense, A: Dense, n: number = X.rows): ContextSpectrum | undefined {
  const d = A.rows;
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) if (A.data[i * d + j] !== A.data[j * d + i]) return undefined;
  try {
    const C = cholesky(A).L;
    return spectrumOfRows(multiply(X, C), (norm(X.data) * norm(C.data)) ** 2, n);
  } catch (error) {
    if (error instanceof NotPositiveDefiniteError) return undefined;
    throw error;
  }
}

/** @param size - bounds the squared Frobenius norm of the factors that the rows came from, for the rounding. */
function spectrumOfRows(X: Dense, size: number, n: number, method?: SpectrumMethod): ContextSpectrum {
  const { rows, cols } = X;
  const M = gram(rows < cols ? transpose(X) : X);
  for (let i = 0; i < M.data.length; i++) M.data[i]! /= n;
  // Each entry of a product of length m is off by at most gamma_(m + 3) |X|^T |X|; with A, the factor adds 2 d + 2.
  const slack = ((rows + cols + 2 * cols + 8) * ROUNDOFF * size) / n;
  const spectrum = certifiedSpectrum(M, slack, method);
  const kappa = rows < cols || spectrum.lower === 0 ? Number.POSITIVE_INFINITY : spectrum.upper / spectrum.lower;
  return { ...spectrum, kappa };
}

/** The condition number of H = X^T X / n, which is the square of that of X, and what is known for certain of it. */
export interface ConditionNumber {
  /** As computed; Infinity when n < d or the least eigenvalue is not above 0. */
  readonly kappa: number;
  /** It is no smaller, but for the rounding of the eigenvalues, some d units in the last place of the largest. */
  readonly lower: number;
  /** Certified: it is no larger. Infinity when no positive lower bound of the spectrum can be certified. */
  readonly upper: number;
}

/**
 * The condition number of a context, with bounds.
 *
 * `lanczos` (default from 300 columns on) does not see all of the spectrum: its `kappa` is too small, and is the lower bound; the
 * upper bound is certified all the same.
 *
 * @throws ShapeError, NonFiniteError, ArgumentError.
 * Cost: n d^2 flops, and 4 d^3 / 3 for `exact` or 100 d^2 for `lanczos`, and d^3 / 3 for each of the few certificates tried.
 */
export function conditionNumber(context: Context, options: { readonly method?: SpectrumMethod } = {}): ConditionNumber {
  const { method } = options;
  if (method !== undefined) checkChoice('conditionNumber', 'method', method, ['exact', 'lanczos']);
  const { X, n, d } = promptOf('conditionNumber', context);
  const { smallest, largest, kappa: upper } = contextSpectrum(X, n, method);
  if (n < d) return { kappa: upper, lower: upper, upper };
  const doubt = 8 * d * Number.EPSILON * largest;
  return {
    kappa: smallest > 0 ? largest / smallest : Number.POSITIVE_INFINITY,
    lower: largest === 0 ? Number.POSITIVE_INFINITY : Math.max(1, (largest - doubt) / (smallest + doubt)),
    upper,
  };
}
