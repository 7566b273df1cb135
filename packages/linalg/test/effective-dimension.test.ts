import { matrices, views } from '@x/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  ArgumentError,
  csrFromDense,
  effectiveDimension,
  fromRows,
  leverageScores,
  NonFiniteError,
  singularValues,
  toRows,
  zeros,
} from '../src/index.ts';

const shapes = { rows: [0, 60], cols: [0, 8] } as const;

it('is the sum over singular values and that of the ridge leverage scores; it falls with the ridge, from the rank', () =>
  fc.assert(
    fc.property(views(matrices(shapes, ['gaussian', 'cauchy', 'sparse', 'zero-rows'])), fc.integer({ min: -9, max: 9 }), (A, digits) => {
      const ridge = 10 ** digits;
      const value = effectiveDimension(A, ridge);
      const dense = fromRows(toRows(A));
      const B = A.rows === 0 || A.cols === 0 ? zeros(A.rows, A.cols) : dense;
      const expected = singularValues(B).reduce((s, x) => s + x ** 2 / (x ** 2 + ridge), 0);
      // Singular values are off by (n + d) u of the largest; the quotient moves by at most that over sqrt(ridge).
      const largest = Math.max(0, ...singularValues(B));
      const tolerance = 8 * (A.rows + A.cols) ** 2 * 2 ** -53 * (1 + largest / Math.sqrt(ridge)) + 1e-10 * A.cols;
      expect(Math.abs(value - expected)).toBeLessThanOrEqual(tolerance);
      expect(Math.abs(effectiveDimension(csrFromDense(A), ridge) - value)).toBeLessThanOrEqual(tolerance);
      expect(Math.abs(leverageScores(A, { ridge }).scores.reduce((s, t) => s + t, 0) - value)).toBeLessThanOrEqual(tolerance);
      expect(effectiveDimension(A, 10 * ridge)).toBeLessThanOrEqual(value);
    }),
  ));

it('is the same at both ends of the range, ridges scaled with the squares', () => {
  const A = fromRows([
    [1.5, -1],
    [1, 1.25],
    [-1.75, 1],
  ]);
  for (const k of [-900, -520, 480, 511]) {
    const scaled = { ...A, data: A.data.map((x) => x * 2 ** k) };
    if (Math.abs(k) < 512) expect(effectiveDimension(scaled, 4 ** k)).toBeCloseTo(effectiveDimension(A, 1), 12);
    else expect(effectiveDimension(scaled, Number.MIN_VALUE)).toBeCloseTo(effectiveDimension(A, 2 ** (-1074 - 2 * k)), 12);
  }
  // Its singular value is beyond the range.
  expect(effectiveDimension(fromRows([[1.7e308], [-1.7e308]]), 1)).toBe(1);
  expect(effectiveDimension(csrFromDense(fromRows([[1.7e308], [-1.7e308]])), Number.MAX_VALUE)).toBe(1);
});

it('refuses what is wrong', () => {
  expect(() => effectiveDimension(zeros(2, 2), 0)).toThrow(ArgumentError);
  const bad = zeros(2, 2);
  bad.data[1] = Number.NaN;
  expect(() => effectiveDimension(bad, 1)).toThrow(NonFiniteError);
  expect(effectiveDimension(zeros(0, 3), 1)).toBe(0);
});
