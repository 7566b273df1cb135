import { csrFromDense, dense, fromRows, philox } from '@x/linalg';
import { describe, expect, it } from 'vitest';
import { certify, countAmbiguity, InfeasibleStartError, invertLeverageGradient, isReachable, leverageGradient } from '../src/index.ts';
import { randomProblem } from './reference.ts';

const { design, x } = randomProblem(philox(31), 40, 3, { positive: true });
const c = leverageGradient(design, x).gradient;

describe('Property 11: what cannot be answered is refused by name', () => {
  it('shapes, NaN, zero slacks, dependent columns', async () => {
    expect(() => leverageGradient(design, new Float64Array(2))).toThrow(expect.objectContaining({ name: 'ShapeError' }));
    expect(() => leverageGradient({ A: dense(2, 3, new Float64Array(6)) }, x)).toThrow(expect.objectContaining({ name: 'ShapeError' }));
    const bad = {
      ...design,
      A: dense(
        40,
        3,
        design.A.data.map((value, p) => (p === 7 ? Number.NaN : value)),
      ),
    };
    expect(() => leverageGradient(bad, x)).toThrow(expect.objectContaining({ name: 'NonFiniteError', index: [2, 1] }));
    expect(() => leverageGradient({ A: design.A }, new Float64Array(3))).toThrow(
      expect.objectContaining({ name: 'SlackZeroError', row: 0 }),
    );
    const twin = dense(
      40,
      2,
      design.A.data.slice(0, 80).map((_, p) => design.A.data[p - (p % 2)]!),
    );
    expect(() => leverageGradient({ A: twin, b: new Float64Array(40).fill(-9) }, Float64Array.of(0.1, 0))).toThrow(
      expect.objectContaining({ name: 'RankDeficientError' }),
    );
    expect(() => leverageGradient(undefined as never, x)).toThrow(expect.objectContaining({ name: 'ArgumentError' }));
    const w = new Float64Array(40);
    w[3] = -1;
    await expect(invertLeverageGradient(design, c, { w })).rejects.toMatchObject({
      name: 'ArgumentError',
      message: expect.stringMatching(/w\[3\] is -1/),
    });
    expect(() => certify(design, c, x, { w })).toThrow(expect.objectContaining({ name: 'ArgumentError' }));
    await expect(isReachable({ A: design.A }, c, Int8Array.of(1))).rejects.toMatchObject({ name: 'ArgumentError' });
    await expect(invertLeverageGradient(design, c, { onIteration: 3 as never })).rejects.toMatchObject({ name: 'ArgumentError' });
    await expect(invertLeverageGradient(design, c.slice(1))).rejects.toMatchObject({ name: 'ShapeError' });
    await expect(invertLeverageGradient(design, c, { mode: 'fast' as never })).rejects.toMatchObject({ name: 'ArgumentError' });
  });
  it('a start with other signs, and signs that no x has', async () => {
    const signs = new Int8Array(40).fill(1);
    await expect(invertLeverageGradient(design, c, { x0: x.map((v) => v + 1e3), signs })).rejects.toMatchObject({
      name: 'InfeasibleStartError',
    });
    const A = dense(3, 1, Float64Array.of(1, 1, -1));
    await expect(invertLeverageGradient({ A, b: Float64Array.of(0, 1, 1) }, Float64Array.of(1))).rejects.toMatchObject({
      name: 'InfeasibleStartError',
    });
  });
  it('an abort keeps the x reached; a signal that stays quiet changes nothing', async () => {
    const before = new AbortController();
    before.abort();
    await expect(invertLeverageGradient(design, c, { signal: before.signal })).rejects.toMatchObject({ name: 'AbortError' });
    const during = new AbortController();
    const onIteration = () => during.abort();
    await expect(invertLeverageGradient(design, c, { signal: during.signal, onIteration })).rejects.toMatchObject({
      name: 'AbortError',
      partial: { iterations: [expect.objectContaining({ length: expect.any(Number) })], x: expect.any(Float64Array) },
    });
    const quiet = await invertLeverageGradient(design, c, { signal: new AbortController().signal });
    expect(quiet).toEqual(await invertLeverageGradient(design, c));
  });
  it('the same seed gives the same bits, another seed others', async () => {
    const run = (seed: number) => invertLeverageGradient(design, c, { mode: 'sampled', seed });
    const [first, second, other] = [await run(3), await run(3), await run(4)];
    expect(first.x).toEqual(second.x);
    expect(first.iterations).toEqual(second.iterations);
    expect(other.iterations).not.toEqual(first.iterations);
  });
  it('sparse and dense designs give the same to 1e-12', async () => {
    const A = csrFromDense(design.A);
    const [dense_, sparse] = [await invertLeverageGradient(design, c), await invertLeverageGradient({ ...design, A }, c)];
    for (const [j, value] of sparse.x.entries()) expect(Math.abs(value - dense_.x[j]!)).toBeLessThan(1e-12 * Math.abs(value));
  });
});

describe('Ill-conditioned designs go by QR', () => {
  it('scores of a Vandermonde-like design with condition 1e9 keep 1e-5', () => {
    const n = 60;
    // Columns 1 and 1 + 1e-9 t: the scores are those of (1, t).
    const t = Array.from({ length: n }, (_, i) => i / n);
    const near = dense(
      n,
      2,
      Float64Array.from({ length: 2 * n }, (_, p) => (p % 2 === 0 ? 1 : 1 + 1e-9 * t[p >> 1]!)),
    );
    const plain = dense(
      n,
      2,
      Float64Array.from({ length: 2 * n }, (_, p) => (p % 2 === 0 ? 1 : t[p >> 1]!)),
    );
    const b = new Float64Array(n).fill(-1);
    const zero = new Float64Array(2);
    const [bad, good] = [leverageGradient({ A: near, b }, zero), leverageGradient({ A: plain, b }, zero)];
    expect(bad.condition).toBeGreaterThan(1e8);
    for (let i = 0; i < n; i++) expect(Math.abs(bad.scores[i]! - good.scores[i]!)).toBeLessThan(1e-5);
  });
});

describe('Ambiguity without signs', () => {
  it('counts bounded cells', () => {
    expect(
      countAmbiguity({ A: dense(8, 1, new Float64Array(8).fill(1)), b: Float64Array.from({ length: 8 }, (_, i) => i) }).boundedCells,
    ).toBe(7n);
    // A row of zeros bounds no cell.
    expect(countAmbiguity({ A: dense(3, 1, Float64Array.of(0, 1, 1)), b: Float64Array.of(1, 0, 2) }).boundedCells).toBe(1n);
    expect(countAmbiguity({ A: dense(9, 2, new Float64Array(18).fill(1)), b: new Float64Array(9).fill(1) }).boundedCells).toBe(28n);
    expect(countAmbiguity({ A: design.A }).boundedCells).toBeUndefined();
  });
  it('b = 0: reachability has a proof both ways, and x and -x have opposite gradients', async () => {
    const cone = randomProblem(philox(32), 7, 3, { cone: true });
    const g = leverageGradient(cone.design, cone.x).gradient;
    const own = await isReachable(cone.design, g, cone.signs);
    expect(own.reachable).toBe(true);
    expect(own.inversion!.x.every((value, j) => Math.abs(value - cone.x[j]!) < 1e-9)).toBe(true);
    const other = await isReachable(
      cone.design,
      g,
      cone.signs.map((sign) => -sign),
    );
    expect(other.reachable).toBe(false);
    const y = other.witness!;
    expect(y.reduce((sum, value, j) => sum + value * g[j]!, 0)).toBeLessThan(0);
    const opposite = leverageGradient(
      cone.design,
      cone.x.map((value) => -value),
    ).gradient;
    for (const [j, value] of opposite.entries()) expect(value).toBeCloseTo(-g[j]!, 10);
  });
  it('b = 0: claims nothing about a cone in which it finds no point', () =>
    expect(isReachable({ A: fromRows([[1], [2]]) }, Float64Array.of(1), Int8Array.of(1, -1))).rejects.toThrow(InfeasibleStartError));
  it('certify says nothing for a point far from any solution', () =>
    expect(
      certify(
        design,
        c.map((v) => v * 3),
        x,
      ),
    ).toBeUndefined());
});
