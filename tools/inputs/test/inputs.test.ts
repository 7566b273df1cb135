import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findInput, readInput } from '../src/index.ts';
import { describeWithInput } from '../src/vitest.ts';

const root = mkdtempSync(join(tmpdir(), 'inputs-'));
const file = (path: string, content: string | Buffer = 'x') => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content);
  return join(root, path);
};
const asking = pathToFileURL(join(root, 'packages/a/test/a.test.ts')).href;

afterEach(() => vi.unstubAllEnvs());

describe('findInput', () => {
  it('finds a file of an npm package of the asking package, also one that is scoped or hoisted', () => {
    const near = file('packages/a/node_modules/@s/data/cars.json');
    const hoisted = file('node_modules/models/deep/m.onnx');
    expect(findInput('npm:@s/data/cars.json', asking)).toBe(near);
    expect(findInput('npm:models/deep/m.onnx', asking)).toBe(hoisted);
  });

  it('finds a file of the folder X_DATA', () => {
    const afiro = file('data/netlib/afiro.mps.gz');
    vi.stubEnv('X_DATA', join(root, 'data'));
    expect(findInput('netlib/afiro.mps.gz', asking)).toBe(afiro);
  });

  it('refuses a relative X_DATA, which would be another folder for each package', () => {
    vi.stubEnv('X_DATA', 'data');
    expect(() => findInput('netlib/afiro.mps.gz', asking)).toThrow("X_DATA is 'data'; it must be an absolute path");
  });

  it('says undefined for a missing one', () => {
    vi.stubEnv('X_REQUIRE_ALL', '');
    expect(findInput('npm:nowhere/x', asking)).toBeUndefined();
    expect(findInput('nowhere/x', asking)).toBeUndefined();
  });

  it('throws for a missing one when all are required, and says where it looked', () => {
    vi.stubEnv('X_REQUIRE_ALL', '1');
    vi.stubEnv('X_DATA', '/my/data');
    expect(() => findInput('nowhere/x', asking)).toThrow(/nowhere\/x is missing.*\/my\/data\/nowhere\/x, .*shared\/data\/nowhere\/x/);
  });
});

describe('readInput', () => {
  it('uncompresses .gz', () => {
    expect(readInput(file('a.txt', 'plain')).toString()).toBe('plain');
    expect(readInput(file('a.txt.gz', gzipSync('packed'))).toString()).toBe('packed');
  });
});

describe('describeWithInput', () => {
  describeWithInput('npm:vitest/package.json', import.meta.url, (path) => {
    it('runs the tests with the path', () => expect(JSON.parse(readInput(path).toString()).name).toBe('vitest'));
  });

  // The two other outcomes would show in this run's own result, so the block is run with vitest's functions watched.
  it.each([
    ['', 'skip'],
    ['1', 'fail'],
  ])('with X_REQUIRE_ALL=%j a missing input makes the block %s', async (requireAll, outcome) => {
    vi.resetModules();
    const seen: string[] = [];
    const watched = Object.assign(
      (_title: string, body: () => void) => {
        expect(body).toThrow(/nowhere/);
        seen.push('fail');
      },
      { skip: (title: string) => seen.push('skip', title) },
    );
    vi.doMock('vitest', () => ({ it: watched, describe: () => seen.push('run') }));
    const fresh = await import('../src/vitest.ts');
    vi.doUnmock('vitest');
    vi.stubEnv('X_REQUIRE_ALL', requireAll);
    fresh.describeWithInput('nowhere/x', import.meta.url, () => {});
    expect(seen[0]).toBe(outcome);
    if (outcome === 'skip') expect(seen[1]).toContain('nowhere/x');
  });
});
