/** What counts as zero when a rank is decided. */
import { checkObject, checkRange } from '../check.ts';
import type { Dense } from '../dense.ts';

export interface RankOptions {
  /** A pivot or singular value counts as zero when it is at most this fraction of the largest. Default max(m, n) * 2^-52. */
  readonly tolerance?: number;
}

/** @throws ArgumentError unless the options are an object, or when the tolerance is not in [0, 1]. */
export function rankTolerance(operation: string, A: Dense, options: RankOptions): number {
  checkObject(operation, 'options', options);
  const { tolerance } = options;
  if (tolerance === undefined) return Math.min(1, Math.max(A.rows, A.cols) * Number.EPSILON);
  checkRange(operation, 'tolerance', tolerance, 0, 1);
  return tolerance;
}

/** How many of the descending sizes exceed tolerance times the first. */
export function numericalRank(sizes: Float64Array, tolerance: number): number {
  const least = (sizes[0] ?? 0) * tolerance;
  let rank = 0;
  while (rank < sizes.length && (sizes[rank] as number) > least) rank++;
  return rank;
}
