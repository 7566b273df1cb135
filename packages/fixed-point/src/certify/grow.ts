import { type Box, hull, inflated, isInside } from '../interval/box.ts';

const STEPS = 400;

/**
 * Grows a box around where it starts until `range`, widened by `noise`, maps it into itself: by repeated hulls with its image, each a little
 * inflated. The result is near the least such box that holds the start, whatever its shape.
 *
 * @returns undefined where the box keeps growing, or bounds are lost.
 */
export function grow(range: (X: Box) => Box, start: Box, noise: number): Box | undefined {
  let X = start;
  for (let step = 0; step < STEPS; step++) {
    const image = range(X);
    const widened: Box = { lower: image.lower.map((v) => v - noise), upper: image.upper.map((v) => v + noise) };
    if (!widened.lower.every((v, i) => v <= widened.upper[i] && v > -Infinity && widened.upper[i] < Infinity)) return undefined;
    if (step > 0 && isInside(widened, X)) return X;
    X = inflated(hull(X, widened), 0.002, 4 * Number.EPSILON);
  }
  return undefined;
}

/** The largest number in [0, most) on which `works` gives something, to 1 part in 2^20, and what it gives; undefined where 0 does not work. */
export function largest<R>(most: number, works: (value: number) => R | undefined): R | undefined {
  let found = works(0);
  if (found === undefined) return undefined;
  let low = 0;
  let high = most;
  for (let step = 0; step < 20; step++) {
    const middle = (low + high) / 2;
    const result = works(middle);
    if (result === undefined) high = middle;
    else {
      low = middle;
      found = result;
    }
  }
  return found;
}
