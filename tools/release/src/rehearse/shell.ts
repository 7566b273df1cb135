import { execFile } from 'node:child_process';

/** Set by whoever runs these tests (pnpm, turbo, vitest), and not by a person at a terminal. */
const INHERITED = /^(npm_|pnpm_|PNPM_|NPM_|TURBO_|VITEST|INIT_CWD$|NODE_ENV$|NODE_PATH$|NODE_OPTIONS$|TEST$|X_)/;

/** The environment of a person at a terminal: no setting of a package manager, no command of this repository. */
export function terminal(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !INHERITED.test(name));
  const path = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules'));
  return { ...Object.fromEntries(own), PATH: path.join(':'), TURBO_TELEMETRY_DISABLED: '1', ...extra };
}

/** pnpm as a person without it runs it. */
export const PNPM: readonly string[] = ['npx', '-y', 'pnpm@12.21.0'];

/** Runs a command; resolves to what it prints. Rejects with the end of its output when it fails. */
export function run(command: readonly string[], folder: string, environment: NodeJS.ProcessEnv = terminal()): Promise<string> {
  const [file, ...args] = command as [string, ...string[]];
  return new Promise((resolve, reject) => {
    execFile(file, args, { cwd: folder, env: environment, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command.join(' ')}: exit ${error.code}\n${`${stdout}\n${stderr}`.slice(-6000)}`));
    });
  });
}
