import type { Csr } from '@x/linalg';
import { type LpSolver, unexpected, withSession } from '../lp/solver.ts';
import { packRows, type SparseRow } from '../sparse.ts';
import type { System } from './system.ts';

export interface Ball {
  readonly center: Float64Array;
  readonly radius: number;
}

/**
 * The centre and radius of a largest ball inside the body within its affine hull, by the linear program max r subject to the equations
 * and a_i^T v + r ||N^T a_i|| <= b_i, whose rows are as sparse as the body's own.
 *
 * @param system - displacements from the origin of the coordinates y, v = N y.
 * @param lengths - ||N^T a_i|| of each inequality.
 * @param basis - N, with orthonormal columns.
 * @param limit - an upper bound of the radius; needed where the body is unbounded.
 */
export function chebyshevCenter(
  { variables: n, equations, inequalities }: System,
  lengths: ArrayLike<number>,
  basis: Csr,
  solver: LpSolver,
  limit: number = Number.POSITIVE_INFINITY,
): Promise<Ball> {
  const grown = inequalities.map(
    ({ columns, entries }, i): SparseRow => ({ columns: [...Array.from(columns), n], entries: [...Array.from(entries), lengths[i]!] }),
  );
  const bounds = Float64Array.from([...equations, ...inequalities], ({ bound }) => bound);
  const program = {
    rows: packRows(n + 1, [...equations, ...grown]),
    rowLower: bounds.map((bound, i) => (i < equations.length ? bound : Number.NEGATIVE_INFINITY)),
    rowUpper: bounds,
    lower: Float64Array.from({ length: n + 1 }, (_, j) => (j < n ? Number.NEGATIVE_INFINITY : 0)),
    upper: Float64Array.from({ length: n + 1 }, (_, j) => (j < n ? Number.POSITIVE_INFINITY : limit)),
  };
  const cost = new Float64Array(n + 1);
  cost[n] = 1;
  return withSession(solver, program, (session) => {
    const outcome = session.optimise('max', cost);
    if (outcome.status !== 'optimal') unexpected('prepare', outcome);
    const center = new Float64Array(basis.cols);
    for (let j = 0; j < n; j++) {
      for (let p = basis.indptr[j]!; p < basis.indptr[j + 1]!; p++) {
        center[basis.indices[p]!] = center[basis.indices[p]!]! + basis.data[p]! * outcome.x[j]!;
      }
    }
    return { center, radius: outcome.x[n]! };
  });
}
