import type { Dense } from '@x/linalg';
import { gemv, transpose } from '@x/linalg';
import { inverseRoot, norm } from '../matrix.ts';
import type { Point, Problem } from './part.ts';

const U = 2 ** -53;

/**
 * An estimate of what rounding alone makes of the Newton decrement: the residual Z^T (g - c) is known up to roundings of |Z|^T |c| and of
 * sigma, which grow with the condition of A_x; M^-1/2 enlarges them. A decrement that stagnates above it has another reason.
 */
export function roundingFloor(problem: Problem, at: Point, M: Dense): number {
  let size = 0;
  for (const [k, { c, weight }] of problem.parts.entries()) {
    const { Z, condition } = at.parts[k]!;
    const d = c.length;
    const absolute = gemv({ A: transpose({ ...Z, data: Z.data.map(Math.abs) }), x: c.map(Math.abs) });
    size += weight * (norm(absolute) + d * condition);
  }
  return 8 * U * (size + penaltySize(problem, at)) * norm(inverseRoot(M).data);
}

function penaltySize({ penalty }: Problem, { x, parts }: Point): number {
  if (penalty === undefined) return 0;
  const absolute = (M: Dense) => ({ ...M, data: M.data.map(Math.abs) });
  return norm(gemv({ A: transpose(absolute(parts[0]!.Z)), x: gemv({ A: absolute(penalty), x: x.map(Math.abs) }) }));
}
