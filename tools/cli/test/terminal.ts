import { spawnSync } from 'node:child_process';

/** util-linux's program that gives a command a terminal; BSD's takes other arguments. */
const PROGRAM = 'script';

/** Whether `inTerminal` works here. */
export const HAS_TERMINAL: boolean = process.platform === 'linux';

/** What a shell command shows on a terminal. */
export function inTerminal(command: string, cwd: string = process.cwd()): string {
  return spawnSync(PROGRAM, ['-qec', command, '/dev/null'], { cwd, encoding: 'utf8' }).stdout;
}
