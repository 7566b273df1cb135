import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { philox } from '@x/linalg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METHODS } from '../src/index.ts';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'looped-icl-'));
  const rng = philox(1);
  const lines = Array.from({ length: 60 }, (_, i) => {
    const [a, b] = [rng.normal(), 10 * rng.normal()];
    return `row ${i},${a},${b},${2 * a - b + 3}`;
  });
  const csv = `name,a,b,y\n${lines.join('\n')}\nlast,1,NA,2\n`;
  await writeFile(join(folder, 'data.csv'), csv);
  await writeFile(join(folder, 'data.csv.gz'), gzipSync(csv));
  await writeFile(join(folder, 'bad.csv'), 'a,b\n1,2\n3\n');
});
afterAll(() => rm(folder, { recursive: true }));

function cli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [CLI, ...args], { cwd: folder }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('looped-icl compare', () => {
  it('prints a table, writes picture and numbers, and says what it left out', async () => {
    const { code, stdout, stderr } = await cli(
      'compare',
      '--table',
      'data.csv.gz',
      '--target',
      'y',
      '--loops',
      '40',
      '--svg',
      'out.svg',
      '--csv',
      'out.csv',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/45 examples of 2 inputs, 15 queries; condition number at most/);
    for (const method of METHODS) expect(stdout).toMatch(new RegExp(`^${method} `, 'm'));
    expect(stderr).toMatch(/they hold text: name/);
    expect(stderr).toMatch(/entries are missing: 1 rows/);
    expect(await readFile(join(folder, 'out.svg'), 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect((await readFile(join(folder, 'out.csv'), 'utf8')).trim().split('\n')).toHaveLength(42);
  });

  it('--json prints one document, the same for the same seed', async () => {
    const args = [
      'compare',
      '--table',
      'data.csv',
      '--target',
      'y',
      '--methods',
      'gd, chebyshev,ols',
      '--loops',
      '30',
      '--seed',
      '2',
      '--json',
    ];
    const [a, b] = [await cli(...args), await cli(...args)];
    expect(b.stdout).toBe(a.stdout);
    const data = JSON.parse(a.stdout);
    expect(data).toMatchObject({ target: 'y', inputs: ['a', 'b'], examples: 45, queries: 15, loops: 30, skipped: [] });
    expect(data.curves.map(({ method }: { method: string }) => method)).toEqual(['gd', 'chebyshev']);
    // The target is linear in the inputs.
    expect(data.curves[1].errors[30]).toBeLessThan(1e-10);
    expect(data.levels[0].error).toBeLessThan(1e-20);
  });

  it('exit codes: 2 for bad usage, 3 for bad input', async () => {
    expect((await cli('compare', '--table', 'data.csv', '--methods', 'magic')).code).toBe(2);
    expect((await cli('compare', '--table', 'data.csv', '--loops', '0')).code).toBe(2);
    const bad = await cli('compare', '--table', 'bad.csv', '--json');
    expect(bad.code).toBe(3);
    expect(JSON.parse(bad.stdout)).toMatchObject({ error: { name: 'BadFileError', line: 3 } });
    const missing = await cli('compare', '--table', 'data.csv', '--target', 'z');
    expect(missing.code).toBe(3);
    expect(missing.stderr).toMatch(/columns of numbers are a, b, y/);
    expect((await cli('compare', '--table', 'none.csv')).code).toBe(3);
  });
});
