#!/usr/bin/env node
import { execFile, spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { command, runCli, UsageError } from '@x/cli';
import { bundle } from './bundle.ts';
import type { Order } from './child.ts';
import { barLine, markdown } from './format.ts';
import { withRatios, withTable } from './readme.ts';
import { repositoryOf } from './repository.ts';
import { readResults, type SuiteResult, writeResult } from './results.ts';

// A time limit around a run (`timeout 600 run-bench`) ends it as Ctrl-C does: with what was measured.
process.once('SIGTERM', () => process.emit('SIGINT'));

await runCli({
  name: 'run-bench',
  description: 'Measures bench/*.bench.ts of the package in the current folder.',
  commands: command({
    description: [
      'Measures bench/*.bench.ts of the package in the current folder, contenders interleaved and gated by calibrations, under several',
      'versions of Node. Writes bench/results/SUITE.json, the tables of README between <!-- bench:SUITE --> and <!-- /bench:SUITE -->, and',
      "the package's ratios in the README of the repository. Ctrl-C keeps the cases that are finished.",
    ].join('\n'),
    positionals: [{ name: 'FILE', help: 'one bench file; default all', optional: true }],
    options: {
      node: { type: 'text', default: '20,26', value: 'LIST', help: 'versions of Node, with commas; `current` is the one that runs this' },
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
      const { name, version } = JSON.parse(readFileSync('package.json', 'utf8')) as { name: string; version: string };
      const versions = options.node.split(',').map((text) => checkVersion(text.trim()));
      const given = positionals.length > 0 ? positionals : globSync('bench/*.bench.ts').sort();
      if (given.length === 0) note('no bench/*.bench.ts here');
      const found = new Map<string, SuiteResult>();
      const record = (result: SuiteResult): void => {
        const stamped = { ...result, runs: result.runs.map((run) => ({ ...run, version })) };
        found.set(result.suite, options.dry ? add(found.get(result.suite), stamped) : writeResult(folder, stamped));
      };
      try {
        for (const file of given.map((path) => resolve(path))) {
          const module = await bundle(folder, file);
          for (const node of versions) {
            if (signal.aborted) break;
            await runUnder(node, module, { limitMs: options.limit * 1000, only: options.only }, signal, record);
          }
        }
      } finally {
        if (!options.dry) updateReadmes(folder, name, [...found.values()], note);
      }
      const results = [...found.values()];
      return { data: results, text: results.map(summary).join('\n') };
    },
  }),
});

/** Runs a bundle under a version of Node, and records what it measured, also when it is interrupted or crashes. */
async function runUnder(
  version: string,
  module: string,
  order: Omit<Order, 'out'>,
  signal: AbortSignal,
  record: (result: SuiteResult) => void,
): Promise<void> {
  const node = await nodeOf(version, signal);
  if (signal.aborted) return;
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const out = join(folder, 'results.json');
  const args = ['--expose-gc', '--enable-source-maps', module, JSON.stringify({ ...order, out })];
  try {
    // A bundle lies elsewhere, so that data beside the repository would not be found by its place.
    const env = { ...process.env, X_DATA: process.env.X_DATA ?? resolve(repositoryOf(process.cwd()), '../shared/data') };
    const child = spawn(node, args, { stdio: ['ignore', 'ignore', 'inherit'], env });
    const stop = () => child.kill();
    signal.addEventListener('abort', stop);
    const code = await new Promise<number | null>((done, fail) => child.on('error', fail).on('close', done));
    signal.removeEventListener('abort', stop);
    if (existsSync(out)) (JSON.parse(readFileSync(out, 'utf8')) as SuiteResult[]).forEach(record);
    if (code !== 0 && !signal.aborted) throw new Error(`the bench ended with exit code ${code} under Node ${version}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function checkVersion(version: string): string {
  if (version === 'current' || /^\d+(\.\d+){0,2}$/.test(version)) return version;
  throw new UsageError(`--node is '${version}'; it must be a version or current`);
}

/** The program of a version of Node, from the registry unless it runs this. */
async function nodeOf(version: string, signal: AbortSignal): Promise<string> {
  if (version === 'current' || `${process.versions.node}.`.startsWith(`${version}.`)) return process.execPath;
  const args = ['-y', '--loglevel=error', `node@${version}`, '-p', 'process.execPath'];
  return (await promisify(execFile)('npx', args, { signal })).stdout.trim();
}

function add(earlier: SuiteResult | undefined, result: SuiteResult): SuiteResult {
  return { ...result, runs: [...(earlier?.runs ?? []), ...result.runs] };
}

function updateReadmes(folder: string, name: string, results: readonly SuiteResult[], note: (text: string) => void): void {
  for (const result of results) {
    const place = `<!-- bench:${result.suite} --> and <!-- /bench:${result.suite} -->`;
    const updated = rewrite(join(folder, 'README.md'), (readme) => withTable(readme, result.suite, result));
    if (!updated) note(`README.md has no ${place}; the table is not shown there`);
  }
  rewrite(join(repositoryOf(folder), 'README.md'), (readme) => withRatios(readme, name, readResults(folder)));
}

/** Replaces a file's text, unless there is no file or no new text; says whether there was. */
function rewrite(path: string, change: (text: string) => string | undefined): boolean {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  const changed = text === undefined ? undefined : change(text);
  if (changed !== undefined && changed !== text) writeFileSync(path, changed);
  return changed !== undefined;
}

function summary(result: SuiteResult): string {
  const bars = result.runs.flatMap((run) => run.bars.map((bar) => `Node ${run.node.slice(1)}, ${barLine(bar)}`));
  return `${markdown(result)}${bars.length > 0 ? `\n${bars.join('\n')}\n` : ''}`;
}
