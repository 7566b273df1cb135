import { describe, expect, it } from 'vitest';
import { basinMap, basinPixels, basinSvg, box, enumerateFixedPoints, multistart } from '../src/index.ts';
import { nearDiagonal } from './nets.ts';

describe('multistart', () => {
  it('finds what there is when it is easy, by seed, and nothing that is not there', async () => {
    const net = nearDiagonal(2, 'cubic');
    const X = box(-1.6, 1.6, 2);
    const found = multistart(net.evaluate, X, { starts: 300, seed: 1 });
    expect(found).toHaveLength(9);
    expect(found.reduce((sum, { hits }) => sum + hits, 0)).toBeLessThanOrEqual(300);
    const { points } = await enumerateFixedPoints(net, X);
    for (const { enclosure } of points) {
      expect(found.some(({ x }) => x.every((v, i) => v > enclosure.lower[i] - 1e-8 && v < enclosure.upper[i] + 1e-8))).toBe(true);
    }
    expect(multistart(net.evaluate, X, { starts: 300, seed: 1 })).toEqual(found);
    expect(multistart(net.evaluate, X, { starts: 200, method: 'picard' })).toHaveLength(4);
    expect(multistart(net.evaluate, X, { starts: 0 })).toEqual([]);
  });
});

describe('pictures', () => {
  it('black is where nothing was reached; hues differ; SVG and pixels agree on size', async () => {
    const map = await basinMap(
      (x, out) => out.set([x[0] > 0.5 ? x[0] * 2 : x[0] ** 2, 0]),
      { origin: [0, 0], u: [1.5, 0], v: [0, 1] },
      { width: 30, height: 4 },
    );
    const { width, height, data } = basinPixels(map);
    expect([width, height, data.length]).toEqual([30, 4, 480]);
    const dark = Array.from({ length: 120 }, (_, p) => data[4 * p] + data[4 * p + 1] + data[4 * p + 2] === 0);
    expect(dark).toEqual(Array.from(map.labels, (label) => label === 0));
    expect(dark.includes(true) && dark.includes(false)).toBe(true);
    expect(basinSvg(map)).toContain('viewBox="0 0 30 4"');
  });
});
