import { ArgumentError } from '@x/linalg';
import { finiteVector } from '../check.ts';
import { type Curve, type Range, rangeOf } from '../interval/curve.ts';
import { exp, expAbove, expBelow } from '../interval/exp.ts';
import { gelu, geluCurve, geluSlope, geluSlopeCurve } from '../interval/gelu.ts';
import { derivative, horner, polynomialCurve, timesDerivative } from '../interval/polynomial.ts';
import { above, below } from '../interval/round.ts';
import * as sigmoids from '../interval/sigmoids.ts';
import { derivativeOf, exactOf, timesDerivativeOf } from '../interval/turns.ts';

/**
 * An activation function, as it stands in a model file.
 *
 * `cubic` is (3 z - z^3) / 2; `gelu` the exact one, z Phi(z); `silu` z sigmoid(z); `hard-tanh` clips to [-1, 1]. `polynomial` is
 * a_0 + a_1 z + ...; `exp-polynomial` is a_0 + a_1 e^z + a_2 e^(2 z) + ....
 */
export type ActivationSpec =
  | 'identity'
  | 'relu'
  | 'tanh'
  | 'sigmoid'
  | 'gelu'
  | 'silu'
  | 'hard-tanh'
  | 'cubic'
  | { readonly kind: 'leaky-relu'; readonly slope: number }
  | { readonly kind: 'polynomial' | 'exp-polynomial'; readonly coefficients: ArrayLike<number> };

/** An activation with its derivative, and rigorous bounds of both over intervals. */
export interface Activation {
  value(z: number): number;
  /** The derivative; at a kink one of the two. */
  slope(z: number): number;
  readonly range: Range;
  /** Bounds of the slopes over an interval: at a kink of both, so that they bound difference quotients. */
  readonly slopeRange: Range;
}

function fromCurves(value: (z: number) => number, slope: (z: number) => number, g: Curve, dg: Curve): Activation {
  return { value, slope, range: rangeOf(g), slopeRange: rangeOf(dg) };
}

/** Straight pieces with these slopes left of, between and right of the kinks, through the origin. */
function straightPieces(kinks: readonly number[], slopes: readonly number[]): Activation {
  const piece = (z: number) => {
    let k = 0;
    while (k < kinks.length && z >= kinks[k]) k++;
    return k;
  };
  /** Values at the kinks, exact for those used here; z = 0 lies at the first kink or before it. */
  const value = (z: number) => {
    if (kinks.length === 0) return slopes[0] * z;
    if (kinks.length === 1) return slopes[piece(z)] * z;
    return Math.min(Math.max(z, kinks[0]), kinks[1]);
  };
  const exact = slopes.every((s) => s === 0 || s === 1);
  return {
    value,
    slope: (z) => slopes[piece(z)],
    range: (a, b, out) => {
      // Pieces of slope 0 and 1 round nothing.
      out[0] = exact ? value(a) : below(value(a));
      out[1] = exact ? value(b) : above(value(b));
      if (!exact && slopes[0] < 0) turnedDown(a, b, out, value);
    },
    slopeRange: (a, b, out) => {
      const first = piece(a);
      const last = piece(b);
      out[0] = a !== a || b !== b ? Number.NaN : slopes[first];
      out[1] = out[0];
      for (let k = first + 1; k <= last; k++) {
        out[0] = Math.min(out[0], slopes[k]);
        out[1] = Math.max(out[1], slopes[k]);
      }
      // At a kink itself, seen from the right, the left piece's slope counts too.
      if (first > 0 && a === kinks[first - 1]) {
        out[0] = Math.min(out[0], slopes[first - 1]);
        out[1] = Math.max(out[1], slopes[first - 1]);
      }
    },
  };
}

/** A leaky rectifier with a negative slope falls left of 0 and rises right of it. */
function turnedDown(a: number, b: number, out: Float64Array, value: (z: number) => number): void {
  const ends = [value(a), value(b)];
  out[0] = a <= 0 && b >= 0 ? 0 : below(Math.min(...ends));
  out[1] = above(Math.max(...ends));
}

function polynomial(a: Float64Array): Activation {
  const d = derivative(a);
  return fromCurves(
    (z) => horner(a, z),
    (z) => horner(d, z),
    polynomialCurve(a),
    polynomialCurve(derivativeOf(exactOf(a))),
  );
}

/** P(e^z): the range of P over the range of e^z, and of y P'(y) likewise. */
function expPolynomial(a: Float64Array): Activation {
  const d = timesDerivative(a);
  const of = (curve: Curve): Range => {
    const range = rangeOf(curve);
    return (l, r, out) => range(expBelow(l), expAbove(r), out);
  };
  return {
    value: (z) => horner(a, exp(z)),
    slope: (z) => horner(d, exp(z)),
    range: of(polynomialCurve(a)),
    slopeRange: of(polynomialCurve(timesDerivativeOf(exactOf(a)))),
  };
}

const CUBIC = new Float64Array([0, 1.5, 0, -0.5]);

const NAMED: Readonly<Record<string, () => Activation>> = {
  identity: () => straightPieces([], [1]),
  relu: () => straightPieces([0], [0, 1]),
  'hard-tanh': () => straightPieces([-1, 1], [0, 1, 0]),
  tanh: () => fromCurves(sigmoids.tanh, sigmoids.tanhSlope, sigmoids.tanhCurve, sigmoids.tanhSlopeCurve),
  sigmoid: () => fromCurves(sigmoids.sigmoid, sigmoids.sigmoidSlope, sigmoids.sigmoidCurve, sigmoids.sigmoidSlopeCurve),
  silu: () => fromCurves(sigmoids.silu, sigmoids.siluSlope, sigmoids.siluCurve, sigmoids.siluSlopeCurve),
  gelu: () => fromCurves(gelu, geluSlope, geluCurve, geluSlopeCurve),
  cubic: () => ({ ...polynomial(CUBIC), value: (z) => z * (1.5 - 0.5 * z * z) }),
};

/** Names of the activations that need no parameters. */
export const ACTIVATIONS: readonly string[] = Object.keys(NAMED);

/** @throws ArgumentError for an unknown one; NonFiniteError naming a coefficient. */
export function activationOf(spec: ActivationSpec): Activation {
  if (typeof spec === 'string' && Object.hasOwn(NAMED, spec)) return NAMED[spec]();
  if (typeof spec === 'object' && spec !== null) {
    if (spec.kind === 'leaky-relu') return straightPieces([0], [finiteVector('activation', 'slope', [spec.slope])[0], 1]);
    if (spec.kind === 'polynomial' || spec.kind === 'exp-polynomial') {
      const a = finiteVector('activation', 'coefficients', spec.coefficients);
      return spec.kind === 'polynomial' ? polynomial(a) : expPolynomial(a);
    }
  }
  const given = typeof spec === 'object' ? JSON.stringify(spec) : String(spec);
  const kinds = [...ACTIVATIONS, 'leaky-relu', 'polynomial', 'exp-polynomial'].join(', ');
  throw new ArgumentError(`activation: it is ${given}; it must be one of ${kinds}`, 'activation');
}
