import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Package } from './collect.ts';
import { reproduce } from './reproduce.ts';
import { interruptSignal, lines } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** What both commands accept. */
export interface Arguments {
  readonly only: readonly string[];
  readonly quick: boolean;
  readonly json: boolean;
  readonly seed: number;
  readonly out: string | undefined;
  readonly writeReadme: boolean;
}

/** What a command runs, and where its report goes unless --out says otherwise. */
export interface Job {
  readonly root: string;
  readonly packages: readonly Package[];
  readonly out: string;
}

export const OPTIONS_HELP = `  --quick          smaller sizes, same claims: seconds instead of minutes
  --seed N         seed of everything random, a whole number >= 0 (default 1)
  --json           print the report as one JSON document instead of the table
  --out DIR        where report.html and report.json go
  --write-readme   write the results into the package's README, between its claims markers
  --help           this text

Ctrl-C stops: what is finished is reported. A second Ctrl-C stops at once.
Exit code: 0; 1 when a verdict is \`failed\`; 2 for a bad option; 130 when interrupted.`;

/** Runs a command from its arguments to its exit code. `prepare` turns the arguments into a job. */
export async function runCommand(help: string, prepare: (args: Arguments, signal: AbortSignal) => Promise<Job>): Promise<void> {
  const signal = interruptSignal();
  try {
    const args = readArguments(process.argv.slice(2));
    if (args === 'help') process.stdout.write(help);
    else {
      const job = await prepare(args, signal);
      const watcher = lines(job.packages.reduce((total, { ids }) => total + ids.length, 0));
      process.exitCode = await reproduce({ ...args, ...job, out: args.out ?? job.out, signal, watcher });
    }
  } catch (error) {
    process.exitCode = signal.aborted ? 130 : error instanceof UsageError ? 2 : 1;
    if (!signal.aborted) process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}

/** Reads the command line. @throws UsageError. */
export function readArguments(args: readonly string[]): Arguments | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const seed = Number(values.seed ?? 1);
  if (!Number.isSafeInteger(seed) || seed < 0 || values.seed === '') {
    throw new UsageError(`--seed is '${values.seed}'; it must be a whole number >= 0`);
  }
  const quick = values.quick === true;
  if (quick && values['write-readme']) throw new UsageError('--write-readme is for the full sizes; leave --quick out');
  return {
    only: values.only ?? [],
    quick,
    seed,
    json: values.json === true,
    out: values.out === undefined ? undefined : resolve(values.out),
    writeReadme: values['write-readme'] === true,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      // pnpm and turbo hand on the `--` that separates their options from these.
      args: args.filter((arg) => arg !== '--'),
      options: {
        only: { type: 'string', multiple: true },
        quick: { type: 'boolean' },
        seed: { type: 'string' },
        json: { type: 'boolean' },
        out: { type: 'string' },
        'write-readme': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}; --help lists the options`);
  }
}
