import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

/** x, y >= 0, x + 2 y <= 4, x - y = 1. */
const SEGMENT = `NAME SEG
ROWS
 N COST
 L CAP
 E TIE
COLUMNS
 x COST 1 CAP 1
 x TIE 1
 y CAP 2 TIE -1
RHS
 B CAP 4 TIE 1
ENDATA
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dikin-sampler-'));
  await writeFile(join(folder, 'seg.mps'), SEGMENT);
  await writeFile(join(folder, 'seg.mps.gz'), gzipSync(SEGMENT));
  await writeFile(join(folder, 'free.mps'), SEGMENT.replace(' L CAP', ' G CAP'));
  await writeFile(join(folder, 'bad.mps'), SEGMENT.replace('CAP 2', 'CAP two'));
});
afterAll(() => rm(folder, { recursive: true }));

function cli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [CLI, ...args], { cwd: folder }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('dikin-sampler', () => {
  it('samples a file, gzipped or not, and writes draws', async () => {
    const { code, stdout } = await cli('sample', 'seg.mps.gz', '--seed', '3', '--out', 'draws.csv');
    expect(code).toBe(0);
    expect(stdout).toMatch(/2 variables, 2 rows; dimension 1, 2 inequalities/);
    expect(stdout).toMatch(/^converged: R-hat/m);
    const lines = (await readFile(join(folder, 'draws.csv'), 'utf8')).trim().split('\n');
    expect(lines.length).toBe(4001);
    expect(lines[0]).toBe('chain,draw,x,y');
    for (const line of lines.slice(1, 100)) {
      const [, , x, y] = line.split(',').map(Number);
      expect(Math.abs(x! - y! - 1)).toBeLessThan(1e-14);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(2);
    }
  });

  it('--json prints one document, the same for the same seed', async () => {
    const args = ['sample', 'seg.mps', '--walk', 'dikin', '--draws', '200', '--json'];
    const [a, b] = [await cli(...args), await cli(...args)];
    const data = JSON.parse(a.stdout);
    expect(data).toMatchObject({ variables: 2, dimension: 1, walk: 'dikin', draws: 200, chains: 4 });
    expect(data.summary.map((row: { name: string }) => row.name)).toEqual(['x', 'y', 'min slack']);
    // x is uniform on [1, 2].
    expect(Math.abs(data.summary[0].mean - 1.5)).toBeLessThan(6 * data.summary[0].mcse);
    expect(b.stdout).toBe(a.stdout);
  });

  it('--box bounds an unbounded body; a byte-order mark is no content', async () => {
    await writeFile(join(folder, 'mark.mps'), `\ufeff${SEGMENT.replace(' L CAP', ' G CAP')}`);
    const { code, stdout } = await cli('prepare', 'mark.mps', '--box', '10', '--json');
    expect(code).toBe(0);
    // x - y = 1 and x + 2 y >= 4 within |x|, |y| <= 10: x from 2 to 10.
    expect(JSON.parse(stdout)).toMatchObject({ dimension: 1, inequalities: 2, radius: expect.closeTo(4 * Math.SQRT2, 9) });
    expect((await cli('sample', 'mark.mps', '--box', '-1')).code).toBe(2);
  });

  it('prepare reports the reduction', async () => {
    const { stdout } = await cli('prepare', 'seg.mps', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ dimension: 1, inequalities: 2, report: { equationRank: 1, redundant: ['x >= 0'] } });
  });

  it('exit codes: 1 not converged, 2 bad usage, 3 bad input, with the reason on stderr', async () => {
    expect((await cli('sample', 'seg.mps', '--draws', '20')).code).toBe(1);
    expect((await cli('sample', 'seg.mps', '--walk', 'hop')).code).toBe(2);
    const bad = await cli('sample', 'bad.mps', '--json');
    expect(bad.code).toBe(3);
    expect(JSON.parse(bad.stdout)).toMatchObject({ error: { name: 'BadFileError', line: 9 } });
    const free = await cli('sample', 'free.mps');
    expect(free.code).toBe(3);
    expect(free.stderr).toMatch(/unbounded/);
    expect((await cli('sample', 'missing.mps')).code).toBe(3);
    // Before any draw: with this many it would take hours.
    expect((await cli('sample', 'seg.mps', '--out', 'missing/draws.csv', '--draws', '10000000')).code).toBe(3);
  });
});
