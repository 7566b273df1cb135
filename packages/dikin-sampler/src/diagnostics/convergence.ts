import { ArgumentError } from '@x/linalg';
import { checkRange } from '../check.ts';
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
  /** Largest R-hat and smallest effective sizes over all quantities; NaN when a quantity has none. */
  readonly rhat: number;
  readonly essBulk: number;
  readonly essTail: number;
}

/**
 * The verdict on a run: every quantity of its summary must have R-hat and effective sizes within the limits. A quantity without them, because
 * it never changed or has too few draws, fails; so does a single chain, which has no other to disagree with. It is necessary, not sufficient: chains that all miss the same part of the body agree with
 * each other.
 *
 * @param summary - of `summarize`; at least one quantity.
 * @throws ArgumentError for an empty summary or a limit that is not a positive number.
 * Source of the default limits: Vehtari, Gelman, Simpson, Carpenter, Buerkner 2021, Bayesian Analysis 16(2), section 4.
 */
export function checkConvergence(summary: readonly SummaryRow[], limits: ConvergenceLimits = {}): Convergence {
  const { rhat = 1.01, ess = 400 } = limits;
  checkRange('checkConvergence', 'rhat', rhat, 1);
  checkRange('checkConvergence', 'ess', ess, 0);
  if (summary.length === 0) throw new ArgumentError('checkConvergence: the summary is empty; a verdict needs a quantity', 'summary');
  const reasons: string[] = [];
  if (summary.some(({ chains }) => chains < 2))
    reasons.push('there is one chain; without a second nothing shows whether it is stuck in a part of the body');
  const stuck = summary.filter((row) => Number.isNaN(row.rhat) && row.q5 === row.q95);
  if (stuck.length > 0) reasons.push(`${listed(stuck)} never changed: the chains do not move`);
  const unknown = summary.filter((row) => !stuck.includes(row) && KEYS.some((key) => Number.isNaN(row[key])));
  if (unknown.length > 0) reasons.push(`${listed(unknown)} cannot be judged: too few draws, or draws of almost one value`);
  const worst = (key: (typeof KEYS)[number], sign: 1 | -1) =>
    summary.reduce((most, row) => (sign * row[key] > sign * most[key] || Number.isNaN(most[key]) ? row : most), summary[0]!);
  const byRhat = worst('rhat', 1);
  const byBulk = worst('essBulk', -1);
  const byTail = worst('essTail', -1);
  if (byRhat.rhat > rhat) reasons.push(`R-hat of ${byRhat.name} is ${byRhat.rhat.toFixed(3)}; at most ${rhat} is accepted`);
  if (byBulk.essBulk < ess) reasons.push(`bulk ESS of ${byBulk.name} is ${Math.floor(byBulk.essBulk)}; at least ${ess} is needed`);
  if (byTail.essTail < ess) reasons.push(`tail ESS of ${byTail.name} is ${Math.floor(byTail.essTail)}; at least ${ess} is needed`);
  const judged = stuck.length + unknown.length === 0;
  return {
    converged: reasons.length === 0,
    reasons,
    rhat: judged ? byRhat.rhat : Number.NaN,
    essBulk: judged ? byBulk.essBulk : Number.NaN,
    essTail: judged ? byTail.essTail : Number.NaN,
  };
}

const KEYS = ['rhat', 'essBulk', 'essTail'] as const;

function listed(rows: readonly SummaryRow[]): string {
  const named = rows.slice(0, 5).map((row) => row.name);
  return `${named.join(', ')}${rows.length > 5 ? ` and ${rows.length - 5} more` : ''}`;
}
