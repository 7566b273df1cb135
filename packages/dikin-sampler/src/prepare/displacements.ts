import type { SolutionSpace } from './solutions.ts';
import { type Constraint, type System, slackAt } from './system.ts';

/**
 * A body as displacements v from a point of its own, in the variables that move: {v : independent equations v = 0, inequalities v <= slack}.
 * It holds 0 whatever rounding does. In the body's own coordinates the equations that inequalities imply hold to the solver's accuracy
 * only, and taken at their word contradict each other.
 */
export interface Displacements {
  readonly system: System;
  /** The variables of the body that move. */
  readonly moving: readonly number[];
}

export function displacements({ variables, inequalities }: System, { basis, point, independent }: SolutionSpace): Displacements {
  const position = new Int32Array(variables).fill(-1);
  const moving: number[] = [];
  for (let j = 0; j < variables; j++) if (basis.indptr[j]! < basis.indptr[j + 1]!) position[j] = moving.push(j) - 1;
  const cut = (constraint: Constraint, bound: number): Constraint => {
    const kept = Array.from(constraint.columns, (_, k) => k).filter((k) => position[constraint.columns[k]!]! >= 0);
    return {
      columns: kept.map((k) => position[constraint.columns[k]!]!),
      entries: kept.map((k) => constraint.entries[k]!),
      bound,
      label: constraint.label,
    };
  };
  return {
    moving,
    system: {
      variables: moving.length,
      equations: independent.map((equation) => cut(equation, 0)),
      inequalities: inequalities.map((inequality) => cut(inequality, Math.max(0, slackAt(inequality, point)))),
    },
  };
}
