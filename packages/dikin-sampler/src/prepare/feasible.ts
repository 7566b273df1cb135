import { InfeasibleBodyError } from '../errors.ts';
import { type LinearProgram, type LpSolver, unexpected, withSession } from '../lp/solver.ts';
import type { Breathe } from '../pause.ts';
import { dotRow, packRows } from '../sparse.ts';
import { type Constraint, type System, slackAt } from './system.ts';

export interface Interior {
  /** A point that satisfies every inequality strictly, except the implied equations. */
  readonly point: Float64Array;
  /** Inequalities that hold with equality on the whole body. */
  readonly implied: readonly Constraint[];
  readonly strict: readonly Constraint[];
}

/**
 * Facial reduction: splits the inequalities into those with slack somewhere and those that every point meets with equality. One
 * linear program maximises sum t_i subject to slack_i >= t_i, 0 <= t_i <= 1; inequalities with slack leave the sum and the program
 * is solved again until the sum cannot leave zero. The average of the solutions has slack wherever any point has.
 *
 * @param tolerance - a slack of a unit row below this counts as zero.
 * @throws InfeasibleBodyError naming contradicting constraints; SolverError.
 */
export async function findInterior(
  { variables, equations, inequalities }: System,
  solver: LpSolver,
  tolerance: number,
  breathe: Breathe,
): Promise<Interior> {
  const open = new Set(inequalities.keys());
  const points: Float64Array[] = [];
  await withSession(solver, slackProgram(variables, equations, inequalities), async (session) => {
    for (;;) {
      const cost = new Float64Array(variables + inequalities.length);
      for (const i of open) cost[variables + i] = 1;
      const outcome = session.optimise('max', cost);
      if (outcome.status === 'infeasible') {
        const labels = outcome.rows.map((row) => (equations[row] ?? inequalities[row - equations.length]!).label);
        const which = labels.length > 0 ? `: these contradict each other: ${labels.slice(0, 10).join(', ')}` : '';
        throw new InfeasibleBodyError(`prepare: no point satisfies all constraints${which}`, labels);
      }
      if (outcome.status !== 'optimal') unexpected('prepare', outcome);
      const point = outcome.x.subarray(0, variables);
      points.push(point);
      const before = open.size;
      for (const i of open) if (slackAt(inequalities[i]!, point) > tolerance) open.delete(i);
      if (open.size === 0 || open.size === before) return;
      await breathe();
    }
  });
  const point = average(points, variables);
  return {
    point,
    // With the bound that the point meets: two bounds closer than the tolerance would contradict each other as equations.
    implied: inequalities.filter((_, i) => open.has(i)).map((constraint) => ({ ...constraint, bound: dotRow(constraint, point) })),
    strict: inequalities.filter((_, i) => !open.has(i)),
  };
}

/** Variables (x, t): equations on x, and entries^T x + t_i <= bound_i with 0 <= t_i <= 1. */
function slackProgram(variables: number, equations: readonly Constraint[], inequalities: readonly Constraint[]): LinearProgram {
  const total = variables + inequalities.length;
  const slackRows = inequalities.map(({ columns, entries }, i) => ({
    columns: [...Array.from(columns), variables + i],
    entries: [...Array.from(entries), 1],
  }));
  const bounds = [...equations, ...inequalities].map(({ bound }) => bound);
  return {
    rows: packRows(total, [...equations, ...slackRows]),
    rowLower: Float64Array.from(bounds, (bound, i) => (i < equations.length ? bound : Number.NEGATIVE_INFINITY)),
    rowUpper: Float64Array.from(bounds),
    lower: Float64Array.from({ length: total }, (_, j) => (j < variables ? Number.NEGATIVE_INFINITY : 0)),
    upper: Float64Array.from({ length: total }, (_, j) => (j < variables ? Number.POSITIVE_INFINITY : 1)),
  };
}

function average(points: readonly Float64Array[], length: number): Float64Array {
  return Float64Array.from({ length }, (_, j) => points.reduce((sum, point) => sum + point[j]!, 0) / points.length);
}
