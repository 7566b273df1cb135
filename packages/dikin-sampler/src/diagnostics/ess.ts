import { log } from '@x/linalg';
import { checkChains } from './check-chains.ts';
import { below, type Chains, pool, rankNormalize, split } from './transform.ts';

/**
 * Effective sample size of the mean from chains as they are, by Geyer's initial monotone sequence over the autocorrelations of all
 * chains together; NaN for constant draws and for fewer than 4 draws a chain.
 *
 * Source: Vehtari, Gelman, Simpson, Carpenter, Buerkner 2021, Bayesian Analysis 16(2), section 3.2.
 */
export function effectiveSize(chains: Chains): number {
  const count = chains.length;
  const length = chains[0]?.length ?? 0;
  const means = chains.map(mean);
  if (length < 4 || isConstant(chains)) return Number.NaN;
  /** Mean over the chains of the autocovariance at a lag, divided by the length as Geyer recommends. */
  const autocovariance = (lag: number) =>
    chains.reduce((sum, chain, c) => sum + laggedProduct(chain, means[c]!, lag), 0) / (length * count);

  const within = (autocovariance(0) * length) / (length - 1);
  const total = autocovariance(0) + (count > 1 ? variance(means) : 0);
  const correlation = (lag: number) => 1 - (within - autocovariance(lag)) / total;

  // Pairs (rho_2k, rho_2k+1) have a positive, decreasing sum for a reversible chain; the first negative one is noise.
  let sum = 0;
  let previous = Number.POSITIVE_INFINITY;
  let even = 1;
  let odd = correlation(1);
  let lag = 0;
  while (lag < length - 5 && even + odd > 0) {
    const pair = Math.min(even + odd, previous);
    sum += pair;
    previous = pair;
    lag += 2;
    even = correlation(lag);
    odd = correlation(lag + 1);
  }
  // Of the pair that ended the sequence a positive even term counts once: less bias where the chain is antithetic.
  const tau = -1 + 2 * sum + Math.max(even, 0);
  const draws = count * length;
  // An antithetic chain may beat independence, but by no more than this is believed.
  return draws / Math.max(tau, Math.LN10 / log(draws));
}

/**
 * Bulk effective sample size: of the rank-normalised, split chains. NaN for constant draws and for fewer than 8 a chain.
 *
 * @throws ShapeError for no chains or chains of several lengths; NonFiniteError. So do all functions of chains.
 */
export function essBulk(chains: Chains): number {
  checkChains('essBulk', chains);
  return effectiveSize(rankNormalize(split(chains)));
}

/** Tail effective sample size: the smaller of those of the indicators of the 5 % and 95 % quantiles. */
export function essTail(chains: Chains): number {
  checkChains('essTail', chains);
  return Math.min(...[0.05, 0.95].map((p) => effectiveSize(split(below(chains, p)))));
}

/** Effective sample size of the mean: of the split chains. */
export function essMean(chains: Chains): number {
  checkChains('essMean', chains);
  return effectiveSize(split(chains));
}

/** Monte Carlo standard error of the mean. */
export function mcseMean(chains: Chains): number {
  checkChains('mcseMean', chains);
  return Math.sqrt(variance(pool(chains)) / essMean(chains));
}

/** True when all draws are equal. */
export function isConstant(chains: Chains): boolean {
  const first = chains[0]?.[0];
  return chains.every((chain) => chain.every((x) => x === first));
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** With divisor n - 1. */
export function variance(values: ArrayLike<number>): number {
  const center = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - center) * (values[i]! - center);
  return sum / (values.length - 1);
}

function laggedProduct(chain: Float64Array, center: number, lag: number): number {
  let sum = 0;
  for (let i = lag; i < chain.length; i++) sum += (chain[i]! - center) * (chain[i - lag]! - center);
  return sum;
}
