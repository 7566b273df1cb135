import type { Box } from '../interval/box.ts';
import type { IntervalMap } from '../net/map.ts';

/** Bounds of f over a box. */
export function rangeOver(map: IntervalMap, { lower, upper }: Box): Box {
  const image = { lower: new Float64Array(map.dimension), upper: new Float64Array(map.dimension) };
  map.range(lower, upper, image.lower, image.upper);
  return image;
}

/** Bounds of the Jacobian over a box, entry by entry. */
export function jacobianOver(map: IntervalMap, { lower, upper }: Box): Box {
  const size = map.dimension * map.dimension;
  const J = { lower: new Float64Array(size), upper: new Float64Array(size) };
  map.jacobianRange(lower, upper, J.lower, J.upper);
  return J;
}
