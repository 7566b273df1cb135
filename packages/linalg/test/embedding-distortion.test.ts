/** Property 6 and its like: how far sketches distort norms. Each statistical test fails with probability <= 1e-6 for a fresh seed. */
import { binomialLimit, effort, ensemble, expectPass, mustFail, tTest } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  at,
  certifyDistortion,
  choose,
  countSketch,
  csrFromDense,
  type Dense,
  dense,
  fromRows,
  gaussianSketch,
  type Matrix,
  osnap,
  philox,
  qr,
  spectralDistortion,
  srht,
  toRows,
  zeros,
} from '../src/index.ts';

const FALSE_ALARM = 1e-6;
type Apply = (A: Matrix, m: number, seed: number) => Dense;

const orthonormal = (n: number, d: number, seed: number): Dense => qr(ensemble('gaussian', n, d, seed)).Q;
/** The first d rows are the identity, the rest is zero. */
function spikes(n: number, d: number): Dense {
  const A = zeros(n, d);
  for (let i = 0; i < d; i++) A.data[i * d + i] = 1;
  return A;
}
const scaledBy = (factor: number, A: Dense): Dense => ({ ...A, data: A.data.map((x) => factor * x) });

describe('spectralDistortion', () => {
  it('is the distortion: no x is distorted more, and the extreme x as much', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat({ max: 1e6 }), (d, seed) => {
        const A = ensemble('gaussian', 40, d, seed);
        const SA = osnap(20, 40, { seed }).apply(A);
        const { distortion, smallest, largest } = spectralDistortion(A, SA);
        expect(distortion).toBeCloseTo(Math.max(largest ** 2 - 1, 1 - smallest ** 2), 12);
        const rng = philox(seed, 9);
        const ratio = (x: number[]): number => {
          const square = (B: Dense): number => toRows(B).reduce((s, row) => s + row.reduce((t, v, j) => t + v * x[j]!, 0) ** 2, 0);
          return square(SA) / square(A);
        };
        for (let trial = 0; trial < 20; trial++) {
          const r = ratio(Array.from({ length: d }, () => rng.normal()));
          expect(Math.abs(r - 1)).toBeLessThanOrEqual(distortion * (1 + 1e-9) + 1e-12);
        }
      }),
    ));

  it('is 0 for A itself, 1 where a direction is lost, and ignores the basis and its scale', () => {
    const A = ensemble('cauchy', 50, 5, 1);
    expect(spectralDistortion(A, A).distortion).toBeLessThan(1e-11);
    const lost = scaledBy(1, A);
    for (let i = 0; i < 50; i++) lost.data[i * 5] = 0;
    expect(spectralDistortion(A, lost).distortion).toBeGreaterThanOrEqual(1 - 1e-11);
    const scaled = (B: Dense): Dense => ({ ...B, data: B.data.map((x, p) => x * [1e-250, 1e200, 1, 1e-3, 1e9][p % 5]!) });
    const SA = osnap(30, 50).apply(A);
    expect(spectralDistortion(scaled(A), scaled(SA)).distortion).toBeCloseTo(spectralDistortion(A, SA).distortion, 8);
    expect(spectralDistortion(csrFromDense(A), SA).distortion).toBeCloseTo(spectralDistortion(A, SA).distortion, 9);
  });
});

describe('spectralDistortion over the whole range of numbers', () => {
  const claim = (distortionOf: (A: Dense, SA: Dense) => number): void =>
    fc.assert(
      fc.property(fc.integer({ min: -1074, max: 1023 }), fc.integer({ min: -1074, max: 1023 }), (a, b) => {
        const single = (k: number): Dense => fromRows([[2 ** k]]);
        // (2^(b - a))^2 - 1, or 1 - that.
        const distortion = b > a ? 4 ** (b - a) - 1 : 1 - 4 ** (b - a);
        if (distortion < Number.POSITIVE_INFINITY) expect(distortionOf(single(a), single(b))).toBe(distortion);
        else
          expect(() => distortionOf(single(a), single(b))).toThrow(expect.objectContaining({ name: 'NonFiniteError', argument: 'result' }));
      }),
    );
  it('is right, or an error that says that it overflows', () => claim((A, SA) => spectralDistortion(A, SA).distortion));
  it('not as the quotient of squares', () => mustFail(() => claim((A, SA) => Math.abs(SA.data[0]! ** 2 / A.data[0]! ** 2 - 1))));
});

describe('the certificate tells a direction that the sketch lost from one that A lacks', () => {
  const [n, d] = [300, 8];
  const A = ensemble('gaussian', n, d, 5);
  /** Columns 2, 5 and 7 are multiples of others, up to `rest` of what they were. */
  const lacking = (rest: number): Dense => ({
    ...A,
    data: A.data.map((x, p) => ([2, 5, 7].includes(p % d) ? 3 * A.data[p - (p % d) + ((p % d) >> 1)]! + rest * x : x)),
  });
  const sketched = osnap(64, n).apply(lacking(0));
  const claim = (lost: (M: Matrix) => number, forms: (M: Dense) => Matrix): void => {
    expect(lost(forms(lacking(0)))).toBeLessThan(1);
    for (const rest of [1, 1e-3, 1e-9]) expect(lost(forms(lacking(rest)))).toBeGreaterThanOrEqual(1);
  };
  for (const forms of [(M: Dense): Matrix => M, csrFromDense]) {
    it(`holds, ${forms === csrFromDense ? 'sparse' : 'dense'}`, () =>
      claim((M) => certifyDistortion(M, sketched).distortionEstimate, forms));
  }
  it('fails where all that lacks rank counts as lost, or nothing does', () => {
    mustFail(() => claim(() => 1, csrFromDense));
    mustFail(() => claim((M) => certifyDistortion(M, osnap(64, n).apply(M)).distortionEstimate, csrFromDense));
  });
});

describe('the certificate is at least the distortion', () => {
  const claim = (bound: (A: Matrix, SA: Dense) => number, cases: readonly (readonly [Dense, Dense])[]): void => {
    for (const [A, SA] of cases) expect(bound(A, SA)).toBeGreaterThanOrEqual(spectralDistortion(A, SA).distortion * (1 - 1e-9));
  };
  const certified = (A: Matrix, SA: Dense): number => certifyDistortion(A, SA).certifiedDistortion;
  const estimate = (A: Matrix, SA: Dense): number => certifyDistortion(A, SA).distortionEstimate;
  /** The second column is lost, at each scale, and above the first. */
  const scales = [1e200, 1, 1e-200].flatMap((x) => [
    [
      fromRows([
        [1, 0],
        [0, x],
        [0, x],
      ]),
      fromRows([[1, 0]]),
    ] as const,
    [fromRows([[x], [0]]), zeros(1, 1)] as const,
  ]);
  /** What is lost beside an equal column, around the tolerance by which ranks are decided, 2.2e-13. */
  const gaps = [0, 1e-15, 1e-13, 2.3e-13, 3e-13, 4e-13, 1e-12, 1e-11, 1e-10, 1e-6].map((x) => {
    const A = zeros(1000, 2);
    A.data.set([1, 1, 0, x]);
    return [A, fromRows([[1, 1]])] as const;
  });
  /** Where the lost column nearly is the other, their difference is lengthened: by 25, to a distortion of 624. */
  const oblique = [
    [
      fromRows([
        [1, 0.999],
        [0, 0.04],
      ]),
      fromRows([[1, 0]]),
    ] as const,
  ];
  it('where directions are lost at any scale, by little, or beside ones that are lengthened', () => {
    for (const cases of [scales, gaps, oblique]) claim(certified, cases);
    // It is not Infinity for all that lacks rank.
    expect(certified(...gaps[1]!)).toBeLessThan(1e-15);
    for (const [A, SA] of scales) expect(estimate(A, SA)).toBe(1);
  });
  it('fails for what is measured on the directions that are left', () => {
    mustFail(() => claim((A, SA) => Math.min(estimate(A, SA), 1 - 1e-6), scales));
    for (const cases of [gaps, oblique]) mustFail(() => claim(estimate, cases));
  });
  it('is Infinity where A and S A are of sizes that f64 cannot compare', () => {
    expect(certified(fromRows([[2 ** 399], [0]]), fromRows([[2 ** -399]]))).toBe(Number.POSITIVE_INFINITY);
    expect(certified(fromRows([[1e-300]]), fromRows([[1e300]]))).toBe(Number.POSITIVE_INFINITY);
    expect(estimate(fromRows([[2 ** 399], [0]]), fromRows([[2 ** -399]]))).toBe(1);
  });
});

describe('Theorem (Davidson and Szarek): singular values of a Gaussian S U lie within 1 +- (sqrt d + t) / sqrt m', () => {
  const [n, d, m, delta, trials] = [100, 6, 60, 0.1, effort(300)];
  const U = orthonormal(n, d, 1);
  const t = Math.sqrt(2 * Math.log(2 / delta));
  const claim = (apply: Apply): void => {
    let violations = 0;
    for (let seed = 0; seed < trials; seed++) {
      const { smallest, largest } = spectralDistortion(U, apply(U, m, seed));
      const width = (Math.sqrt(d) + t) / Math.sqrt(m);
      if (largest > 1 + width || smallest < 1 - width) violations++;
    }
    expect(violations).toBeWithinBinomial(trials, delta, FALSE_ALARM);
  };
  const gaussian: Apply = (A, rows, seed) => gaussianSketch(rows, n, { seed }).apply(A);
  it('holds', () => claim(gaussian));
  it('fails for entries of a fifth too much variance and more', () =>
    mustFail(() => claim((A, rows, seed) => scaledBy(1.5, gaussian(A, rows, seed)))));
});

describe('Theorem: E ||(SU)^T SU - I||_F^2 = (d^2 + d - 2 sum |U_i|^4) / m for CountSketch', () => {
  const [n, d, m, trials] = [200, 6, 80, effort(600)];
  // Without signs a constant vector would be kept too long.
  const U = qr(fromRows(toRows(ensemble('gaussian', n, d, 2)).map((row) => row.map((x) => x + 1)))).Q;
  const fourth = toRows(U).reduce((s, row) => s + row.reduce((t, x) => t + x * x, 0) ** 2, 0);
  const expected = (d * d + d - 2 * fourth) / m;
  const claim = (apply: Apply): void => {
    const squares = Float64Array.from({ length: trials }, (_, seed) => {
      const SU = apply(U, m, seed);
      let sum = 0;
      for (let j = 0; j < d; j++) {
        for (let k = 0; k < d; k++) {
          let g = j === k ? -1 : 0;
          for (let i = 0; i < m; i++) g += at(SU, i, j) * at(SU, i, k);
          sum += g * g;
        }
      }
      return sum;
    });
    expectPass(tTest([squares], [expected], FALSE_ALARM));
  };
  it('holds', () => claim((A, rows, seed) => countSketch(rows, n, { seed }).apply(A)));
  it('fails without signs', () =>
    mustFail(() =>
      claim((A, rows, seed) => {
        const S = countSketch(rows, n, { seed }).toCsr();
        const out = zeros(rows, d);
        for (let r = 0; r < rows; r++)
          for (let p = S.indptr[r]!; p < S.indptr[r + 1]!; p++)
            for (let j = 0; j < d; j++) out.data[r * d + j]! += at(A as Dense, S.indices[p]!, j);
        return out;
      }),
    ));
});

describe('spikes', () => {
  const [n, d, m, trials] = [500, 12, 120, effort(300)];
  const A = spikes(n, d);
  const meeting = 1 - Array.from({ length: d }, (_, i) => 1 - i / m).reduce((a, b) => a * b, 1);
  const losses = (apply: Apply): number => {
    let lost = 0;
    for (let seed = 0; seed < trials; seed++) {
      const SA = apply(A, m, seed);
      if (spectralDistortion(A, SA).smallest < 1e-5) {
        lost++;
        expect(certifyDistortion(A, SA).certifiedDistortion).toBeGreaterThanOrEqual(1 - 1e-9);
      }
    }
    return lost;
  };
  it('CountSketch loses a direction as often as two spikes meet; the certificate says so each time; OSNAP loses none', () => {
    const lost = losses((B, rows, seed) => countSketch(rows, n, { seed }).apply(B));
    expect(lost).toBeLessThanOrEqual(binomialLimit(trials, meeting, FALSE_ALARM / 2));
    expect(trials - lost).toBeLessThanOrEqual(binomialLimit(trials, 1 - meeting, FALSE_ALARM / 2));
    // Two columns of OSNAP coincide up to sign with probability (s / m)^s: 66 pairs, 300 seeds and 30^-4 make 0.02 expected, ten times that in the long tests.
    expect(losses((B, rows, seed) => osnap(rows, n, { seed }).apply(B))).toBeLessThanOrEqual(
      binomialLimit(trials * 66, 30 ** -4, FALSE_ALARM),
    );
  });
});

describe('Theorem (Chernoff): m rows of an SRHT suffice for the coherence that the signs leave', () => {
  const [N, d, eps, delta, trials] = [4096, 4, 0.5, 0.1, effort(200)];
  /** The first columns of the Hadamard matrix itself: without signs the transform makes them spikes. */
  const sign = (i: number, j: number): number => (bits(i & j) % 2 === 0 ? 1 : -1);
  const bits = (x: number): number => (x === 0 ? 0 : (x & 1) + bits(x >> 1));
  const A = fromRows(Array.from({ length: N }, (_, i) => Array.from({ length: d }, (_, j) => sign(i, j) / Math.sqrt(N))));
  const sizeFor = (coherence: number): number => Math.ceil(((2 * d * coherence) / eps ** 2) * (1 + eps / 3) * Math.log((2 * d) / delta));
  const claim = (apply: Apply): void => {
    let violations = 0;
    for (let seed = 0; seed < trials; seed++) {
      // The signs do not depend on m, so the whole transform shows the coherence n max |row|^2 / d.
      const rows = toRows(srht(N, N, { seed }).apply(A)).map((row) => row.reduce((s, x) => s + x * x, 0));
      const m = sizeFor((N * Math.max(...rows)) / d);
      expect(m).toBeLessThan(N);
      if (spectralDistortion(A, apply(A, m, seed)).distortion > eps) violations++;
    }
    expect(violations).toBeWithinBinomial(trials, delta, FALSE_ALARM);
  };
  it('holds', () => claim((B, m, seed) => srht(m, N, { seed }).apply(B)));
  it('fails without signs on columns of the Hadamard matrix, which become spikes', () =>
    mustFail(() =>
      claim((_, m, seed) =>
        fromRows(Array.from(choose(philox(seed), N, m), (r) => Array.from({ length: d }, (_, j) => (r === j ? Math.sqrt(N / m) : 0)))),
      ),
    ));
});

// As drawn, the directions that S lengthens decide; shortened to 0.6, those that it shortens.
describe.each([1, 0.6])('certifyDistortion of %d S', (factor) => {
  const claim = (bound: (A: Dense, SA: Dense, seed: number) => number): void =>
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 30 }), fc.nat({ max: 1e6 }), (d, seed) => {
        const A = ensemble('gaussian', 300, d, seed);
        const SA = scaledBy(factor, osnap(6 * d, 300, { seed }).apply(A));
        const { distortion } = spectralDistortion(A, SA);
        expect(bound(A, SA, seed)).toBeGreaterThanOrEqual(distortion * (1 - 1e-9));
        expect(certifyDistortion(A, SA, { steps: 5, seed }).distortionEstimate).toBeLessThanOrEqual(distortion * (1 + 1e-9));
      }),
    );
  it('is an upper bound after a few steps', () => claim((A, SA, seed) => certifyDistortion(A, SA, { steps: 5, seed }).certifiedDistortion));
  it('the Ritz values alone are none', () =>
    mustFail(() => claim((A, SA, seed) => certifyDistortion(A, SA, { steps: 5, seed }).distortionEstimate)));
});

describe('certifyDistortion', () => {
  /** Squared lengths evenly from `low` to `high`, so close that the bound at the end which does not decide stays out of the way. */
  const claim = (low: number, high: number, bound: (A: Dense, SA: Dense, seed: number) => number): void => {
    const [n, d] = [60, 30];
    for (let seed = 0; seed < 20; seed++) {
      const SA = zeros(d, d);
      for (let i = 0; i < d; i++) SA.data[i * d + i] = Math.sqrt(low + ((high - low) * i) / (d - 1));
      const distortion = Math.max(high - 1, 1 - low);
      expect(bound(orthonormal(n, d, seed), SA, seed)).toBeGreaterThanOrEqual(distortion * (1 - 1e-12));
    }
  };
  it.each([
    [2, 2.3],
    [0.4, 0.45],
  ])('is an upper bound where squared lengths go from %d to %d', (low, high) => {
    claim(low, high, (A, SA, seed) => certifyDistortion(A, SA, { steps: 5, seed }).certifiedDistortion);
    mustFail(() => claim(low, high, (A, SA, seed) => certifyDistortion(A, SA, { steps: 5, seed }).distortionEstimate));
  });
  it('is close after the default steps', () => {
    const A = ensemble('gaussian', 2000, 60, 1);
    const SA = osnap(480, 2000).apply(A);
    const { distortion } = spectralDistortion(A, SA);
    const { certifiedDistortion, distortionEstimate } = certifyDistortion(A, SA);
    expect(distortionEstimate).toBeGreaterThan(0.9 * distortion);
    expect(certifiedDistortion).toBeLessThan(1.5 * distortion);
    expect(certifyDistortion(csrFromDense(A), SA).certifiedDistortion).toBeCloseTo(certifiedDistortion, 9);
  });
  it('is exact when the steps exhaust the space, and 0 for zero matrices', () => {
    const A = ensemble('spiked', 100, 4, 3);
    const SA = countSketch(30, 100).apply(A);
    expect(certifyDistortion(A, SA).certifiedDistortion).toBeCloseTo(spectralDistortion(A, SA).distortion, 9);
    expect(certifyDistortion(zeros(9, 3), zeros(2, 3))).toEqual({ certifiedDistortion: 0, distortionEstimate: 0 });
    expect(certifyDistortion(dense(2, 1, new Float64Array([1, 1])), zeros(1, 1)).certifiedDistortion).toBe(1);
  });
});
