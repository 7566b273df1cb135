import { regularizedBeta, upperGamma } from './gamma.ts';

/** P(Z > z) for a standard normal Z. */
export function normalTail(z: number): number {
  const half = upperGamma(0.5, (z * z) / 2) / 2;
  return z >= 0 ? half : 1 - half;
}

/** P(X > x) for X chi-square with this many degrees of freedom. */
export function chiSquareTail(x: number, degrees: number): number {
  return upperGamma(degrees / 2, x / 2);
}

/** P(T > t) for Student's T. */
export function studentTail(t: number, degrees: number): number {
  const half = regularizedBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
  return t >= 0 ? half : 1 - half;
}

/** The z with P(Z > z) = tail, 0 < tail < 1. */
export function normalQuantile(tail: number): number {
  return invert((z) => normalTail(z), tail);
}

/** The t with P(T > t) = tail, 0 < tail < 1. */
export function studentQuantile(tail: number, degrees: number): number {
  return invert((t) => studentTail(t, degrees), tail);
}

/** Bisection of a falling function, to the last bit. */
function invert(f: (x: number) => number, value: number): number {
  let low = -1;
  let high = 1;
  while (f(low) < value) low *= 2;
  while (f(high) > value) high *= 2;
  for (let k = 0; k < 200; k++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (f(middle) > value) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
