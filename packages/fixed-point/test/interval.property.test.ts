import { philox, type Rng } from '@x/linalg';
import { effort, mustFail, seeds } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { affineRange } from '../src/interval/affine.ts';
import { rangeOf } from '../src/interval/curve.ts';
import { exp, expAbove, expBelow } from '../src/interval/exp.ts';
import { horner, polynomialCurve } from '../src/interval/polynomial.ts';
import { above, below } from '../src/interval/round.ts';
import { rootsOf } from '../src/interval/turns.ts';
import { type ActivationSpec, activationOf } from '../src/net/activation.ts';
import { between, fixed } from '../src/verify/fixed.ts';
import { boundsOf, exp as exactExp } from '../src/verify/functions.ts';
import { withoutEta, withoutRounding } from './mutants.ts';
import { affineAt, atMost, type Dyadic, dyadic, polynomialAt } from './rational.ts';

/** The next number up, from the bits. */
function nextUp(x: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigInt64(0);
  if (x === 0) return Number.MIN_VALUE;
  view.setBigInt64(0, bits + (bits >= 0n ? 1n : -1n));
  return view.getFloat64(0);
}

/** What the whole-number arithmetic itself may be wrong by, outwards: some units of its 200th place. */
const ORACLE = 1n << 16n;

const AWKWARD = [0, 0.1, 1 / 3, 1e-300, 5e-324, 2.2250738585072014e-308, 1, 1 - 2 ** -53, 1 + 2 ** -52, 1e16, 3.3e150, 2 ** 900];

describe('outward rounding', () => {
  it('passes the next number, by at most one more', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double({ noNaN: true, min: -1e300, max: 1e300 }), fc.constantFrom(...AWKWARD)), (x) => {
        for (const v of [x, -x]) {
          expect(above(v)).toBeGreaterThanOrEqual(nextUp(v));
          expect(above(v)).toBeLessThanOrEqual(nextUp(nextUp(v)));
          expect(below(v)).toBe(-above(-v) || 0 - above(-v));
        }
      }),
      { numRuns: effort(2000) },
    );
  });
  it('infinities give no bounds that could be believed', () => {
    expect(above(Infinity) < Infinity).toBe(false);
    expect(below(-Infinity) > -Infinity).toBe(false);
    expect(above(Number.NaN)).toBeNaN();
  });
});

/** An entry of a size between 1e-20 and 1e16, or an awkward one. */
function entry(rng: Rng): number {
  const u = rng.uniform();
  if (u < 0.2) return AWKWARD[rng.integer(10)] * (rng.uniform() < 0.5 ? -1 : 1);
  return rng.normal() * (u < 0.6 ? 1 : Math.exp(80 * rng.uniform() - 45));
}

describe('C1, rounding: the bounds of W x + b hold f at exact rational points', () => {
  const claim = (range: typeof affineRange) =>
    fc.assert(
      fc.property(seeds(), fc.integer({ min: 1, max: 12 }), (seed, d) => {
        const rng = philox(seed);
        const W = Float64Array.from({ length: d }, () => entry(rng));
        const b = new Float64Array([entry(rng)]);
        const center = Float64Array.from({ length: d }, () => entry(rng));
        const radii = Float64Array.from({ length: d }, () => Math.abs(entry(rng)) * (rng.uniform() < 0.3 ? 0 : 1));
        const [lower, upper] = [new Float64Array(1), new Float64Array(1)];
        range(W, b, center, radii, lower, upper);
        // Both ends of the box, c +- r, in exact arithmetic: where w x + b is least and greatest; and points in it.
        for (const t of [-1, 1, 0, 2 * rng.uniform() - 1]) {
          const x = Array.from(center, (c, k): Dyadic => {
            const side = t * (Math.abs(t) === 1 ? Math.sign(W[k]) || 1 : 1);
            const step = { m: dyadic(radii[k]).m * BigInt(Math.round(side * 2 ** 20)), e: dyadic(radii[k]).e - 20 };
            const e = Math.min(dyadic(c).e, step.e);
            return { m: (dyadic(c).m << BigInt(dyadic(c).e - e)) + (step.m << BigInt(step.e - e)), e };
          });
          const value = affineAt(W, x, b[0]);
          expect(atMost(dyadic(lower[0]), value) && atMost(value, dyadic(upper[0]))).toBe(true);
        }
      }),
      { numRuns: effort(500) },
    );
  it('holds', () => claim(affineRange));
  it('fails without the factor for the radius', () => mustFail(() => claim(withoutEta)));
  it('fails without outward rounding', () => mustFail(() => claim(withoutRounding)));
});

describe('C1, rounding: polynomials over intervals', () => {
  const polynomials = fc.oneof(
    fc.constantFrom([0, 1.5, 0, -0.5], [1], [0, 0.1], [0, 0, 1], [1, -3, 3, -1], [0, 0, 0, 0, 1], [0.3, 0, -2, 0, 1]),
    fc.array(
      fc.integer({ min: -40, max: 40 }).map((k) => k / 10),
      { minLength: 1, maxLength: 7 },
    ),
  );
  const claim = (range: (a: Float64Array) => (l: number, r: number, out: Float64Array) => void) =>
    fc.assert(
      fc.property(polynomials, seeds(), (coefficients, seed) => {
        const rng = philox(seed);
        const a = Float64Array.from(coefficients);
        const l = 3 * rng.normal();
        const r = l + Math.abs(rng.normal()) * (rng.uniform() < 0.5 ? 1e-3 : 2);
        const out = new Float64Array(2);
        range(a)(l, r, out);
        for (let k = 0; k <= 30; k++) {
          const z = k === 0 ? l : k === 30 ? r : Math.min(r, l + (r - l) * rng.uniform());
          const value = polynomialAt(a, dyadic(z));
          expect(atMost(dyadic(out[0]), value) && atMost(value, dyadic(out[1]))).toBe(true);
        }
        // And not much wider than the values that are taken: 2000 samples see the range but for the curvature between them.
        let least = Infinity;
        let most = -Infinity;
        for (let k = 0; k <= 2000; k++) {
          const value = horner(a, l + ((r - l) * k) / 2000);
          least = Math.min(least, value);
          most = Math.max(most, value);
        }
        const size = a.reduce((sum, c, i) => sum + Math.abs(c) * 15 ** i, 0);
        expect(Math.max(least - out[0], out[1] - most)).toBeLessThanOrEqual(size * ((r - l) ** 2 * 1e-5 + 1e-13) + 1e-300);
      }),
      { numRuns: effort(150) },
    );
  it('holds', () => claim((a) => rangeOf(polynomialCurve(a))));
  it('fails when turns are left out', () => mustFail(() => claim((a) => rangeOf({ ...polynomialCurve(a), turns: [] }))));
  it('fails when ends are taken as computed', () =>
    mustFail(() =>
      claim((a) => (l, r, out) => {
        rangeOf(polynomialCurve(a))(l, r, out);
        const ends = [horner(a, l), horner(a, r)];
        out[0] = Math.min(...ends);
        out[1] = Math.max(...ends);
      }),
    ));
});

describe('polynomials whose terms cancel', () => {
  /** Chebyshev's, whose coefficients are whole numbers up to 10^15 for n = 40: |T_n| <= 1 on [-1, 1], T_n(cos t) = cos n t. */
  const chebyshev = (n: number) => {
    let [before, now] = [[1], [0, 1]];
    for (let k = 1; k < n; k++) [before, now] = [now, [0, ...now.map((v) => 2 * v)].map((v, i) => v - (before[i] ?? 0))];
    return Float64Array.from(now);
  };
  const ORDERS = [5, 12, 20, 30, 40];
  const claim = (bounds: (a: Float64Array) => (x: number, out: Float64Array) => void) => {
    for (const n of ORDERS) {
      const a = chebyshev(n);
      const at = bounds(a);
      const out = new Float64Array(2);
      const rng = philox(n);
      for (let k = 0; k < 60; k++) {
        // Every second one at a zero.
        const x = k % 2 ? Math.cos(((rng.integer(n) + 0.5) * Math.PI) / n) : 2 * rng.uniform() - 1;
        at(x, out);
        const value = polynomialAt(a, dyadic(x));
        expect(atMost(dyadic(out[0]), value) && atMost(value, dyadic(out[1]))).toBe(true);
        expect(out[1] - out[0]).toBeLessThan(1e-12);
      }
    }
  };
  it('are bounded at points to the last digits, exactly', () => claim((a) => polynomialCurve(a).bounds));
  it('not by the value alone, compensated or not', () => {
    mustFail(() => claim((a) => (x, out) => out.fill(horner(a, x))));
    mustFail(() =>
      claim((a) => {
        const { bounds } = polynomialCurve(a);
        return (x, out) => {
          bounds(x, out);
          out.fill(out[0] / 2 + out[1] / 2);
        };
      }),
    );
  });
  it('over intervals: nearly what is taken, between all turns', () => {
    const out = new Float64Array(2);
    for (const n of ORDERS) {
      const curve = polynomialCurve(chebyshev(n));
      expect(curve.turns).toHaveLength(n - 1);
      for (const [k, { left, right }] of curve.turns.entries()) {
        const at = Math.cos(((n - 1 - k) * Math.PI) / n);
        expect([at > left - 1e-15, at < right + 1e-15, right - left < 2e-15]).toEqual([true, true, true]);
      }
      rangeOf(curve)(-1, 1, out);
      expect(Math.max(Math.abs(out[0] + 1), Math.abs(out[1] - 1))).toBeLessThan(1e-12);
    }
  });
  it('roots: each lies in a place, as many places as different roots, whatever their multiplicity', () => {
    for (let seed = 0; seed < effort(60); seed++) {
      const rng = philox(seed, 8);
      const roots = Array.from({ length: 1 + rng.integer(5) }, () => [rng.integer(81) - 40, 1 + rng.integer(3)] as const);
      let q = [BigInt(1 + rng.integer(9))];
      for (const [root, times] of roots) {
        // 8 x - root, and now and then x^2 + 1, which has no real root.
        for (let k = 0; k < times; k++) q = [0n, ...q.map((v) => 8n * v)].map((v, i) => v - BigInt(root) * (q[i] ?? 0n));
      }
      if (seed % 3 === 0) q = [...q, 0n, 0n].map((v, i) => v + (q[i - 2] ?? 0n));
      const places = rootsOf({ c: q, exponent: -7 });
      const distinct = [...new Set(roots.map(([root]) => root / 8))];
      for (const root of distinct) expect(places.filter(({ left, right }) => left <= root && root <= right)).not.toHaveLength(0);
      for (const { left, right } of places) expect(distinct.filter((root) => left <= root && root <= right)).not.toHaveLength(0);
      for (const { left, right, simple } of places) if (simple) expect(distinct.filter((r) => left < r && r < right)).toHaveLength(1);
    }
  });
  it('roots beyond all numbers are none, and tiny ones are found', () => {
    expect(polynomialCurve(Float64Array.of(1, 1e-300, 1e300, -1e-200)).turns).toHaveLength(1);
    const [turn] = polynomialCurve(Float64Array.of(0, 5e-324, 1, 5e-324)).turns;
    expect(turn.left <= 0 && turn.right >= 0 && turn.right - turn.left < 1e-14).toBe(true);
  });
});

describe('the exponential function', () => {
  const points = fc.oneof(fc.double({ noNaN: true, min: -745, max: 709.7 }), fc.double({ noNaN: true, min: -1, max: 1 }));
  const claim = (lower: (x: number) => number, upper: (x: number) => number) =>
    fc.assert(
      fc.property(points, (x) => {
        const truth = exactExp(fixed(x));
        // Relative to the value where it is large: squaring back loses some places.
        const slack = ORACLE + (truth.hi >> 150n);
        expect(fixed(lower(x)).lo).toBeLessThanOrEqual(truth.lo + slack);
        expect(fixed(upper(x)).hi).toBeGreaterThanOrEqual(truth.hi - slack);
      }),
      { numRuns: effort(1500) },
    );
  it('lies within its bounds', () => claim(expBelow, expAbove));
  it('not within the computed value', () => mustFail(() => claim(exp, exp)));
  it('is within 4 U: the bounds have twice that', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -80, max: 700 }), (x) => {
        const { lo, hi } = exactExp(fixed(x));
        const off = fixed(exp(x)).lo - lo;
        expect((off < 0n ? -off : off) << 53n).toBeLessThanOrEqual(4n * hi);
      }),
      { numRuns: effort(1000) },
    );
  });
  it('has safe ends', () => {
    expect([expBelow(-800), expAbove(-800) > 0, expAbove(710), expBelow(710)]).toEqual([0, true, Infinity, 1e308]);
    expect(expAbove(Number.NaN)).toBeNaN();
    expect(expBelow(0)).toBeLessThanOrEqual(1);
    expect(expAbove(0)).toBeGreaterThanOrEqual(1);
  });
  it('of 1 is e, in the checker too', () => {
    const e = 2718281828459045235360287471352662497757247093699959574966967627n;
    const { lo, hi } = exactExp(fixed(1));
    expect(lo * 10n ** 63n).toBeLessThanOrEqual((e + 1n) << 200n);
    expect(hi * 10n ** 63n).toBeGreaterThanOrEqual(e << 200n);
    expect(hi - lo).toBeLessThan(1n << 20n);
  });
});

const SPECS: ActivationSpec[] = [
  'identity',
  'relu',
  'tanh',
  'sigmoid',
  'gelu',
  'silu',
  'hard-tanh',
  'cubic',
  { kind: 'leaky-relu', slope: 0.01 },
  { kind: 'leaky-relu', slope: -0.3 },
  { kind: 'polynomial', coefficients: [0.1, -1, 0.3, 0.7] },
  { kind: 'exp-polynomial', coefficients: [0.5, -2, 0.25] },
];

describe('C1, rounding: activations and their slopes over intervals hold what 200 places give inside', () => {
  // What 200 places cannot tell from 0 is 0: at kinks that is another place.
  const places = fc.double({ noNaN: true, min: -6, max: 6 }).map((x) => (Math.abs(x) < 1e-40 ? 0 : x));
  const intervals = fc.tuple(
    places,
    fc.integer({ min: 0, max: 2000 }).map((k) => k / 1000),
    fc.constantFrom(1, 1e-3, 1e-9, 0),
  );
  const claim = (spec: ActivationSpec, kind: 'value' | 'slope', widen: (out: Float64Array) => void) => {
    const range = activationOf(spec)[kind === 'value' ? 'range' : 'slopeRange'];
    const exact = boundsOf(spec);
    fc.assert(
      fc.property(intervals, ([l, w, scale]) => {
        const r = l + w * scale;
        const out = new Float64Array(2);
        range(l, r, out);
        widen(out);
        for (const t of [0, 0.25, 0.5, 0.9, 1]) {
          const z = t === 1 ? r : l + t * (r - l);
          const value = exact?.[kind](between(z, z));
          expect(value).toBeDefined();
          if (value === undefined) continue;
          expect(fixed(out[0]).lo).toBeLessThanOrEqual(value.lo + ORACLE);
          expect(fixed(out[1]).hi).toBeGreaterThanOrEqual(value.hi - ORACLE);
        }
      }),
      { numRuns: effort(60) },
    );
  };
  it.each(SPECS.map((spec) => [JSON.stringify(spec), spec] as const))('%s', (_, spec) => {
    claim(spec, 'value', () => {});
    claim(spec, 'slope', () => {});
  });
  it.each(['tanh', 'sigmoid', 'gelu', 'silu'] as const)('of %s the middle alone does not', (spec) =>
    mustFail(() =>
      claim(spec, 'value', (out) => {
        const middle = (out[0] + out[1]) / 2;
        out.fill(middle);
      }),
    ),
  );

  it.each(SPECS.map((spec) => [JSON.stringify(spec), spec] as const))(
    '%s: values and slopes agree with each other, and the bounds are tight',
    (_, spec) => {
      const { value, slope, range, slopeRange } = activationOf(spec);
      const out = new Float64Array(2);
      for (let k = -60; k <= 60; k++) {
        const z = k / 11 + 0.003;
        range(z, z, out);
        expect(out[1] - out[0]).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(value(z))));
        expect(value(z)).toBeGreaterThanOrEqual(out[0]);
        expect(value(z)).toBeLessThanOrEqual(out[1]);
        slopeRange(z, z, out);
        expect(slope(z)).toBeGreaterThanOrEqual(out[0]);
        expect(slope(z)).toBeLessThanOrEqual(out[1]);
        // The difference quotient errs by h^2 times a third derivative below 100 at these places, and by rounding over h.
        const h = 1e-5;
        expect(Math.abs((value(z + h) - value(z - h)) / (2 * h) - slope(z))).toBeLessThan(1e-7 * (1 + Math.abs(value(z))));
      }
    },
  );
  it('turns lie where they are said to: slopes change sign there', () => {
    for (const [spec, x] of [
      ['gelu', -0.7517915246935645],
      ['silu', -1.278464542761074],
    ] as const) {
      const at = (z: number) => boundsOf(spec)?.slope(fixed(z));
      expect(at(x - 1.4e-14)?.hi).toBeLessThan(0n);
      expect(at(x + 1.4e-14)?.lo).toBeGreaterThan(0n);
    }
  });
  it('kinks count with both slopes, NaN gives no bound', () => {
    const out = new Float64Array(2);
    activationOf('relu').slopeRange(0, 1, out);
    expect([...out]).toEqual([0, 1]);
    activationOf('hard-tanh').slopeRange(-1, -1, out);
    expect([...out]).toEqual([0, 1]);
    for (const spec of SPECS) {
      activationOf(spec).range(Number.NaN, 1, out);
      expect(out[0]).toBeNaN();
      activationOf(spec).slopeRange(Number.NaN, Number.NaN, out);
      if (spec !== 'identity') expect(out[0]).toBeNaN();
    }
  });
});
