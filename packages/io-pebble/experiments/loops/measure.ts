import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Case, LINE } from './cases.ts';

const SOURCE = fileURLToPath(new URL('attention.c', import.meta.url));

/** Whether the machine has what `measure` runs. */
export function hasCachegrind(): boolean {
  try {
    for (const program of ['cc', 'valgrind']) execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Compiles attention.c and gives it, with a folder for its files, to `work`. */
export function withLoops<T>(work: (program: string, folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'loops-'));
  try {
    const program = join(folder, 'attention');
    // Without vectors every element is an access of its own, as in the schedules.
    execFileSync('cc', ['-O1', '-fno-tree-vectorize', '-o', program, SOURCE, '-lm']);
    return work(program, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** First-level data misses by cachegrind: LRU, a line read before it is written. */
export function dataMisses(
  program: string,
  folder: string,
  loop: string,
  { n, d, a, b, bytes, ways }: Omit<Case, 'loop' | 'agrees' | 'about'>,
): number {
  const file = join(folder, 'cachegrind.out');
  const cache = `--D1=${bytes},${ways === 0 ? bytes / LINE : ways},${LINE}`;
  execFileSync(
    'valgrind',
    ['--tool=cachegrind', '--cache-sim=yes', cache, `--cachegrind-out-file=${file}`, program, loop, ...[n, d, a, b].map(String)],
    {
      stdio: 'ignore',
    },
  );
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(readFileSync(file, 'utf8'))?.[1]?.trim().split(' ') ?? [];
  const events = field('events');
  const counts = field('summary').map(Number);
  return counts[events.indexOf('D1mr')]! + counts[events.indexOf('D1mw')]!;
}

/** Misses of the loop alone. */
export function missesOfLoop(program: string, folder: string, one: Case): number {
  return dataMisses(program, folder, one.loop, one) - dataMisses(program, folder, 'nothing', one);
}
