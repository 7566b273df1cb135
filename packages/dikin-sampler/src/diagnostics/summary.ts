import { ArgumentError } from '@x/linalg';
import type { Run } from '../run.ts';
import { checkChains } from './check-chains.ts';
import { essBulk, essTail, isConstant, mcseMean, mean, variance } from './ess.ts';
import { rhat } from './rhat.ts';
import { type Chains, pool, quantile } from './transform.ts';

/** One quantity of a run: a coordinate of the body, `f` (-log density) or `min slack`. */
export interface SummaryRow {
  readonly name: string;
  /** How many chains it rests on. */
  readonly chains: number;
  readonly mean: number;
  readonly sd: number;
  /** 5 %, 50 % and 95 % quantiles. */
  readonly q5: number;
  readonly median: number;
  readonly q95: number;
  readonly rhat: number;
  readonly essBulk: number;
  readonly essTail: number;
  /** Monte Carlo standard error of the mean. */
  readonly mcse: number;
}

/**
 * The draws of one quantity, as one array a chain.
 *
 * @param which - position or name of a coordinate, or the name of another recorded quantity (`f`, `min slack`).
 * @throws ArgumentError when the run has no such quantity.
 */
export function chainsOf(run: Run, which: number | string): Chains {
  const coordinate = typeof which === 'number' ? which : run.names.indexOf(which);
  if (run.names[coordinate] !== undefined) return gather(run.samples, run, run.names.length, coordinate);
  const quantity = typeof which === 'number' ? -1 : run.quantities.indexOf(which);
  if (quantity >= 0) return gather(run.recorded, run, run.quantities.length, quantity);
  const known = `its ${run.names.length} coordinates${run.quantities.length > 0 ? ` and ${run.quantities.join(', ')}` : ''}`;
  throw new ArgumentError(`chainsOf: the run has no quantity ${which}; it has ${known}`, 'which');
}

/**
 * Location, spread and diagnostics of every coordinate that is not fixed by the constraints and of the other recorded quantities:
 * f where the density is not uniform, and the smallest slack, which sees chains stuck in a corner (where the body has facets at all).
 * A quantity whose draws are all equal has NaN diagnostics.
 */
export function summarize(run: Run): readonly SummaryRow[] {
  const fixed = new Set(run.fixed);
  const moving = [...run.names.keys()].filter((j) => !fixed.has(run.names[j]!));
  return [
    ...moving.map((j) => summarizeChains(run.names[j]!, chainsOf(run, j))),
    ...run.quantities.map((name, k) => summarizeChains(name, gather(run.recorded, run, run.quantities.length, k))),
  ];
}

/**
 * The same for draws from elsewhere.
 *
 * @throws ShapeError for no chains or chains of several lengths; NonFiniteError.
 */
export function summarizeChains(name: string, chains: Chains): SummaryRow {
  checkChains('summarizeChains', chains);
  const pooled = pool(chains).sort();
  return {
    name,
    chains: chains.length,
    mean: mean(pooled),
    sd: Math.sqrt(variance(pooled)),
    q5: quantile(pooled, 0.05),
    median: quantile(pooled, 0.5),
    q95: quantile(pooled, 0.95),
    rhat: rhat(chains),
    essBulk: essBulk(chains),
    essTail: isConstant(chains) ? Number.NaN : essTail(chains),
    mcse: mcseMean(chains),
  };
}

function gather(values: Float64Array, { chains, draws }: Run, width: number, at: number): Chains {
  return Array.from({ length: chains }, (_, c) => Float64Array.from({ length: draws }, (_, t) => values[(c * draws + t) * width + at]!));
}
