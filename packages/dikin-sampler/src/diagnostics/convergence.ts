import type { SummaryRow } from './summary.ts';

export interface ConvergenceLimits {
  /** Largest R-hat accepted. Default 1.01. */
  readonly rhat?: number;
  /** Smallest bulk and tail effective sample size accepted, all chains together. Default 400. */
  readonly ess?: number;
}

export interface Convergence {
  readonly converged: boolean;
  /** Why not, one sentence a reason, the worst quantity named. */
  readonly reasons: readonly string[];
  /** Largest R-hat and smallest effective sizes over all quantities; NaN when a quantity never changed. */
  readonly rhat: number;
  readonly essBulk: number;
  readonly essTail: number;
}

/**
 * The verdict on a run: every quantity of its summary must have R-hat and effective sizes within the limits. It is necessary, not
 * sufficient: chains that all miss the same part of the body agree with each other.
 *
 * @param summary - of `summarize`.
 * Source of the default limits: Vehtari, Gelman, Simpson, Carpenter, Buerkner 2021, Bayesian Analysis 16(2), section 4.
 */
export function checkConvergence(summary: readonly SummaryRow[], limits: ConvergenceLimits = {}): Convergence {
  const { rhat = 1.01, ess = 400 } = limits;
  const reasons: string[] = [];
  const stuck = summary.filter((row) => Number.isNaN(row.rhat));
  if (stuck.length > 0) {
    const named = stuck.slice(0, 5).map((row) => row.name);
    reasons.push(`${named.join(', ')}${stuck.length > 5 ? ` and ${stuck.length - 5} more` : ''} never changed: the chains do not move`);
  }
  const worst = (key: 'rhat' | 'essBulk' | 'essTail', sign: 1 | -1) =>
    summary.reduce((most, row) => (sign * row[key] > sign * most[key] || Number.isNaN(most[key]) ? row : most), summary[0]!);
  const byRhat = worst('rhat', 1);
  const byBulk = worst('essBulk', -1);
  const byTail = worst('essTail', -1);
  if (byRhat.rhat > rhat) reasons.push(`R-hat of ${byRhat.name} is ${byRhat.rhat.toFixed(3)}; at most ${rhat} is accepted`);
  if (byBulk.essBulk < ess) reasons.push(`bulk ESS of ${byBulk.name} is ${Math.floor(byBulk.essBulk)}; at least ${ess} is needed`);
  if (byTail.essTail < ess) reasons.push(`tail ESS of ${byTail.name} is ${Math.floor(byTail.essTail)}; at least ${ess} is needed`);
  const unknown = stuck.length > 0;
  return {
    converged: reasons.length === 0,
    reasons,
    rhat: unknown ? Number.NaN : byRhat.rhat,
    essBulk: unknown ? Number.NaN : byBulk.essBulk,
    essTail: unknown ? Number.NaN : byTail.essTail,
  };
}
