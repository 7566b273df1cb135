import { cholesky, type Dense, dense, eigenvalues, NotPositiveDefiniteError } from '@x/linalg';
import { lanczosExtremes } from './lanczos.ts';

/** The ends of the spectrum of a symmetric positive semidefinite matrix. */
export interface Spectrum {
  /** As computed. */
  readonly smallest: number;
  readonly largest: number;
  /** Certified: every eigenvalue lies in [lower, upper], rounding included. 0 where nothing above 0 can be certified. */
  readonly lower: number;
  readonly upper: number;
}

export type SpectrumMethod = 'exact' | 'lanczos';

/** Unit roundoff. */
export const ROUNDOFF: number = 2 ** -53;
/** Orders from which on `exact` costs too much to be a default. */
const LARGE = 300;

/**
 * Ends of the spectrum of M, certified by Cholesky factorisation: when floating-point Cholesky of M - s I runs to completion, M - s I is
 * within gamma_{p+1} trace of a positive semidefinite matrix, so that its least eigenvalue is no smaller than minus that; likewise for
 * t I - M. Estimates, by whatever method, only say where to try.
 *
 * @param M - p x p, symmetric positive semidefinite but for rounding, p >= 1.
 * @param slack - how far, in the 2-norm, M may be from the matrix that is meant.
 * @returns lower and upper bounds of that matrix' spectrum.
 * Cost: 4 p^3 / 3 flops for `exact`, about 100 p^2 for `lanczos` (default from p = 300 on), and p^3 / 3 for each try.
 * Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., theorem 10.3, whose constant is taken eight-fold here.
 */
export function certifiedSpectrum(M: Dense, slack: number, method: SpectrumMethod = M.rows < LARGE ? 'exact' : 'lanczos'): Spectrum {
  const p = M.rows;
  let trace = 0;
  for (let i = 0; i < p; i++) trace += M.data[i * p + i]!;
  // Of nothing no shift would tell: that of the least number has an infinite inverse.
  if (M.data.every((value) => value === 0)) return { smallest: 0, largest: 0, lower: 0, upper: slack };
  const [smallest, largest] = method === 'exact' ? ends(eigenvalues(M)) : lanczosExtremes(M);
  const rounding = 8 * (p + 2) * ROUNDOFF;
  const first = 4 * p * ROUNDOFF * Math.abs(largest);
  let upper = Number.POSITIVE_INFINITY;
  for (let gap = first; Number.isFinite(largest + gap); gap = 8 * gap + Number.MIN_VALUE) {
    const at = largest + gap;
    if (!definite(M, at, -1)) continue;
    upper = at * (1 + rounding * p) + slack;
    break;
  }
  const doubt = rounding * trace + slack;
  let lower = 0;
  for (let gap = Math.max(first, doubt); smallest - gap > doubt; gap *= 8) {
    if (!definite(M, smallest - gap, 1)) continue;
    lower = smallest - gap - doubt;
    break;
  }
  return { smallest: Math.max(0, smallest), largest: Math.max(0, largest), lower, upper };
}

function ends(values: Float64Array): [number, number] {
  return [values[0]!, values[values.length - 1]!];
}

/** Whether sign (M - shift I) is found to be positive definite. */
function definite(M: Dense, shift: number, sign: number): boolean {
  const p = M.rows;
  const data = M.data.map((value) => sign * value);
  for (let i = 0; i < p; i++) data[i * p + i]! -= sign * shift;
  try {
    cholesky(dense(p, p, data));
    return true;
  } catch (error) {
    if (error instanceof NotPositiveDefiniteError) return false;
    throw error;
  }
}
