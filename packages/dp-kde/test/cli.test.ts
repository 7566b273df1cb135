import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dp-kde-'));
  const rows = Array.from({ length: 5000 }, (_, i) => `${i % 240},x,${(i * 17) % 3000}`);
  await writeFile(join(folder, 'data.csv'), `a,name,b\n${rows.join('\n')}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

function cli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [CLI, ...args], { cwd: folder }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('dp-kde', () => {
  it('build, query, info, heatmap', async () => {
    const built = await cli(
      'build',
      'data.csv',
      '--columns',
      'a:0:240,b:0:3000',
      '--epsilon',
      '1',
      '--mechanism',
      'brownian',
      '--delta',
      '1e-6',
      '--out',
      'oracle.bin',
    );
    expect(built).toMatchObject({ code: 0, stdout: expect.stringContaining('brownian') });
    const { answers } = JSON.parse((await cli('query', 'oracle.bin', '--at', '15,500;60,1200', '--json')).stdout);
    const exact = Array.from({ length: 5000 }, (_, i) => Math.abs((i % 240) - 15) + Math.abs(((i * 17) % 3000) - 500)).reduce(
      (a, b) => a + b,
    );
    expect(answers).toHaveLength(2);
    expect(Math.abs(answers[0].value - exact)).toBeLessThan(8 * answers[0].stddev + answers[0].biasBelow);
    // sigma of (1, 1e-6) times the sum of the ranges.
    expect(answers[0].stddev / (4.531 * 3240)).toBeCloseTo(1, 2);
    expect((await cli('info', 'oracle.bin', '--band')).stdout).toMatch(/zCDP.*\nnoise of the system[\s\S]*no error above/);
    expect((await cli('heatmap', 'oracle.bin', '--out', 'map.png', '--width', '40', '--height', '30')).code).toBe(0);
    expect(PNG.sync.read(await readFile(join(folder, 'map.png')))).toMatchObject({ width: 40, height: 30 });
    expect((await cli('heatmap', 'oracle.bin', '--out', 'map.svg', '--width', '4', '--height', '3')).code).toBe(0);
  });
  it('audit', async () => {
    const { code, stdout } = await cli('audit', '--mechanism', 'brownian', '--rho', '0.5', '--builds', '4000');
    expect([code, stdout.match(/holds/g)?.length]).toEqual([0, 3]);
  });
  it('refuses bounds from the data, and other bad usage', async () => {
    const refused = await cli('build', 'data.csv', '--columns', 'a:auto', '--epsilon', '1', '--out', 'x.bin');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('never taken from the data') });
    expect((await cli('build', 'data.csv', '--columns', 'a:0:1', '--out', 'x.bin')).code).toBe(2);
    expect((await cli('build', 'data.csv', '--columns', 'z:0:1', '--epsilon', '1', '--out', 'x.bin')).code).toBe(3);
    expect((await cli('query', 'data.csv', '--at', '1')).code).toBe(3);
    expect((await cli('query', 'oracle.bin', '--at', '1,x')).code).toBe(2);
  });
});
