import { log } from '@x/linalg';
import { checkChoice, checkRange, checkWhole } from '../check.ts';
import { power } from './contraction.ts';

/**
 * How step sizes follow from the spectrum [mu, L] of the context, kappa = L / mu: `inverse-L` is 1 / L; `optimal` is 2 / (L + mu), the best
 * constant one; `chebyshev` the best T different ones.
 */
export type StepRule = 'inverse-L' | 'optimal' | 'chebyshev';
/** The rules, and `paper`: the bound exp(-T / (2 kappa)) as stated for step size 1 / L. */
export type RateRule = StepRule | 'paper';

const RULES: readonly RateRule[] = ['inverse-L', 'optimal', 'chebyshev', 'paper'];

/**
 * What T loops leave of the error ||W_T - W*|| / ||W*|| at worst, on noiseless contexts of full rank:
 * (1 - 1/kappa)^T, ((kappa - 1)/(kappa + 1))^T, 2 / (rho^T + rho^-T) with rho = (sqrt kappa + 1)/(sqrt kappa - 1), exp(-T/(2 kappa)).
 *
 * The first is attained, by a context whose W* is the eigenvector of the least eigenvalue.
 *
 * @param kappa - condition number of H = X^T X / n, >= 1: the square of that of X.
 * @throws ArgumentError.
 * Source: Richardson's iteration and its Chebyshev form, classical; exp(-T / (2 kappa)): Chen, Li, Liang, Shi, Song, arXiv 2410.11268.
 */
export function rateBound(rule: RateRule, kappa: number, loops: number): number {
  checkChoice('rateBound', 'rule', rule, RULES);
  checkRange('rateBound', 'kappa', kappa, 1, Number.POSITIVE_INFINITY);
  checkWhole('rateBound', 'loops', loops, 0);
  if (loops === 0 || kappa === Number.POSITIVE_INFINITY) return 1;
  if (rule === 'inverse-L') return power(1 - 1 / kappa, loops);
  if (rule === 'optimal') return power((kappa - 1) / (kappa + 1), loops);
  if (rule === 'paper') return Math.exp(-loops / (2 * kappa));
  const root = Math.sqrt(kappa);
  // 1 / rho rather than rho: kappa = 1 gives 0.
  const shrink = power((root - 1) / (root + 1), loops);
  return (2 * shrink) / (1 + shrink * shrink);
}

/**
 * The least T with rateBound(rule, kappa, T) <= eps: so many loops suffice.
 *
 * @param eps - in (0, 1).
 * @returns Infinity for kappa = Infinity.
 * @throws ArgumentError.
 */
export function loopsFor(eps: number, kappa: number, rule: RateRule = 'inverse-L'): number {
  checkRange('loopsFor', 'eps', eps, Number.MIN_VALUE, 1 - Number.EPSILON);
  checkRange('loopsFor', 'kappa', kappa, 1, Number.POSITIVE_INFINITY);
  checkChoice('loopsFor', 'rule', rule, RULES);
  if (kappa === Number.POSITIVE_INFINITY) return kappa;
  if (kappa === 1 && rule !== 'paper') return 1;
  let loops = Math.max(1, Math.ceil(estimate(eps, kappa, rule)));
  // The estimate rounds; the bound decides.
  while (rateBound(rule, kappa, loops) > eps) loops++;
  while (loops > 1 && rateBound(rule, kappa, loops - 1) <= eps) loops--;
  return loops;
}

function estimate(eps: number, kappa: number, rule: RateRule): number {
  if (rule === 'paper') return -2 * kappa * log(eps);
  if (rule === 'inverse-L') return log(eps) / Math.log1p(-1 / kappa);
  if (rule === 'optimal') return log(eps) / Math.log1p(-2 / (kappa + 1));
  return (Math.log1p(Math.sqrt((1 - eps) * (1 + eps))) - log(eps)) / -Math.log1p(-2 / (Math.sqrt(kappa) + 1));
}

/**
 * A bound of the condition number of X^T X / n for X with n x d independent standard normal entries, wrong with probability at most
 * delta: ((sqrt n + sqrt d + t) / (sqrt n - sqrt d - t))^2 with 2 exp(-t^2 / 2) = delta; Infinity where sqrt n <= sqrt d + t.
 *
 * So n = C d examples give a condition number that does not grow with d only for C above 1: at n = d nothing bounds it.
 *
 * @throws ArgumentError.
 * Source: Davidson and Szarek, Local operator theory, random matrices and Banach spaces, 2001.
 */
export function gaussianKappaBound(n: number, d: number, delta: number): number {
  checkWhole('gaussianKappaBound', 'n', n, 1);
  checkWhole('gaussianKappaBound', 'd', d, 1);
  checkRange('gaussianKappaBound', 'delta', delta, Number.MIN_VALUE, 1);
  const t = Math.sqrt(2 * log(2 / delta));
  const [wide, narrow] = [Math.sqrt(n) + Math.sqrt(d) + t, Math.sqrt(n) - Math.sqrt(d) - t];
  return narrow <= 0 ? Number.POSITIVE_INFINITY : (wide / narrow) ** 2;
}
