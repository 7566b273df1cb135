import type { Curve, PointBounds } from './curve.ts';
import { turnAt } from './curve.ts';
import { decay, exp } from './exp.ts';
import { above, below } from './round.ts';

/**
 * Functions made from e = exp(-|x|) or exp(-2 |x|), which is at most 1 and known to 4 U, or from 1 - e, known to 7 U. The formulas below lose at
 * most 12 U of their values (of tanh's denominator 2 - p >= 1 the p <= 1 is known to 7 U again, for small p much better), and bounds are taken with 16 U.
 */
const ERROR = 1.7763568394002505e-15;
const ETA = 1e-323;

function relative(value: (x: number) => number, least: number, most: number): PointBounds {
  return (x, out) => {
    const v = value(x);
    const slack = Math.abs(v) * ERROR + ETA;
    out[0] = Math.max(v - slack, least);
    out[1] = Math.min(v + slack, most);
  };
}

/** With p = 1 - e^(-2 |x|) it is p / (2 - p). */
export function tanh(x: number): number {
  const p = decay(2 * Math.abs(x));
  const t = p / (2 - p);
  return x < 0 ? -t : t;
}

export function tanhSlope(x: number): number {
  const e = exp(-2 * Math.abs(x));
  return (4 * e) / ((1 + e) * (1 + e));
}

export function sigmoid(x: number): number {
  const e = exp(-Math.abs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

export function sigmoidSlope(x: number): number {
  const e = exp(-Math.abs(x));
  return e / ((1 + e) * (1 + e));
}

export const tanhCurve: Curve = { bounds: relative(tanh, -1, 1), turns: [] };
export const tanhSlopeCurve: Curve = { bounds: relative(tanhSlope, 0, 1), turns: [{ left: 0, right: 0, least: 1, most: 1 }] };
export const sigmoidCurve: Curve = { bounds: relative(sigmoid, 0, 1), turns: [] };
export const sigmoidSlopeCurve: Curve = {
  bounds: relative(sigmoidSlope, 0, 0.25),
  turns: [{ left: 0, right: 0, least: 0.25, most: 0.25 }],
};

/** x s(x), s the sigmoid. */
export function silu(x: number): number {
  return x * sigmoid(x);
}

/** s(x) (1 + x s(-x)). */
export function siluSlope(x: number): number {
  return sigmoid(x) * (1 + x * sigmoid(-x));
}

/** x s(x) keeps the relative accuracy of s, less one rounding. */
const siluBounds: PointBounds = (x, out) => {
  const v = silu(x);
  const slack = Math.abs(v) * 2 * ERROR + ETA;
  out[0] = v - slack;
  out[1] = v + slack;
};

/** In 1 + x s(-x) terms may cancel: the error is taken against the sum of their sizes. */
const siluSlopeBounds: PointBounds = (x, out) => {
  const v = siluSlope(x);
  const slack = sigmoid(x) * (1 + Math.abs(x) * sigmoid(-x)) * 3 * ERROR + ETA;
  out[0] = below(v - slack);
  out[1] = above(v + slack);
};

/** silu falls to its minimum and rises after it; its slope lies in [-0.1, 1.1] and turns twice (its derivative, below 0.5, is even). */
export const siluCurve: Curve = { bounds: siluBounds, turns: [turnAt(-1.278464542761074, siluBounds, 1.1)] };
export const siluSlopeCurve: Curve = {
  bounds: siluSlopeBounds,
  turns: [turnAt(-2.3993572805154675, siluSlopeBounds, 0.5), turnAt(2.3993572805154675, siluSlopeBounds, 0.5)],
};
