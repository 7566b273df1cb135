import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { run, terminal } from './shell.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');

const made: string[] = [];

/** A new folder, there until `removeFolders`. */
export function newFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  made.push(folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/**
 * A repository like this one in a folder of its own: what git tracks here or would, as it stands, in one commit. Nothing is
 * installed or built.
 */
export async function copyRepository(): Promise<string> {
  const folder = join(newFolder('rehearsal'), 'repository');
  const paths = (await run(['git', 'ls-files', '--cached', '--others', '--exclude-standard', '-z'], ROOT)).split('\0');
  for (const path of paths.filter((p) => p !== '' && existsSync(join(ROOT, p)))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(ROOT, path), join(folder, path));
  }
  await run(['git', 'init', '-q', '-b', 'main'], folder);
  await run(['git', 'config', 'user.name', 'rehearsal'], folder);
  await run(['git', 'config', 'user.email', 'rehearsal@example.invalid'], folder);
  await commit(folder, 'A copy');
  return folder;
}

export async function commit(folder: string, message: string): Promise<void> {
  await run(['git', 'add', '-A'], folder);
  await run(['git', 'commit', '-q', '-m', message], folder);
}

/** Whoever builds in a copy finds what is built here already. */
export const sharingBuilds = (extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv =>
  terminal({ TURBO_CACHE_DIR: join(ROOT, '.turbo/cache'), ...extra });
