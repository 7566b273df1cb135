import { readFileSync } from 'node:fs';
import { describeWithInput } from '@x/inputs/vitest';
import { tableFromArrays, tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrowRows, csvRows, DistanceBuilder, DpClassifier, heatmap, heatmapPixels, heatmapSvg, PrivacyBudget } from '../src/index.ts';
import { withSeededNoise } from '../src/testing.ts';

async function all(chunks: AsyncIterable<Float64Array> | Iterable<Float64Array>): Promise<number[]> {
  const out: number[] = [];
  for await (const chunk of chunks) out.push(...chunk);
  return out;
}

describe('csvRows', () => {
  it('reads quotes, either line end, empty lines, a byte order mark, and columns in any order', async () => {
    const text = '\ufeffa,"b, too",c\r\n1,"2",3\r\n\r\n4,"5 ""x""",6\n7,,9';
    expect(await all(csvRows([text], { columns: ['c', 'b, too'] }))).toEqual([3, 2, 6, Number.NaN, 9, Number.NaN]);
  });
  it('gives the same however the text is cut', async () => {
    const field = fc.oneof(fc.integer().map(String), fc.constantFrom('"1"', '"a""b"', '"x,\ny"', ''));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(field, field), { maxLength: 20 }), fc.integer({ min: 1, max: 7 }), async (rows, size) => {
        const text = `a,b\n${rows.map((row) => `${row.join(',')}\n`).join('')}`;
        const bytes = new TextEncoder().encode(text);
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
        const whole = await all(csvRows([text], { columns: ['a', 'b'] }));
        expect(whole).toHaveLength(2 * rows.length);
        expect(await all(csvRows(pieces, { columns: ['a', 'b'] }))).toEqual(whole);
      }),
    );
  });
  it('names a column that is missing', async () => {
    await expect(all(csvRows(['a,b\n1,2'], { columns: ['c'] }))).rejects.toThrow("no column 'c'; there are 'a', 'b'");
    await expect(all(csvRows([], { columns: ['c'] }))).rejects.toThrow('empty');
  });
  it('an abort keeps what was added', async () => {
    const abort = new AbortController();
    const builder = new DistanceBuilder({ bounds: [[0, 1]], adjacency: 'replace' });
    const chunks = [[0.1, 0.2], [0.3], [0.4]];
    const adding = builder.addStream(chunks, { signal: abort.signal, onRows: (rows) => rows === 3 && abort.abort() });
    await expect(adding).rejects.toMatchObject({ name: 'AbortError', partial: 3 });
    expect(builder.release(new PrivacyBudget({ epsilon: 1 })).rows).toEqual({ value: 3, stddev: 0 });
  });
});

describe('arrowRows', () => {
  it('reads columns of any type; nulls are NaN', async () => {
    const table = tableFromArrays({ a: new Float32Array([1, 2, 3]), b: [1n, null, 3n], c: ['x', 'y', 'z'] });
    expect(await all(arrowRows(table, ['b', 'a']))).toEqual([1, 1, Number.NaN, 2, 3, 3]);
    expect(() => [...arrowRows(table, ['d'])]).toThrow("no column 'd'");
  });
});

describeWithInput('npm:vega-datasets/data/flights-200k.arrow', import.meta.url, (path) => {
  it('200,000 flights: the mean distance to 30 minutes of delay, private to within its error', async () => {
    const table = tableFromIPC(readFileSync(path));
    const rows = [...arrowRows(table, ['delay'])].flatMap((chunk) => [...chunk]);
    const oracle = withSeededNoise(1, () =>
      new DistanceBuilder({ bounds: [[0, 240]] }).add(rows).release(new PrivacyBudget({ epsilon: 1 })),
    );
    const exact = rows.reduce((sum, x) => sum + Math.abs(Math.min(Math.max(x, 0), 240) - 30), 0);
    const { value, stddev, bias } = oracle.query([30]);
    expect(rows.length).toBeGreaterThan(190_000);
    expect(Math.abs(value - exact)).toBeLessThan(8 * stddev + bias[0]);
    expect(stddev / rows.length).toBeLessThan(0.005);
  });
});

describe('heatmap', () => {
  const oracle = withSeededNoise(2, () =>
    new DistanceBuilder({
      bounds: [
        [0, 1],
        [0, 2],
      ],
      resolution: 64,
    })
      .add(new Float64Array(2000).map((_, i) => (i % 2 === 0 ? 0.25 : 1.5)))
      .release(new PrivacyBudget({ epsilon: 1000 })),
  );
  it('is brightest where the rows are, rows of pixels from the top', () => {
    const map = heatmap(oracle, { width: 20, height: 10 });
    const least = map.values.indexOf(Math.min(...map.values));
    expect([Math.abs((least % 20) - 4.5), Math.abs(Math.floor(least / 20) - 2)]).toEqual([0.5, expect.closeTo(0, 0)]);
    const pixels = heatmapPixels(map);
    expect([...pixels.subarray(4 * least, 4 * least + 4)]).toEqual([253, 231, 37, 255]);
    expect(heatmapSvg(map).match(/<rect/g)).toHaveLength(200);
  });
  it('needs two columns', () => {
    const one = new DistanceBuilder({ bounds: [[0, 1]] }).release(new PrivacyBudget({ epsilon: 1 }));
    expect(() => heatmap(one)).toThrow(/must have 2/);
  });
});

describe('DpClassifier', () => {
  it('separates classes that are apart, and spends once', () => {
    const X = Float64Array.from({ length: 2000 }, (_, i) => (i < 1000 ? 0.2 : 0.8));
    const labels = Array.from({ length: 1000 }, (_, i) => (i < 500 ? 0 : 1));
    const budget = new PrivacyBudget({ epsilon: 4, delta: 1e-6 });
    const model = withSeededNoise(3, () =>
      DpClassifier.fit(X, labels, budget, {
        classes: 2,
        bounds: [
          [0, 1],
          [0, 1],
        ],
        share: 0.5,
      }),
    );
    expect([...model.predict(Float64Array.of(0.1, 0.3, 0.9, 0.6))]).toEqual([0, 1]);
    expect(budget.remaining).toBe(0.5);
    expect(() =>
      DpClassifier.fit(X, labels, budget, {
        classes: 2,
        bounds: [
          [0, 1],
          [0, 1],
        ],
        adjacency: 'replace',
      }),
    ).toThrow(/add-remove/);
  });
});
