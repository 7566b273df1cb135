import { SaxesParser } from 'saxes';
import { beforeAll, describe, expect, it } from 'vitest';
import { highs } from '../src/highs.ts';
import { polytope, prepare, type Run, sample } from '../src/index.ts';
import { ticks } from '../src/plot/svg.ts';
import { marginalPlot, rankPlot, tracePlot } from '../src/plot.ts';

let run: Run;
beforeAll(async () => {
  const prepared = await prepare(polytope({ lower: [0, 3], upper: [1, 3], names: ['a<b>&"c"', 'still'] }), { solver: await highs() });
  run = await sample(prepared, { draws: 400 });
});

/** Element names of a document that parses. */
function elements(svg: string): string[] {
  const names: string[] = [];
  const parser = new SaxesParser();
  parser.on('opentag', ({ name }) => names.push(name));
  parser.write(svg).close();
  return names;
}

describe('plots', () => {
  it.each([tracePlot, rankPlot, marginalPlot])('%o is a document that parses, whatever the names, and holds no script', (plot) => {
    for (const which of [0, 'still', 'min slack']) {
      const svg = plot(run, which);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      expect(elements(svg)[0]).toBe('svg');
      expect(elements(svg)).not.toContain('script');
      expect(svg).toMatch(/prefers-color-scheme:\s*dark/);
      expect(svg.length).toBeLessThan(200_000);
    }
    expect(() => plot(run, 'nothing')).toThrow(/no quantity nothing/);
  });

  it('a rank plot has a bar for each chain and twentieth, of heights that sum to the draws', () => {
    const heights = [...rankPlot(run, 0).matchAll(/class="f c(\d)" x="[\d.]+" y="[\d.]+" width="[\d.]+" height="([\d.]+)"/g)];
    expect(heights.length).toBe(80);
    const sums = [0, 0, 0, 0];
    for (const [, chain, height] of heights) sums[Number(chain)]! += Number(height);
    // Heights are rounded to a hundredth of a pixel.
    for (const sum of sums) expect(Math.abs(sum / sums[0]! - 1)).toBeLessThan(0.01);
  });

  it('ticks are round numbers within the axis', () => {
    expect(ticks([0, 1], 4)).toEqual([0, 0.5, 1]);
    expect(ticks([-1000, 1000], 4)).toEqual([-1000, -500, 0, 500, 1000]);
    expect(ticks([2, 2], 4)).toEqual([2]);
  });
});
