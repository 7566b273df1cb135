import { exp, log } from '@x/linalg';
import { checkChoice, checkRange, checkWhole } from '../check.ts';

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
  return rate(rule, kappa, loops);
}

/** `rateBound` for any whole number of loops. The factors lie so close to 1 that their logarithms are what is raised to powers. */
function rate(rule: RateRule, kappa: number, loops: number): number {
  if (loops === 0 || kappa === Number.POSITIVE_INFINITY) return 1;
  if (rule === 'paper') return exp(-loops / (2 * kappa));
  const shrink = exp(loops * log1p(-shrinkage(rule, kappa)));
  return rule === 'chebyshev' ? (2 * shrink) / (1 + shrink * shrink) : shrink;
}

/** What a loop takes away at least: 1/kappa, 2/(kappa + 1); for Chebyshev's steps 1 - 1/rho. */
function shrinkage(rule: StepRule, kappa: number): number {
  if (rule === 'inverse-L') return 1 / kappa;
  return 2 / ((rule === 'optimal' ? kappa : Math.sqrt(kappa)) + 1);
}

/** log(1 + x): the error of 1 + x cancels (Kahan). */
function log1p(x: number): number {
  const u = 1 + x;
  return u === 1 ? x : (log(u) * x) / (u - 1);
}

/**
 * The least T with rateBound(rule, kappa, T) <= eps: so many loops suffice.
 *
 * @param eps - in (0, 1).
 * @returns Infinity for kappa = Infinity; from 2^53 on the least f64 that suffices.
 * @throws ArgumentError.
 */
export function loopsFor(eps: number, kappa: number, rule: RateRule = 'inverse-L'): number {
  checkRange('loopsFor', 'eps', eps, Number.MIN_VALUE, 1 - Number.EPSILON);
  checkRange('loopsFor', 'kappa', kappa, 1, Number.POSITIVE_INFINITY);
  checkChoice('loopsFor', 'rule', rule, RULES);
  if (kappa === Number.POSITIVE_INFINITY) return kappa;
  // The bound decides; the estimate is where to look.
  let high = Math.max(1, Math.ceil(estimate(eps, kappa, rule)));
  while (rate(rule, kappa, high) > eps) high *= 2;
  let low = 0;
  for (;;) {
    const middle = Math.floor(low + (high - low) / 2);
    if (middle <= low || middle >= high) return high;
    if (rate(rule, kappa, middle) > eps) low = middle;
    else high = middle;
  }
}

function estimate(eps: number, kappa: number, rule: RateRule): number {
  if (rule === 'paper') return -2 * kappa * log(eps);
  return log(rule === 'chebyshev' ? eps / 2 : eps) / log1p(-shrinkage(rule, kappa));
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
