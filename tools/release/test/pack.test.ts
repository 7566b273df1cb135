import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contents } from '../src/pack/contents.ts';
import { dependencyObjections, manifest } from '../src/pack/manifest.ts';
import { bytes } from '../src/pack/size.ts';
import type { Manifest, Packed } from '../src/pack/tarball.ts';
import { traces } from '../src/traces.ts';

const GOOD: Manifest = {
  name: '@x/walk',
  version: '0.1.0',
  type: 'module',
  sideEffects: false,
  license: 'MIT',
  engines: { node: '>=20' },
  dependencies: { '@x/linalg': '^0.1.0', highs: '^1.15.3' },
  repository: { directory: 'packages/walk' },
};
const FILES = { 'package.json': '{}', 'README.md': '# walk', LICENSE: 'MIT', 'dist/index.js': 'export {}' };

function packed(files: Readonly<Record<string, string>>, published: Manifest): Packed {
  const folder = mkdtempSync(join(tmpdir(), 'package-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return { source: '/any/packages/walk', manifest: published, tarball: '', folder, published, files: Object.keys(files) };
}

const failures = (files: Readonly<Record<string, string>>, published: Manifest = GOOD): string[] => {
  const p = packed(files, published);
  return [...contents(p), ...manifest(p)].filter((r) => r.outcome === 'failed').map((r) => `${r.name}: ${r.detail}`);
};

/** A path as it stands on a machine, put together here so that this file holds none. */
const path = ['', 'root', 'x', 'src', 'index.ts'].join('/');

describe('the contents of a tarball', () => {
  it('are as they should be', () => expect(failures(FILES)).toEqual([]));

  it.each(['src/index.ts', 'test/walk.test.ts', 'assembly/index.ts', 'dist/kernel.wasm', 'data/x.csv', 'src/generated/kernel.ts'])(
    'do not hold %s',
    (extra) => expect(failures({ ...FILES, [extra]: '' })).toEqual([expect.stringContaining(extra)]),
  );

  it('hold LICENSE', () => {
    const { LICENSE: _, ...rest } = FILES;
    expect(failures(rest)).toEqual([expect.stringContaining('LICENSE')]);
  });

  it('do not tell where they were built', () => {
    expect(failures({ ...FILES, 'dist/index.js': `//# ${path}` })).toEqual([expect.stringContaining(path)]);
  });

  it('hold commands that can be run', () => {
    const published = { ...GOOD, bin: { walk: './dist/cli.js' } };
    expect(failures({ ...FILES, 'dist/cli.js': '#!/usr/bin/env node' }, published)).toEqual([expect.stringContaining('dist/cli.js')]);
  });
});

describe('a published manifest', () => {
  it.each<[string, Partial<Manifest>]>([
    ['engines.node', { engines: { node: '>=22' } }],
    ['postinstall', { scripts: { postinstall: 'node fetch.js' } }],
    ['vitest', { devDependencies: { vitest: '5.1.1' } }],
    ['sideEffects', { sideEffects: true }],
    ['@x/dp-kde', { dependencies: { '@x/dp-kde': '^0.1.0' } }],
    ['repository', { repository: { directory: 'packages/other' } }],
  ])('is refused for its %s', (word, change) => {
    expect(failures(FILES, { ...GOOD, ...change })).toEqual([expect.stringContaining(word)]);
  });

  it('names no version that only a workspace knows', () => {
    const named = (range: string) => dependencyObjections({ ...GOOD, dependencies: { a: range } });
    for (const range of ['workspace:^', 'catalog:', 'file:../a', 'latest', 'git+ssh://a']) expect(named(range)).toHaveLength(1);
    for (const range of ['^1.2.3', '~1.2.0', '>=1', '1.2.3']) expect(named(range)).toEqual([]);
  });

  it('of the foundation depends on nothing', () => {
    expect(dependencyObjections({ name: '@x/linalg', version: '0.1.0', dependencies: { highs: '^1.0.0' } })).toHaveLength(1);
  });
});

it('a budget is a number of bytes', () => {
  expect([bytes('60 kB'), bytes('1.5 MB'), bytes('12 B')]).toEqual([60_000, 1_500_000, 12]);
  expect(() => bytes('60 KiB')).toThrow('60 KiB');
});

describe('traces of a machine', () => {
  it('are absolute paths of its folders', () => expect(traces(`at ${path}:3`)).toEqual([path]));
  it('are not relative paths or addresses', () => {
    expect(traces('../work/a.ts ./root/b a/tmp/c https://example.org/home/page/x /tmp')).toEqual([]);
  });
});
