import { NotConvergedError } from '@x/linalg/errors';
import { mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { minimizeBarrier, type Quadratic } from '../src/center.ts';
import { frame } from './bodies.ts';
import { apply, dot, rowsOf, slacks } from './reference.ts';

/** [-1/2, 1/2]^d. */
function cubeFrame(d: number) {
  const A = new Float64Array(2 * d * d);
  for (let j = 0; j < d; j++) {
    A[2 * j * d + j] = 1;
    A[(2 * j + 1) * d + j] = -1;
  }
  return frame(A, new Float64Array(2 * d).fill(0.5));
}

/** |x| <= length / 2 along one direction, |x| <= width / 2 across it, turned so that no row is an axis. */
function slab(width: number, length: number) {
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  return frame(Float64Array.of(c, s, -c, -s, -s, c, s, -c), Float64Array.of(0.5 * width, 0.4 * width, 0.5 * length, 0.4 * length));
}

function quadratic(d: number, mean: number, sd: number): Quadratic {
  const P = new Float64Array(d * d);
  for (let j = 0; j < d; j++) P[j * d + j] = 1 / sd ** 2;
  return { P, g: new Float64Array(d).fill(-mean / sd ** 2) };
}

describe('minimizeBarrier', () => {
  it.each([
    [1, 0.4, 1e-3],
    [3, 0.4, 1e-8],
    [3, 0.5, 1e-6],
    [20, 0.45, 1e-10],
    [20, 2, 1e-4],
    [20, -5, 1e-4],
    [5, 1e6, 1],
  ])('finds the minimum for a Gaussian of any width and place (d = %i, mean %f, sd %f) in a few dozen steps', (d, mean, sd) => {
    const { A, slack } = cubeFrame(d);
    const { point, iterations } = minimizeBarrier(A, slack, new Float64Array(d), quadratic(d, mean, sd));
    expect(iterations).toBeLessThan(60);
    for (const x of point) {
      // 0 = 1 / (1/2 - x) - 1 / (1/2 + x) + (x - mean) / sd^2, each term with its rounding.
      const terms = [1 / (0.5 - x), -1 / (0.5 + x), (x - mean) / sd ** 2];
      const size = Math.max(...terms.map(Math.abs));
      // The decrement is the error in the local norm, whose weight is the second derivative.
      const local = Math.sqrt(1 / (0.5 - x) ** 2 + 1 / (0.5 + x) ** 2 + 1 / sd ** 2);
      // Rounding of x itself moves each term by eps times its derivative.
      const rounding = 2 ** -52 * (size + local ** 2);
      expect(Math.abs(terms[0]! + terms[1]! + terms[2]!)).toBeLessThanOrEqual(1e-8 * local + 8 * rounding);
    }
  });

  it.each([
    [1, 1],
    [1e-6, 1],
    [1e-7, 1e3],
    [1, 1e9],
    [1, 1e12],
  ])('finds the analytic centre and its Hessian in a slab of %f x %f', (width, length) => {
    const { A, slack } = slab(width, length);
    const { point, factor } = minimizeBarrier(A, slack, new Float64Array(2));
    // The centre lies in the middle of either pair of facets.
    const s = slacks(slab(width, length), [...point]);
    // Rounding of a point of size `length` changes the slacks across by eps length.
    const tolerance = (size: number) => 1e-4 * size + 8 * 2 ** -52 * length;
    expect(Math.abs(s[0]! - s[1]!)).toBeLessThan(tolerance(width));
    expect(Math.abs(s[2]! - s[3]!)).toBeLessThan(tolerance(length));
    // ||L^T v||^2 for v across and along: 2 / (0.45 width)^2 and 2 / (0.45 length)^2.
    const [c, n] = [Math.cos(0.7), Math.sin(0.7)];
    const image = (v: readonly number[]) => [factor[0]! * v[0]! + factor[2]! * v[1]!, factor[3]! * v[1]!];
    const across = image([c, n]);
    expect(Math.sqrt(dot(across, across) / 2) * 0.45 * width).toBeCloseTo(1, 3);
    const along = image([-n, c]);
    // Along, the large part cancels: what is left of it is eps / width.
    const lost = (2 ** -50 / width) * length;
    if (lost < 0.05) expect(Math.abs(Math.sqrt(dot(along, along) / 2) * 0.45 * length - 1)).toBeLessThan(1e-3 + lost);
  });

  it('the plain sum of rows has no Cholesky factor there, which is why QR is asked', () => {
    const body = slab(1, 1e9);
    const H = rowsOf(body).reduce(
      (sum, row, i) => sum.map((entries, j) => entries.map((v, k) => v + (row[j]! * row[k]!) / body.slack[i]! ** 2)),
      [
        [0, 0],
        [0, 0],
      ],
    );
    mustFail(() => expect(H[1]![1]! - (H[1]![0]! * H[1]![0]!) / H[0]![0]!).toBeCloseTo(0.5 / 0.45e9 ** 2, 24));
    expect(apply(H, [1, 0])[0]).toBeGreaterThan(0);
  });

  it('says so when the body holds a line, and when the minimum is within rounding of a facet', () => {
    const strip = frame(Float64Array.of(1, 0, -1, 0), Float64Array.of(1, 1));
    expect(() => minimizeBarrier(strip.A, strip.slack, new Float64Array(2))).toThrow(/holds a line/);
    const { A, slack } = cubeFrame(2);
    expect(() => minimizeBarrier(A, slack, new Float64Array(2), quadratic(2, 1e6, 1e-8))).toThrow(NotConvergedError);
  });
});
