import { expect, it } from 'vitest';
import { dense, gemm, toRows } from '../src/index.ts';
import { canFuse } from '../src/kernel/relaxed.ts';
import { allocate, withWorkspace } from '../src/kernel/workspace.ts';

/** Runs `work` where free memory begins above 2 GiB, so that the kernel's pointers are negative. The pages are never touched. */
function beyondTwoGiB(work: () => void): void {
  withWorkspace((k) => {
    allocate(k, 2 ** 31);
    expect(k.mark()).toBeLessThan(0);
    work();
  });
}

it('the relaxed module is tried rightly where memory is in use up to beyond 2 GiB', () =>
  beyondTwoGiB(() => {
    expect(canFuse()).toBe(true);
    const A = dense(2, 2, new Float64Array([1, 2, 3, 4]));
    expect(toRows(gemm({ A, B: A, fast: true }))).toEqual([
      [7, 10],
      [15, 22],
    ]);
  }));

it('a fast product that throws leaves the products after it as they are', () => {
  // (1 + e)(1 - e) - 1 is 0 with two roundings and -e^2 with one.
  const e = 2 ** -30;
  const A = dense(1, 2, new Float64Array([-1, 1 + e]));
  const B = dense(2, 1, new Float64Array([1, 1 - e]));
  const huge = { rows: 2 ** 16, cols: 2 ** 16, data: new Float64Array(1), offset: 0, rowStride: 0, colStride: 0 };
  expect(() => gemm({ A: huge, B: huge, fast: true })).toThrow(/cannot allocate/);
  expect(gemm({ A, B }).data[0]).toBe(0);
});
