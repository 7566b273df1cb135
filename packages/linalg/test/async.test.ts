import { effort, ensemble, views } from '@x/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AbortedError, copy, type Dense, gemm, gemmAsync, type PartialProduct, ShapeError, toRows, zeros } from '../src/index.ts';

const gauss = (rows: number, cols: number, seed: number): Dense => ensemble('gaussian', rows, cols, seed);

it('gives the bits of gemm, for views, alpha and beta', async () => {
  const sizes = fc.constantFrom<[number, number, number]>([0, 3, 2], [4, 5, 0], [3, 4, 5], [300, 7, 20], [10, 1100, 3]);
  const operands = sizes.chain(([m, n, k]) =>
    fc.record({ A: views(fc.constant(gauss(m, k, 1))), B: views(fc.constant(gauss(k, n, 2))), C: views(fc.constant(gauss(m, n, 3))) }),
  );
  await fc.assert(
    fc.asyncProperty(operands, async ({ A, B, C }) => {
      const expected = toRows(gemm({ alpha: 2, A, B, beta: -1, C: copy(C) }));
      expect(await gemmAsync({ alpha: 2, A, B, beta: -1, C })).toBe(C);
      expect(toRows(C)).toEqual(expected);
    }),
    { numRuns: effort(30) },
  );
});

it('C may be A or B', async () => {
  const [A, B] = [gauss(300, 300, 1), gauss(300, 300, 2)];
  const expected = gemm({ A, B }).data;
  expect((await gemmAsync({ A, B, C: A })).data).toEqual(expected);
});

it('the event loop runs between tiles: a timer can abort, and what is finished is kept', async () => {
  const [A, B] = [gauss(5120, 20, 1), gauss(20, 30, 2)];
  const controller = new AbortController();
  const fractions: number[] = [];
  const onProgress = (fraction: number) => {
    fractions.push(fraction);
    if (fractions.length === 3) setImmediate(() => controller.abort());
  };
  const error = await gemmAsync({ A, B, signal: controller.signal, onProgress }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(AbortedError);
  const { C, finished } = (error as AbortedError).partial as PartialProduct;
  expect(fractions).toEqual(finished.map((_, i) => (i + 1) / 20));
  expect(finished.length).toBeGreaterThanOrEqual(3);
  expect(finished.length).toBeLessThan(20);
  const whole = toRows(gemm({ A, B }));
  const rows = finished.reduce((sum, tile) => sum + tile.rows, 0);
  expect(toRows(C)).toEqual(whole.map((row, i) => (i < rows ? row : row.map(() => 0))));
});

it('refuses before any work: shapes that do not fit, a signal that has fired', async () => {
  await expect(gemmAsync({ A: zeros(2, 3), B: zeros(2, 3) })).rejects.toThrow(ShapeError);
  await expect(gemmAsync({ A: zeros(2, 3), B: zeros(3, 2), beta: 1 })).rejects.toThrow(ShapeError);
  await expect(gemmAsync({ A: zeros(2, 3), B: zeros(3, 2), signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
});
