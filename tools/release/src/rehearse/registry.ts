/** A package registry on this machine that holds what a rehearsal publishes, and nothing else. */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { newFolder } from './copy.ts';
import { terminal } from './shell.ts';

const VERDACCIO = fileURLToPath(new URL('bin/verdaccio', import.meta.resolve('verdaccio/package.json')));

export interface Registry {
  /** An .npmrc that takes @x from here, with leave to publish; everything else comes from wherever it usually does. */
  readonly npmrc: string;
  /** The published versions of a package, oldest first. */
  versions(name: string): Promise<string[]>;
  stop(): void;
}

export async function startRegistry(): Promise<Registry> {
  const folder = newFolder('registry');
  const address = `127.0.0.1:${await freePort()}`;
  const config = join(folder, 'config.yaml');
  writeFileSync(
    config,
    `storage: ${folder}/storage
auth: { htpasswd: { file: ${folder}/htpasswd, max_users: 1 } }
uplinks: {}
packages: { '@x/*': { access: $all, publish: $authenticated } }
log: { type: stdout, format: pretty, level: warn }
`,
  );
  const log = join(folder, 'log');
  const stdio = ['ignore', openSync(log, 'a'), openSync(log, 'a')] as const;
  const registry = spawn(process.execPath, [VERDACCIO, '--config', config, '--listen', address], { env: terminal(), stdio: [...stdio] });
  const url = `http://${address}/`;
  await answers(registry, `${url}-/ping`, log);
  const npmrc = join(folder, 'npmrc');
  writeFileSync(npmrc, `@x:registry=${url}\n//${address}/:_authToken=${await newUser(url)}\n`);
  return {
    npmrc,
    versions: async (name) => {
      const response = await fetch(url + name.replace('/', '%2f'));
      return response.status === 404 ? [] : Object.keys(((await response.json()) as { versions: object }).versions);
    },
    stop: () => void registry.kill(),
  };
}

async function newUser(url: string): Promise<string> {
  const response = await fetch(`${url}-/user/org.couchdb.user:rehearsal`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'rehearsal', password: 'on-loopback-only' }),
  });
  return ((await response.json()) as { token: string }).token;
}

async function answers(registry: ChildProcess, url: string, log: string): Promise<void> {
  const patience = AbortSignal.timeout(60_000);
  while (
    !(await fetch(url).then(
      (r) => r.ok,
      () => false,
    ))
  ) {
    if (patience.aborted || registry.exitCode !== null) throw new Error(`the registry did not start:\n${readFileSync(log, 'utf8')}`);
    await sleep(100);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
