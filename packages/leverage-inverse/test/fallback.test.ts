import { philox } from '@x/linalg';
import { describe, expect, it } from 'vitest';
import { type Kernel, newKernel, plainKernel } from '../src/kernel/instance.ts';

/** One run of every kernel function on m x d rows; all results. */
function outputs(k: Kernel, m: number, d: number): Float64Array {
  const wide = (d + 3) & ~3;
  const rng = philox(41, 100 * m + d);
  const size = 64 + wide * (m + wide) + (d + 8) * wide * wide;
  const at = Array.from({ length: 10 }, () => k.allocate(8 * size));
  const view = (i: number) => new Float64Array(k.memory.buffer, at[i]! >>> 0, size);
  for (let i = 0; i < 4; i++) view(i).set(rng.fillNormal(new Float64Array(size)));
  for (let i = 4; i < 10; i++) view(i).fill(0);
  const [a, factors, z, v] = at as [number, number, number, number];
  k.packFactor(d, z, at[4]!);
  k.whiten(m, d, a, factors, at[4]!, at[5]!, at[6]!);
  k.addSymmetric(m, d, at[5]!, at[5]!, at[7]!);
  k.addThird(m, d, at[5]!, at[5]!, at[9]!, at[8]!);
  k.quadraticForms(m, d, at[5]!, at[4]!, at[6]! + 8 * m);
  k.addRows(m, d, at[5]!, factors, v);
  const first = [3, 5, 6, 7, 8].flatMap((i) => [...view(i)]);
  k.packRows(m, d, a, factors, at[5]!);
  k.weighPanels(m, d, at[5]!, factors, at[9]!);
  k.timesVector(m, d, a, v, at[6]!);
  k.slackRows(m, d, a, v, factors, at[6]! + 8 * m);
  k.invert(m, factors, at[6]! + 16 * m);
  return Float64Array.from([...first, ...view(5), ...view(6), ...view(9)]);
}

describe('The plain fallback', () => {
  for (const [m, d] of [
    [4, 1],
    [4, 3],
    [8, 8],
    [12, 9],
    [16, 21],
  ] as const) {
    it(`gives the bits of the SIMD kernel for ${m} x ${d}`, () => expect(outputs(plainKernel(), m, d)).toEqual(outputs(newKernel(), m, d)));
  }
});
