import type { Convergence, Polytope, Prepared, Run, SummaryRow } from '../index.ts';

type Counts<K extends string> = Readonly<Record<K, number>>;

export function shapeOf({ body, dimension, A }: Prepared): Counts<'variables' | 'rows' | 'dimension' | 'inequalities'> {
  return { variables: body.variables, rows: body.rows.rows, dimension, inequalities: A.rows };
}

/** How many variables the file bounds on which side, and what is left of that. */
export function boundsOf({ lower, upper }: Polytope): Counts<'fixed' | 'both' | 'below' | 'above' | 'free'> {
  const counts = { fixed: 0, both: 0, below: 0, above: 0, free: 0 };
  for (const [j, low] of lower.entries()) {
    const [below, above] = [low > Number.NEGATIVE_INFINITY, upper[j]! < Number.POSITIVE_INFINITY];
    const kind = low === upper[j] ? 'fixed' : below && above ? 'both' : below ? 'below' : above ? 'above' : 'free';
    counts[kind]++;
  }
  return counts;
}

export function describePrepared({ body, dimension, A, ball }: Prepared): string {
  const radius = ball.radius.toPrecision(3);
  return `${body.variables} variables, ${body.rows.rows} rows; dimension ${dimension}, ${A.rows} inequalities, largest ball of radius ${radius}`;
}

export function describeRun({ walk, chains, draws, tuning, acceptance }: Run): string {
  const rate = acceptance.reduce((sum, value) => sum + value, 0) / chains;
  const radius = tuning.radius === undefined ? '' : `, r = ${tuning.radius.toFixed(2)}, acceptance ${rate.toFixed(2)}`;
  return `${walk}: ${chains} chains of ${draws} draws, burn-in ${tuning.burnIn} steps, one draw in ${tuning.thin} steps${radius}`;
}

export function describeVerdict({ converged, reasons, rhat, essBulk, essTail }: Convergence): string {
  if (!converged) return `not converged: ${reasons.join('; ')}`;
  return `converged: R-hat <= ${rhat.toFixed(4)}, bulk ESS >= ${Math.floor(essBulk)}, tail ESS >= ${Math.floor(essTail)}`;
}

const COLUMNS = ['mean', 'sd', 'q5', 'median', 'q95', 'rhat', 'essBulk', 'essTail', 'mcse'] as const;

/** Names are long and numbers short, so the name comes last. */
export function table(summary: readonly SummaryRow[]): string {
  const cells = [[...COLUMNS, 'name'], ...summary.map((row) => [...COLUMNS.map((key) => shown(key, row[key])), row.name])];
  return cells.map((line) => line.map((cell, k) => (k < COLUMNS.length ? cell.padStart(10) : ` ${cell}`)).join('')).join('\n');
}

function shown(key: (typeof COLUMNS)[number], value: number): string {
  if (key === 'rhat') return value.toFixed(4);
  return key.startsWith('ess') ? String(Math.round(value)) : value.toPrecision(4);
}

/** A count, and the first few names. */
export function counted(title: string, items: readonly string[]): string {
  const names = items.length <= 8 ? items.join(', ') : `${items.slice(0, 8).join(', ')}, ...`;
  return `${title}: ${items.length}${items.length > 0 ? ` (${names})` : ''}`;
}

/** The variables that a ray moves most, and which way. */
export function describeRay(ray: Float64Array, names: readonly string[]): string {
  const largest = [...ray.keys()].sort((i, j) => Math.abs(ray[j]!) - Math.abs(ray[i]!)).slice(0, 3);
  return largest
    .filter((j) => ray[j] !== 0)
    .map((j) => `${names[j]} ${ray[j]! > 0 ? 'up' : 'down'}`)
    .join(', ');
}
