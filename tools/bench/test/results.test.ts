import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Machine, type RunResult, resultPath, type SuiteResult, writeResult } from '../src/results.ts';

const run = (node: string, date: string): RunResult => ({
  node,
  date,
  clock: 'cpu',
  gate: 0.95,
  calibration: { name: 'c', flopsPerSecond: 1.23456789 },
  cases: [],
  bars: [],
  exponents: [],
});
const here: Machine = { cpu: 'A', cores: 2, platform: 'linux x64' };
const result = (machine: Machine, ...runs: RunResult[]): SuiteResult => ({ suite: 's', title: 't', machine, runs });

it('a result replaces the run of its Node version, keeps others of the same machine, and drops those of another', () => {
  const folder = mkdtempSync(join(tmpdir(), 'results-'));
  const nodes = (written: SuiteResult) => written.runs.map(({ node, date }) => `${node} ${date}`);
  writeResult(folder, result(here, run('v24.1.0', 'old'), run('v20.1.0', 'old')));
  expect(nodes(writeResult(folder, result(here, run('v24.2.0', 'new'))))).toEqual(['v20.1.0 old', 'v24.2.0 new']);
  const stored = JSON.parse(readFileSync(resultPath(folder, 's'), 'utf8')) as SuiteResult;
  expect(stored.runs[1]!.calibration.flopsPerSecond).toBe(1.2346);
  expect(nodes(writeResult(folder, result({ ...here, cpu: 'B' }, run('v24.2.0', 'newer'))))).toEqual(['v24.2.0 newer']);
});
