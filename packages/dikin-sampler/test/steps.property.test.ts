/** What a step costs, by counters, and how far it may go: P6, P12, and the operation counts of theorems 1.1 to 1.3. */
import { dense, philox } from '@x/linalg';
import { effort, fitExponent, mustFail } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareSpectrahedron, spectrahedron, uniform } from '../src/index.ts';
import { spectralFrameOf } from '../src/spectrahedron/frame.ts';
import { spectralDikinWalk } from '../src/spectrahedron/walk.ts';
import { type DikinOptions, dikinWalk } from '../src/walk/dikin.ts';
import { frame, randomFrame, randomQuadratic } from './bodies.ts';
import { apply, dot, eigen, lowerFactor, metric, type Square, transposeOf } from './reference.ts';

describe('P6: self-concordance of the log barrier', () => {
  /** Eigenvalues of G(v)^{-1/2} G(u) G(v)^{-1/2} at distance t < 1 in the norm at v, against those allowed. */
  const property = (least: (t: number) => number, most: (t: number) => number) =>
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 12 }),
        fc.boolean(),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        (seed, d, n, smooth, t) => {
          const rng = philox(seed, 10);
          const plain = randomFrame(n, d, rng);
          const body = smooth ? { ...plain, quadratic: randomQuadratic(d, rng) } : plain;
          const walk = dikinWalk(body, rng);
          walk.place(new Float64Array(d));
          walk.advance(20);
          const v = [...walk.position];
          const L = lowerFactor(metric(body, v));
          const direction = [...rng.fillNormal(new Float64Array(d))];
          const image = apply(transposeOf(L), direction);
          const length = Math.sqrt(dot(image, image));
          const G = metric(
            body,
            v.map((x, j) => x + (t * direction[j]!) / length),
          );
          for (const value of eigen(whiten(L, G)).values) {
            expect(value).toBeGreaterThanOrEqual(least(t) - 1e-9);
            expect(value).toBeLessThanOrEqual(most(t) + 1e-9 * most(t));
          }
        },
      ),
      { seed: 41, numRuns: effort(300) },
    );
  // Lemma B.2: with H(u) <= (1 - t)^{-2} H(v) and its mirror image at u.
  it('lie in [(1 - t)^2, (1 - t)^-2]', () =>
    property(
      (t) => (1 - t) ** 2,
      (t) => (1 - t) ** -2,
    ));
  it('and above (1 + t)^-2, as a slack grows by a factor of 1 + t at most', () =>
    property(
      (t) => (1 + t) ** -2,
      (t) => (1 - t) ** -2,
    ));
  it('not in the square roots of these', () =>
    mustFail(() =>
      property(
        (t) => (1 + t) ** -1,
        (t) => (1 - t) ** -1,
      ),
    ));
});

function whiten(L: Square, G: Square): number[][] {
  const forward = (b: readonly number[]) => {
    const x: number[] = [];
    for (const [i, row] of L.entries()) x.push((b[i]! - dot(row.slice(0, i), x)) / row[i]!);
    return x;
  };
  return transposeOf(G.map(forward)).map(forward);
}

describe('P12: the soft threshold keeps the acceptance of steep densities', () => {
  const d = 4;
  /** Acceptance of exp(-L (w_1 + ... + w_d) / sqrt d) on a cube, with M = L^2 I or without it, far into its run. */
  const acceptance = (L: number, threshold: boolean) => {
    const rng = philox(7);
    const soft = new Float64Array(d * d);
    for (let j = 0; j < d; j++) soft[j * d + j] = L * L;
    const body = randomFrame(0, d, rng);
    const g = new Float64Array(d).fill(L / Math.sqrt(d));
    const walk = dikinWalk({ ...body, quadratic: { P: new Float64Array(d * d), g }, ...(threshold && { soft }) }, rng);
    // From where the density has its mass: at 1 / L of each facet of the corner.
    walk.place(Float64Array.from({ length: d }, (_, j) => -body.slack[2 * j + 1]! + Math.min(0.5, 1 / L)));
    walk.advance(500);
    return walk.advance(effort(3000)) / effort(3000);
  };
  /** The same at a point in the middle, where the density is steep and no facet near: of the proposals, the mean of min(1, tau). */
  const inTheMiddle = (L: number, threshold: boolean) => {
    const rng = philox(8);
    const soft = new Float64Array(d * d);
    for (let j = 0; j < d; j++) soft[j * d + j] = L * L;
    const g = new Float64Array(d).fill(L / Math.sqrt(d));
    const walk = dikinWalk({ ...randomFrame(0, d, rng), quadratic: { P: new Float64Array(d * d), g }, ...(threshold && { soft }) }, rng);
    walk.place(new Float64Array(d));
    let uphill = 0;
    let sum = 0;
    for (let t = 0; t < 400; t++) {
      const logTau = walk.propose(rng.fillNormal(new Float64Array(walk.normals)));
      const rise = walk.proposal.reduce((s, v) => s + v, 0);
      // Those that raise f are what an uncontrolled step loses.
      if (rise > 0) {
        uphill++;
        sum += Math.min(1, Math.exp(logTau));
      }
    }
    return sum / uphill;
  };
  const slopes = (threshold: boolean) => {
    const sizes = [1, 10, 100, 1000, 10_000];
    return [acceptance, inTheMiddle].map(
      (rate) =>
        fitExponent(
          sizes,
          sizes.map((L) => Math.max(1e-6, rate(L, threshold))),
        ).slope,
    );
  };
  it('its acceptance does not depend on L from 1 to 1e4', () => {
    for (const L of [1, 10, 100, 1000, 10_000]) {
      expect(acceptance(L, true)).toBeGreaterThan(0.2);
      expect(inTheMiddle(L, true)).toBeGreaterThan(0.2);
    }
    for (const slope of slopes(true)) expect(Math.abs(slope)).toBeLessThan(0.1);
  });
  it('without it (eta infinite) steps that raise f die out', () => {
    mustFail(() => {
      for (const slope of slopes(false)) expect(Math.abs(slope)).toBeLessThan(0.1);
    });
  });
});

describe('operation counts, by the counters of the kernel', () => {
  /** Multiplications of a metric. */
  const perMetric = (n: number, d: number, options: DikinOptions = {}) => {
    const rng = philox(n + d);
    const A = rng.fillNormal(new Float64Array(n * d));
    const walk = dikinWalk(frame(A, new Float64Array(n).fill(10)), rng, options);
    walk.radius = 0.1;
    walk.place(new Float64Array(d));
    const before = walk.counts;
    walk.advance(50);
    return (walk.counts.multiplications - before.multiplications) / (walk.counts.metrics - before.metrics);
  };
  const exponents = (f: (n: number, d: number) => number) => {
    const ns = [256, 512, 1024, 2048];
    const ds = [8, 16, 32, 64];
    return [
      fitExponent(
        ns,
        ns.map((n) => f(n, 8)),
      ).slope,
      fitExponent(
        ds,
        ds.map((d) => f(2048, d)),
      ).slope,
    ] as const;
  };
  /** n d^(omega - 1) with the omega = 3 of the products used here. */
  const polytope = (f: (n: number, d: number) => number) => {
    const [inN, inD] = exponents(f);
    expect(Math.abs(inN - 1)).toBeLessThan(0.05);
    // Lower terms in d pull the exponent below 2.
    expect(inD).toBeLessThan(2.02);
    expect(inD).toBeGreaterThan(1.6);
  };
  it('theorem 1.1: n d^(omega - 1) a step with the log barrier', () => polytope(perMetric));
  it('theorem 1.2: the same with Lewis weights', () => polytope((n, d) => perMetric(n, d, { barrier: 'leeSidford' })));
  it('fails for rows that are used d times', () => mustFail(() => polytope((n, d) => d * perMetric(n, d))));
  it('bounds alone cost O(d)', () => {
    const sizes = [64, 128, 256, 512];
    const counted = sizes.map((d) => {
      const A = new Float64Array(2 * d * d);
      for (let j = 0; j < d; j++) {
        A[2 * j * d + j] = 1;
        A[(2 * j + 1) * d + j] = -1;
      }
      const walk = dikinWalk(frame(A, new Float64Array(2 * d).fill(1)), philox(1));
      walk.place(new Float64Array(d));
      walk.advance(20);
      return walk.counts.multiplications / walk.counts.metrics;
    });
    expect(Math.abs(fitExponent(sizes, counted).slope - 1)).toBeLessThan(0.1);
  });

  /** Theorem 1.3 for full matrices, by samples of the sketch, or exact. */
  const spectral = async (n: number, d: number, samples?: number) => {
    const rng = philox(n, d);
    const A = Array.from({ length: d }, () => {
      const G = rng.fillNormal(new Float64Array(n * n));
      const S = Float64Array.from({ length: n * n }, (_, p) => G[p]! + G[(p % n) * n + Math.floor(p / n)]!);
      const mean = Array.from({ length: n }, (_, i) => S[i * (n + 1)]!).reduce((a, b) => a + b, 0) / n;
      for (let i = 0; i < n; i++) S[i * (n + 1)] = S[i * (n + 1)]! - mean;
      return dense(n, n, S);
    });
    const C = dense(
      n,
      n,
      Float64Array.from({ length: n * n }, (_, p) => (p % (n + 1) === 0 ? -1 : 0)),
    );
    const body = spectralFrameOf(await prepareSpectrahedron(spectrahedron({ A, C })), uniform);
    const walk = spectralDikinWalk(body, rng, samples === undefined ? {} : { sketch: { samples } });
    walk.radius = 0.1;
    walk.place(new Float64Array(d));
    walk.advance(1);
    const before = walk.multiplications;
    const moved = walk.advance(4);
    expect(moved).toBeGreaterThan(2);
    return (walk.multiplications - before) / 4;
  };
  it('theorem 1.3: at most n^omega + n^2 d^(3 omega - 5) a step with d^3 samples, eps = 1 / d', async () => {
    const ds = [3, 6, 12];
    const counted = await Promise.all(ds.map((d) => spectral(12, d, d ** 3)));
    const slope = fitExponent(ds, counted).slope;
    expect(slope).toBeLessThan(4.1);
    expect(slope).toBeGreaterThan(3);
    for (const [k, d] of ds.entries()) expect(counted[k]!).toBeLessThanOrEqual(4 * (12 ** 3 + 12 ** 2 * d ** 4));
    const ns = [8, 16, 32];
    const inN = await Promise.all(ns.map((n) => spectral(n, 4, 4 ** 3)));
    expect(fitExponent(ns, inN).slope).toBeLessThan(2.3);
    expect(fitExponent(ns, inN).slope).toBeGreaterThan(1.6);
  });
  it('exact: d n^3 + d^2 n^2 / 4, which is less', async () => {
    for (const [n, d] of [
      [8, 4],
      [16, 4],
      [16, 12],
    ] as const) {
      const exact = await spectral(n, d);
      expect(exact).toBeLessThanOrEqual(1.6 * (d * n ** 3 + (d * n) ** 2 / 4 + n ** 3 + d ** 3));
      expect(exact).toBeLessThan(await spectral(n, d, Math.max(d, d ** 3)));
    }
  });
});
