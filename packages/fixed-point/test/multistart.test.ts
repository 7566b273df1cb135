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
    // No dot is larger than a cell here.
    expect(dark).toEqual(Array.from(map.labels, (label) => label === 0));
    expect(dark.includes(true) && dark.includes(false)).toBe(true);
  });
  it('SVG: axes in the coordinates of the plane, cells, dots, and a legend of shares', async () => {
    const map = await basinMap((x, out) => out.set([x[0] ** 3, 7]), { origin: [0.5, 7], u: [2, 0], v: [1, 1] }, { width: 200, height: 40 });
    const svg = basinSvg(map);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="[-\d. ]+"/);
    // Across runs one coordinate from -1.5 to 2.5; up, two at once.
    for (const text of ['x[0]', '-1', '0', '1', '2', 't', '-0.5', '0.5']) expect(svg).toContain(`>${text}</text>`);
    const share = map.labels.filter((label) => label === 1).length / map.labels.length;
    expect(svg).toContain(`>1: ${(100 * share).toFixed(1)} %</text>`);
    expect(svg).toMatch(/>none: [\d.]+ %</);
    // 0 and 7 are on the plane, at s = -.25.
    expect(svg).toContain('<circle cx="75" cy="20"');
    const path = [...svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)].reduce((cells, [, , , length]) => cells + Number(length), 0);
    expect(path).toBe(200 * 40);
    const pixel = (x: number, y: number) => [...basinPixels(map).data.subarray(4 * (200 * y + x), 4 * (200 * y + x) + 3)];
    expect(pixel(75, 20)).toEqual([255, 255, 255]);
    expect(pixel(70, 20)).not.toEqual([255, 255, 255]);
  });
});
