import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { dump } from 'npyjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dense, leverageGradient } from '../src/index.ts';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const A = dense(6, 2, Float64Array.of(1, 0.1, 1, 0.4, 1, 0.5, 1, 0.9, 1, 1.3, 1, 2));
const X = [2, 0.75];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leverage-inverse-'));
  const { gradient } = leverageGradient({ A }, Float64Array.from(X));
  const lines = Array.from({ length: 6 }, (_, i) => `${A.data[2 * i]},${A.data[2 * i + 1]}`);
  const columns = Float64Array.from({ length: 12 }, (_, p) => A.data[2 * (p % 6) + Math.floor(p / 6)]!);
  const fortran = new Uint8Array(dump(columns, [6, 2]));
  const header = Buffer.from(fortran).toString('latin1').replace("False,'shape':(6,2)}", "True,'shape':(6,2)} ");
  const files: Record<string, string | Uint8Array> = {
    'A.csv': ['intercept,dose', ...lines].join('\n'),
    'c.csv': Array.from(gradient).join('\n'),
    'x.csv': X.join(','),
    'far.csv': '9,9',
    'A.npy': new Uint8Array(dump(A.data, [6, 2])),
    'A.npy.gz': gzipSync(new Uint8Array(dump(A.data, [6, 2]))),
    'A.csv.gz': gzipSync(lines.join('\n')),
    'F.npy': Buffer.from(header, 'latin1'),
    'c.npy': new Uint8Array(dump(gradient, [2])),
    'minus.csv': '-1\n-1\n-1\n-1\n-1\n-1',
    'bad.csv': '1,2\n3,four',
    'broken.npy': Buffer.from('\x93NUMPY\x01', 'latin1'),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
});
afterAll(() => rmSync(folder, { recursive: true }));

function cli(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('leverage-inverse', () => {
  for (const [design, gradient] of [
    ['A.csv', 'c.csv'],
    ['A.npy', 'c.npy'],
    ['F.npy', 'c.csv'],
    ['A.npy.gz', 'c.npy'],
    ['A.csv.gz', 'c.csv'],
  ] as const) {
    it(`invert reads ${design} and ${gradient}`, () => {
      const { status, stdout } = cli('invert', '--design', design, '--gradient', gradient, '--signs', 'positive', '--json');
      expect(status).toBe(0);
      const found = JSON.parse(stdout);
      expect(found.status).toBe('certified');
      for (const [j, value] of X.entries()) {
        expect(Math.abs(found.x[j] - value)).toBeLessThan(1e-12 * value + found.certificate.componentBound[j]);
      }
    });
  }
  it('invert prints x and what bounds its error', () => expect(cli('invert').stdout).toMatch(/^certified after .*\n.*error at most/));
  it('invert with a regulariser says what the bound is of', () =>
    expect(cli('invert', '--regulariser', '0.1').stdout).toMatch(/from the minimiser at most(.|\n)*not the x behind c/));
  it('certify: 0 with a proof, 1 without', () => {
    expect(cli('certify', '--x', 'x.csv')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^certified/) });
    expect(cli('certify', '--x', 'far.csv')).toMatchObject({ status: 1 });
  });
  it('audit tells the noise that protects', () => {
    const { status, stdout } = cli('audit', '--levels', '1e-6', '--trials', '2', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ levels: [{ noise: 1e-6, failures: 0 }], protect: 0.1 });
  });
  it('bad usage is 2, bad input 3, each with its reason', () => {
    expect(cli('audit', '--levels', 'much')).toMatchObject({ status: 2, stderr: expect.stringMatching(/--levels is 'much'/) });
    expect(cli('invert', '--design', 'bad.csv')).toMatchObject({ status: 3, stderr: expect.stringMatching(/line 2, column 2: 'four'/) });
    expect(cli('invert', '--design', 'broken.npy')).toMatchObject({ status: 3, stderr: expect.stringMatching(/no .npy file/) });
    expect(cli('invert', '--signs', 'x.csv')).toMatchObject({ status: 3, stderr: expect.stringMatching(/signs are 1 and -1/) });
    expect(cli('invert', '--signs', 'minus.csv')).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/no x in it has this gradient/),
    });
    expect(cli('invert', '--design', 'none.csv').status).toBe(3);
  });
});
