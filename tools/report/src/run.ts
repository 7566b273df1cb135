import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Package } from './collect.ts';
import type { Result } from './report.ts';
import type { Message, Request } from './run-one.ts';

export interface RunOptions {
  readonly quick: boolean;
  readonly seed: number;
  /** When it fires, the running experiment is asked to stop, and ended if it does not. */
  readonly signal: AbortSignal;
  readonly watcher: Watcher;
}

/** Milliseconds that a running experiment has to stop. */
const GRACE = 3000;

/** What a caller may watch. */
export interface Watcher {
  started(name: string): void;
  progress(fraction: number, note?: string): void;
  finished(result: Result): void;
  /** A line that an experiment printed. */
  printed(line: string): unknown;
}

/**
 * Runs experiments one after another, each in a process of its own, so that one that throws, crashes or hangs takes no other with it.
 *
 * @returns the finished results in order, and the names (`package/id`) of those that an abort kept from finishing.
 */
export async function runAll(packages: readonly Package[], options: RunOptions): Promise<{ results: Result[]; unfinished: string[] }> {
  const results: Result[] = [];
  const unfinished: string[] = [];
  for (const { name, folder, ids } of packages) {
    for (const id of ids) {
      const result = options.signal.aborted ? undefined : await runOne(name, folder, id, options);
      if (result === undefined) unfinished.push(`${name}/${id}`);
      else {
        results.push(result);
        options.watcher.finished(result);
      }
    }
  }
  return { results, unfinished };
}

function runOne(name: string, folder: string, id: string, options: RunOptions): Promise<Result | undefined> {
  const { quick, seed, signal, watcher } = options;
  watcher.started(`${name}/${id}`);
  const child = fork(join(import.meta.dirname, 'run-one.ts'), {
    cwd: folder,
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let answer: Extract<Message, { kind: 'answer' }> | undefined;
  const output = new Tail();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => output.add(text).forEach((line) => void watcher.printed(line)));
  }
  child.on('message', (message: Message) => {
    // What a stopped experiment returns may be computed on half of its work: it is not kept.
    if (message.kind === 'answer') answer = signal.aborted ? undefined : message;
    else watcher.progress(message.fraction, message.note);
  });
  let deadline: NodeJS.Timeout | undefined;
  const stop = (): void => {
    if (child.connected) child.send({ kind: 'abort' }, () => {});
    deadline = setTimeout(() => child.kill('SIGKILL'), GRACE);
  };
  signal.addEventListener('abort', stop);
  child.send({ kind: 'run', id, quick, seed } satisfies Request, () => {});

  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, killedBy) => {
      clearTimeout(deadline);
      signal.removeEventListener('abort', stop);
      const crash = `its process ended with ${killedBy ?? `exit code ${code}`} before it returned\n${output.text}`;
      if (answer) resolve(toResult(name, id, answer));
      else resolve(signal.aborted ? undefined : toResult(name, id, { outcome: { error: crash }, seconds: 0 }));
    });
  });
}

function toResult(name: string, id: string, { experiment, outcome, seconds }: Omit<Extract<Message, { kind: 'answer' }>, 'kind'>): Result {
  const { claim, source, inputs } = experiment ?? { claim: `(experiments/${id}.ts gave no claim)`, source: '-', inputs: [] };
  const facts = { package: name, id, claim, source, inputs, seconds };
  if ('error' in outcome) return { ...facts, verdict: 'failed', measured: 'an error', bound: '-', error: outcome.error };
  const { verdict, measured, bound, note, table, plots } = outcome;
  return { ...facts, verdict, measured, bound, ...(note && { note }), ...(table && { table }), ...(plots && { plots }) };
}

/** Splits what a process prints into lines and keeps the last few thousand characters. */
class Tail {
  text = '';
  #rest = '';
  add(chunk: string): string[] {
    this.text = (this.text + chunk).slice(-4000);
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines;
  }
}
