/** P8 across kernels: the plain fallback gives the bits of the SIMD kernel. Scratch, strides and gaps included. */
import { random, seeds } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Float } from '../src/index.ts';
import type { Kernel } from '../src/kernel/instance.ts';
import { bothKernels } from './kernels.ts';
import { floats } from './matrices.ts';

const { simd, plain } = bothKernels();

/** A matrix with random strides in data that is random between the entries too. */
interface Laid {
  readonly data: Float;
  readonly row: number;
  readonly col: number;
}

type Random = ReturnType<typeof random>;

function laid(r: Random, single: boolean, rows: number, cols: number): Laid {
  const inner = r.integer(0, 2) === 0 ? 2 : 1;
  const byRows = r.integer(0, 1) === 0;
  const outer = inner * Math.max(1, byRows ? cols : rows) + r.integer(0, 3);
  const [row, col] = byRows ? [outer, inner] : [inner, outer];
  const length = outer * Math.max(1, byRows ? rows : cols);
  return { data: floats(single, length, () => r.normal()), row, col };
}

/** The data of the last matrix after `work` on either kernel; the arena is back at its mark. */
function bits(kernel: Kernel, matrices: readonly Laid[], work: (kernel: Kernel, ...pointers: number[]) => void): Float {
  const mark = kernel.mark();
  const pointers = matrices.map(({ data }) => {
    const pointer = kernel.allocate(data.byteLength);
    view(kernel, data, pointer).set(data);
    return pointer;
  });
  const full = kernel.mark();
  work(kernel, ...pointers);
  expect(kernel.mark()).toBe(full);
  kernel.release(mark);
  const last = matrices[matrices.length - 1] as Laid;
  return view(kernel, last.data, pointers[pointers.length - 1] as number).slice();
}

function view(kernel: Kernel, like: Float, pointer: number): Float {
  return new (like.constructor as Float64ArrayConstructor)(kernel.memory.buffer as ArrayBuffer, pointer, like.length);
}

function agree(matrices: readonly Laid[], work: (kernel: Kernel, ...pointers: number[]) => void): void {
  const [one, other] = [simd, plain].map((kernel) => bits(kernel, matrices, work)) as [Float, Float];
  expect(new Uint8Array(other.buffer)).toEqual(new Uint8Array(one.buffer));
}

const cases = fc.record({ seed: seeds(), single: fc.boolean(), large: fc.integer({ min: 0, max: 19 }).map((x) => x === 0) });
const FACTORS = [0, 1, -1, 0.7] as const;
const factor = (r: Random) => FACTORS[r.integer(0, 3)] as number;

describe('the fallback gives the same bits', () => {
  it('for gemm', () => {
    fc.assert(
      fc.property(cases, ({ seed, single, large }) => {
        const r = random(seed);
        const [m, n, k] = [r.integer(0, large ? 230 : 20), r.integer(0, large ? 60 : 20), r.integer(0, large ? 600 : 20)];
        const [A, B, C] = [laid(r, single, m, k), laid(r, single, k, n), laid(r, single, m, n)];
        const [alpha, beta] = [factor(r), factor(r)];
        agree([A, B, C], (kernel, a = 0, b = 0, c = 0) => {
          const product = single ? kernel.sgemm : kernel.dgemm;
          product(m, n, k, alpha, a, A.row, A.col, b, B.row, B.col, beta, c, C.row, C.col);
        });
      }),
    );
  });

  it('for winograd at every level', () => {
    fc.assert(
      fc.property(cases, ({ seed, single, large }) => {
        const r = random(seed);
        const levels = r.integer(0, 4);
        const [m, n, k] = [r.integer(0, large ? 150 : 20), r.integer(0, large ? 150 : 20), r.integer(0, large ? 150 : 20)];
        const [A, B] = [laid(r, single, m, k), laid(r, single, k, n)];
        const C = { data: floats(single, m * (n + 3), () => r.normal()), row: n + 3 };
        const [alpha, beta] = [factor(r), factor(r)];
        agree([A, B, { ...C, col: 1 }], (kernel, a = 0, b = 0, c = 0) => {
          const product = single ? kernel.swinograd : kernel.dwinograd;
          product(levels, m, n, k, alpha, a, A.row, A.col, b, B.row, B.col, beta, c, C.row, 1);
        });
      }),
    );
  });

  it('for syrk and mirror', () => {
    fc.assert(
      fc.property(cases, ({ seed, single, large }) => {
        const r = random(seed);
        const [n, k] = [r.integer(0, large ? 120 : 20), r.integer(0, large ? 600 : 20)];
        const [A, W, C] = [laid(r, single, n, k), laid(r, single, 1, k), laid(r, single, n, n)];
        const [alpha, beta, weighted, upper] = [factor(r), factor(r), r.integer(0, 1) === 1, r.integer(0, 1) === 1];
        agree([A, W, C], (kernel, a = 0, w = 0, c = 0) => {
          const product = single ? kernel.ssyrk : kernel.dsyrk;
          product(n, k, alpha, a, A.row, A.col, weighted ? w : 0, beta, c, C.row, C.col, upper);
          (single ? kernel.smirror : kernel.dmirror)(n, c, C.row, C.col, upper);
        });
      }),
    );
  });

  it('for trsm', () => {
    fc.assert(
      fc.property(cases, ({ seed, single, large }) => {
        const r = random(seed);
        const [m, n] = [r.integer(0, large ? 120 : 20), r.integer(0, large ? 120 : 20)];
        const [left, upper, unit] = [r.integer(0, 1) === 1, r.integer(0, 1) === 1, r.integer(0, 1) === 1];
        const order = left ? m : n;
        const [A, B] = [laid(r, single, order, order), laid(r, single, m, n)];
        agree([A, B], (kernel, a = 0, b = 0) => {
          (single ? kernel.strsm : kernel.dtrsm)(left, upper, unit, m, n, a, A.row, A.col, b, B.row, B.col);
        });
      }),
    );
  });
});
