import { philox } from '@x/linalg';
import { effort, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { hermite } from '../src/construct/hermite.ts';
import {
  cubicLimits,
  type Hypercube,
  type HypercubeOptions,
  hypercubeFixedPoints,
  NotContractiveError,
  solveFixedPoint,
  verifyCertificate,
} from '../src/index.ts';
import { derivative, horner } from '../src/interval/polynomial.ts';

const KINDS: HypercubeOptions[] = [
  { dimension: 10, kind: 'cubic', weightNoise: 0.03, biasNoise: 0.015 },
  { dimension: 10, kind: 'exp', weightNoise: 0.009, biasNoise: 0.003 },
  { dimension: 10, kind: 'tanh', gain: 1.5, weightNoise: 0.03, biasNoise: 0.01 },
  { dimension: 6, kind: 'hermite', values: [-1, 0, 1], weightNoise: 0.01, biasNoise: 0.01 },
  { dimension: 4, kind: 'hermite', values: [0, 2, 4, 6], weightNoise: 0.0005, biasNoise: 0.002 },
];

describe('constants of the constructions', () => {
  it('cubic: the largest bias for a contraction factor', () => {
    // Section 3.3 of the derivation, to the digits given there.
    expect(cubicLimits(1).radius).toBeCloseTo(0.13934, 5);
    expect(cubicLimits(1).bias).toBeCloseTo(0.15166, 5);
    expect(cubicLimits(0.95)).toEqual({ radius: expect.closeTo(0.12669, 5), bias: expect.closeTo(0.15133, 5) });
    expect(cubicLimits(0.9).bias).toBeCloseTo(0.15035, 5);
    expect(cubicLimits(0.5)).toEqual({ radius: expect.closeTo(0.03775, 5), bias: expect.closeTo(0.11695, 5) });
  });
  it('tanh: where the attracting values lie', () => {
    for (const [gain, x] of [
      [1.2, 0.65857],
      [1.5, 0.85856],
      [2, 0.9575],
    ] as const) {
      expect(hypercubeFixedPoints({ dimension: 1, kind: 'tanh', gain }).values[1]).toBeCloseTo(x, 4);
    }
  });
  it('exp: spare noise of .0266 in symmetric boxes; grown ones find more', () => {
    const { noiseRadius } = hypercubeFixedPoints({ dimension: 3, kind: 'exp' });
    expect(noiseRadius).toBeGreaterThan(0.0266);
    // The third fixed point, .50602, bounds what any box can withstand.
    expect(noiseRadius).toBeLessThan(Math.LN2 - 0.50602);
  });
  it('hermite: values and slopes', () => {
    for (const values of [
      [-1, 1],
      [-1, 0, 1],
      [0, 1, 2, 3],
      [-2, -0.5, 0.1, 0.7, 1.5],
    ]) {
      const g = hermite(values);
      expect(g).toHaveLength(2 * values.length);
      for (const a of values) {
        expect(horner(g, a)).toBeCloseTo(a, 9);
        expect(horner(derivative(g), a)).toBeCloseTo(0, 9);
      }
    }
    expect([...hermite([-1, 1])]).toEqual([0, 1.5, 0, -0.5]);
  });
});

describe('Theorem 5.1: m^d robust fixed points with noise on weights, biases and iterations', () => {
  /** Orbits from corners of random boxes under the worst disturbances stay in their boxes and end within eta / (1 - K). */
  const claim = (cube: Hypercube, eta: number) => {
    const { net, certificate, contraction: K } = cube;
    const d = net.dimension;
    const rng = philox(1, d);
    const ends = new Set<string>();
    for (let trial = 0; trial < effort(20); trial++) {
      let index = 0n;
      for (let j = 0; j < d; j++) index = index * BigInt(certificate.choices) + BigInt(rng.integer(certificate.choices));
      const X = cube.box(index);
      const clean = solveFixedPoint(net.evaluate, X.lower, { method: 'picard', rtol: 0, atol: 1e-10 });
      expect(clean.converged).toBe(true);
      ends.add(`${index} ${Array.from(clean.x, (v) => v.toFixed(6))}`);
      let x = X.lower.map((l, i) => (rng.uniform() < 0.5 ? l : X.upper[i]));
      for (let t = 0; t < 100; t++) {
        const next = new Float64Array(d);
        net.evaluate(x, next);
        x = next.map((v, i) => v + eta * (v >= clean.x[i] ? 1 : -1));
        expect(x.every((v, i) => v >= X.lower[i] && v <= X.upper[i])).toBe(true);
      }
      const error = x.reduce((most, v, i) => Math.max(most, Math.abs(v - clean.x[i])), 0);
      expect(error).toBeLessThanOrEqual((eta / (1 - K)) * (1 + 1e-9) + K ** 100);
    }
    expect(new Set([...ends].map((end) => end.split(' ')[0])).size).toBe(ends.size);
  };

  it.each(KINDS)('$kind, d = $dimension', (options) => {
    const cube = hypercubeFixedPoints({ ...options, noise: 0.004, contraction: 0.95 });
    expect(cube.count).toBe(BigInt(cube.values.length) ** BigInt(options.dimension));
    expect(cube.contraction).toBeLessThan(0.95);
    expect(cube.noiseRadius).toBeGreaterThan(0.0039);
    claim(cube, cube.noiseRadius);
    expect(verifyCertificate(cube.net, cube.certificate)).toEqual({ valid: true, reason: '' });
  });
  it('fails with three times the noise', () =>
    mustFail(() => {
      const cube = hypercubeFixedPoints({ dimension: 6, kind: 'cubic', noise: 'largest' });
      claim(cube, 3 * cube.noiseRadius);
    }));
  it('sharp: the grown boxes withstand the exact limit 1 / (3 sqrt 3), to a hundredth', () => {
    const { noiseRadius } = hypercubeFixedPoints({ dimension: 5, kind: 'cubic' });
    expect(noiseRadius).toBeGreaterThan(0.99 / (3 * Math.sqrt(3)));
    expect(noiseRadius).toBeLessThan(1 / (3 * Math.sqrt(3)));
  });
  it('0.9 for the clean map, below 0.92 for the noisy one, below 0.95 with disturbances, for the admissible noise drawn up to 0.99 of it', () => {
    for (let seed = 0; seed < effort(10); seed++) {
      const scale = 0.99 * (0.5 + 0.5 * philox(seed).uniform());
      const bias = scale * 0.05;
      expect(hypercubeFixedPoints({ dimension: 12, kind: 'cubic', biasNoise: 0, noise: 0.1, contraction: 0.9 }).contraction).toBeLessThan(
        0.9,
      );
      expect(
        hypercubeFixedPoints({ dimension: 12, kind: 'cubic', biasNoise: bias, weightNoise: 0.01, noise: 0.05, contraction: 0.92, seed })
          .contraction,
      ).toBeLessThan(0.92);
      expect(
        hypercubeFixedPoints({ dimension: 12, kind: 'cubic', biasNoise: bias, weightNoise: 0.02, noise: 0.05, contraction: 0.95, seed })
          .contraction,
      ).toBeLessThan(0.95);
    }
  });
});

describe('refusals', () => {
  it('too much noise, no second value', () => {
    expect(() => hypercubeFixedPoints({ dimension: 3, kind: 'cubic', weightNoise: 0.4 })).toThrow(NotContractiveError);
    expect(() => hypercubeFixedPoints({ dimension: 3, kind: 'cubic', biasNoise: 0.9 })).toThrow(NotContractiveError);
    expect(() => hypercubeFixedPoints({ dimension: 3, kind: 'cubic', noise: 0.25 })).toThrow(/proof/);
    expect(() => hypercubeFixedPoints({ dimension: 3, kind: 'hermite', values: [1, 1] })).toThrow(/different/);
    expect(() => hypercubeFixedPoints({ dimension: 3, kind: 'tanh', gain: 1 })).toThrow(/gain/);
  });
  it('same seed, same network', () => {
    const one = hypercubeFixedPoints({ ...KINDS[0], seed: 3 });
    expect(hypercubeFixedPoints({ ...KINDS[0], seed: 3 }).net.layers).toEqual(one.net.layers);
    expect(hypercubeFixedPoints({ ...KINDS[0], seed: 4 }).net.layers).not.toEqual(one.net.layers);
  });
});
