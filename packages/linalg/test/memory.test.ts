import { random } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { type Dense, dense, type Float, gemm, gram, multiply, transpose, trsm, zeros } from '../src/index.ts';
import { kernel } from '../src/kernel/instance.ts';
import { allocate, withWorkspace } from '../src/kernel/workspace.ts';
import { floats } from './matrices.ts';

describe('P9: memory', () => {
  it('10,000 mixed calls leave the arena mark and the size of the memory where they were', () => {
    const r = random(1);
    const some = (rows: number, cols: number, single: boolean): Dense<Float> =>
      dense(
        rows,
        cols,
        floats(single, rows * cols, () => r.uniform()),
      );
    const call = (): void => {
      const single = r.integer(0, 1) === 1;
      const [m, n, k] = [r.integer(0, 12), r.integer(0, 12), r.integer(0, 12)];
      const A = some(m, k, single);
      switch (r.integer(0, 3)) {
        case 0:
          multiply(A, some(k, n, single));
          break;
        case 1:
          gemm({
            A: transpose(A),
            B: some(m, n, single),
            beta: 0.5,
            C: some(k, n, single),
            algorithm: 'winograd',
            levels: r.integer(0, 2),
          });
          break;
        case 2:
          gram(A);
          break;
        default: {
          const T = some(m, m, single);
          for (let i = 0; i < m; i++) T.data[i * m + i] = 1;
          trsm({ A: T, B: A, triangle: 'lower' });
        }
      }
    };
    // The first call of each kind makes room.
    multiply(some(40, 40, false), some(40, 40, false));
    for (let i = 0; i < 50; i++) call();
    const mark = kernel().mark();
    const size = kernel().memory.buffer.byteLength;
    for (let i = 0; i < 10_000; i++) call();
    expect(kernel().mark()).toBe(mark);
    expect(kernel().memory.buffer.byteLength).toBe(size);
  });

  it('grows for a large call, and gives right results after it', () => {
    const size = kernel().memory.buffer.byteLength;
    const A = zeros(800, 800);
    for (let i = 0; i < 800; i++) A.data[i * 800 + ((i + 1) % 800)] = i;
    const B = multiply(A, transpose(A));
    expect(kernel().memory.buffer.byteLength).toBeGreaterThan(size);
    for (let i = 0; i < 800; i++) expect(B.data[i * 801]).toBe(i * i);
  });

  it('an allocation that cannot be met names its bytes and leaves the arena at its mark', () => {
    const mark = kernel().mark();
    const repeated: Dense = { rows: 2 ** 18, cols: 2 ** 18, data: new Float64Array(1), offset: 0, rowStride: 0, colStride: 0 };
    expect(() => multiply(repeated, repeated)).toThrow(expect.objectContaining({ name: 'OutOfMemoryError', bytes: 2 ** 39 }));
    expect(kernel().mark()).toBe(mark);
    // Refused by the kernel itself; the first half is reserved, never touched.
    const halves = () => withWorkspace((k) => [allocate(k, 2 ** 31), allocate(k, 2 ** 31)]);
    expect(halves).toThrow(expect.objectContaining({ name: 'OutOfMemoryError', bytes: 2 ** 31 }));
    expect(kernel().mark()).toBe(mark);
    expect(multiply(dense(1, 1, new Float64Array([2])), dense(1, 1, new Float64Array([3]))).data[0]).toBe(6);
  });
});
