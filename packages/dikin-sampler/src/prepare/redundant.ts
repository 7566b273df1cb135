import { programOf } from '../lp/program.ts';
import { type LpSolver, withSession } from '../lp/solver.ts';
import type { System } from './system.ts';

/** Leaving out a row that the others exceed by less than this moves the boundary by no more than the solver's own error. */
const TOUCHING = 1e-10;

/** Above this many inequalities each program is solved to the accuracy that follows: ten times faster on the networks of whole cells. */
const MANY = 1000;
const COARSE = 1e-7;

/**
 * Which inequalities are needed: each is relaxed by 1 in turn, the body's reach in its direction is maximised, and when that
 * stays within the original bound it is left out for good. Cost: one warm-started linear program an inequality.
 *
 * @param system - with 0 in it; inequalities without entries are not needed.
 * @param after - called after each program with the finished share.
 */
export async function needed(
  { variables, equations, inequalities }: System,
  solver: LpSolver,
  after: (share: number) => Promise<void>,
): Promise<boolean[]> {
  const proper = inequalities.filter(({ columns }) => columns.length > 0);
  const { program, setBound } = programOf(variables, equations, proper);
  const cost = new Float64Array(variables);
  const kept = new Set<string | object>();
  const tolerance = proper.length > MANY ? COARSE : undefined;
  await withSession(solver, { ...program, tolerance, manyObjectives: true }, async (session) => {
    for (const [i, { columns, entries, bound }] of proper.entries()) {
      setBound(session, i, bound + 1);
      cost.fill(0);
      for (let k = 0; k < columns.length; k++) cost[columns[k]!] = entries[k]!;
      const outcome = session.optimise('max', cost);
      // Where the solver gives up, as it may on bounds of 1e6 beside coefficients of 1e-3, the row stays: that costs time, never truth.
      const redundant = outcome.status === 'optimal' && outcome.objective <= bound + TOUCHING;
      setBound(session, i, redundant ? Number.POSITIVE_INFINITY : bound);
      if (!redundant) kept.add(proper[i]!);
      await after((i + 1) / proper.length);
    }
  });
  return inequalities.map((constraint) => kept.has(constraint));
}
