import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { mustFail, random } from '@x/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import * as linalg from '../src/index.ts';
import { type Dense, dense, type Float, multiply, philox, transpose, zeros } from '../src/index.ts';
import { kernel } from '../src/kernel/instance.ts';
import { allocate, withWorkspace } from '../src/kernel/workspace.ts';
import { FACTORISATIONS } from './bad-input/factorisations.ts';
import { PRODUCTS } from './bad-input/products.ts';
import { SKETCHING } from './bad-input/sketching.ts';
import { floats } from './matrices.ts';

const r = random(1);
const some = (rows: number, cols: number, single: boolean = false): Dense<Float> =>
  dense(
    rows,
    cols,
    floats(single, rows * cols, () => r.uniform()),
  );
const double = (rows: number, cols: number): Dense => some(rows, cols) as Dense;
const side = (least: number): number => r.integer(least, 12);
/** Rows sum to less than the diagonal: positive definite. */
const definite = (n: number): Dense => {
  const A = linalg.gram(double(n + 3, n));
  for (let i = 0; i < n; i++) A.data[i * (n + 1)]! += 1;
  return A;
};

/** One call of every kind of work in the kernel. */
const CALLS: readonly (() => unknown)[] = [
  () => {
    const [m, n, k, single] = [side(0), side(0), side(0), r.integer(0, 1) === 1];
    return multiply(some(m, k, single), some(k, n, single));
  },
  () => {
    const [m, n, k] = [side(0), side(0), side(0)];
    const [A, B, C] = [transpose(some(k, m)), some(k, n), some(m, n)];
    return linalg.gemm({ A, B, beta: 0.5, C, algorithm: 'winograd', levels: r.integer(0, 2) });
  },
  () => linalg.gemm({ A: some(5, 6), B: some(6, 7), fast: true }),
  () => linalg.gram(some(side(1), side(1))),
  () => {
    const A = some(4, 4);
    for (let i = 0; i < 4; i++) A.data[i * 5] = 1;
    return linalg.trsm({ A, B: some(4, 3), triangle: 'lower' });
  },
  () => linalg.choleskySolve(linalg.cholesky(definite(6)), new Float64Array(6)),
  () => linalg.choleskyInverse(linalg.cholesky(definite(side(1)))),
  () => linalg.solve(definite(6), new Float64Array(6)),
  () => linalg.inverse(definite(5)),
  () => linalg.determinant(double(4, 4)),
  () => linalg.qr(double(8, 5)),
  () => linalg.pivotedQr(double(8, 5)),
  () => linalg.leastSquares(double(9, 4), new Float64Array(9)),
  () => linalg.eigh(definite(side(1))),
  () => linalg.svd(double(side(1), side(1))),
  () => linalg.pseudoInverse(double(5, 3)),
  () => linalg.leverageScores(double(30, 4)),
  () => linalg.lstsq(double(300, 4), new Float64Array(300).fill(1), { method: 'precondition' }),
  () => linalg.lewisWeights(double(20, 3), 3),
  () => linalg.osnap(12, 30).apply(double(30, 4)),
  () => linalg.srht(12, 30).apply(double(30, 4)),
  () => linalg.gaussianSketch(12, 30).applyTranspose(double(12, 2)),
  () => linalg.softmaxRows(some(5, 9)),
  () => philox(1).fillNormal(new Float64Array(50)),
  () => linalg.csrGram(linalg.csrFromDense(double(7, 4))),
];

/** Calls that fail: an error must release what it had allocated too. Those beyond memory are below. */
const isAsync = (name: string): boolean => Object(linalg)[name].constructor.name === 'AsyncFunction';
const FAILURES: readonly (() => unknown)[] = Object.entries({ ...FACTORISATIONS, ...PRODUCTS, ...SKETCHING }).flatMap(([name, rows]) =>
  (isAsync(name) ? [] : rows).flatMap(([what, call]) => (what.includes('beyond memory') ? [] : [() => expect(call).toThrow()])),
);

let collect: () => void;
beforeAll(() => {
  setFlagsFromString('--expose-gc');
  collect = runInNewContext('gc') as () => void;
});

/** What is in use: of the kernel's memory, its size, and the bytes on the heap and in arrays outside it after a collection. */
function state(): { readonly mark: number; readonly size: number; readonly heap: number } {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { mark: kernel().mark(), size: kernel().memory.buffer.byteLength, heap: heapUsed + arrayBuffers };
}

/** So many calls, drawn from `calls` and `FAILURES`, leave everything where it was. */
function claim(calls: readonly (() => unknown)[], count = 10_000): void {
  const draw = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const from = r.integer(0, 9) === 0 ? FAILURES : calls;
      from[r.integer(0, from.length - 1)]!();
    }
  };
  // The first calls of each kind make room, and the engine compiles what runs often.
  for (const call of calls) call();
  draw(0.4 * count);
  // A tenth of the calls that kept one small result each (an object, an array, its view: 300 bytes) would be more.
  const leak = count * 0.1 * 300;
  // The engine's own tables grow now and then; a leak grows every time.
  let growth = leak;
  for (let round = 0; round < 3 && growth >= leak; round++) {
    const before = state();
    draw(count);
    const after = state();
    expect(after.mark).toBe(before.mark);
    expect(after.size).toBe(before.size);
    growth = after.heap - before.heap;
  }
  expect(growth).toBeLessThan(leak);
}

describe('P9: memory', () => {
  it('10,000 mixed calls, failing ones among them, leave the mark and the size of the kernel’s memory and the heap where they were', () =>
    claim(CALLS));
  it('fails for one kind of call that keeps its results', () => {
    const kept: unknown[] = [];
    return mustFail(() =>
      claim(
        CALLS.map((call, i) => (i % 5 === 2 ? () => kept.push(call()) : call)),
        2000,
      ),
    );
  });
  it('fails for one kind of call that keeps what it allocated', () => mustFail(() => claim([...CALLS, () => allocate(kernel(), 8)], 2000)));

  it('grows for a large call, and gives right results after it', () => {
    const size = kernel().memory.buffer.byteLength;
    const n = Math.ceil(Math.sqrt(size / 8));
    const A = zeros(n, n);
    for (let i = 0; i < n; i++) A.data[i * n + ((i + 1) % n)] = i;
    const B = multiply(A, transpose(A));
    expect(kernel().memory.buffer.byteLength).toBeGreaterThan(size);
    for (let i = 0; i < n; i++) expect(B.data[i * (n + 1)]).toBe(i * i);
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
