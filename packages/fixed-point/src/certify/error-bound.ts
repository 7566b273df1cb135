import { finiteVector } from '../check.ts';
import { isInside, pointBox } from '../interval/box.ts';
import { above, below } from '../interval/round.ts';
import type { IntervalMap } from '../net/map.ts';
import type { Certificate } from './certificate.ts';
import { rangeOver } from './evaluate.ts';

/**
 * A proved bound of max |x_i - p_i|, p the certified fixed point: by its enclosure, and for a contraction and x in the box also by the
 * residual, ||f(x) - x|| / (1 - K); the smaller of the two.
 */
export function errorBound(map: IntervalMap, certificate: Certificate, x: ArrayLike<number>): number {
  const point = finiteVector('errorBound', 'x', x, map.dimension);
  const { enclosure, box, contraction, weights, kind } = certificate;
  let bound = 0;
  for (let i = 0; i < point.length; i++)
    bound = Math.max(bound, above(point[i] - enclosure.lower[i]), above(enclosure.upper[i] - point[i]));
  if (kind !== 'banach' || contraction === undefined || !isInside(pointBox(point), box)) return bound;
  const image = rangeOver(map, pointBox(point));
  let residual = 0;
  let heaviest = 0;
  for (let i = 0; i < point.length; i++) {
    const most = Math.max(above(image.upper[i] - point[i]), above(point[i] - image.lower[i]));
    residual = Math.max(residual, above(most / weights[i]));
    heaviest = Math.max(heaviest, weights[i]);
  }
  const byResidual = above(above(residual / below(1 - contraction)) * heaviest);
  return Math.min(byResidual, bound);
}
