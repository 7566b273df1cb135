import { checkChains } from './check-chains.ts';
import { isConstant, mean, variance } from './ess.ts';
import { type Chains, fold, rankNormalize, split } from './transform.ts';

/**
 * Rank-normalised split R-hat: the larger of that of the draws and that of their distances from the median, so that chains that
 * differ in location or in spread are both seen. NaN for constant draws: a chain that never moves has not converged.
 *
 * @param chains - at least 4 draws each.
 * @throws ShapeError for no chains or chains of several lengths; NonFiniteError.
 * Source: Vehtari, Gelman, Simpson, Carpenter, Buerkner 2021, Bayesian Analysis 16(2), section 3.1.
 */
export function rhat(chains: Chains): number {
  checkChains('rhat', chains);
  if (isConstant(chains)) return Number.NaN;
  const bulk = potentialScaleReduction(rankNormalize(split(chains)));
  // The median is that of all draws, the middle one of an odd number included, as in the authors' own code.
  const folded = split(fold(chains));
  // Draws of two values are equally far from the median, and say nothing about spread.
  return isConstant(folded) ? bulk : Math.max(bulk, potentialScaleReduction(rankNormalize(folded)));
}

/** sqrt of pooled over within-chain variance. */
function potentialScaleReduction(chains: Chains): number {
  const length = chains[0]!.length;
  const between = length * variance(chains.map(mean));
  const within = mean(chains.map(variance));
  return Math.sqrt((between / within + length - 1) / length);
}
