import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { Outcome, Plot } from '../src/experiment.ts';
import { renderPage } from '../src/html/page.ts';
import { renderPlot } from '../src/html/plot.ts';
import { type Report, toJson } from '../src/report.ts';
import { experiment as errorGrowth } from './fixtures/gallery/experiments/error-growth.ts';
import { experiment as oddSeries } from './fixtures/gallery/experiments/odd-series.ts';
import { experiment as posterior } from './fixtures/gallery/experiments/posterior.ts';

const context = { quick: false, seed: 1, signal: new AbortController().signal, progress: () => {}, input: () => '' };
const attack = `<script>alert("1")</script> & <img src='https://example.invalid/x.png' onerror=alert(1)>`;

async function report(change: Partial<Outcome> = {}): Promise<Report> {
  const results = [];
  for (const { id, claim, source, inputs, run } of [errorGrowth, oddSeries, posterior]) {
    results.push({ package: '@x/gallery', id, claim, source, inputs, seconds: 1, ...(await run(context)), ...change });
  }
  return {
    date: '2026-01-02T03:04:05.678Z',
    seed: 1,
    quick: false,
    seconds: 3,
    machine: { cpu: 'a processor', cores: 2, memoryGiB: 8, system: 'a system', node: 'v24', commit: 'abc+' },
    packages: [{ name: '@x/gallery', version: '1.2.3' }],
    results,
    unfinished: [],
  };
}

describe('the page', () => {
  it('loads nothing and runs nothing', async () => {
    const page = renderPage(await report());
    const { document } = parseHTML(page);
    expect(document.querySelectorAll('script, link, img, iframe, object, embed, image, use, base, meta[http-equiv]')).toHaveLength(0);
    expect(page.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:|url\(|@import|\son\w+=/);
    for (const link of document.querySelectorAll('a'))
      expect(document.getElementById(link.getAttribute('href')?.slice(1) ?? '')).not.toBeNull();
  });
  it('shows what it is given as text, wherever it is put', async () => {
    const series = [1, 2].map(() => ({ label: attack, kind: 'line' as const, x: [1], y: [1] }));
    const plots: Plot[] = [{ title: attack, caption: attack, x: { label: attack, names: ['', attack] }, y: { label: attack }, series }];
    const table = { columns: [attack], rows: [[attack]] };
    const page = renderPage(await report({ measured: attack, bound: attack, note: attack, table, plots }));
    const { document } = parseHTML(page);
    expect(document.querySelectorAll('script, img')).toHaveLength(0);
    expect(page).not.toContain('<script');
    expect(document.querySelector('article h3')?.textContent).toBe(errorGrowth.claim);
    expect(document.querySelector('article figcaption b')?.textContent).toBe(attack);
    expect(document.querySelector('article .note')?.textContent).toBe(`${attack}.`);
  });
  it('says what an interrupt left out', async () => {
    const page = renderPage({ ...(await report()), unfinished: ['@x/gallery/last'] });
    expect(page).toContain('1 of 4 experiments');
    expect(page).toContain('@x/gallery/last');
  });
  it('can be made of nothing', async () => {
    expect(renderPage({ ...(await report()), packages: [], results: [] })).toContain('</html>');
  });
});

describe('a plot', () => {
  it('draws every kind of series on every kind of axis without a coordinate that is not a number', async () => {
    for (const experiment of [errorGrowth, oddSeries, posterior]) {
      for (const plot of (await experiment.run(context)).plots ?? []) {
        const { text } = renderPlot(plot);
        expect(text.replaceAll('>NaN', '').replaceAll('"NaN only"', ''), plot.title).not.toMatch(/NaN|Infinity|undefined/);
        const { document } = parseHTML(text);
        const empty = plot.series.every(({ y }) => !Array.from(y).some(Number.isFinite));
        expect(document.querySelectorAll('svg[role=img]'), plot.title).toHaveLength(empty ? 0 : 2);
        expect(document.querySelectorAll('.empty'), plot.title).toHaveLength(empty ? 1 : 0);
      }
    }
  });
  it('keeps a spike of a long line, and says how a long series of points is thinned', async () => {
    const y = Float64Array.from({ length: 50_000 }, (_, i) => (i === 31_234 ? 100 : 0));
    const x = y.map((_, i) => i);
    const plot = { title: 'long', x: { label: 'x' }, y: { label: 'y' } };
    const line = renderPlot({ ...plot, series: [{ label: 'l', kind: 'line', x, y }] }).text;
    expect(line).toMatch(/>100</);
    expect(line.length).toBeLessThan(100_000);
    const both = (['line', 'points'] as const).map((kind) => ({ label: kind, kind, x, y }));
    expect(renderPlot({ ...plot, series: both }).text).toContain('points (one in 25)');
  });
});

describe('the JSON', () => {
  it('keeps every number, also those that JSON lacks', async () => {
    const y = Float64Array.of(1, Number.NaN, Number.NEGATIVE_INFINITY, 1e-300);
    const plots: Plot[] = [{ title: 't', x: { label: 'x' }, y: { label: 'y' }, series: [{ label: '[\n 1 ]', kind: 'line', x: y, y }] }];
    const written = await report({ plots });
    const text = toJson(written);
    const series = JSON.parse(text).results[0].plots[0].series[0];
    expect(series.y.map(Number)).toEqual(Array.from(y));
    expect(series.label).toBe('[\n 1 ]');
    expect(text).toContain('"y": [ 1, "NaN", "-Infinity", 1e-300 ]');
  });
});
