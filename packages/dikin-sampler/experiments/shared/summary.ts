import { type Convergence, chainsOf, checkConvergence, type Run, type SummaryRow, summarize } from '@x/dikin-sampler';
import type { Outcome, Series } from '@x/report/experiment';

export interface Judged {
  readonly run: Run;
  readonly summary: readonly SummaryRow[];
  readonly convergence: Convergence;
  readonly seconds: number;
}

/** Runs, summarises and judges. */
export async function judge(sampling: () => Promise<Run>): Promise<Judged> {
  const start = performance.now();
  const run = await sampling();
  const seconds = (performance.now() - start) / 1000;
  const summary = summarize(run);
  return { run, summary, convergence: checkConvergence(summary), seconds };
}

/** Measured, bound and verdict of a claim of convergence by several runs. */
export function convergenceOutcome(judged: readonly Judged[]): Pick<Outcome, 'measured' | 'bound' | 'verdict' | 'note'> {
  const worst = (values: readonly number[], choose: (...values: number[]) => number) => choose(...values);
  const rhat = worst(
    judged.map(({ convergence }) => convergence.rhat),
    Math.max,
  );
  const ess = worst(
    judged.flatMap(({ convergence }) => [convergence.essBulk, convergence.essTail]),
    Math.min,
  );
  const reasons = judged.flatMap(({ run, convergence }) => convergence.reasons.map((reason) => `${run.walk}: ${reason}`));
  return {
    measured: `R-hat ${rhat.toFixed(4)}, ESS ${Math.floor(ess)}`,
    bound: 'R-hat < 1.01, bulk and tail ESS >= 400, of every quantity',
    verdict: judged.every(({ convergence }) => convergence.converged) ? 'holds' : 'failed',
    ...(reasons.length > 0 ? { note: reasons.join('; ') } : {}),
  };
}

/** One line of facts on each run. */
export function runTable(judged: readonly Judged[]) {
  return {
    columns: [
      'walk',
      'acceptance',
      'autocorrelation time, steps',
      'burn-in',
      'thinning',
      'worst R-hat',
      'least bulk ESS',
      'least tail ESS',
      'seconds',
    ],
    rows: judged.map(({ run, convergence, seconds }) => [
      run.walk,
      mean(run.acceptance).toFixed(2),
      Math.round(run.tuning.autocorrelationTime),
      run.tuning.burnIn,
      run.tuning.thin,
      convergence.rhat.toFixed(4),
      Math.floor(convergence.essBulk),
      Math.floor(convergence.essTail),
      seconds.toFixed(1),
    ]),
  };
}

/** Histograms of one variable in several runs, over the same bins, as bars of densities. */
export function histograms(runs: readonly Run[], variable: number, bins: number, labels: readonly string[]): Series[] {
  const draws = runs.map((run) => chainsOf(run, variable).flatMap((chain) => [...chain]));
  const low = draws.flat().reduce((a, b) => Math.min(a, b));
  const width = (draws.flat().reduce((a, b) => Math.max(a, b)) - low) / bins || 1;
  return draws.map((values, i) => {
    const counts = new Array<number>(bins).fill(0);
    for (const value of values) counts[Math.min(bins - 1, Math.floor((value - low) / width))]! += 1;
    return {
      label: labels[i]!,
      kind: 'bars',
      x: counts.map((_, k) => low + (k + 0.5) * width),
      y: counts.map((count) => count / (values.length * width)),
    };
  });
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
