import { type Curve, type PointBounds, turnAt } from './curve.ts';
import { exp } from './exp.ts';
import { above, below } from './round.ts';

const INVERSE_SQRT_TAU = 0.3989422804014327;
/** Beyond this the distribution function differs from 0 or 1 by less than 1e-15 (its tail at 8 is 6.3e-16). */
const FAR = 8;
/**
 * Absolute error of the distribution function: its series has positive terms, fewer than 150, so that with the density it loses less than
 * 400 U of itself, and itself is below 1/2.
 */
const ERROR = 4e-14;

/** The normal density, to 40 U for |x| <= 8. */
function density(x: number): number {
  return INVERSE_SQRT_TAU * exp(-0.5 * x * x);
}

/** The normal distribution function to 4e-14: 1/2 + density(x) (x + x^3 / 3 + x^5 / 15 + ...). */
function distribution(x: number): number {
  const size = Math.abs(x);
  if (!(size < FAR)) return x !== x ? x : x < 0 ? 0 : 1;
  let term = size;
  let sum = size;
  // Terms fall by x^2 / (2 n + 1); once that is below 1/2 the rest is smaller than the last term.
  for (let n = 3; term > sum * 1e-17 || size * size > n / 2; n += 2) {
    term *= (size * size) / n;
    sum += term;
  }
  const half = density(size) * sum;
  return x < 0 ? 0.5 - half : 0.5 + half;
}

/** x Phi(x). */
export function gelu(x: number): number {
  return x * distribution(x);
}

/** Phi(x) + x phi(x). */
export function geluSlope(x: number): number {
  return distribution(x) + x * density(x);
}

const geluBounds: PointBounds = (x, out) => {
  const slack = Math.abs(x) * ERROR;
  const v = gelu(x);
  out[0] = below(v - 2 * slack);
  out[1] = above(v + 2 * slack);
};

/** |x| phi(x) < 1/4, so the second term adds less than the first; beyond 8 it is below 1e-13. */
const geluSlopeBounds: PointBounds = (x, out) => {
  const v = geluSlope(x);
  out[0] = v - 3 * ERROR;
  out[1] = v + 3 * ERROR;
};

/** gelu falls to its minimum and rises after it; its slope, within [-0.13, 1.13], turns at +-sqrt(2) and changes by less than 0.8. */
export const geluCurve: Curve = { bounds: geluBounds, turns: [turnAt(-0.7517915246935645, geluBounds, 1.13)] };
export const geluSlopeCurve: Curve = {
  bounds: geluSlopeBounds,
  turns: [turnAt(-Math.SQRT2, geluSlopeBounds, 0.8), turnAt(Math.SQRT2, geluSlopeBounds, 0.8)],
};
