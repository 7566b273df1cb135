#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { command, runCli, UsageError } from '@x/cli';
import { bundle } from './bundle.ts';
import type { Order } from './child.ts';
import { barLine, insert, markdown } from './format.ts';
import { type SuiteResult, writeResult } from './results.ts';

await runCli({
  name: 'run-bench',
  description: 'Measures bench/*.bench.ts of the package in the current folder.',
  commands: command({
    description: [
      'Measures bench/*.bench.ts of the package in the current folder, contenders interleaved and gated by calibrations, under several',
      'versions of Node. Writes bench/results/SUITE.json and the tables of README between <!-- bench:SUITE --> and <!-- /bench:SUITE -->.',
    ].join('\n'),
    positionals: [{ name: 'FILE', help: 'one bench file; default all', optional: true }],
    options: {
      node: { type: 'text', default: '20,24', value: 'LIST', help: 'versions of Node, with commas; `current` is the one that runs this' },
      limit: { type: 'number', default: 20, min: 0, help: 'seconds after which a case begins no further round' },
      only: { type: 'text', default: '', value: 'TEXT', help: 'only suites whose id contains this' },
      dry: { type: 'flag', help: 'write neither results nor README' },
    },
    examples: [
      { text: 'Everything:', command: 'run-bench' },
      { text: 'A quick look at one suite:', command: 'run-bench bench/gemm.bench.ts --only f32 --node current --limit 5 --dry' },
    ],
    async run({ options, positionals, signal, note }) {
      const folder = process.cwd();
      const files =
        positionals.length > 0
          ? positionals.map((file) => resolve(file))
          : globSync('bench/*.bench.ts')
              .sort()
              .map((file) => resolve(file));
      if (files.length === 0) note('no bench/*.bench.ts here');
      const found = new Map<string, SuiteResult>();
      for (const file of files) {
        const module = await bundle(folder, file);
        for (const version of options.node.split(',')) {
          const order = { limitMs: options.limit * 1000, only: options.only };
          for (const result of await runUnder(version.trim(), module, order, signal)) add(found, result);
        }
      }
      const results = [...found.values()].map((result) => (options.dry ? result : writeResult(folder, result)));
      if (!options.dry) for (const result of results) updateReadme(folder, result, note);
      return { data: results, text: results.map(summary).join('\n') };
    },
  }),
});

/** Runs a bundle under a version of Node, and returns what it measured. */
async function runUnder(version: string, module: string, order: Omit<Order, 'out'>, signal: AbortSignal): Promise<SuiteResult[]> {
  if (version !== 'current' && !/^\d+(\.\d+){0,2}$/.test(version))
    throw new UsageError(`--node is '${version}'; it must be a version or current`);
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const out = join(folder, 'results.json');
  const isCurrent = version === 'current' || `${process.versions.node}.`.startsWith(`${version}.`);
  const [program, before] = isCurrent ? [process.execPath, []] : ['npx', ['-y', '--loglevel=error', `node@${version}`]];
  const args = [...before, '--expose-gc', '--enable-source-maps', module, JSON.stringify({ ...order, out })];
  try {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'], signal, killSignal: 'SIGTERM' });
    const code = await new Promise<number | null>((done, fail) => child.on('error', fail).on('close', done));
    if (code !== 0) throw new Error(`the bench ended with exit code ${code} under Node ${version}`);
    return existsSync(out) ? (JSON.parse(readFileSync(out, 'utf8')) as SuiteResult[]) : [];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function add(found: Map<string, SuiteResult>, result: SuiteResult): void {
  const earlier = found.get(result.suite);
  found.set(result.suite, { ...result, runs: [...(earlier?.runs ?? []), ...result.runs] });
}

function updateReadme(folder: string, result: SuiteResult, note: (text: string) => void): void {
  const path = join(folder, 'README.md');
  const updated = existsSync(path) ? insert(readFileSync(path, 'utf8'), result.suite, markdown(result)) : undefined;
  if (updated === undefined)
    note(`README.md has no <!-- bench:${result.suite} --> and <!-- /bench:${result.suite} -->; the table is not shown there`);
  else writeFileSync(path, updated);
}

function summary(result: SuiteResult): string {
  const bars = result.runs.flatMap((run) => run.bars.map((bar) => `Node ${run.node.slice(1)}, ${barLine(bar)}`));
  return `${markdown(result)}${bars.length > 0 ? `\n${bars.join('\n')}\n` : ''}`;
}
