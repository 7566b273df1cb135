import { dense, inverse, multiply, philox, type Rng } from '@x/linalg';
import { effort } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { attractionOf, inBasis } from '../src/certify/attraction.ts';
import { krawczykStep } from '../src/certify/krawczyk.ts';
import { weightedNorm } from '../src/certify/row-sums.ts';
import {
  type Box,
  box,
  type Certificate,
  type Complex,
  certificateFromJson,
  certificateToJson,
  certify,
  type IntervalMap,
  loopedNet,
  verifyCertificate,
} from '../src/index.ts';
import { radiiOf } from '../src/interval/box.ts';
import { turnAt } from '../src/interval/curve.ts';
import { layerJacobian, type MidRad, scaledRows, toBounds, weightedProduct } from '../src/net/jacobian-range.ts';
import { meanValueForm } from '../src/net/mean-value.ts';
import { eigenvaluesInPlace } from '../src/spectrum/eigenvalues.ts';
import { atMost, by, type Dyadic, dyadic, plus } from './rational.ts';

const AWKWARD = [0, 1 / 3, -0.1, 1e-300, -1e-170, 1, 1 - 2 ** -53, -1 - 2 ** -52, 1e16];

/** Normal numbers, and every third one awkward. */
function numbers(rng: Rng, n: number): Float64Array {
  return Float64Array.from({ length: n }, () => (rng.integer(3) === 0 ? AWKWARD[rng.integer(AWKWARD.length)] : rng.normal()));
}

/** Exactly mid - rad and mid + rad. */
const endsOf = ({ mid, rad }: Pick<MidRad, 'mid' | 'rad'>, p: number): Dyadic[] =>
  [-1, 1].map((side) => plus(dyadic(mid[p]), dyadic(side * rad[p])));
const expectBetween = (low: Dyadic, value: Dyadic, high: Dyadic) => expect([atMost(low, value), atMost(value, high)]).toEqual([true, true]);
const difference = (a: Dyadic, b: Dyadic) => plus(a, { m: -b.m, e: b.e });

describe('Jacobians over boxes hold, exactly, every product of what their factors hold', () => {
  const SEEDS = Array.from({ length: 100 }, (_, seed) => seed);
  const matrix = (rng: Rng, rows: number, cols: number): MidRad => ({
    mid: numbers(rng, rows * cols),
    rad: numbers(rng, rows * cols).map((v) => (rng.integer(2) === 0 ? 0 : Math.abs(v))),
    cols,
  });
  const slopes = (rng: Rng, n: number) => {
    const lower = numbers(rng, n);
    return { lower, upper: lower.map((l) => (rng.integer(2) === 0 ? l : l + Math.abs(rng.normal()))) };
  };

  it('rows times slopes, of one layer and of several', () => {
    for (const seed of SEEDS) {
      const rng = philox(seed, 21);
      const [J, s] = [matrix(rng, 3, 2), slopes(rng, 3)];
      const layer = { inputs: 2, outputs: 3, weights: J.mid, bias: new Float64Array(3), activation: 'tanh' } as const;
      const exact = { ...J, rad: new Float64Array(6) };
      for (const [result, factor] of [
        [scaledRows(J, s), J],
        [layerJacobian(layer, s), exact],
      ] as const) {
        for (let p = 0; p < 6; p++) {
          const [low, high] = endsOf(result, p);
          for (const slope of [s.lower[p >> 1], s.upper[p >> 1]])
            for (const entry of endsOf(factor, p)) expectBetween(low, by(dyadic(slope), entry), high);
        }
      }
    }
  });
  it('weights times a matrix, also where every rounding goes the same way', () => {
    const n = 40;
    /** 1 and then numbers that vanish beside it, each less than half a place. */
    const lost = Float64Array.from({ length: n }, (_, k) => (k === 0 ? 1 : 0.99 * 2 ** -53));
    const ones = new Float64Array(n).fill(1);
    const layer = (weights: Float64Array) =>
      ({ inputs: n, outputs: 1, weights, bias: new Float64Array(1), activation: 'identity' }) as const;
    const cases: [Float64Array, MidRad][] = [
      [lost, { mid: ones, rad: new Float64Array(n), cols: 1 }],
      [lost, { mid: new Float64Array(n), rad: ones, cols: 1 }],
      ...SEEDS.map((seed): [Float64Array, MidRad] => [numbers(philox(seed, 22), n), matrix(philox(seed, 23), n, 1)]),
    ];
    for (const [weights, J] of cases) {
      const [low, high] = endsOf(weightedProduct(layer(weights), J), 0);
      for (const side of [0, 1]) {
        // The entries that make the product least, or greatest.
        const value = weights.reduce((sum, w, k) => plus(sum, by(dyadic(w), endsOf(J, k)[w < 0 ? 1 - side : side])), dyadic(0));
        expectBetween(low, value, high);
      }
    }
  });
  it('plus a multiple of the identity', () => {
    for (const seed of SEEDS) {
      const rng = philox(seed, 24);
      const [J, [residual]] = [matrix(rng, 2, 2), numbers(rng, 1)];
      const [lower, upper] = [new Float64Array(4), new Float64Array(4)];
      toBounds(J, residual, 2, lower, upper);
      for (let p = 0; p < 4; p++)
        for (const end of endsOf(J, p)) expectBetween(dyadic(lower[p]), p % 3 === 0 ? plus(end, dyadic(residual)) : end, dyadic(upper[p]));
    }
  });
});

describe('the mean value form', () => {
  /** Bounds of a map with f(0) in [-at, at] and Jacobians in [least, most], over [-1, 1]^d. */
  function bounded(d: number, at: number, least: Float64Array, most: Float64Array): Box {
    const map = {
      dimension: d,
      jacobianRange: (_l, _u, outL, outU) => {
        outL.set(least);
        outU.set(most);
      },
    } as Partial<IntervalMap> as IntervalMap;
    const out = { lower: new Float64Array(d).fill(-Infinity), upper: new Float64Array(d).fill(Infinity) };
    const X = box(-1, 1, d);
    const point: IntervalMap['range'] = (_l, _u, outL, outU) => {
      outL.fill(-at);
      outU.fill(at);
    };
    meanValueForm(map, point, X.lower, X.upper, out.lower, out.upper);
    return out;
  }
  it('adds what f(c) leaves open to the steeper of both slopes', () => {
    for (const [least, most] of [
      [-2, 1],
      [-1, 2],
      [1, 2],
    ]) {
      const { lower, upper } = bounded(1, 0.25, Float64Array.of(least), Float64Array.of(most));
      expect([lower[0] <= -2.25, upper[0] >= 2.25, lower[0] > -2.26, upper[0] < 2.26]).toEqual([true, true, true, true]);
    }
  });
  it('covers a sum of which every rounding goes the same way', () => {
    const d = 40;
    const J = Float64Array.from({ length: d * d }, (_, p) => (p % d === 0 ? 1 : 0.99 * 2 ** -53));
    const { lower, upper } = bounded(d, 0, J, J);
    const value = J.subarray(0, d).reduce((sum, v) => plus(sum, dyadic(v)), dyadic(0));
    expectBetween(dyadic(lower[0]), { m: -value.m, e: value.e }, value);
    expectBetween(value, value, dyadic(upper[0]));
  });
});

describe("Krawczyk's operator of x -> W x + b holds its exact values", () => {
  /** c - Y (c - f(c)) + (I - Y (I - W)) (x - c) where coordinate i is least and where it is greatest, in exact arithmetic. */
  function check(
    d: number,
    W: Float64Array,
    b: Float64Array,
    X: Box,
    map: IntervalMap = loopedNet({ weights: dense(d, d, W), bias: b }),
  ): void {
    const step = krawczykStep(map, X);
    if (step === undefined) throw new Error('no inverse');
    const { image, center, preconditioner: Y } = step;
    const c = Array.from(center, dyadic);
    const minusG = c.map((ck, k) => c.reduce((sum, cj, j) => plus(sum, by(dyadic(W[k * d + j]), cj)), difference(dyadic(b[k]), ck)));
    for (let i = 0; i < d; i++) {
      const y = Array.from(Y.subarray(i * d, (i + 1) * d), dyadic);
      const at = y.reduce((sum, v, k) => plus(sum, by(v, minusG[k])), c[i]);
      const row = c.map((_, j) =>
        y.reduce((sum, v, k) => plus(sum, by(v, plus(dyadic(W[k * d + j]), dyadic(k === j ? -1 : 0)))), dyadic(i === j ? 1 : 0)),
      );
      for (const side of [-1, 1]) {
        const value = row.reduce((sum, entry, j) => {
          const end = (entry.m < 0n ? -side : side) < 0 ? X.lower[j] : X.upper[j];
          return plus(sum, by(entry, difference(dyadic(end), c[j])));
        }, at);
        expectBetween(dyadic(image.lower[i]), value, dyadic(image.upper[i]));
      }
    }
  }
  it('where the fixed point is near 0 and the middle is not: f(c) is known to its rounding only', () => {
    for (let seed = 0; seed < 60; seed++) {
      const rng = philox(seed, 31);
      const d = 1 + (seed % 3);
      const W = Float64Array.from({ length: d * d }, () => rng.normal() / 3);
      const c = numbers(rng, d).map((v) => (Math.abs(v) > 10 ? 1 / 3 : v));
      for (const r of [0, 1e-12, 1])
        check(
          d,
          W,
          new Float64Array(d),
          box(
            c.map((v) => v - r),
            c.map((v) => v + r),
          ),
        );
    }
  });
  /** The same map with bounds that leave nothing open, at 0, so that all rounding is the operator's own. */
  const sharp = (d: number, W: Float64Array, b: Float64Array) =>
    ({
      dimension: d,
      range: (_l, _u, outL, outU) => {
        outL.set(b);
        outU.set(b);
      },
      jacobianRange: (_l, _u, outL, outU) => {
        outL.set(W);
        outU.set(W);
      },
    }) as Partial<IntervalMap> as IntervalMap;
  const d = 64;
  it('where every rounding of Y G(c) goes the same way', () => {
    // Row 0 of Y is (1, 2^-27, ..), G(c) = -b: the products vanish beside 1.
    const W = new Float64Array(d * d).fill(2 ** -27, 1, d);
    const b = new Float64Array(d).fill(0.99 * 2 ** -26).fill(1, 0, 1);
    check(d, W, b, box(-1e-9, 1e-9, d), sharp(d, W, b));
  });
  it('where every rounding of Y (I - J) goes the same way, in both orders', () => {
    // Row 0 of I - W is (1, -2^-27, .., -1), its last column (-1, 2^-27, .., 1): the products vanish beside 1.
    const W = new Float64Array(d * d).fill(2 ** -27, 1, d);
    W[d - 1] = 1;
    for (let k = 1; k < d - 1; k++) W[k * d + d - 1] = -0.99 * 2 ** -27;
    const b = new Float64Array(d);
    for (const V of [W, W.slice().reverse()]) check(d, V, b, box(-1, 1, d), sharp(d, V, b));
  });
});

describe("Gershgorin's discs", () => {
  const exactly = (J: number[]): Box => ({ lower: Float64Array.from(J), upper: Float64Array.from(J) });
  // Middles outside the unit circle, eigenvalues .05 +- .42 i; and one disc outside by itself, joined to one that is not, eigenvalues of modulus .985.
  const ATTRACTING = [
    [1.2, 1, -1.5, -1.1],
    [1.5, 0.4, -1.3, 0.3],
    // The same two apart, so that they are not taken together.
    [1.5, 0, 0.4, 0, 0, 0, -1.3, 0, 0.3],
  ];
  it('prove an eigenvalue outside the unit circle only where there is one', () => {
    for (const J of ATTRACTING) expect(attractionOf(exactly(J), Math.sqrt(J.length)).attracting).not.toBe(false);
    expect(attractionOf(box([0.9], [1.5]), 1).attracting).not.toBe(false);
    expect(attractionOf(box([-1.5], [-0.9]), 1).attracting).not.toBe(false);
    expect(attractionOf(box([1.01], [1.5]), 1).attracting).toBe(false);
    expect(attractionOf(exactly([2, 0.5, 0.2, 0.1]), 2).attracting).toBe(false);
  });
  it.each(ATTRACTING.map((J) => [J]))('%j: no certificate says that it does not attract, and the checker refuses one that does', (J) => {
    const net = loopedNet({ weights: dense(Math.sqrt(J.length), Math.sqrt(J.length), Float64Array.from(J)) });
    const made = certify(net, box(-1, 1, Math.sqrt(J.length)), { method: 'krawczyk' }) as Certificate;
    expect(made.attracting).not.toBe(false);
    expect(verifyCertificate(net, made).valid).toBe(true);
    expect(verifyCertificate(net, { ...made, attracting: false }).valid).toBe(false);
    expect(verifyCertificate(net, { ...made, attracting: false, basis: new Float64Array(0) }).valid).toBe(false);
  });
});

describe('discs in a basis of eigenvectors', () => {
  const widened = (J: Float64Array, by: number): Box => ({ lower: J.map((v) => v - by), upper: J.map((v) => v + by) });
  const spectralRadius = (J: Float64Array, d: number) => {
    const values = eigenvaluesInPlace(J.slice(), d) as Complex[];
    return Math.hypot(values[0].re, values[0].im);
  };
  /** Strongly coupled matrices with a spectral radius of about 1 +- a tenth, more often than not with complex pairs. */
  const cases = Array.from({ length: effort(120) }, (_, seed) => {
    const d = 2 + (seed % 7);
    const J = philox(seed, 61).fillNormal(new Float64Array(d * d));
    const scale = (seed % 2 ? 0.9 : 1.1) / spectralRadius(J, d);
    return { d, J: J.map((v) => v * scale) };
  });
  it('decide on which side of the circle eigenvalues lie, and never for both sides', () => {
    for (const [k, { d, J }] of cases.entries()) expect(attractionOf(widened(J, 1e-13), d).attracting).toBe(k % 2 === 1);
    // Bounds that hold matrices of both kinds.
    let both = 0;
    for (const [k, { d, J }] of cases.entries()) {
      const around = widened(J, 0.3 * Math.max(...J.map(Math.abs)));
      const to = J.map((v) => v * (k % 2 ? 1 / 0.899 : 1 / 1.101));
      if (!to.every((v, p) => v >= around.lower[p] && v <= around.upper[p])) continue;
      both++;
      expect(attractionOf(around, d).attracting).toBe('unknown');
    }
    expect(both).toBe(cases.length);
  });
  it('the given coordinates do not decide them', () => {
    expect(cases.filter(({ d, J }) => attractionOf(widened(J, 1e-13), d).basis.length > 0).length).toBeGreaterThan(0.9 * cases.length);
  });
  it('the checker confirms both verdicts, and refuses the other one, other bases, and none', () => {
    for (const { d, J } of cases.slice(0, 40)) {
      const net = loopedNet({ weights: dense(d, d, J) });
      const made = certify(net, box(-1, 1, d), { method: 'krawczyk' }) as Certificate;
      expect(made.attracting).not.toBe('unknown');
      expect(verifyCertificate(net, made)).toEqual({ valid: true, reason: '' });
      expect(certificateFromJson(JSON.stringify(certificateToJson(made)))).toEqual(made);
      if (made.basis.length === 0) continue;
      const wrong: Partial<Certificate>[] = [
        { attracting: !made.attracting },
        { basis: new Float64Array(0) },
        { basis: new Float64Array(d * d) },
        { basis: made.basis.subarray(1) },
        { basis: made.basis.map((_, p) => (p % (d + 1) === 0 ? 1 : 0)) },
        { basis: made.basis.map((v) => (v === made.basis[0] ? Number.NaN : v)) },
      ];
      expect(wrong.map((change) => verifyCertificate(net, { ...made, ...change }).valid)).not.toContain(true);
    }
  });
  it('an eigenvalue at 1, and a defective matrix on the circle, decide nothing', () => {
    for (const J of [
      [1, 0.3, 0, 0.2],
      [0, 1, -1, 0],
      [1, 1, 0, 1],
    ]) {
      expect(attractionOf(widened(Float64Array.from(J), 1e-15), 2).attracting).toBe('unknown');
    }
  });
  it('bounds of V^-1 J V hold it, exactly, also where V is hardly regular', () => {
    for (let seed = 0; seed < effort(60); seed++) {
      const rng = philox(seed, 71);
      const d = 2 + (seed % 4);
      const whole = (n: number) => Array.from({ length: d }, () => Array.from({ length: d }, () => BigInt(rng.integer(2 * n + 1) - n)));
      const product = (A: bigint[][], B: bigint[][]) =>
        A.map((row) => B[0].map((_, j) => row.reduce((sum, a, k) => sum + a * B[k][j], 0n)));
      // Lower times upper with ones on both diagonals: the inverse is whole too.
      const size = 3 + (seed % 40);
      const [L, R] = [whole(size), whole(size)];
      for (let i = 0; i < d; i++)
        for (let j = 0; j < d; j++) [L[i][j], R[i][j]] = [i > j ? L[i][j] : i === j ? 1n : 0n, i < j ? R[i][j] : i === j ? 1n : 0n];
      const V = product(L, R);
      const invert = (T: bigint[][]) => {
        // (I + N)^-1 = I - N + N^2 - ...
        const I = T.map((row, i) => row.map((_, j): bigint => (i === j ? 1n : 0n)));
        const N = T.map((row, i) => row.map((v, j) => I[i][j] - v));
        let [sum, power] = [I, I];
        for (let k = 1; k < d; k++) {
          power = product(power, N);
          sum = sum.map((row, i) => row.map((v, j) => v + power[i][j]));
        }
        return sum;
      };
      const J = whole(9);
      const B = product(product(product(invert(R), invert(L)), J), V).flat();
      const flat = (A: bigint[][]) => Float64Array.from(A.flat(), Number);
      const bounds = inBasis({ mid: flat(J), rad: new Float64Array(d * d) }, flat(V), d);
      if (bounds === undefined) continue;
      for (const [p, value] of B.entries()) {
        const [low, high] = endsOf(bounds, p);
        expectBetween(low, { m: value, e: 0 }, high);
      }
    }
  });
  it('multiple eigenvalues need no luck: rotations in a strange basis, and the same ones twice', () => {
    for (const size of [0.95, 1.05]) {
      const rotation = [0, -size, size, 0];
      const d = 4;
      const R = new Float64Array(16);
      for (const [at, v] of [
        [0, 0],
        [1, 1],
        [4, 2],
        [5, 3],
        [10, 0],
        [11, 1],
        [14, 2],
        [15, 3],
      ])
        R[at] = rotation[v];
      const V = philox(5, 2).fillNormal(new Float64Array(16));
      const J = multiply(multiply(dense(d, d, V), dense(d, d, R)), inverse(dense(d, d, V))).data;
      expect(attractionOf(widened(Float64Array.from(J), 1e-14), d).attracting).toBe(size < 1);
    }
  });
});

it('a turn known to within 1e-14 may be lower or higher than the value beside it by that times the slope', () => {
  const { least, most, left, right } = turnAt(0.5, (_, out) => out.fill(0.5), 4);
  expect([left <= 0.5 - 1e-14, right >= 0.5 + 1e-14, least <= 0.5 - 4e-14, most >= 0.5 + 4e-14]).toEqual([true, true, true, true]);
});

it('radii reach both ends of a box from its middle, exactly', () => {
  for (let seed = 0; seed < 100; seed++) {
    const [a, b, c] = numbers(philox(seed, 41), 3).sort();
    const [r] = radiiOf(box([a], [c]), Float64Array.of(b));
    for (const apart of [difference(dyadic(b), dyadic(a)), difference(dyadic(c), dyadic(b))]) expect(atMost(apart, dyadic(r))).toBe(true);
  }
});

it('a weighted norm is no less than its row sums, also where every rounding goes the same way', () => {
  const d = 40;
  const A = new Float64Array(d * d);
  for (let j = 0; j < d; j++) A[j] = j === 0 ? 1 : 0.99 * 2 ** -53;
  for (const w of [1, 1 / 3]) {
    const weights = new Float64Array(d).fill(w);
    const norm = weightedNorm(A, weights);
    const sum = A.subarray(0, d).reduce((total, v) => plus(total, by(dyadic(v), dyadic(w))), dyadic(0));
    expect(atMost(sum, by(dyadic(norm), dyadic(w)))).toBe(true);
  }
});
