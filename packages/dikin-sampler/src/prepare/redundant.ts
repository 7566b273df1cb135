import { type LpSolver, unexpected, withSession } from '../lp/solver.ts';
import type { Breathe } from '../pause.ts';
import { packRows } from '../sparse.ts';
import type { Constraint, System } from './system.ts';

/** Leaving out a row that the others exceed by less than this moves the boundary by no more than the solver's own error. */
const TOUCHING = 1e-10;

/**
 * The inequalities that are needed: each is relaxed by 1 in turn, the body's reach in its direction is maximised, and when that
 * stays within the original bound it is left out for good. Cost: one warm-started linear program an inequality.
 */
export async function needed(
  { variables, equations, inequalities }: System,
  solver: LpSolver,
  breathe: Breathe,
): Promise<readonly Constraint[]> {
  const constraints = [...equations, ...inequalities];
  const bounds = Float64Array.from(constraints, ({ bound }) => bound);
  const program = {
    rows: packRows(variables, constraints),
    rowLower: bounds.map((bound, i) => (i < equations.length ? bound : Number.NEGATIVE_INFINITY)),
    rowUpper: bounds,
    lower: new Float64Array(variables).fill(Number.NEGATIVE_INFINITY),
    upper: new Float64Array(variables).fill(Number.POSITIVE_INFINITY),
  };
  const cost = new Float64Array(variables);
  const kept: Constraint[] = [];
  await withSession(solver, program, async (session) => {
    for (const [i, constraint] of inequalities.entries()) {
      const { columns, entries, bound } = constraint;
      const row = equations.length + i;
      session.setRowUpper(row, bound + 1);
      cost.fill(0);
      for (let k = 0; k < columns.length; k++) cost[columns[k]!] = entries[k]!;
      const outcome = session.optimise('max', cost);
      if (outcome.status !== 'optimal') unexpected('prepare', outcome);
      const redundant = outcome.objective <= bound + TOUCHING;
      session.setRowUpper(row, redundant ? Number.POSITIVE_INFINITY : bound);
      if (!redundant) kept.push(constraint);
      await breathe();
    }
  });
  return kept;
}
