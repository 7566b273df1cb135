import { philox } from '@x/linalg';
import { effort, mustFail } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adamStart, adamStep } from '../src/training/adam.ts';
import type { LossAndGradient } from '../src/training/adjoint.ts';
import { type LbfgsState, lbfgsStart, lbfgsStep } from '../src/training/lbfgs.ts';
import { dot, type Rows, times, transposeOf } from './reference.ts';

describe('Adam is algorithm 1 of Kingma and Ba, its step size falling along half a cosine', () => {
  interface Variant {
    readonly beta1?: number;
    readonly beta2?: number;
    /** Whether moments are divided by 1 - beta^t. */
    readonly corrected?: readonly [boolean, boolean];
    readonly rateAt?: (t: number, total: number) => number;
  }
  const cosine = (t: number, total: number) => (1 + Math.cos((Math.PI * (t - 1)) / total)) / 2;
  const reference = (
    gradients: readonly (readonly number[])[],
    rate: number,
    { beta1 = 0.9, beta2 = 0.999, corrected = [true, true], rateAt = cosine }: Variant,
  ): number[][] => {
    let [m, v, theta] = [0, 0, 0].map(() => gradients[0]!.map(() => 0)) as [number[], number[], number[]];
    return gradients.map((g, i) => {
      const t = i + 1;
      m = m.map((value, j) => beta1 * value + (1 - beta1) * g[j]!);
      v = v.map((value, j) => beta2 * value + (1 - beta2) * g[j]! ** 2);
      const [a, b] = [corrected[0] ? 1 - beta1 ** t : 1, corrected[1] ? 1 - beta2 ** t : 1];
      theta = theta.map((value, j) => value - (rate * rateAt(t, gradients.length) * (m[j]! / a)) / (Math.sqrt(v[j]! / b) + 1e-9));
      return theta;
    });
  };
  const property = (variant: Variant = {}) =>
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 2, max: 30 }), (seed, count, steps) => {
        const rng = philox(seed);
        const gradients = Array.from({ length: steps }, () => Array.from({ length: count }, () => rng.normal()));
        const wanted = reference(gradients, 0.1, variant);
        const theta = new Float64Array(count);
        let state = adamStart(count);
        gradients.forEach((g, i) => {
          state = adamStep(state, theta, Float64Array.from(g), 0.1, steps);
          theta.forEach((value, j) => {
            expect(Math.abs(value - wanted[i]![j]!)).toBeLessThanOrEqual(1e-12);
          });
        });
      }),
      { numRuns: effort(50) },
    );
  it('holds', () => property());
  it.each([
    ['without correction of the first moment', { corrected: [false, true] }],
    ['without correction of the second moment', { corrected: [true, false] }],
    ['with another decay of the first moment', { beta1: 0.91 }],
    ['with another decay of the second moment', { beta2: 0.99 }],
    ['with a step size that stays', { rateAt: () => 1 }],
    ['with a step size that is a step ahead', { rateAt: (t: number, total: number) => cosine(t + 1, total) }],
  ] as const)('fails %s', (_, variant) => mustFail(() => property(variant)));
});

describe('L-BFGS', () => {
  /** The direction of a step is told by its first trial, which is a whole one where pairs are known. */
  const directionOf = (state: LbfgsState, gradient: Float64Array): number[] => {
    let first: Float64Array | undefined;
    lbfgsStep(state, new Float64Array(gradient.length), { loss: 0, gradient }, (at) => {
      first ??= at.slice();
      return { loss: -1e300, gradient: gradient.map(() => 0) };
    });
    return [...first!];
  };
  /** The inverse Hessian by the update of BFGS, written out: H <- (I - r s y^T) H (I - r y s^T) + r s s^T. */
  const dense = (pairs: LbfgsState['pairs'], gradient: Float64Array, scaled = true): number[] => {
    const last = pairs.at(-1)!;
    const scale = scaled ? dot(last.s, last.y) / dot(last.y, last.y) : 1;
    const m = gradient.length;
    let H: Rows = Array.from({ length: m }, (_, i) => Array.from({ length: m }, (_, j) => (i === j ? scale : 0)));
    for (const { s, y } of pairs) {
      const rho = 1 / dot(s, y);
      const V = s.map((a, i) => y.map((b, j) => (i === j ? 1 : 0) - rho * a * b));
      H = times(times(V, H), transposeOf(V)).map((row, i) => row.map((value, j) => value + rho * s[i]! * s[j]!));
    }
    return H.map((row) => -dot(row, [...gradient]));
  };
  const pairsOf = (seed: number, m: number, count: number): LbfgsState['pairs'] => {
    const rng = philox(seed);
    const curvatures = Array.from({ length: m }, () => 0.3 + rng.uniform());
    return Array.from({ length: count }, () => {
      const s = Array.from({ length: m }, () => rng.normal());
      return { s, y: s.map((value, j) => curvatures[j]! * value) };
    });
  };
  const property = (change: (pairs: LbfgsState['pairs']) => LbfgsState['pairs'], scaled = true) =>
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 2, max: 6 }), fc.integer({ min: 2, max: 6 }), (seed, m, count) => {
        const pairs = pairsOf(seed, m, count);
        const gradient = philox(seed, 1).fillNormal(new Float64Array(m));
        const wanted = dense(change(pairs), gradient, scaled);
        directionOf({ kind: 'lbfgs', step: count, pairs }, gradient).forEach((value, j) => {
          expect(Math.abs(value - wanted[j]!)).toBeLessThanOrEqual(1e-10 * (1 + Math.max(...wanted.map(Math.abs))));
        });
      }),
      { numRuns: effort(50) },
    );
  it('its direction is that of the matrix which the update of BFGS makes of the pairs', () => property((pairs) => pairs));
  it('fails with the pairs in reverse', () => mustFail(() => property((pairs) => [...pairs].reverse())));
  it('fails without the oldest pair', () => mustFail(() => property((pairs) => pairs.slice(1))));
  it('fails with steps and changes exchanged', () => mustFail(() => property((pairs) => pairs.map(({ s, y }) => ({ s: y, y: s })))));
  it('fails from the identity unscaled', () => mustFail(() => property((pairs) => pairs, false)));

  /** Neither convex nor concave: sum of (x_j^2 - 1)^2 / 4 + x_j x_(j + 1) / 2. */
  const bumpy = (x: Float64Array): LossAndGradient => ({
    loss: x.reduce((sum, value, j) => sum + (value * value - 1) ** 2 / 4 + (value * (x[j + 1] ?? 0)) / 2, 0),
    gradient: x.map((value, j) => value * (value * value - 1) + ((x[j + 1] ?? 0) + (x[j - 1] ?? 0)) / 2),
  });
  const conditions = (decrease: number, curvature: number) => {
    for (let seed = 0; seed < 20; seed++) {
      const theta = philox(seed).fillNormal(new Float64Array(5));
      let state = lbfgsStart;
      let now = bumpy(theta);
      for (let step = 0; step < 30; step++) {
        const [from, before] = [theta.slice(), now];
        const next = lbfgsStep(state, theta, now, bumpy);
        if (next === undefined) break;
        ({ state, now } = next);
        const moved = theta.map((value, j) => value - from[j]!);
        const slope = dot([...moved], [...before.gradient]);
        // Where a step is rounding, so is all that is said of it.
        if (-slope < 1e-10) break;
        expect(slope).toBeLessThan(0);
        expect(now.loss).toBeLessThanOrEqual(before.loss + decrease * slope + 1e-14);
        expect(dot([...moved], [...now.gradient])).toBeGreaterThanOrEqual(curvature * slope - 1e-14);
        expect(now).toEqual(bumpy(theta));
        expect(state.pairs.every(({ s, y }) => dot(s, y) > 0)).toBe(true);
        expect(state.pairs.length).toBe(Math.min(10, step + 1));
        const last = state.pairs.at(-1)!;
        expect(last).toEqual({ s: [...moved], y: [...now.gradient.map((value, j) => value - before.gradient[j]!)] });
      }
      expect(Math.max(...now.gradient.map(Math.abs))).toBeLessThan(1e-4);
    }
  };
  it('every step satisfies the weak Wolfe conditions, and pairs of positive curvature are kept, the last ten', () => conditions(1e-4, 0.9));
  it('which fails where more is asked than it promises', () => {
    mustFail(() => conditions(0.6, 0.9));
    mustFail(() => conditions(1e-4, 0.1));
  });
  it('ends at a minimum', () => {
    const theta = new Float64Array(3);
    const at = (x: Float64Array) => ({ loss: dot([...x], [...x]), gradient: x.map((value) => 2 * value) });
    expect(lbfgsStep(lbfgsStart, theta, at(theta), at)).toBeUndefined();
  });
});
