/** A user's project: an empty folder into which npm puts a package's tarball, and nothing of this repository can be found. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Manifest, readManifest, tarballOf } from '../pack/tarball.ts';

export interface Project {
  readonly folder: string;
  readonly manifest: Manifest;
  /** The package's source folder in the repository. */
  readonly source: string;
}

/** Folder of another package of this repository. */
const folderOf = (source: string, name: string): string => join(source, '..', name.replace('@x/', ''));

/** Installs the package, with its dependencies from this repository as tarballs too. Install scripts are not run: none is needed. */
export function installAlone(source: string): Project {
  const manifest = readManifest(source);
  const folder = mkdtempSync(join(tmpdir(), 'consumer-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const ours = Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith('@x/'));
  npmInstall(folder, [source, ...ours.map((name) => folderOf(source, name))].map(tarballOf));
  return { folder, manifest, source };
}

/** Adds the optional peers, which some entries need. */
export function installPeers({ folder, manifest }: Project): void {
  const peers = Object.entries(manifest.peerDependencies ?? {}).map(([name, range]) => `${name}@${range}`);
  if (peers.length > 0) npmInstall(folder, peers);
}

/** Names of the packages of this repository that are installed. */
export function ours({ folder }: Project): string[] {
  return readdirSync(join(folder, 'node_modules/@x')).map((name) => `@x/${name}`);
}

/** The entries that a user may import, as import specifiers. */
export function entries({ manifest }: Project): string[] {
  const subpaths = Object.keys(manifest.exports ?? {}).filter((subpath) => subpath !== './package.json');
  return subpaths.map((subpath) => manifest.name + subpath.slice(1));
}

function npmInstall(folder: string, what: readonly string[]): void {
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  execFileSync('npm', ['install', ...flags, ...what], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}
