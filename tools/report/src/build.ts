import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Package } from './collect.ts';

/**
 * Builds packages and what they need; turbo leaves out what is up to date.
 *
 * @throws Error with what turbo printed, when a build fails; AbortError when `signal` fires.
 */
export async function build(root: string, packages: readonly Package[], signal: AbortSignal): Promise<void> {
  const names = packages.map(({ name }) => name);
  process.stderr.write(`building ${names.join(', ')}\n`);
  const args = ['run', 'build', '--output-logs=errors-only', ...names.map((name) => `--filter=${name}`)];
  const child = spawn(join(root, 'node_modules/.bin/turbo'), args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
    signal,
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`the build failed: turbo ${args.join(' ')}\n${output.join('')}`);
}
