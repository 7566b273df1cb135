/** The shape that the repository keeps; CONTRIBUTING says why. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import { placesIn, ratioOwners, withRatios, withTable } from '@x/bench/readme';
import { readResults } from '@x/bench/results';
import { describe, expect, it } from 'vitest';
import { forbiddenImports, importsOf, packageOf, type Rules } from '../src/imports.ts';
import { readManifest } from '../src/pack/tarball.ts';
import { traces } from '../src/traces.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** What git tracks, or would. */
const FILES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: ROOT, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(ROOT, path)));
const PACKAGES = readdirSync(join(ROOT, 'packages')).filter((name) => existsSync(join(ROOT, 'packages', name, 'package.json')));

/** Entries that run in Node alone: commands, and what starts or runs in a worker. */
const NODE_ENTRY = /^packages\/[\w-]+\/src\/(?:cli\.ts|cli\/|node\/|node\.ts|worker|pool\/spawn\.ts)/;

function rulesOf(name: string, path: string): Rules {
  const { dependencies, peerDependencies, devDependencies } = readManifest(join(ROOT, 'packages', name));
  const isCli = /\/src\/cli(?:\.ts|\/)/.test(path);
  // Tools that a command uses are bundled into it.
  const bundled = isCli ? Object.keys(devDependencies ?? {}).filter((d) => d === '@x/cli') : [];
  return {
    name: `@x/${name}`,
    declared: [...Object.keys({ ...dependencies, ...peerDependencies }), ...bundled],
    node: NODE_ENTRY.test(path),
    folders: path.includes('/assembly/') ? [`packages/${name}/assembly`, 'packages/linalg/assembly'] : [`packages/${name}/src`],
  };
}

describe('the top level', () => {
  it('has what the design lists, and dot-files', () => {
    const top = [...new Set(FILES.map((path) => path.split('/')[0] as string))].filter((name) => !name.startsWith('.'));
    const wanted = 'LICENSE README.md package.json packages pnpm-lock.yaml pnpm-workspace.yaml tools tsconfig.base.json turbo.json';
    expect(top.sort()).toEqual(wanted.split(' ').sort());
  });
});

it('.ci/run calls the test command of the README, with nothing skipped', () => {
  const [, command] = /^\| `(npx [^`]* test)` \|/m.exec(read('README.md')) ?? [];
  expect(read('.ci/run').trimEnd().split('\n').slice(-2)).toEqual(['export X_REQUIRE_ALL=1', command]);
});

describe.each(PACKAGES)('packages/%s', (name) => {
  const own = FILES.filter((path) => path.startsWith(`packages/${name}/`));

  it('imports its own files, the foundation and its declared dependencies, and Node only in its Node entries', () => {
    const sources = own.filter((path) => /^packages\/[\w-]+\/(?:src|assembly)\/.*\.ts$/.test(path));
    const found = sources.flatMap((path) => forbiddenImports(path, read(path), rulesOf(name, path)).map((s) => `${path}: ${s}`));
    expect(found).toEqual([]);
  });

  it('has a README and the licence of the repository', () => {
    expect(existsSync(join(ROOT, `packages/${name}/README.md`))).toBe(true);
    expect(read(`packages/${name}/LICENSE`)).toBe(read('LICENSE'));
  });

  it('has been released, or has a changeset', () => {
    const pending = FILES.filter((path) => path.startsWith('.changeset/') && path.endsWith('.md')).some((path) =>
      read(path).includes(`"@x/${name}":`),
    );
    expect(readManifest(join(ROOT, 'packages', name)).version !== '0.0.0' || pending).toBe(true);
  });

  it('has the scripts and settings that all have', () => {
    const { wasm: _, ...scripts } = readManifest(join(ROOT, 'packages/linalg')).scripts as Record<string, string>;
    expect(readManifest(join(ROOT, 'packages', name)).scripts).toMatchObject(scripts);
    expect(read(`packages/${name}/vitest.config.ts`)).toMatch(/^export default unit(Together)?\(/m);
  });

  it('has a smoke test that needs no second package, as its README needs none that it does not tell to install', () => {
    expect(importsOf(read(`packages/${name}/test/smoke.ts`)).filter((specifier) => specifier !== `@x/${name}`)).toEqual([]);
    const readme = read(`packages/${name}/README.md`);
    const installed = [...readme.matchAll(/\bnpm install (.+)$/gm)].flatMap((match) => (match[1] as string).split(' '));
    const examples = [...readme.matchAll(/^```ts$([\s\S]*?)^```$/gm)].flatMap((match) => importsOf(match[1] as string));
    const needed = examples.filter((specifier) => !isBuiltin(specifier)).map(packageOf);
    // An example of an entry for users of a peer has that peer.
    const peers = Object.keys(readManifest(join(ROOT, 'packages', name)).peerDependencies ?? {});
    expect(needed.filter((specifier) => ![...installed, ...peers].includes(specifier))).toEqual([]);
  });

  it('has nothing but experiments where experiments are looked for', () => {
    const files = own.filter((path) => /^packages\/[\w-]+\/experiments\/[^/]*\.ts$/.test(path));
    expect(files.filter((path) => !/^export const experiment\b/m.test(read(path)))).toEqual([]);
  });

  it('has no default export but its settings, and no barrel but its index', () => {
    const sources = own.filter((path) => /^packages\/[\w-]+\/src\/.*\.ts$/.test(path));
    expect(sources.filter((path) => /^export default /m.test(read(path)))).toEqual([]);
  });
});

describe('figures of READMEs', () => {
  it('stand in the table of packages, a row and a ratio for each', () => {
    const rows = [...read('README.md').matchAll(/^\| \[(@x\/[\w-]+)\]\(packages\/[\w-]+\/README\.md\) \|.*$/gm)];
    expect(rows.map((row) => row[1]).sort()).toEqual(PACKAGES.map((name) => `@x/${name}`).sort());
    expect(rows.map((row) => ratioOwners(row[0]))).toEqual(rows.map((row) => [row[1]]));
  });

  it.each(PACKAGES)('are those of the committed results: packages/%s (pnpm --filter @x/%s bench writes them)', (name) => {
    const results = readResults(join(ROOT, 'packages', name));
    const readme = read(`packages/${name}/README.md`);
    const places = placesIn(readme);
    expect(results.map(({ suite }) => suite).filter((suite) => !places.includes(suite))).toEqual([]);
    for (const place of places) {
      const result = results.find(({ suite }) => suite === place);
      expect(withTable(readme, place, result)).toBe(readme);
    }
    expect(withRatios(read('README.md'), `@x/${name}`, results)).toBe(read('README.md'));
  });
});

describe('tracked files', () => {
  it('tell nothing of the machine they were written on', () => {
    const texts = FILES.filter((path) => !/\.(?:png|gz|woff2?)$/.test(path));
    expect(texts.flatMap((path) => traces(read(path)).map((trace) => `${path}: ${trace}`))).toEqual([]);
  });

  it('hold nothing that a build makes, and no real input', () => {
    const made = /(?:^|\/)(?:dist|generated|node_modules|test-results|pack-results)\/|\.(?:wasm|wat|tgz|onnx|mps|parquet|safetensors)$/;
    expect(FILES.filter((path) => made.test(path))).toEqual([]);
  });
});

describe('forbiddenImports', () => {
  const rules: Rules = { name: '@x/walk', declared: ['@x/linalg', 'highs'], node: false, folders: ['packages/walk/src'] };
  const forbidden = (line: string) => forbiddenImports('packages/walk/src/lp/a.ts', line, rules);

  it.each([
    "import { a } from '@x/dp-kde';",
    "import type { A } from '@x/dp-kde/map';",
    "import { a } from '@x/walk';",
    "import { a } from '@x/testkit';",
    "import { readFileSync } from 'node:fs';",
    "import fs from 'fs';",
    "import 'undeclared';",
    "export * from '../../test/reference.ts';",
    "export { a } from '../../../dp-kde/src/a.ts';",
    "const a = await import('node:os');",
    "import {\n  a,\n  b,\n} from '@x/dp-kde';",
  ])('finds %s', (line) => expect(forbidden(line)).toHaveLength(1));

  it.each([
    "import { dense } from '@x/linalg';",
    "import { ShapeError } from '@x/linalg/errors';",
    "import { b } from '../b.ts';",
    "export * from './c.ts';",
    "const solver = await import('highs');",
    "/** import { a } from '@x/dp-kde'; */",
  ])('allows %s', (line) => expect(forbidden(line)).toEqual([]));

  it('sees every import of a file', () =>
    expect(importsOf("import a from 'a';\nimport 'b';\nexport * from 'c';")).toEqual(['a', 'b', 'c']));
});
