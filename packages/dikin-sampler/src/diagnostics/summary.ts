import { ShapeError } from '@x/linalg';
import type { Run } from '../sample.ts';
import { checkChains } from './check-chains.ts';
import { essBulk, essTail, isConstant, mcseMean, mean, variance } from './ess.ts';
import { rhat } from './rhat.ts';
import { type Chains, pool, quantile } from './transform.ts';

/** One quantity of a run: a variable of the body, `f` (-log density) or `min slack`. */
export interface SummaryRow {
  readonly name: string;
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

/** The draws of one variable of the body, as one array a chain. */
export function chainsOf(run: Run, variable: number): Chains {
  const n = run.prepared.body.variables;
  if (!Number.isInteger(variable) || variable < 0 || variable >= n) {
    throw new ShapeError(`chainsOf: variable is ${variable}; the body has ${n} variables`);
  }
  return gather(run.samples, run.chains, run.draws, n, variable);
}

/**
 * Location, spread and diagnostics of every variable that is not fixed by the constraints, of f where the density is not uniform,
 * and of the smallest slack, which sees chains stuck in a corner (where the body has facets at all). A quantity whose draws are all equal has NaN diagnostics.
 */
export function summarize(run: Run): readonly SummaryRow[] {
  const { names } = run.prepared.body;
  const fixed = new Set(run.prepared.report.fixedVariables);
  const rows = [...names.keys()].filter((j) => !fixed.has(names[j]!)).map((j) => summarizeChains(names[j]!, chainsOf(run, j)));
  if (run.density.kind !== 'uniform') rows.push(summarizeChains('f', gather(run.energies, run.chains, run.draws, 1, 0)));
  if (run.prepared.A.rows > 0) rows.push(summarizeChains('min slack', gather(run.minSlacks, run.chains, run.draws, 1, 0)));
  return rows;
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

function gather(values: Float64Array, chains: number, draws: number, width: number, at: number): Chains {
  return Array.from({ length: chains }, (_, c) => Float64Array.from({ length: draws }, (_, t) => values[(c * draws + t) * width + at]!));
}
