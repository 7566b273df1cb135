import type { ActivationSpec } from '../net/activation.ts';
import {
  add,
  between,
  type Fixed,
  fixed,
  join,
  meet,
  middle,
  multiply,
  ONE,
  over,
  PLACES,
  reciprocal,
  size,
  square,
  subtract,
  times,
  UNIT,
  ZERO,
} from './fixed.ts';

/** Bounds of an activation and of its slopes over an interval. */
export interface Bounds {
  value(x: Fixed): Fixed;
  slope(x: Fixed): Fixed;
}

/** An interval extension of a function of one variable. */
type Extension = (x: Fixed) => Fixed;

/** e^x by Taylor's series after halving the argument until it is below 2^-8, squared back; the tail is below the last term. */
export function exp(x: Fixed): Fixed {
  return { lo: expOfPoint(x.lo).lo, hi: expOfPoint(x.hi).hi };
}

/** Beyond this e^-x is no longer one unit, and e^x has too many places to be of use. */
const LEAST_EXPONENT = -200n * ONE;
const MOST_EXPONENT = 20_000n * ONE;

/** @throws RangeError for an exponent above 20 000. */
function expOfPoint(at: bigint): Fixed {
  if (at < LEAST_EXPONENT) return { lo: 0n, hi: 1n };
  if (at > MOST_EXPONENT) throw new RangeError('e^x of a number above 20000');
  if (at < 0n) return reciprocal(expOfPoint(-at));
  let halvings = 0n;
  while (at >> halvings > ONE >> 8n) halvings++;
  const x = over({ lo: at, hi: at }, 1n << halvings);
  let term: Fixed = UNIT;
  let sum: Fixed = UNIT;
  for (let n = 1n; term.hi > 1n; n++) {
    term = over(multiply(term, x), n);
    sum = add(sum, term);
  }
  let result = { lo: sum.lo, hi: sum.hi + term.hi + 1n };
  for (let k = 0n; k < halvings; k++) result = square(result);
  return result;
}

/** 1 / (1 + e^-x), increasing. */
function sigmoid(x: Fixed): Fixed {
  const at = (point: bigint) => (point < LEAST_EXPONENT ? { lo: 0n, hi: 1n } : reciprocal(add(UNIT, expOfPoint(-point))));
  return { lo: at(x.lo).lo, hi: at(x.hi).hi };
}

/** 2 s(2 x) - 1. */
function tanh(x: Fixed): Fixed {
  return subtract(times(2n, sigmoid(times(2n, x))), UNIT);
}

/** s (1 - s) = 1/4 - (s - 1/2)^2, with s once. */
function sigmoidSlope(x: Fixed): Fixed {
  return subtract(over(UNIT, 4n), square(subtract(sigmoid(x), over(UNIT, 2n))));
}

/** 1 / sqrt(2 pi) to 60 decimals. */
const DENSITY_AT_ZERO: Fixed = (() => {
  const digits = 398942280401432677939946059934381868475858631164934657665925n;
  const unit = 10n ** 60n;
  return { lo: (digits << PLACES) / unit, hi: ((digits + 1n) << PLACES) / unit + 1n };
})();

function density(x: Fixed): Fixed {
  return multiply(DENSITY_AT_ZERO, exp(over(times(-1n, square(x)), 2n)));
}

/** Where the normal distribution function differs from 0 or 1 by less than 2^-100: its tail at 12 is 1.8e-33. */
const FAR = 12n * ONE;

/** The normal distribution function: 1/2 + phi(0) (x - x^3 / 6 + x^5 / 40 - ...), term by term x^(2n+1) / (2^n n! (2n+1)). */
function distributionAt(at: bigint): Fixed {
  if (at > FAR) return { lo: ONE - (ONE >> 100n), hi: ONE };
  if (at < -FAR) return { lo: 0n, hi: ONE >> 100n };
  const x = { lo: at, hi: at };
  const minusHalfSquare = over(times(-1n, square(x)), 2n);
  let power: Fixed = x;
  let sum: Fixed = x;
  // Terms alternate, and fall once n exceeds x^2 / 2 <= 72: the rest is smaller than the last one.
  for (let n = 1n; n < 80n || size(power) > 1n; n++) {
    power = over(multiply(power, minusHalfSquare), n);
    sum = add(sum, over(power, 2n * n + 1n));
  }
  const rest = size(power) + 1n;
  return add(over(UNIT, 2n), multiply(DENSITY_AT_ZERO, { lo: sum.lo - rest, hi: sum.hi + rest }));
}

function distribution(x: Fixed): Fixed {
  return { lo: distributionAt(x.lo).lo, hi: distributionAt(x.hi).hi };
}

/**
 * Bounds of g over x, to about 2^-60 of their width, by branch and bound: pieces are bounded by g(middle) + g'(piece) (piece - middle) and by g's own
 * extension; the piece that reaches farthest is halved until it reaches no farther than a value that is taken.
 */
function tightRange(g: Extension, slope: Extension, x: Fixed): Fixed {
  const ends = join(g({ lo: x.lo, hi: x.lo }), g({ lo: x.hi, hi: x.hi }));
  const upper = reach(g, slope, x, ends);
  const negated = reach(
    (y) => times(-1n, g(y)),
    (y) => times(-1n, slope(y)),
    x,
    { lo: -ends.hi, hi: -ends.lo },
  );
  return { lo: -negated, hi: upper };
}

const MOST_PIECES = 400;

function reach(g: Extension, slope: Extension, x: Fixed, ends: Fixed): bigint {
  /** A value that g takes is at least this. */
  let taken = ends.lo;
  let most = ends.hi;
  const bound = (piece: Fixed): bigint => {
    const m = middle(piece);
    const at = g(m);
    if (at.lo > taken) taken = at.lo;
    const linear = add(at, multiply(slope(piece), subtract(piece, m)));
    return meet(linear, g(piece)).hi;
  };
  const open = [{ piece: x, hi: bound(x) }];
  const tolerance = (ONE >> 60n) + 1n;
  for (let k = 0; k < MOST_PIECES; k++) {
    let worst = 0;
    for (let i = 1; i < open.length; i++) if (open[i].hi > open[worst].hi) worst = i;
    const { piece, hi } = open[worst];
    if (hi <= most || hi - taken <= tolerance || piece.hi - piece.lo < 4n) break;
    const cut = middle(piece).lo;
    const left = { lo: piece.lo, hi: cut };
    const right = { lo: cut, hi: piece.hi };
    open[worst] = { piece: left, hi: bound(left) };
    open.push({ piece: right, hi: bound(right) });
  }
  for (const { hi } of open) if (hi > most) most = hi;
  return most;
}

function horner(a: readonly Fixed[], x: Fixed): Fixed {
  return a.reduceRight((p, c) => add(multiply(p, x), c), ZERO);
}

const derivative = (a: readonly Fixed[]) => a.slice(1).map((c, i) => times(BigInt(i + 1), c));

function tightPolynomial(a: readonly Fixed[]): Extension {
  const d = derivative(a);
  return (x) =>
    tightRange(
      (y) => horner(a, y),
      (y) => horner(d, y),
      x,
    );
}

const steps = (left: Fixed, right: Fixed, kink: Fixed): Extension => {
  // Both slopes count at the kink itself.
  return (x) => (x.hi < kink.lo ? left : x.lo > kink.hi ? right : join(left, right));
};

const clip = (v: bigint, least: bigint, most: bigint) => (v < least ? least : v > most ? most : v);

const NAMED: Readonly<Record<string, Bounds>> = {
  identity: { value: (x) => x, slope: () => UNIT },
  relu: { value: (x) => ({ lo: clip(x.lo, 0n, x.lo), hi: clip(x.hi, 0n, x.hi) }), slope: steps(ZERO, UNIT, ZERO) },
  'hard-tanh': {
    value: (x) => ({ lo: clip(x.lo, -ONE, ONE), hi: clip(x.hi, -ONE, ONE) }),
    slope: (x) => {
      const left = steps(ZERO, UNIT, { lo: -ONE, hi: -ONE })(x);
      return multiply(left, steps(UNIT, ZERO, UNIT)(x));
    },
  },
  tanh: { value: tanh, slope: (x) => subtract(UNIT, square(tanh(x))) },
  sigmoid: { value: sigmoid, slope: sigmoidSlope },
  silu: nonMonotone(
    (x) => multiply(x, sigmoid(x)),
    (x) => add(sigmoid(x), multiply(x, sigmoidSlope(x))),
    // s' (2 + x (1 - 2 s)).
    (x) => multiply(sigmoidSlope(x), add(times(2n, UNIT), multiply(x, subtract(UNIT, times(2n, sigmoid(x)))))),
  ),
  gelu: nonMonotone(
    (x) => multiply(x, distribution(x)),
    (x) => add(distribution(x), multiply(x, density(x))),
    (x) => multiply(density(x), subtract(times(2n, UNIT), square(x))),
  ),
};

function nonMonotone(g: Extension, first: Extension, second: Extension): Bounds {
  return { value: (x) => tightRange(g, first, x), slope: (x) => tightRange(first, second, x) };
}

/** @returns undefined for an activation that is not known here. */
export function boundsOf(spec: ActivationSpec): Bounds | undefined {
  if (spec === 'cubic') return boundsOf({ kind: 'polynomial', coefficients: [0, 1.5, 0, -0.5] });
  if (typeof spec === 'string') return Object.hasOwn(NAMED, spec) ? NAMED[spec] : undefined;
  if (spec?.kind === 'leaky-relu') {
    const slope = fixed(spec.slope);
    const at = (v: bigint): Fixed => (v >= 0n ? { lo: v, hi: v } : multiply(slope, { lo: v, hi: v }));
    return {
      value: (x) => (x.lo < 0n && x.hi > 0n ? join(join(at(x.lo), at(x.hi)), ZERO) : join(at(x.lo), at(x.hi))),
      slope: steps(slope, UNIT, ZERO),
    };
  }
  if (spec?.kind !== 'polynomial' && spec?.kind !== 'exp-polynomial') return undefined;
  const a = Array.from(spec.coefficients, (c) => between(c, c));
  const value = tightPolynomial(a);
  if (spec.kind === 'polynomial') return { value, slope: tightPolynomial(derivative(a)) };
  const slope = tightPolynomial([ZERO, ...derivative(a)]);
  return { value: (x) => value(exp(x)), slope: (x) => slope(exp(x)) };
}
