/** Property 4. */
import { chiSquareTail, effort, ensemble, ksTest, matrices, mustFail } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ArgumentError,
  csrFromDense,
  type Dense,
  dense,
  gaussianSketch,
  type LeverageOptions,
  leverageScores,
  NonFiniteError,
  osnap,
  philox,
  spectralDistortion,
  srht,
  zeros,
} from '../src/index.ts';
import { readVector, withWorkspace, writeVector } from '../src/kernel/workspace.ts';
import { frobenius } from './residuals.ts';

const approximate = (A: Dense, options: LeverageOptions): Float64Array => leverageScores(A, { ...options, method: 'approximate' }).scores;

describe('Theorem: a sketch of distortion eps gives every score within 1 / (1 + eps) and 1 / (1 - eps)', () => {
  const claim = (scores: (A: Dense, rows: number, seed: number) => Float64Array): void =>
    fc.assert(
      fc.property(matrices({ rows: [200, 400], cols: [1, 8] }, ['gaussian', 'cauchy', 'spiked']), fc.nat({ max: 1e6 }), (A, seed) => {
        const rows = 8 * A.cols + 16;
        const { distortion } = spectralDistortion(A, osnap(rows, A.rows, { seed }).apply(A));
        const tau = leverageScores(A).scores;
        const close = scores(A, rows, seed);
        const slack = 1e-9;
        expect(close.findIndex((t, i) => t < (tau[i]! / (1 + distortion)) * (1 - slack))).toBe(-1);
        if (distortion < 1) expect(close.findIndex((t, i) => t > (tau[i]! / (1 - distortion)) * (1 + slack))).toBe(-1);
      }),
    );
  it('holds', () => claim((A, rows, seed) => approximate(A, { sketch: { rows, seed } })));
  it('fails where the sketch forgets 1 / sqrt(s)', () =>
    mustFail(() => claim((A, rows, seed) => approximate(A, { sketch: { rows, seed } }).map((t) => t / 4))));
});

describe('Theorem: projection on k directions multiplies each score by a chi-square variable over k', () => {
  const [k, trials] = [32, effort(400)];
  const A = ensemble('gaussian', 500, 40, 1);
  /** One row of each seed, so that the observations are independent; scores stay far from 1, where they would be cut. */
  const ratios = (scale: number): Float64Array =>
    Float64Array.from({ length: trials }, (_, seed) => {
      const sketch = { seed, rows: 200 };
      const whole = approximate(A, { sketch });
      return (scale * approximate(A, { sketch, projection: k })[seed % 500]!) / whole[seed % 500]!;
    });
  const claim = (scale: number): void => {
    const sample = ratios(scale);
    expect(ksTest(sample, (x) => 1 - chiSquareTail(k * x, k)).p).toBeGreaterThan(1e-6);
    const t = 1;
    expect(sample.filter((x) => Math.abs(x - 1) > t).length).toBeWithinBinomial(trials, 2 * Math.exp((-k * t * t) / 8), 1e-6);
  };
  it('holds', () => claim(1));
  it('fails for a factor of a quarter', () => mustFail(() => claim(1.25)));
});

describe('row norms of a product that is not written: (d + r + 2) u from the true ones, beside sums of absolute values', () => {
  const sizes = fc.record({ m: fc.integer({ min: 1, max: 7 }), d: fc.integer({ min: 1, max: 40 }), r: fc.integer({ min: 1, max: 40 }) });
  const claim = (lost: (size: { m: number; d: number; r: number }) => { m: number; d: number; r: number }): void =>
    fc.assert(
      fc.property(sizes, fc.boolean(), fc.nat({ max: 1e6 }), ({ m, d, r }, upper, seed) => {
        const X = ensemble('gaussian', m, d, seed);
        const Z = dense(
          d,
          r,
          ensemble('gaussian', d, r, seed + 1).data.map((z, p) => (upper && p % r < Math.floor(p / r) ? 0 : z)),
        );
        const sums = withWorkspace((k) => {
          const [x, z, to] = [writeVector(k, X.data), writeVector(k, Z.data), writeVector(k, new Float64Array(m))];
          const panels = k.allocate(8 * d * (r + 8));
          k.dpackColumns(d, r, z, panels);
          const size = lost({ m, d, r });
          k.daddProductSquares(size.m, d, size.r, x, panels, upper, to);
          return readVector(k, Z.data, to, m);
        });
        for (let i = 0; i < m; i++) {
          let [sum, size] = [0, 0];
          for (let j = 0; j < r; j++) {
            const terms = Array.from({ length: d }, (_, l) => X.data[i * d + l]! * Z.data[l * r + j]!);
            sum += terms.reduce((s, t) => s + t, 0) ** 2;
            size += terms.reduce((s, t) => s + Math.abs(t), 0) ** 2;
          }
          // Both are off by half of it; a square has twice the error of its root.
          expect(Math.abs(sums[i]! - sum)).toBeLessThanOrEqual(4 * (d + r + 2) * 2 ** -53 * size);
        }
      }),
    );
  it('holds', () => claim((size) => size));
  it('fails where the last panel, or the last row, is left out', () => {
    mustFail(() => claim((size) => ({ ...size, r: size.r - (size.r % 8 || 8) })));
    mustFail(() => claim((size) => ({ ...size, m: size.m & ~1 })));
  });
});

describe('options', () => {
  const A = ensemble('cauchy', 400, 6, 2);
  it('refineTop makes the largest exact', () => {
    const exact = leverageScores(A).scores;
    const refined = approximate(A, { projection: 4, refineTop: 10 });
    const raw = approximate(A, { projection: 4 });
    const top = Array.from(raw.keys())
      .sort((i, j) => raw[j]! - raw[i]!)
      .slice(0, 10);
    for (const i of top) expect(Math.abs(refined[i]! - exact[i]!)).toBeLessThanOrEqual(1e-11);
    for (const i of raw.keys()) if (!top.includes(i)) expect(refined[i]).toBe(raw[i]);
    expect(leverageScores(csrFromDense(A), { method: 'approximate', projection: 4, refineTop: 10 }).scores).toHaveLength(400);
    // With a ridge, the exact scores have it too.
    const ridge = 2 * frobenius(A) ** 2;
    const ridged = approximate(A, { ridge, refineTop: 400 });
    const truth = leverageScores(A, { ridge }).scores;
    expect(ridged.findIndex((t, i) => Math.abs(t - truth[i]!) > 1e-11)).toBe(-1);
    expect(Math.max(...truth)).toBeLessThan(0.5 * Math.max(...exact));
  });
  it('a distortion to keep is certified, if need be by a larger sketch', () => {
    const { certifiedDistortion, scores } = leverageScores(A, { method: 'approximate', sketch: { rows: 20, distortion: 0.8 } });
    expect(certifiedDistortion).toBeLessThanOrEqual(0.8);
    const exact = leverageScores(A).scores;
    expect(scores.every((t, i) => t >= exact[i]! / 1.8 - 1e-12 && t <= Math.min(1, exact[i]! / 0.2) + 1e-12)).toBe(true);
  });
  it('a ridge, dense and sparse alike, and a matrix too short to sketch', () => {
    const ridge = 5;
    const exact = leverageScores(A, { ridge }).scores;
    const close = approximate(A, { ridge, sketch: { rows: 200 } });
    expect(close.every((t, i) => t > exact[i]! / 4 && t < exact[i]! * 4)).toBe(true);
    expect(
      Math.max(
        ...leverageScores(csrFromDense(A), { method: 'approximate', ridge, sketch: { rows: 200 } }).scores.map((t, i) =>
          Math.abs(t - close[i]!),
        ),
      ),
    ).toBeLessThan(1e-12);
    const short = ensemble('gaussian', 9, 4, 1);
    expect(approximate(short, {})).toEqual(leverageScores(short).scores);
  });
  it.each([
    ['osnap', osnap],
    ['gaussian', gaussianSketch],
    ['srht', srht],
  ] as const)('the same scores at the end of the range, where sums in the sketch (%s) overflow', (kind, sketch) => {
    const matrix = (size: number): Dense =>
      dense(
        400,
        5,
        philox(1)
          .fillUniform(new Float64Array(2000))
          .map((x) => (x - 0.5) * size),
      );
    const [A, large] = [matrix(2), matrix(2 ** 1023)];
    expect(() => sketch(52, 400).apply(large)).toThrow(NonFiniteError);
    for (const ridge of [0, 2 ** 1022]) {
      const close = approximate(large, { ridge, sketch: { kind, rows: 52 } });
      for (const [i, t] of approximate(A, { sketch: { kind, rows: 52 } }).entries()) expect(close[i]).toBeCloseTo(t, 12);
    }
  });
  it('refuses what is wrong', () => {
    expect(() => leverageScores(A, { method: 'magic' as never })).toThrow(ArgumentError);
    expect(() => leverageScores(A, { method: 'approximate', sketch: { distortion: 0 } })).toThrow(ArgumentError);
    expect(() => leverageScores(A, { method: 'approximate', projection: 0.5 })).toThrow(/projection/);
    const bad = zeros(400, 2);
    bad.data[3] = Number.NaN;
    expect(() => leverageScores(bad, { method: 'approximate' })).toThrow(expect.objectContaining({ index: [1, 1] }));
  });
});
