import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collect, type Package, readPackage, select, workspaceRoot } from '../src/collect.ts';

const root = workspaceRoot(import.meta.dirname);
const packages: Package[] = [
  { name: '@x/a', version: '1.0.0', folder: 'packages/a', ids: ['one', 'two'] },
  { name: '@x/b', version: '1.0.0', folder: 'packages/b', ids: ['one'] },
];
const chosen = (wanted: string[]) => select(packages, wanted).flatMap(({ name, ids }) => ids.map((id) => `${name}/${id}`));

describe('collect', () => {
  it('finds packages with experiments, in order, and no other', () => {
    for (const one of collect(root)) {
      expect(one.folder.startsWith(join(root, 'packages'))).toBe(true);
      expect(one.ids.length).toBeGreaterThan(0);
    }
  });
  it('reads the ids of a package in order', () => {
    expect(readPackage(join(import.meta.dirname, 'fixtures/stubborn')).ids).toEqual(['a-finishes', 'b-waits', 'c-hangs']);
  });
  it('says what is missing', () => {
    expect(() => readPackage('/nowhere')).toThrow('/nowhere has no package.json');
    expect(() => workspaceRoot('/')).toThrow('no pnpm-workspace.yaml');
  });
});

describe('select', () => {
  it.each([
    [[], ['@x/a/one', '@x/a/two', '@x/b/one']],
    [['a'], ['@x/a/one', '@x/a/two']],
    [['@x/b'], ['@x/b/one']],
    [
      ['@x/a/two', 'b'],
      ['@x/a/two', '@x/b/one'],
    ],
    [
      ['a/two', 'a'],
      ['@x/a/one', '@x/a/two'],
    ],
  ])('%j gives %j', (wanted, names) => expect(chosen(wanted)).toEqual(names));
  it.each([
    [['c'], "no experiments of 'c'; there are @x/a, @x/b"],
    [['a/three'], "no experiments of 'a/three'; @x/a has one, two"],
  ])('%j is refused', (wanted, message) => expect(() => chosen(wanted)).toThrow(message));
});
