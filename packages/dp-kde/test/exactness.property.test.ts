import { mustFail } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { positionOf } from '../src/features/histogram.ts';
import { MECHANISMS, type Mechanism } from '../src/oracle/plan.ts';
import { design, noiseless } from './modes.ts';
import { clamped, distanceSum } from './reference.ts';

const LEVELS = fc.integer({ min: 1, max: 6 });
/** Rows with ties, at the bounds, outside them, and no number at all. */
const X = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 1024 }).map((k) => k / 1024),
    fc.constantFrom(0, 1, 0.5, -3, 7, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    fc.double({ min: 0, max: 1, noNaN: true }),
  ),
  { maxLength: 30 },
);
const Y = fc.oneof(
  fc.integer({ min: 0, max: 64 }).map((k) => k / 64),
  fc.double({ min: 0, max: 1, noNaN: true }),
);

/** Without noise: F - below <= answer, F <= factor * answer + below, answer <= F + above. */
function within(mechanism: Mechanism, levels: number, x: readonly number[], y: number, answerOf = (z: number) => z): void {
  const one = design({ resolution: 2 ** levels, fractionBits: 8 });
  const most = one.cells * one.one;
  const line = noiseless(mechanism, x, one);
  const u = y * most;
  const answer = answerOf(line.at(u)) / most;
  const F = distanceSum(clamped(x, [[0, 1]]), [y]);
  const [below, above] = line.bias(u).map((bound) => (x.length * (bound + 0.5)) / most + 1e-12 * (1 + x.length));
  expect(answer).toBeLessThanOrEqual(F + above!);
  expect(F).toBeLessThanOrEqual(line.factor * answer + below!);
}

describe('Property 1: without noise every mode gives the sum of distances, within its stated bias', () => {
  it.each(MECHANISMS)('%s', (mechanism) => {
    let positive = 0;
    let runs = 0;
    fc.assert(
      fc.property(LEVELS, X, Y, (levels, x, y) => {
        runs++;
        if (distanceSum(clamped(x, [[0, 1]]), [y]) > 0) positive++;
        within(mechanism, levels, x, y);
      }),
      { numRuns: 300 },
    );
    expect(positive / runs).toBeGreaterThan(0.8);
  });
  it.each(MECHANISMS)('%s: one percent more is seen', (mechanism) => {
    const more = mechanism === 'tree-backurs' ? 1.15 : 1.01;
    mustFail(() =>
      fc.assert(
        fc.property(LEVELS, X, Y, (levels, x, y) => within(mechanism, levels, x, y, (z) => z * more)),
        { numRuns: 300 },
      ),
    );
  });
  it('tables are exact at grid points, where rows lie on whole positions', () => {
    fc.assert(
      fc.property(LEVELS, fc.array(fc.integer({ min: 0, max: 1 << 12 }), { maxLength: 40 }), (levels, positions) => {
        const one = design({ resolution: 2 ** levels, fractionBits: 12 - levels });
        const most = one.cells * one.one;
        const x = positions.map((p) => p / 4096);
        for (const mechanism of ['midpoint', 'brownian'] as const) {
          const line = noiseless(mechanism, x, one);
          for (let t = 0; t <= one.cells; t++) {
            const F = x.reduce((sum, v) => sum + Math.abs(positionOf(v, [0, 1], one) - t * one.one), 0);
            expect(line.at(t * one.one)).toBe(F);
          }
          expect(most).toBe(4096);
        }
      }),
    );
  });
  it.each(MECHANISMS)('%s goes on linearly outside the bounds', (mechanism) => {
    const one = design({ resolution: 64, fractionBits: 8 });
    const most = one.cells * one.one;
    const x = [0.1, 0.4, 0.4, 0.9, 1, 0];
    const line = noiseless(mechanism, x, one);
    for (const y of [-2, -0.25, 1.5, 4]) {
      const F = distanceSum(clamped(x, [[0, 1]]), [y]);
      const answer = line.at(y * most) / most;
      expect(Math.abs(answer - F)).toBeLessThan(mechanism === 'tree-backurs' ? 0.1 * F : (2 * x.length) / 64);
    }
  });
});

describe('positionOf', () => {
  it('clamps, and takes NaN to the lower bound', () => {
    const one = design();
    expect(
      [-1, 0, 0.5, 1, 2, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((x) => positionOf(x, [0, 1], one)),
    ).toEqual([0, 0, 128, 256, 256, 0, 256, 0]);
  });
});
