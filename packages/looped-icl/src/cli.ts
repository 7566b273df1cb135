#!/usr/bin/env node
import { writeFile } from 'node:fs/promises';
import { command, readBytes, runCli, SEED } from '@x/cli';
import { philox } from '@x/linalg';
import { compare, type ErrorCurves, errorCurvesCsv, errorCurvesSvg, METHODS, type Method } from './index.ts';
import { readTable, splitTable, type TableTask } from './table.ts';

const comparing = command({
  description:
    'Learns a table in context: how well looped transformers predict a column from the others, after each loop, beside other methods.',
  positionals: [],
  options: {
    table: { type: 'text', value: 'FILE', help: 'CSV with a header, gzipped or not; - is stdin' },
    target: { type: 'text', value: 'COLUMN', help: 'the column to predict' },
    loops: { type: 'integer', default: 50, min: 1, max: 10_000, help: 'loops' },
    methods: { type: 'text', value: 'LIST', help: `methods, with commas: ${METHODS.join(', ')}; default all` },
    queries: { type: 'number', default: 0.25, min: 0, max: 1, help: 'share of the rows, drawn at random, that are predicted' },
    svg: { type: 'text', value: 'FILE', help: 'write the error curves as a picture' },
    csv: { type: 'text', value: 'FILE', help: 'write the error curves as numbers' },
    seed: SEED,
  },
  examples: [
    { text: 'Fuel consumption of cars:', command: 'looped-icl compare --table cars.csv --target mpg --loops 50 --svg cars.svg' },
    { text: 'As JSON:', command: 'looped-icl compare --table cars.csv --target mpg --methods gd,chebyshev,ols --json' },
  ],
  async run({ options, signal, progress, note }) {
    const { table: path = '-', target, loops, seed } = options;
    const table = readTable(new TextDecoder().decode(await readBytes(path)));
    if (table.dropped.length > 0) note(`left out, as they hold text: ${table.dropped.join(', ')}`);
    if (table.incomplete > 0) note(`left out, as entries are missing: ${table.incomplete} rows`);
    // The last column is the target where none is named.
    const column = target ?? table.columns.at(-1)!;
    const task = splitTable(table, column, options.queries, philox(seed));
    const methods = options.methods === undefined ? METHODS : (options.methods.split(',').map((name) => name.trim()) as Method[]);
    const result = await compare(task, task.queries, task.targets, { loops, methods, signal, onProgress: progress });
    if (options.svg !== undefined)
      await writeFile(options.svg, errorCurvesSvg(result, { title: `${column}: mean squared error over variance, after each loop` }));
    if (options.csv !== undefined) await writeFile(options.csv, errorCurvesCsv(result));
    return { data: { target: column, ...dataOf(task, result), seed }, text: describe(column, task, result) };
  },
});

function dataOf({ inputs, x, queries, scale }: TableTask, { loops, kappa, curves, levels, skipped }: ErrorCurves) {
  return {
    inputs,
    examples: x.rows,
    queries: queries.rows,
    // What errors are multiplied by to be in squares of the target's unit.
    unit: scale * scale,
    // JSON has no infinity.
    kappa: Number.isFinite(kappa) ? kappa : null,
    loops,
    curves: curves.map(({ method, errors }) => ({ method, errors: [...errors].map((error) => (Number.isFinite(error) ? error : null)) })),
    levels,
    skipped,
  };
}

function describe(target: string, { inputs, x, queries }: TableTask, { loops, kappa, curves, levels, skipped }: ErrorCurves): string {
  const size = `${x.rows} examples of ${inputs.length} inputs, ${queries.rows} queries`;
  const condition = Number.isFinite(kappa) ? `condition number at most ${kappa.toPrecision(4)}` : 'the inputs are linearly dependent';
  const at = [0, 1, 5, 10, 20, 50, 100, 1000].filter((t) => t < loops);
  const shown = (error: number) => (error < 1e-3 || error >= 1e4 ? error.toExponential(2) : error.toFixed(4)).padStart(11);
  return [
    `${target}: ${size}; ${condition}`,
    `mean squared error over variance, after each loop`,
    `${'method'.padEnd(10)}${[...at, loops].map((t) => String(t).padStart(11)).join('')}`,
    ...curves.map(({ method, errors }) => method.padEnd(10) + [...at, loops].map((t) => shown(errors[t]!)).join('')),
    ...levels.map(({ method, error }) => method.padEnd(10) + ' '.repeat(11 * at.length) + shown(error)),
    ...skipped.map(({ method, reason }) => `${method.padEnd(10)}skipped: ${reason}`),
  ].join('\n');
}

await runCli({
  name: 'looped-icl',
  description: 'Looped linear transformers that learn in context by gradient descent.',
  commands: { compare: comparing },
});
