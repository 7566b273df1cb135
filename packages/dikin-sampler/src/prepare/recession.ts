import { philox } from '@x/linalg';
import { programOf } from '../lp/program.ts';
import { type LinearProgram, type LpSolver, unexpected, withSession } from '../lp/solver.ts';
import type { Constraint, System } from './system.ts';

/** A unit-box direction with a component above this along the test vector is one, not the solver's error. */
const VANISHING = 1e-7;

/**
 * A direction along which one never leaves the body, or undefined when the body is bounded. The directions form the cone
 * {v : equations v = 0, inequalities v <= 0}. A fixed generic vector c is orthogonal to no v != 0 of it (but for a set of c of
 * measure zero), so the cone is {0} exactly when max c^T v and max -c^T v over its part in the unit box are both 0.
 */
export function findRay(system: System, solver: LpSolver): Promise<Float64Array | undefined> {
  const rng = philox(0x5eed);
  // Components of either sign and of size at least 1/2: none of them is small by chance.
  const generic = Float64Array.from({ length: system.variables }, () => {
    const u = rng.uniform() - 0.5;
    return u + Math.sign(u) * 0.5;
  });
  return withSession(solver, coneProgram(system), (session) => {
    for (const sense of ['max', 'min'] as const) {
      const outcome = session.optimise(sense, generic);
      if (outcome.status !== 'optimal') unexpected('prepare', outcome);
      // A cone's part in a box reaches the box: what ends before is no direction, but the solver's tolerance.
      const reach = outcome.x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      if (Math.abs(outcome.objective) > VANISHING && reach > 0.5) return outcome.x;
    }
    return undefined;
  });
}

function coneProgram({ variables, equations, inequalities }: System): LinearProgram {
  const homogeneous = (constraints: readonly Constraint[]) => constraints.map((constraint) => ({ ...constraint, bound: 0 }));
  return programOf(variables, homogeneous(equations), homogeneous(inequalities), 1).program;
}
