import type { Csr } from '@x/linalg';
import { type LpSolver, unexpected, withSession } from '../lp/solver.ts';
import { packRows, rowOf } from '../sparse.ts';

export interface Ball {
  readonly center: Float64Array;
  readonly radius: number;
}

/**
 * The centre and radius of a largest ball inside {y : A y <= b}, by the linear program max r subject to a_i^T y + r ||a_i|| <= b_i.
 *
 * @param A - unit rows.
 * @param limit - an upper bound of the radius; needed where the body is unbounded.
 */
export function chebyshevCenter(A: Csr, b: Float64Array, solver: LpSolver, limit: number = Number.POSITIVE_INFINITY): Promise<Ball> {
  const d = A.cols;
  const rows = Array.from({ length: A.rows }, (_, i) => {
    const { columns, entries } = rowOf(A, i);
    return { columns: [...columns, d], entries: [...entries, 1] };
  });
  const program = {
    rows: packRows(d + 1, rows),
    rowLower: new Float64Array(A.rows).fill(Number.NEGATIVE_INFINITY),
    rowUpper: b,
    lower: Float64Array.from({ length: d + 1 }, (_, j) => (j < d ? Number.NEGATIVE_INFINITY : 0)),
    upper: Float64Array.from({ length: d + 1 }, (_, j) => (j < d ? Number.POSITIVE_INFINITY : limit)),
  };
  const cost = new Float64Array(d + 1);
  cost[d] = 1;
  return withSession(solver, program, (session) => {
    const outcome = session.optimise('max', cost);
    if (outcome.status !== 'optimal') unexpected('prepare', outcome);
    return { center: outcome.x.slice(0, d), radius: outcome.x[d]! };
  });
}
