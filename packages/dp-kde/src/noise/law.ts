import { exp } from '@x/linalg';

/**
 * A law of noise on the whole numbers: `laplace` has P(y) proportional to exp(-|y| / parameter), `gaussian` to
 * exp(-y^2 / (2 parameter)). Parameters are whole numbers, so that the sampler is exact.
 */
export interface Law {
  readonly kind: 'laplace' | 'gaussian';
  readonly parameter: number;
}

/** The largest parameters: numbers that the sampler draws then stay below 2^53. */
export const MOST: Readonly<Record<Law['kind'], number>> = { laplace: 2 ** 45, gaussian: 2 ** 90 };

/**
 * The variance of a law: for Laplace 1 / (cosh(1 / b) - 1), exactly that of the discrete one. For Gaussian sigma^2, from which that of the
 * discrete one differs relatively by less than 8 pi^2 sigma^2 exp(-2 pi^2 sigma^2) (Poisson's summation): 3e-7 at sigma = 1, below
 * rounding from sigma = 2 on.
 */
export function varianceOf({ kind, parameter }: Law): number {
  if (kind === 'gaussian') return parameter;
  const z = 1 / parameter;
  if (parameter >= 16) return 2 * parameter * parameter - 1 / 6 + (z * z) / 120;
  const p = exp(-z);
  return (2 * p) / (1 - p) ** 2;
}
