/** The command as a process, on the packages in fixtures/. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Report } from '../src/report.ts';

const out = mkdtempSync(join(tmpdir(), 'x-report-'));
afterAll(() => rmSync(out, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly report: Report | undefined;
}

/** Runs run-experiments in a fixture; `interruptAt` sends SIGINT when stderr has that text. */
function run(fixture: string, args: readonly string[], { env = {}, interruptAt = '' } = {}): Promise<Ended> {
  const folder = mkdtempSync(join(out, 'run-'));
  const child = spawn(process.execPath, [join(import.meta.dirname, '../src/run-experiments.ts'), '--out', folder, ...args], {
    cwd: join(import.meta.dirname, 'fixtures', fixture),
    env: { ...process.env, X_REQUIRE_ALL: '', ...env },
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.stdout += chunk;
  });
  let interrupted = false;
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk;
    if (interruptAt === '' || interrupted || !text.stderr.includes(interruptAt)) return;
    interrupted = true;
    child.kill('SIGINT');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => {
      const file = join(folder, 'report.json');
      const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : undefined;
      if (report) expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('</html>');
      resolve({ code, ...text, report });
    });
  });
}

const verdicts = ({ report }: Ended) => report?.results.map(({ id, verdict }) => [id, verdict]);

describe('verdicts and exit codes', () => {
  it('exits with 0 for holds, refuted-as-documented and skipped, which names the input', async () => {
    const ended = await run('gallery', ['--only', 'error-growth,posterior,wants-input']);
    expect(verdicts(ended)).toEqual([
      ['error-growth', 'holds'],
      ['posterior', 'refuted-as-documented'],
      ['wants-input', 'skipped'],
    ]);
    expect(ended.report?.results[2]?.note).toContain('nowhere/nothing.bin');
    expect(ended.stdout).toContain('nowhere/nothing.bin');
    expect(ended.code).toBe(0);
  });
  it('exits with 1 for failed, and shows what was thrown and what caused it', async () => {
    const ended = await run('gallery', ['--only', 'throws']);
    expect(verdicts(ended)).toEqual([['throws', 'failed']]);
    expect(ended.report?.results[0]?.error).toMatch(
      /RangeError: made-up failure[\s\S]*experiments\/throws.ts[\s\S]*caused by Error: the cause/,
    );
    expect(ended.stdout).toContain('RangeError: made-up failure');
    expect(ended.code).toBe(1);
  });
  it('fails an experiment whose input is missing where nothing may be skipped', async () => {
    const ended = await run('gallery', ['--only', 'wants-input'], { env: { X_REQUIRE_ALL: '1' } });
    expect(verdicts(ended)).toEqual([['wants-input', 'failed']]);
    expect(ended.code).toBe(1);
  });
  it('goes on after a crash and after a file that is no experiment', async () => {
    const ended = await run('crash', ['--seed', '5', '--quick']);
    expect(verdicts(ended)).toEqual([
      ['exits', 'failed'],
      ['not-an-experiment', 'failed'],
      ['survives', 'holds'],
    ]);
    expect(ended.report?.results[0]?.error).toMatch(/exit code 7[\s\S]*last words/);
    expect(ended.report?.results[1]?.error).toContain('it exports something; it must export `experiment`');
    expect(ended.report?.results[2]?.measured).toBe('seed 5, quick');
    expect(ended.code).toBe(1);
  });
});

describe('an interrupt', () => {
  it('keeps what is finished and exits with 130', async () => {
    const ended = await run('stubborn', [], { interruptAt: 'a-finishes: holds' });
    expect(verdicts(ended)).toEqual([['a-finishes', 'holds']]);
    expect(ended.report?.unfinished).toEqual(['@x/stubborn/b-waits', '@x/stubborn/c-hangs']);
    expect(ended.stdout).toContain('1 holds, 2 not finished (interrupted)');
    expect(ended.code).toBe(130);
  });
  it('ends an experiment that does not answer', async () => {
    const ended = await run('stubborn', ['--only', 'a-finishes,c-hangs'], { interruptAt: 'a-finishes: holds' });
    expect(verdicts(ended)).toEqual([['a-finishes', 'holds']]);
    expect(ended.report?.unfinished).toEqual(['@x/stubborn/c-hangs']);
    expect(ended.code).toBe(130);
  });
});

describe('options', () => {
  it('--json prints one JSON document and nothing else, equal to the file', async () => {
    const ended = await run('crash', ['--json', '--only', 'survives']);
    expect(JSON.parse(ended.stdout)).toEqual(ended.report);
  });
  it('--help exits with 0', async () => {
    const ended = await run('crash', ['--help']);
    expect(ended.stdout).toContain('--quick');
    expect(ended.code).toBe(0);
  });
  it.each([
    [['--nonsense'], '--nonsense'],
    [['--seed', 'x'], "--seed is 'x'; it must be a whole number >= 0"],
    [['--seed', '-1'], '--seed'],
    [['--only', 'none'], '@x/crash has exits, not-an-experiment, survives'],
  ])('%j exits with 2', async (args, message) => {
    const ended = await run('crash', args);
    expect(ended.stderr).toContain(message);
    expect(ended.stdout).toBe('');
    expect(ended.code).toBe(2);
  });
});
