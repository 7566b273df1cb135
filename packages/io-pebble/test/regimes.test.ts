import { fitExponent } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { optimizeTiles, regimePlot, regimes, type ScheduleName } from '../src/index.ts';

const sizes = (least: number, most: number) => Array.from({ length: 12 }, (_, k) => Math.round(least * (most / least) ** (k / 11)));
const wordsAt = (n: number, d: number, schedule: ScheduleName, M: number) => optimizeTiles({ nq: n, d }, { words: M }, schedule).words;

describe('P4: regimes', () => {
  it('flash2 falls as 1 / M between 4 d^2 and n d / 8, at 3.9 to 5.5 times n^2 d^2 / M', () => {
    for (const [n, d] of [
      [16384, 64],
      [32768, 128],
    ] as const) {
      const M = sizes(4 * d ** 2, (n * d) / 8);
      const words = M.map((m) => wordsAt(n, d, 'flash2', m));
      const { slope } = fitExponent(M, words);
      expect(Math.abs(slope + 1)).toBeLessThanOrEqual(0.05);
      for (const [k, m] of M.entries()) {
        const ratio = words[k]! / ((n ** 2 * d ** 2) / m);
        expect(ratio).toBeGreaterThanOrEqual(3.9);
        expect(ratio).toBeLessThanOrEqual(5.5);
      }
    }
  });
  it('smallCache falls as 1 / sqrt M where M is far below d^2, its 3 n^2 words of scores apart', () => {
    const [n, d] = [4096, 512];
    const M = sizes(2 ** 9, 2 ** 13);
    const words = M.map((m) => wordsAt(n, d, 'smallCache', m) - 2 * n ** 2);
    expect(Math.abs(fitExponent(M, words).slope + 0.5)).toBeLessThanOrEqual(0.05);
  });
  it.each([
    ['forward', 0.5, 0.7],
    ['backward', 1, 1.3],
  ] as const)('%s changes from scores in slow to scores in fast memory at %f to %f d^2', (pass, low, high) => {
    for (const [n, d] of [
      [1024, 32],
      [2048, 64],
      [8192, 128],
      [4096, 256],
    ] as const) {
      const { crossovers } = regimes({ nq: n, d, pass }, {}, { least: Math.round(0.2 * d ** 2), most: 3 * d ** 2, steps: 300 });
      expect(crossovers).toHaveLength(1);
      expect(crossovers[0]!.size / d ** 2).toBeGreaterThanOrEqual(low);
      expect(crossovers[0]!.size / d ** 2).toBeLessThanOrEqual(high);
    }
  });
  it("the paper's gradient too changes near d^2", () => {
    const d = 64;
    const { crossovers } = regimes({ nq: 2048, d, pass: 'paperGradient' }, {}, { least: 512, most: 16 * d ** 2, steps: 300 });
    expect(crossovers.at(-1)!.to).toBe('paperLargeCache');
    expect(crossovers.at(-1)!.size / d ** 2).toBeGreaterThan(0.3);
    expect(crossovers.at(-1)!.size / d ** 2).toBeLessThan(3);
  });
});

it('regimePlot draws every schedule, the bound and GPUs, and takes no markup', () => {
  const svg = regimePlot({ nq: 2048, d: 64 }, {}, { title: '<script>"&' });
  for (const text of [
    'unfused',
    'smallCache',
    'flash1',
    'flash2',
    'lower bound',
    'A100',
    'H100',
    'flash2 best from 0.5',
    'scores go to slow memory',
    'scores stay in fast memory',
    'V100, RTX 30',
  ])
    expect(svg).toContain(text);
  expect(svg).not.toContain('<script>');
  expect(svg).not.toContain('NaN');
  for (const [problem, least, most] of [
    [{ nq: 10, d: 5000 }, 256, 512],
    [{ nq: 100, d: 300 }, 256, 4096],
    [{ nq: 1, d: 1 }, 4, 99],
  ] as const) {
    const odd = regimePlot(problem, {}, { least, most });
    expect(odd).not.toMatch(/NaN|Infinity/);
    expect(odd.match(/<circle/g)?.length ?? 0).toBeLessThan(3);
  }
  expect(regimePlot({ nq: 512, d: 32 }, {}, { most: 2 ** 18 })).toContain('all moves once');
});
