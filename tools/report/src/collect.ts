import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '@x/cli';

/** A package that has experiments. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  /** Names of its files in `experiments/`, without `.ts`, in order. */
  readonly ids: readonly string[];
}

/** The folder at or above `from` that holds the workspace. @throws Error when there is none. */
export function workspaceRoot(from: string): string {
  if (existsSync(join(from, 'pnpm-workspace.yaml'))) return from;
  if (dirname(from) === from) throw new Error('no pnpm-workspace.yaml in this folder or above it');
  return workspaceRoot(dirname(from));
}

/** The package in a folder, with its experiments. @throws Error when the folder has no package.json. */
export function readPackage(folder: string): Package {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) throw new Error(`${folder} has no package.json`);
  const { name, version } = JSON.parse(readFileSync(file, 'utf8'));
  const ids = globSync('experiments/*.ts', { cwd: folder })
    .filter((path) => !path.endsWith('.d.ts'))
    .map((path) => basename(path, '.ts'));
  return { name, version, folder, ids: ids.sort() };
}

/** Every package under `packages/` that has experiments, in order of name. */
export function collect(root: string): Package[] {
  return globSync('packages/*/package.json', { cwd: root })
    .sort()
    .map((path) => readPackage(join(root, dirname(path))))
    .filter(({ ids }) => ids.length > 0);
}

/**
 * Those of `packages` that are asked for.
 *
 * @param wanted - each a package's name, with or without its scope, or that and `/id` for one experiment; empty for all.
 * @throws UsageError that lists what there is, when something wanted is not there.
 */
export function select(packages: readonly Package[], wanted: readonly string[]): Package[] {
  if (wanted.length === 0) return [...packages];
  const names = packages.map((p) => ({ ...p, short: p.name.replace(/^@[^/]*\//, '') }));
  const matches = wanted.map((want) => {
    const path = want.replace(/^@[^/]*\//, '');
    const found = names.find(({ short, ids }) => short === path || ids.some((id) => `${short}/${id}` === path));
    if (found) return { found, id: found.short === path ? undefined : path.slice(found.short.length + 1) };
    const [short] = path.split('/');
    const known = names.find((p) => p.short === short);
    const there = known ? `${known.name} has ${known.ids.join(', ')}` : `there are ${names.map(({ name }) => name).join(', ') || 'none'}`;
    throw new UsageError(`no experiments of '${want}'; ${there}`);
  });
  return packages.flatMap((p) => {
    const own = matches.filter(({ found }) => found.name === p.name);
    if (own.length === 0) return [];
    return [own.some(({ id }) => id === undefined) ? p : { ...p, ids: p.ids.filter((id) => own.some((match) => match.id === id)) }];
  });
}
