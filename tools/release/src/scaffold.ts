#!/usr/bin/env node
/**
 * Makes a new package by the pattern: `pnpm new NAME "what it does"`.
 *
 * What all packages have in common is taken from the foundation's folder, so that there is one source of it; what each writes for
 * itself is in template/.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../../..');
const PATTERN = join(ROOT, 'packages/linalg');
const TEMPLATE = join(import.meta.dirname, '../template');
/** The package's row in the repository's README. */
const ROW = join(TEMPLATE, 'row.md');
const USAGE = 'usage: pnpm new NAME "what it does, in a sentence"\n  NAME: lower-case words joined by hyphens; the package is @x/NAME';

/** Files that are the same in every package. */
const COMMON = ['LICENSE', 'tsconfig.json', 'tsconfig.node.json'];

interface Manifest {
  [key: string]: unknown;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** The foundation's manifest, less what is the foundation's own. */
function manifestOf(pattern: Manifest, name: string, description: string): Manifest {
  const { wasm: _, ...scripts } = pattern.scripts;
  const { 'ml-matrix': __, ...devDependencies } = pattern.devDependencies;
  const { typesVersions, peerDependencies, peerDependenciesMeta, ...rest } = pattern;
  return {
    ...rest,
    name: `@x/${name}`,
    version: '0.0.0',
    description,
    keywords: [],
    repository: { ...(pattern.repository as object), directory: `packages/${name}` },
    exports: { '.': pattern.exports['.'], './package.json': './package.json' },
    scripts,
    dependencies: { '@x/linalg': 'workspace:^' },
    devDependencies,
    'size-limit': [{ path: 'dist/index.js', limit: '10 kB', gzip: true }],
  };
}

function scaffold(name: string, description: string): void {
  const folder = join(ROOT, 'packages', name);
  if (existsSync(folder)) throw new Error(`packages/${name} is there already`);
  const fill = (text: string) => text.replaceAll('__NAME__', name).replaceAll('__DESCRIPTION__', description);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const pattern = JSON.parse(readFileSync(join(PATTERN, 'package.json'), 'utf8')) as Manifest;
  write(join(folder, 'package.json'), `${JSON.stringify(manifestOf(pattern, name, description), undefined, 2)}\n`);
  for (const file of COMMON) copyFileSync(join(PATTERN, file), join(folder, file));
  const readme = join(ROOT, 'README.md');
  writeFileSync(readme, withRow(readFileSync(readme, 'utf8'), fill(readFileSync(ROW, 'utf8'))));
  for (const entry of readdirSync(TEMPLATE, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || path === ROW) continue;
    const target = entry.name === 'changeset.md' ? join(ROOT, '.changeset', `${name}-first.md`) : join(folder, path.slice(TEMPLATE.length));
    write(target, fill(readFileSync(path, 'utf8')));
  }
  // A name decides where its import is sorted.
  execFileSync('biome', ['check', '--write', '--config-path=tools/presets', folder], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** The repository's README with one more row in its table of packages. */
function withRow(readme: string, row: string): string {
  const last = readme.lastIndexOf('\n| [@x/');
  const end = readme.indexOf('\n', last + 1) + 1;
  return readme.slice(0, end) + row + readme.slice(end);
}

const { positionals } = parseArgs({ allowPositionals: true });
const [name, description] = positionals;
if (positionals.length !== 2 || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name as string)) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  scaffold(name as string, description as string);
  console.log(`packages/${name} is made. Next:\n  pnpm install --filter @x/${name}...\n  pnpm --filter @x/${name} test`);
}
