import { packRows, type SparseRow } from '../sparse.ts';
import type { LinearProgram, LpSession } from './solver.ts';

/** entries^T x <= bound, or = bound. */
interface Linear extends SparseRow {
  readonly bound: number;
}

/** A linear program and where in it the inequalities stand. */
export interface Assembled {
  readonly program: LinearProgram;
  /** Moves the bound of inequality i. */
  setBound(session: LpSession, i: number, bound: number): void;
}

/**
 * The program {equations, inequalities, |x_j| <= limit}. Constraints with one nonzero become bounds of their variable: a simplex
 * basis is then as large as the number of proper rows, which for a metabolic network is a third of all constraints.
 *
 * @param inequalities - at most one for each direction, as cleaning leaves them.
 */
export function programOf(
  variables: number,
  equations: readonly Linear[],
  inequalities: readonly Linear[],
  limit: number = Number.POSITIVE_INFINITY,
): Assembled {
  const lower = new Float64Array(variables).fill(-limit);
  const upper = new Float64Array(variables).fill(limit);
  const rows: Linear[] = [];
  const place = new Int32Array(inequalities.length).fill(-1);
  for (const { columns, entries, bound } of equations.filter(isBound)) lower[columns[0]!] = upper[columns[0]!] = bound / entries[0]!;
  const proper = equations.filter((constraint) => !isBound(constraint));
  for (const [i, constraint] of inequalities.entries()) {
    if (!isBound(constraint)) {
      place[i] = proper.length + rows.length;
      rows.push(constraint);
    }
  }
  const set = (constraint: Linear, bound: number) => {
    const j = constraint.columns[0]!;
    const entry = constraint.entries[0]!;
    if (entry > 0) upper[j] = Math.min(limit, bound / entry);
    else lower[j] = Math.max(-limit, bound / entry);
    return j;
  };
  for (const constraint of inequalities) if (isBound(constraint)) set(constraint, constraint.bound);
  const bounds = Float64Array.from([...proper, ...rows], ({ bound }) => bound);
  return {
    program: {
      rows: packRows(variables, [...proper, ...rows]),
      rowLower: bounds.map((bound, i) => (i < proper.length ? bound : Number.NEGATIVE_INFINITY)),
      rowUpper: bounds,
      lower,
      upper,
    },
    setBound(session, i, bound) {
      if (place[i]! >= 0) session.setRowBounds(place[i]!, Number.NEGATIVE_INFINITY, bound);
      else {
        const j = set(inequalities[i]!, bound);
        session.setVariableBounds(j, lower[j]!, upper[j]!);
      }
    },
  };
}

function isBound({ columns }: Linear): boolean {
  return columns.length === 1;
}
