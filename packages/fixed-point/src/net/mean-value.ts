import { centerOf, radiiOf } from '../interval/box.ts';
import { above, below, TINY, U } from '../interval/round.ts';
import type { IntervalMap } from './map.ts';

/** Narrows bounds of f over a box by those of f(c) + J (x - c): better wherever variables occur more than once and the box is small. */
export function meanValueForm(
  map: IntervalMap,
  pointRange: IntervalMap['range'],
  lower: Float64Array,
  upper: Float64Array,
  outLower: Float64Array,
  outUpper: Float64Array,
): void {
  const d = map.dimension;
  const X = { lower, upper };
  const center = centerOf(X);
  const radii = radiiOf(X, center);
  const least = new Float64Array(d);
  const most = new Float64Array(d);
  pointRange(center, center, least, most);
  const J = { lower: new Float64Array(d * d), upper: new Float64Array(d * d) };
  map.jacobianRange(lower, upper, J.lower, J.upper);
  const inflation = 1 + 2 * Math.floor((d + 6) / 2) * U;
  for (let i = 0, p = 0; i < d; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++, p++) sum += Math.max(-J.lower[p], J.upper[p]) * radii[j];
    const radius = above(inflation * sum + TINY);
    // NaN means no bound, and then the comparison keeps the old one.
    const l = below(least[i] - radius);
    const u = above(most[i] + radius);
    if (l > outLower[i]) outLower[i] = l;
    if (u < outUpper[i]) outUpper[i] = u;
  }
}

/** Adds factor [lower, upper] to bounds. */
export function addMultiple(
  factor: number,
  lower: Float64Array,
  upper: Float64Array,
  outLower: Float64Array,
  outUpper: Float64Array,
): void {
  for (let i = 0; i < lower.length; i++) {
    const a = factor * lower[i];
    const b = factor * upper[i];
    outLower[i] = below(below(Math.min(a, b)) + outLower[i]);
    outUpper[i] = above(above(Math.max(a, b)) + outUpper[i]);
  }
}
