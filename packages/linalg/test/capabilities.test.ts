import { random, seeds } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capabilities, dense, type Float, gemm, identity, transpose } from '../src/index.ts';
import { floats } from './matrices.ts';

describe('capabilities', () => {
  it('tells which kernel runs', () => {
    const told = capabilities();
    expect(told).toMatchObject({ simd: true, fallbackReason: undefined, relaxedSimd: true, sharedMemory: true });
    expect(told.threads).toBeGreaterThanOrEqual(1);
  });
});

describe('fast: true', () => {
  const cases = fc.record({ seed: seeds(), single: fc.boolean() });

  it('multiplies whole numbers exactly, whatever the shapes and strides', () => {
    fc.assert(
      fc.property(cases, ({ seed, single }) => {
        const r = random(seed);
        const [m, n, k] = [r.integer(0, 40), r.integer(0, 40), r.integer(0, 300)];
        const draw = (count: number): Float => floats(single, count, () => r.integer(-8, 8));
        const A = transpose(dense(k, m, draw(k * m)));
        const B = dense(k, n, draw(k * n));
        const operands = { A, B, alpha: 2, beta: -3, C: dense(m, n, draw(m * n)) };
        const exact = gemm({ ...operands, C: { ...operands.C, data: operands.C.data.slice() as Float } });
        expect(gemm({ ...operands, fast: true }).data).toEqual(exact.data);
      }),
    );
  });

  it('rounds once where the plain product rounds twice', () => {
    // (1 + e)(1 - e) = 1 - e^2 rounds to 1, so subtracting 1 leaves 0; fused, -e^2 survives.
    const e = 2 ** -30;
    const A = dense(1, 2, new Float64Array([-1, 1 + e]));
    const B = dense(2, 1, new Float64Array([1, 1 - e]));
    expect(gemm({ A, B }).data[0]).toBe(0);
    expect([0, -(e * e)]).toContain(gemm({ A, B, fast: true }).data[0]);
  });

  it('copes with an empty summation', () => {
    const C = identity(3);
    expect(gemm({ A: dense(3, 0, new Float64Array()), B: dense(0, 3, new Float64Array()), beta: 2, C, fast: true }).data[0]).toBe(2);
  });
});
