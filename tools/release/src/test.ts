#!/usr/bin/env node
/**
 * The repository's test command: builds, checks and tests everything, and closes with `N passed, N failed`.
 *
 *   --full             the long tests: ten times the runs and trials (X_FULL=1), then the main job at its full sizes
 *   X_REQUIRE_ALL=1    nothing may be skipped for want of an input, a browser or a Node version
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { dataStamp } from './data-stamp.ts';
import { type Claims, closingLine, type Result, resultsOfClaims } from './results.ts';
import { hasFailure, resultsOf, runTasks, type TaskResults } from './turbo.ts';

const TASKS = ['lint', 'dead-code', 'docs', 'types', 'unit', 'pack', 'consumers', 'rehearse'];

const root = resolve(import.meta.dirname, '../../..');

/**
 * pnpm installs before it runs a script, but only warns when that fails; asking again costs nothing when all is there,
 * and tells.
 */
function install(): Result {
  const { status } = spawnSync('pnpm', ['install', '--frozen-lockfile', '--prefer-offline', '--silent'], { cwd: root, stdio: 'inherit' });
  return { name: 'pnpm install', outcome: status === 0 ? 'passed' : 'failed' };
}

/** The main job, each claim a result. */
function start(): TaskResults {
  const out = mkdtempSync(join(tmpdir(), 'start-'));
  const from = performance.now();
  const { status } = spawnSync(process.execPath, ['tools/report/src/start.ts', '--out', out], {
    cwd: root,
    stdio: 'inherit',
    env: environment,
  });
  const file = join(out, 'report.json');
  const results = existsSync(file) ? resultsOfClaims(JSON.parse(readFileSync(file, 'utf8')) as Claims) : undefined;
  rmSync(out, { recursive: true });
  return { id: 'start', results: resultsOf('start', status, results), seconds: (performance.now() - from) / 1000, cached: false };
}

/** A report of an earlier run must not stand in for one that a task failed to write. */
function forgetReports(): void {
  for (const path of globSync('{packages,tools}/*/test-results', { cwd: root })) rmSync(join(root, path), { recursive: true });
}

function print({ id, results, seconds, cached }: TaskResults): void {
  const passed = results.filter((r) => r.outcome === 'passed').length;
  console.log(`${id.padEnd(32)} ${String(passed).padStart(5)} ok ${cached ? 'cached'.padStart(9) : `${seconds.toFixed(1)} s`.padStart(9)}`);
  for (const { name, outcome, detail } of results) {
    if (outcome !== 'passed') console.log(`    ${outcome}: ${name}${detail === undefined ? '' : ` (${detail.split('\n')[0]})`}`);
  }
}

const { values } = parseArgs({ options: { full: { type: 'boolean', default: false } } });
const environment = {
  ...process.env,
  TURBO_TELEMETRY_DISABLED: '1',
  X_DATA_STAMP: dataStamp(root),
  ...(values.full ? { X_FULL: '1' } : {}),
};

const installed = install();
forgetReports();
// Built before all else: the documentation of the whole repository, too, starts from what is built, and its task belongs to no package.
const phases = installed.outcome === 'passed' ? [['build'], TASKS].flatMap((phase) => runTasks(root, phase, environment)) : [];
// What was built in the first phase is found built in the second; it counts once.
const tasks = [...new Map(phases.toReversed().map((task) => [task.id, task])).values()].reverse();
if (values.full && installed.outcome === 'passed') tasks.push(start());
const results = [installed, ...tasks.flatMap((t) => t.results)];

console.log();
for (const task of tasks.filter((t) => !hasFailure(t))) print(task);
for (const task of tasks.filter(hasFailure)) print(task);
console.log(closingLine(results));
process.exitCode = results.every((r) => r.outcome !== 'failed') ? 0 : 1;
