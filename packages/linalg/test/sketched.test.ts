/** Sketches to which others are appended until a distortion is certified. */
import { ensemble } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { block, countSketch, type Dense, dense, gaussianSketch, osnap, type SketchKind, spectralDistortion, srht } from '../src/index.ts';
import { type Sketched, sketchOf } from '../src/sketch/sketched.ts';
import { expectWithin, maxAbs, minus } from './residuals.ts';

const [n, d, rows, seed, distortion] = [2000, 6, 12, 5, 0.7];
const A = ensemble('gaussian', n, d, 1);
const b = ensemble('gaussian', n, 1, 2);
const MAKERS = { gaussian: gaussianSketch, 'count-sketch': countSketch, osnap, srht };

describe.each(Object.keys(MAKERS) as SketchKind[])('%s', (kind) => {
  const { SA, Sb, certifiedDistortion } = sketchOf('lstsq', A, { kind, rows, seed, distortion }, b) as Required<Sketched>;
  const parts = SA.rows / rows;

  it('is appended by doubling, until the certified distortion is at most the one asked for', () => {
    expect([4, 8, 16, 32]).toContain(parts);
    expect(certifiedDistortion).toBeLessThanOrEqual(distortion);
    // Where the steps exhaust the space, the two differ by rounding.
    expect(spectralDistortion(A, SA).distortion).toBeLessThanOrEqual(certifiedDistortion * (1 + 1e-9));
  });

  it('stacks sketches of different streams over the root of their number, the same for A and b', () => {
    const expectStacked = (SX: Dense, X: Dense): void => {
      for (let q = 0; q < parts; q++) {
        const part = MAKERS[kind](rows, n, { seed, stream: q }).apply(X);
        const scaled = dense(
          rows,
          X.cols,
          part.data.map((x) => x / Math.sqrt(parts)),
        );
        // The reciprocal of the root, and the product, are rounded once each.
        const most = 4 * 2 ** -53 * maxAbs(scaled);
        expectWithin(minus(block(SX, q * rows, 0, rows, X.cols), scaled), () => most);
      }
    };
    expectStacked(SA, A);
    expectStacked(Sb, b);
  });
});
