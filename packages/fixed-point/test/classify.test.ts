import { dense, eigh, philox } from '@x/linalg';
import { mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { classify, loopedNet } from '../src/index.ts';
import { eigenvaluesInPlace } from '../src/spectrum/eigenvalues.ts';
import { symmetricWeights } from './maps.ts';

const linear = (d: number, W: Float64Array) => loopedNet({ weights: dense(d, d, W) });

describe('eigenvalues', () => {
  it('sum and sum of squares are the traces of A and A^2, random matrices', () => {
    const claim = (find: typeof eigenvaluesInPlace) => {
      for (let seed = 0; seed < 60; seed++) {
        const d = 1 + (seed % 20);
        const A = philox(seed).fillNormal(new Float64Array(d * d));
        const values = find(A.slice(), d) ?? [];
        expect(values).toHaveLength(d);
        let [trace, trace2] = [0, 0];
        for (let i = 0; i < d; i++) {
          trace += A[i * d + i];
          for (let j = 0; j < d; j++) trace2 += A[i * d + j] * A[j * d + i];
        }
        // Backward stable: off by some d eps ||A||_F, and twice that times ||A||_F.
        const size = Math.hypot(...A);
        const tolerance = 100 * d * Number.EPSILON * size;
        expect(Math.abs(values.reduce((sum, v) => sum + v.re, 0) - trace)).toBeLessThan(tolerance);
        expect(Math.abs(values.reduce((sum, v) => sum + v.im, 0))).toBeLessThan(tolerance);
        expect(Math.abs(values.reduce((sum, v) => sum + v.re ** 2 - v.im ** 2, 0) - trace2)).toBeLessThan(4 * size * tolerance);
      }
    };
    claim(eigenvaluesInPlace);
    mustFail(() => claim((A, d) => Array.from({ length: d }, (_, i) => ({ re: A[i * d + i], im: 0 }))));
  });
  it('of symmetric matrices are what eigh gives', () => {
    for (const d of [1, 2, 7, 40]) {
      const W = symmetricWeights(d, 1, d);
      const values = (eigenvaluesInPlace(W.slice(), d) ?? []).map(({ re }) => re).sort((a, b) => a - b);
      const expected = [...eigh(dense(d, d, W)).values].sort((a, b) => a - b);
      for (const [i, v] of values.entries()) expect(Math.abs(v - expected[i])).toBeLessThan(100 * d * Number.EPSILON);
    }
  });
  it('known ones: rotation, companion, Jordan block, permutation, zeros', () => {
    expect(eigenvaluesInPlace(new Float64Array([0, -1, 1, 0]), 2)).toEqual([
      { re: 0, im: 1 },
      { re: 0, im: -1 },
    ]);
    const companion = eigenvaluesInPlace(new Float64Array([6, -11, 6, 1, 0, 0, 0, 1, 0]), 3)?.map(({ re }) => re) ?? [];
    for (const [i, v] of [3, 2, 1].entries()) expect(companion[i]).toBeCloseTo(v, 10);
    for (const { re, im } of eigenvaluesInPlace(new Float64Array([2, 1, 0, 0, 2, 1, 0, 0, 2]), 3) ?? [])
      expect(Math.hypot(re - 2, im)).toBeLessThan(1e-4);
    const cycle = new Float64Array(25);
    for (let i = 0; i < 5; i++) cycle[i * 5 + ((i + 1) % 5)] = 1;
    for (const { re, im } of eigenvaluesInPlace(cycle, 5) ?? []) expect(Math.hypot(re, im)).toBeCloseTo(1, 12);
    expect(eigenvaluesInPlace(new Float64Array(9), 3)).toEqual(Array.from({ length: 3 }, () => ({ re: 0, im: 0 })));
    expect(eigenvaluesInPlace(new Float64Array([Number.NaN]), 1)).toBeUndefined();
  });
});

describe('classify', () => {
  it('tells attracting, saddle, repelling, and counts', () => {
    expect(classify(linear(2, new Float64Array([0.5, 9, 0, 0.5])), [0, 0])).toMatchObject({
      kind: 'attracting',
      spectralRadius: 0.5,
      infinityNorm: 9.5,
      index: 0,
    });
    expect(classify(linear(2, new Float64Array([0.5, 0, 0, -2])), [0, 0])).toMatchObject({ kind: 'saddle', spectralRadius: 2, index: 1 });
    expect(classify(linear(2, new Float64Array([0, -2, 2, 0])), [0, 0])).toMatchObject({ kind: 'repelling', index: 2 });
    expect(classify(linear(1, new Float64Array([-1])), [0])).toMatchObject({ kind: 'unknown', spectralRadius: 1 });
  });
});
