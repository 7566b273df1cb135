/**
 * The process in which one experiment runs. Its parent (run.ts) sends one Request; it answers with Progress messages and one Answer.
 * Its working directory is the package's folder.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findInput } from '@x/inputs';
import { checkExperiment, checkOutcome } from './check.ts';
import type { Experiment, Outcome } from './experiment.ts';

export interface Request {
  readonly kind: 'run';
  readonly id: string;
  readonly quick: boolean;
  readonly seed: number;
}

export type Message =
  | { readonly kind: 'progress'; readonly fraction: number; readonly note?: string }
  | {
      readonly kind: 'answer';
      /** Absent when the file could not be imported. */
      readonly experiment?: Pick<Experiment, 'claim' | 'source' | 'inputs'>;
      readonly outcome: Outcome | { readonly error: string };
      readonly seconds: number;
    };

const abort = new AbortController();
// A terminal sends an interrupt to every process of the group; the parent decides what it means here.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(1));
process.on('message', (message: Request | { kind: 'abort' }) => {
  if (message.kind === 'abort') abort.abort();
  else
    answer(message).then(
      (reply) => process.send?.(reply, () => process.exit(0)),
      (error) =>
        process.send?.({ kind: 'answer', outcome: { error: explain(error) }, seconds: 0 } satisfies Message, () => process.exit(0)),
    );
});

async function answer({ id, quick, seed }: Request): Promise<Message> {
  const url = pathToFileURL(join('experiments', `${id}.ts`)).href;
  let experiment: Experiment | undefined;
  let start = performance.now();
  const finish = (outcome: Outcome | { error: string }): Message => ({
    kind: 'answer',
    ...(experiment && { experiment: { claim: experiment.claim, source: experiment.source, inputs: [...experiment.inputs] } }),
    outcome,
    seconds: (performance.now() - start) / 1000,
  });
  try {
    experiment = checkExperiment(await import(url), id);
    const paths = new Map(experiment.inputs.map((name) => [name, findInput(name, url)] as const));
    const missing = [...paths].filter(([, path]) => path === undefined).map(([name]) => name);
    if (missing.length > 0) return finish(skipped(missing));
    start = performance.now();
    const outcome = await experiment.run({
      quick,
      seed,
      signal: abort.signal,
      progress: (fraction, note) =>
        process.send?.({ kind: 'progress', fraction, ...(note === undefined ? {} : { note }) } satisfies Message),
      input: (name) => {
        const path = paths.get(name);
        if (path === undefined) throw new Error(`ctx.input: '${name}' is not in this experiment's inputs; add it there`);
        return path;
      },
    });
    return finish(checkOutcome(outcome, id));
  } catch (error) {
    return finish({ error: explain(error) });
  }
}

function skipped(missing: readonly string[]): Outcome {
  return { measured: '-', bound: '-', verdict: 'skipped', note: `Missing input: ${missing.join(', ')}.` };
}

/** The stack, with paths relative to the package, and what caused the error. */
function explain(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? String(error)) : `thrown: ${String(error)}`;
  const cause = error instanceof Error && error.cause !== undefined ? `\ncaused by ${explain(error.cause)}` : '';
  return text.replaceAll(`${pathToFileURL(process.cwd()).href}/`, '') + cause;
}
