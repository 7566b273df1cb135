/** P9: the weights of the Lee-Sidford barrier are the Lewis weights. P5 for that barrier. */
import { philox } from '@x/linalg';
import { effort, mustFail } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barrierWeights } from '../src/barrier/weights.ts';
import type { Frame } from '../src/frame.ts';
import { frame, randomFrame } from './bodies.ts';
import { dot, rowsOf, type Square, slacks, solve } from './reference.ts';

const cases = fc.record({ seed: fc.nat(1e6), d: fc.integer({ min: 1, max: 6 }), n: fc.integer({ min: 1, max: 20 }) });

/** Enough for rounding: the rate of the map alone is at most 1 - 2 / p < 0.8, and Anderson's step is faster. */
const ROUNDS = 80;

function setUp({ seed, d, n }: { seed: number; d: number; n: number }) {
  const rng = philox(seed, 8);
  const body = randomFrame(n, d, rng);
  const x = Array.from(rng.fillNormal(new Float64Array(d)), (v) => (0.2 * v) / Math.sqrt(d));
  const s = slacks(body, x).map((v) => Math.abs(v) + 0.01);
  return { body, s, p: 2 * (1 + Math.log(body.A.rows)) };
}

const scaledRows = (body: Frame, s: readonly number[]) => rowsOf(body).map((row, i) => row.map((v) => v / s[i]!));

/** Leverage scores of the rows v_i^(1/2) b_i, by the inverse. */
function scores(rows: Square, v: readonly number[]): number[] {
  const d = rows[0]!.length;
  const M = Array.from({ length: d }, (_, i) =>
    Array.from({ length: d }, (_, j) => rows.reduce((sum, row, k) => sum + v[k]! * row[i]! * row[j]!, 0)),
  );
  return rows.map((row, i) => v[i]! * dot(row, solve(M, row)));
}

describe('P9: Lewis weights', () => {
  const fixedPoint = (rounds: number) =>
    fc.assert(
      fc.property(cases, (c) => {
        const { body, s, p } = setUp(c);
        const w = [...barrierWeights(body, Float64Array.from(s), 'leeSidford', rounds)];
        const sigma = scores(
          scaledRows(body, s),
          w.map((v) => v ** (1 - 2 / p)),
        );
        for (const [i, v] of w.entries()) expect(Math.abs(Math.log(sigma[i]! / v))).toBeLessThanOrEqual(1e-9);
        expect(Math.abs(w.reduce((a, b) => a + b, 0) - c.d)).toBeLessThanOrEqual(1e-9 * c.d);
        for (const v of w) {
          expect(v).toBeGreaterThan(0);
          expect(v).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
      { seed: 31, numRuns: effort(150) },
    );
  it('are the fixed point w = sigma(W^(1/2 - 1/p) B), positive, and sum to d', () => fixedPoint(ROUNDS));
  it('not after two rounds', () => mustFail(() => fixedPoint(2)));

  it('A -> t A leaves them as they are', () => {
    fc.assert(
      fc.property(cases, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (c, t) => {
        const { body, s } = setUp(c);
        const w = barrierWeights(body, Float64Array.from(s), 'leeSidford', ROUNDS);
        const scaled = { ...body, A: { ...body.A, data: body.A.data.map((v) => t * v) } };
        barrierWeights(scaled, Float64Array.from(s), 'leeSidford', ROUNDS).forEach((v, i) => {
          expect(Math.abs(v - w[i]!)).toBeLessThanOrEqual(1e-10);
        });
      }),
      { seed: 32, numRuns: effort(80) },
    );
  });

  /** Weights for a fixed p: rows of one body padded by rows of nothing would change p, so p comes from the larger body. */
  const copies = (exponent: (p: number) => number) =>
    fc.assert(
      fc.property(cases, fc.integer({ min: 2, max: 4 }), (c, k) => {
        const { body, s } = setUp(c);
        const rows = rowsOf(body);
        const d = c.d;
        const many = frame(
          Float64Array.from([...rows.flat(), ...Array.from({ length: k - 1 }, () => rows[0]!).flat()]),
          new Float64Array(rows.length + k - 1),
        );
        const p = 2 * (1 + Math.log(many.A.rows));
        const w = barrierWeights(many, Float64Array.from([...s, ...new Array<number>(k - 1).fill(s[0]!)]), 'leeSidford', ROUNDS);
        // One row k^(1/p) times as long has k times the weight; by the fixed point at that p.
        const one = scaledRows(body, s).map((row, i) => (i === 0 ? row.map((v) => v * k ** exponent(p)) : row));
        const merged = [w[0]! * k, ...w.slice(1, rows.length)];
        const sigma = scores(
          one,
          merged.map((v) => v ** (1 - 2 / p)),
        );
        for (const [i, v] of merged.entries()) expect(Math.abs(Math.log(sigma[i]! / v))).toBeLessThanOrEqual(1e-9);
        for (let j = 1; j < k; j++) expect(w[rows.length + j - 1]).toBeCloseTo(w[0]!, 12);
        expect(merged.length).toBeGreaterThanOrEqual(d);
      }),
      { seed: 33, numRuns: effort(80) },
    );
  it('k copies of a row are one row k^(1/p) times as long, whose weight they share', () => copies((p) => 1 / p));
  it('and not one k^(1/2) times as long, as for the logarithmic barrier', () => mustFail(() => copies(() => 1 / 2)));

  const localNorms = (power: (p: number) => number) =>
    fc.assert(
      fc.property(cases, (c) => {
        const { body, s, p } = setUp(c);
        const rows = scaledRows(body, s);
        const w = [...barrierWeights(body, Float64Array.from(s), 'leeSidford', ROUNDS)];
        const v = w.map((x) => x ** (1 - 2 / p));
        const sigma = scores(rows, v);
        // b_i^T H^{-1} b_i of the metric H = B^T W^{1 - 2/p} B.
        for (const [i, x] of w.entries()) expect(Math.abs(sigma[i]! / v[i]! / x ** power(p) - 1)).toBeLessThanOrEqual(1e-8);
        expect(v.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(rows.length ** (2 / p) * c.d ** (1 - 2 / p) * (1 + 1e-9));
        expect(rows.length ** (2 / p) * c.d ** (1 - 2 / p)).toBeLessThanOrEqual(Math.E * c.d);
      }),
      { seed: 34, numRuns: effort(100) },
    );
  it('b_i^T H^{-1} b_i = w_i^(2/p) <= 1, and nu = sum w^(1 - 2/p) <= n^(2/p) d^(1 - 2/p) <= e d', () => localNorms((p) => 2 / p));
  it('with 1/p for 2/p it is not', () => mustFail(() => localNorms((p) => 1 / p)));
});

describe('P5: nu-symmetry of the Lee-Sidford barrier', () => {
  const symmetry = (choose: (ahead: number, behind: number) => number) =>
    fc.assert(
      fc.property(cases, fc.double({ min: 0, max: 1, noNaN: true }), ({ seed, d, n }, depth) => {
        const rng = philox(seed, 9);
        const body = randomFrame(n, d, rng);
        const rows = rowsOf(body);
        const direction = [...rng.fillNormal(new Float64Array(d))];
        const reach = Math.min(...rows.map((row, i) => body.slack[i]! / Math.max(dot(row, direction), 1e-300)));
        const x = direction.map((v) => v * reach * (1 - 10 ** (-4 * (1 - depth))));
        const s = slacks(body, x);
        const along = [...rng.fillNormal(new Float64Array(d))];
        const ends = rows.map((row, i) => s[i]! / dot(row, along));
        const t = choose(Math.min(...ends.filter((v) => v > 0)), Math.max(...ends.filter((v) => v < 0)));
        const power = 1 - 1 / (1 + Math.log(rows.length));
        const w = barrierWeights(body, Float64Array.from(s), 'leeSidford', ROUNDS);
        const norm = rows.reduce((sum, row, i) => sum + w[i]! ** power * ((t * dot(row, along)) / s[i]!) ** 2, 0);
        const nu = w.reduce((sum, v) => sum + v ** power, 0);
        expect(norm).toBeLessThanOrEqual(nu * (1 + 1e-9));
      }),
      { seed: 35, numRuns: effort(200) },
    );
  it('the nearer end of a chord lies within sqrt(nu), nu = sum w^(1 - 2/p)', () => symmetry((a, b) => (a < -b ? a : b)));
  it('the farther end does not', () => mustFail(() => symmetry((a, b) => (a > -b ? a : b))));
});
