/** A package as a user gets it: packed by pnpm, unpacked beside itself. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly repository?: { readonly directory?: string };
  readonly 'size-limit'?: readonly SizeBudget[];
}

interface SizeBudget {
  readonly path: string;
  /** Such as `60 kB`; minified and gzipped, dependencies not counted. */
  readonly limit: string;
}

export interface Packed {
  /** The package's folder in the repository. */
  readonly source: string;
  /** package.json as it stands in the repository. */
  readonly manifest: Manifest;
  readonly tarball: string;
  /** The tarball's content. */
  readonly folder: string;
  /** package.json as a user gets it. */
  readonly published: Manifest;
  /** Paths relative to `folder`. */
  readonly files: readonly string[];
}

export const readManifest = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Where `pack` leaves a package's tarball for the tasks that come after it. */
export const tarballOf = (source: string): string => join(source, 'pack-results/package.tgz');

/** Packs a package and unpacks the result into a folder that goes when the process ends. */
export function pack(source: string): Packed {
  const tarball = tarballOf(source);
  mkdirSync(join(source, 'pack-results'), { recursive: true });
  execFileSync('pnpm', ['pack', '--out', tarball], { cwd: source, stdio: ['ignore', 'ignore', 'inherit'] });
  const unpacked = mkdtempSync(join(tmpdir(), 'packed-'));
  process.on('exit', () => rmSync(unpacked, { recursive: true, force: true }));
  execFileSync('tar', ['-xzf', tarball, '-C', unpacked]);
  const folder = join(unpacked, 'package');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(folder, path)).isFile());
  return { source, manifest: readManifest(source), tarball, folder, published: readManifest(folder), files };
}
