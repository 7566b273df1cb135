import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SuiteResult } from '../src/results.ts';

// Inside this package, so that @x/bench resolves.
const folder = fileURLToPath(new URL('../test-results/toy', import.meta.url));
const RUN = fileURLToPath(new URL('../src/run.ts', import.meta.url));
const RATIO = '<!-- ratio:toy; sums; n = 1000; once; ten times -->';
const MARKERS = `<!-- bench:sums -->\n<!-- /bench:sums -->\n${RATIO}not yet measured<!-- /ratio -->\n`;

const BENCH = `
import { type Suite } from '@x/bench';
import { helper } from './helper.ts';
const sum = (n: number) => () => { let s = 0; for (let i = 0; i < n; i++) s += i; return s; };
export const suites: Suite<number>[] = [{
  id: 'sums',
  title: 'sums',
  cases: [{ label: 'n = 1000', parameters: 1000, flops: 1000 }],
  contenders: [
    { name: 'once', setup: (n) => sum(n) },
    { name: 'ten times', setup: (n) => sum(helper(n)) },
  ],
  bars: [{ of: 'once', over: 'ten times', atLeast: 1e6 }],
}];
`;

/** Its second case takes longer than anybody waits. */
const SLOW = `
import type { Suite } from '@x/bench';
import { setTimeout } from 'node:timers/promises';
export const suites: Suite<number>[] = [{
  id: 'slow-sums',
  title: 'slow',
  cases: [{ label: 'first', parameters: 1 }, { label: 'second', parameters: 1e6 }],
  contenders: [{ name: 'sleeper', setup: (ms) => () => setTimeout(ms) }],
}];
`;

const run = (...args: string[]) =>
  spawnSync(process.execPath, [RUN, '--node', 'current', '--limit', '1', ...args, 'bench/sums.bench.ts'], {
    cwd: folder,
    encoding: 'utf8',
  });

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'bench'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'toy', version: '1.2.3', type: 'module' }));
  writeFileSync(join(folder, 'pnpm-workspace.yaml'), '');
  writeFileSync(join(folder, 'bench/sums.bench.ts'), BENCH);
  writeFileSync(join(folder, 'bench/slow.bench.ts'), SLOW);
  writeFileSync(join(folder, 'bench/helper.ts'), 'export const helper = (n: number): number => 10 * n;\n');
  writeFileSync(join(folder, 'README.md'), MARKERS);
});

describe('run-bench', () => {
  it('measures, prints one JSON document, and writes nothing when dry', () => {
    const { status, stdout, stderr } = run('--dry', '--json');
    expect(stderr).toContain('n = 1000');
    expect(status).toBe(0);
    const [result] = JSON.parse(stdout) as SuiteResult[];
    expect(result!.runs[0]!.cases[0]!.contenders.map(({ status }) => status)).toEqual(['measured', 'measured']);
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe(MARKERS);
  });

  it('writes results and tables; a missed target is no failure', () => {
    const { status, stdout } = run();
    expect(status).toBe(0);
    expect(stdout).toMatch(/once over ten times >= 1000000: (missed|not known)/);
    const stored = JSON.parse(readFileSync(join(folder, 'bench/results/sums.json'), 'utf8')) as SuiteResult;
    expect(stored.runs[0]!.node).toBe(process.version);
    expect(stored.runs[0]!.version).toBe('1.2.3');
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(readme).toMatch(/\| n = 1000 +\| once +\|/);
    expect(readme).toMatch(
      new RegExp(`${RATIO}(~ )?[\\d.]+ \\([\\d.]+-[\\d.]+\\) \\[\\d+\\] on Node ${process.versions.node}<!-- /ratio -->`),
    );
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('keeps what is finished when it gets %s', async (signal) => {
    rmSync(join(folder, 'bench/results'), { recursive: true, force: true });
    const child = spawn(process.execPath, [RUN, '--node', 'current,20', '--limit', '0', '--only', 'sums', 'bench/slow.bench.ts'], {
      cwd: folder,
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('kept')) child.kill(signal);
    });
    const code = await new Promise((done) => child.on('close', done));
    expect(code).toBe(130);
    const stored = JSON.parse(readFileSync(join(folder, 'bench/results/slow-sums.json'), 'utf8')) as SuiteResult;
    expect(stored.runs.map(({ cases, unfinished }) => [cases.map(({ label }) => label), unfinished])).toEqual([[['first'], ['second']]]);
  });

  it('refuses a version that is none', () => {
    const { status, stderr } = run('--node', 'twenty');
    expect(status).toBe(2);
    expect(stderr).toContain("--node is 'twenty'");
  });
});
