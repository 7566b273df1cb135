import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';

/** What a reader needs to judge a duration, and to find the code that was run. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** Short hash of the commit, with `+` when files were changed since; absent outside a git checkout. */
  readonly commit?: string;
}

/** Facts of this machine and of the checkout at `root`. */
export function machine(root: string): Machine {
  const commit = describeCommit(root);
  return {
    cpu: cpus()[0]?.model.trim() || 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${process.arch}`,
    node: process.version,
    ...(commit === undefined ? {} : { commit }),
  };
}

function describeCommit(root: string): string | undefined {
  const { status, stdout } = spawnSync('git', ['describe', '--always', '--exclude=*', '--dirty=+'], { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
