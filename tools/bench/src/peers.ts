import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf } from './measure.ts';
import { repositoryOf } from './repository.ts';

/** A peer cannot be had on this machine. */
export class AbsentError extends Error {
  override readonly name = 'AbsentError';
}

const DONE = 'installed.json';
const failures = new Map<string, AbsentError>();

/**
 * A package to compare with, installed on demand and never a dependency: `await peer('ml-matrix@6.15.1')`, or a sub-path of it:
 * `await peer('onnxruntime-web@1.30.0/wasm')`.
 *
 * @returns the module's namespace.
 * @throws AbsentError, which the harness reports as absent.
 */
// biome-ignore lint/suspicious/noExplicitAny: its types are not installed when ours are checked.
export async function peer(spec: string): Promise<any> {
  return (await peers(spec))[0];
}

/** Several packages that must share their dependencies, installed together: their namespaces, in order. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export async function peers(...specs: string[]): Promise<any[]> {
  const folder = peerFolder(...specs);
  const known = failures.get(folder);
  if (known) throw known;
  try {
    if (!existsSync(join(folder, DONE))) install(folder, specs);
    const { modules } = await import(pathToFileURL(join(folder, 'modules.mjs')).href);
    return modules;
  } catch (error) {
    const absent = error instanceof AbsentError ? error : new AbsentError(`${specs.join(', ')}: ${messageOf(error)}`);
    failures.set(folder, absent);
    throw absent;
  }
}

/** Where `peers` installs these, e.g. to find data files of theirs below node_modules. */
export function peerFolder(...specs: string[]): string {
  return join(cacheFolder(), specs.join('+').replaceAll('/', '_'));
}

/** Name, version and sub-path of `@scope/name@1.2.3/sub/path`. */
export function parseSpec(spec: string): { name: string; version: string; subpath: string } {
  const match = /^((?:@[^/@]+\/)?[^/@]+)@(\d[^/]*)((?:\/.+)?)$/.exec(spec);
  if (!match) throw new Error(`peer: '${spec}' is not NAME@VERSION or NAME@VERSION/PATH with an exact version`);
  const [, name, version, subpath] = match as unknown as [string, string, string, string];
  return { name, version, subpath };
}

function install(folder: string, specs: readonly string[]): void {
  const wanted = specs.map(parseSpec);
  const building = `${folder}.${process.pid}`;
  rmSync(building, { recursive: true, force: true });
  mkdirSync(building, { recursive: true });
  const dependencies = Object.fromEntries(wanted.map(({ name, version }) => [name, version]));
  writeFileSync(join(building, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const imports = wanted.map(({ name, subpath }, k) => `import * as m${k} from '${name}${subpath}';`);
  writeFileSync(join(building, 'modules.mjs'), `${imports.join('\n')}\nexport const modules = [${wanted.map((_, k) => `m${k}`)}];\n`);
  process.stderr.write(`installing ${specs.join(', ')}\n`);
  try {
    // A nested npm must not take settings of the pnpm that may have started us, but for the way to the registry; scripts of strangers are
    // not run.
    const env = Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !/^(npm|pnpm)_config_/i.test(name) || /registry|cafile|_ca$|strict_ssl|proxy/i.test(name),
      ),
    );
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], {
      cwd: building,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 300_000,
    });
  } catch (error) {
    rmSync(building, { recursive: true, force: true });
    const stderr = String((error as { stderr?: unknown }).stderr ?? '').trim();
    throw new AbsentError(`npm could not install ${specs.join(', ')}: ${stderr.split('\n')[0] || messageOf(error)}`);
  }
  writeFileSync(join(building, DONE), JSON.stringify(dependencies));
  rmSync(folder, { recursive: true, force: true });
  renameSync(building, folder);
}

/** In node_modules of the repository, which git ignores. */
function cacheFolder(): string {
  return join(repositoryOf(process.cwd()), 'node_modules', '.cache', 'x-peers');
}
