import { resolve } from 'node:path';
import { type Cli, command, type Example, SEED } from '@x/cli';
import type { Package } from './collect.ts';
import { reproduce } from './reproduce.ts';

/** What a command runs, and where its report goes unless --out says otherwise. */
export interface Job {
  readonly root: string;
  readonly packages: readonly Package[];
  readonly out: string;
}

export interface CommandTexts {
  readonly name: string;
  readonly description: string;
  /** Help of --only. */
  readonly only: string;
  readonly examples: readonly Example[];
}

/** A program that runs experiments. `prepare` finds (and builds) what is asked for by --only, a list that may be empty. */
export function program(texts: CommandTexts, prepare: (only: readonly string[], signal: AbortSignal) => Promise<Job>): Cli {
  const options = {
    only: { type: 'text', value: 'LIST', help: texts.only },
    quick: { type: 'flag', help: 'smaller sizes, same claims: seconds instead of minutes' },
    seed: SEED,
    out: { type: 'text', value: 'DIR', help: 'folder for report.html and report.json' },
    'write-readme': { type: 'flag', help: "write the results between the claims markers of the package's README" },
  } as const;
  const { name, description, examples } = texts;
  return {
    name,
    description,
    commands: command({
      description,
      options,
      examples,
      run: async ({ options: given, signal, progress, note }) => {
        const job = await prepare(given.only?.split(',').filter(Boolean) ?? [], signal);
        return reproduce({
          ...job,
          out: given.out === undefined ? job.out : resolve(given.out),
          quick: given.quick,
          seed: given.seed,
          writeReadme: given['write-readme'],
          signal,
          progress,
          note,
        });
      },
    }),
  };
}
