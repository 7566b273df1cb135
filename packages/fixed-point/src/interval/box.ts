import { ArgumentError, ShapeError } from '@x/linalg';
import { finiteVector } from '../check.ts';
import { InvalidBoxError } from '../errors.ts';
import { above } from './round.ts';

/** All x with lower <= x <= upper, coordinate by coordinate. */
export interface Box {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/**
 * A box from arrays of numbers, copied; a single number stands for all coordinates.
 *
 * @throws InvalidBoxError naming the coordinate whose bounds are in the wrong order; NonFiniteError; ShapeError.
 */
export function box(lower: number | ArrayLike<number>, upper: number | ArrayLike<number>, dimension?: number): Box {
  const length = dimension ?? (typeof lower === 'number' ? (typeof upper === 'number' ? 1 : upper.length) : lower.length);
  const filled = (bound: number | ArrayLike<number>) => (typeof bound === 'number' ? new Float64Array(length).fill(bound) : bound);
  const l = finiteVector('box', 'lower', filled(lower), length);
  const u = finiteVector('box', 'upper', filled(upper), length);
  for (let i = 0; i < length; i++) {
    if (!(l[i] <= u[i]))
      throw new InvalidBoxError(`box: coordinate ${i} is [${l[i]}, ${u[i]}]; the lower bound must not exceed the upper`, i);
  }
  return { lower: l, upper: u };
}

/** Checks a box that a user handed over. */
export function checkBox(operation: string, given: Box, dimension: number): Box {
  if (typeof given !== 'object' || given === null)
    throw new ArgumentError(`${operation}: the box is ${given}; { lower, upper } is needed, as box() makes it`, 'box');
  const X = box(given.lower, given.upper);
  if (X.lower.length !== dimension)
    throw new ShapeError(`${operation}: the box has ${X.lower.length} coordinates; ${dimension} are needed`);
  return X;
}

/** The points between which all x of X lie nearest: near the middle, and inside. */
export function centerOf({ lower, upper }: Box): Float64Array {
  return lower.map((l, i) => Math.min(upper[i], Math.max(l, l / 2 + upper[i] / 2)));
}

/** Largest distances from a point of the box to its ends, rounded up. */
export function radiiOf({ lower, upper }: Box, center: Float64Array): Float64Array {
  return center.map((c, i) => above(Math.max(c - lower[i], upper[i] - c)));
}

/** The box with nothing but x. */
export function pointBox(x: Float64Array): Box {
  return { lower: x, upper: x };
}

/** Whether every coordinate of A lies in B; false where a bound is NaN. */
export function isInside(A: Box, B: Box): boolean {
  return A.lower.every((l, i) => l >= B.lower[i] && A.upper[i] <= B.upper[i]);
}

/** Whether every coordinate of A lies in the interior of B. */
export function isInterior(A: Box, B: Box): boolean {
  return A.lower.every((l, i) => l > B.lower[i] && A.upper[i] < B.upper[i]);
}

/** Whether they certainly have no point in common. */
export function areDisjoint(A: Box, B: Box): boolean {
  return A.lower.some((l, i) => l > B.upper[i] || A.upper[i] < B.lower[i]);
}

/** What is in both; undefined where that is nothing. NaN in A counts as no bound. */
export function intersection(A: Box, B: Box): Box | undefined {
  if (areDisjoint(A, B)) return undefined;
  const result = { lower: B.lower.slice(), upper: B.upper.slice() };
  for (let i = 0; i < result.lower.length; i++) {
    if (A.lower[i] > result.lower[i]) result.lower[i] = A.lower[i];
    if (A.upper[i] < result.upper[i]) result.upper[i] = A.upper[i];
  }
  return result;
}

/** The least box that holds both. */
export function hull(A: Box, B: Box): Box {
  return { lower: A.lower.map((l, i) => Math.min(l, B.lower[i])), upper: A.upper.map((u, i) => Math.max(u, B.upper[i])) };
}

/** The box with each side longer by a share of itself and of its place, on both ends. */
export function inflated({ lower, upper }: Box, share: number, absolute: number): Box {
  const by = (i: number) => share * (upper[i] - lower[i]) + absolute * Math.max(1, Math.abs(lower[i]), Math.abs(upper[i]));
  return { lower: lower.map((l, i) => l - by(i)), upper: upper.map((u, i) => u + by(i)) };
}

/** The longest side, and which it is. */
export function widest({ lower, upper }: Box): { readonly width: number; readonly coordinate: number } {
  let width = 0;
  let coordinate = 0;
  for (let i = 0; i < lower.length; i++) {
    if (upper[i] - lower[i] > width) {
      width = upper[i] - lower[i];
      coordinate = i;
    }
  }
  return { width, coordinate };
}
