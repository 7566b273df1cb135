import { OutOfMemoryError, WorkerError } from '../errors.ts';
import { names } from '../generated/plain.js';
import type { Handle, Report, Spawn } from './spawn.ts';

/** A job that all workers of a team were given. */
interface Job {
  /** A tile is finished. */
  tile(): void;
  /** Something went wrong; no more tiles should be started. */
  stop(): void;
  /** All workers are done with the job, or gone; `error` if something went wrong. Called once. */
  end(error?: Error): void;
}

/** Running workers. */
export interface Team {
  readonly threads: number;
  /** Sends `message`, completed by the job's id, to every worker. */
  start(message: object, job: Job): void;
  /** Stops the workers and ends all jobs with a WorkerError. */
  close(reason: string): void;
}

interface Pending {
  readonly job: Job;
  /** Workers that are still at it. */
  workers: number;
  error?: Error;
}

/** Starts `threads` workers and gives them the kernel. @throws (rejects) WorkerError when one cannot start. */
export async function startTeam(threads: number, spawn: Spawn, module: WebAssembly.Module): Promise<Team> {
  const pending = new Map<number, Pending>();
  const handles: Handle[] = [];
  let failure: WorkerError | undefined;
  let jobs = 0;

  function close(message: string, cause?: unknown): void {
    if (failure !== undefined) return;
    failure = new WorkerError(message, { cause });
    for (const handle of handles) handle.terminate();
    for (const { job } of pending.values()) job.end(failure);
    pending.clear();
  }

  function receive(report: Exclude<Report, { ready: true }>): void {
    const entry = pending.get(report.id);
    if (entry === undefined) return;
    if ('tile' in report) {
      entry.job.tile();
      return;
    }
    if (report.error !== undefined) {
      entry.error ??= errorOf(report.error);
      entry.job.stop();
    }
    entry.workers--;
    if (entry.workers > 0) return;
    pending.delete(report.id);
    if (pending.size === 0) for (const handle of handles) handle.hold(false);
    entry.job.end(entry.error);
  }

  await new Promise<void>((resolve, reject) => {
    let starting = threads;
    const died = (cause: unknown): void => {
      close(`pool: a worker died (${cause instanceof Error ? cause.message : cause}); make a new pool`, cause);
      reject(failure);
    };
    const report = (message: Report): void => {
      if (!('ready' in message)) receive(message);
      else if (--starting === 0) resolve();
    };
    try {
      while (handles.length < threads) handles.push(spawn({ report, died }));
      for (const handle of handles) handle.post({ module, names });
    } catch (error) {
      died(error);
    }
  });
  for (const handle of handles) handle.hold(false);

  return {
    threads,
    start(message, job) {
      if (failure !== undefined) return job.end(failure);
      const id = jobs++;
      pending.set(id, { job, workers: threads });
      for (const handle of handles) {
        handle.hold(true);
        handle.post({ ...message, id });
      }
    },
    close,
  };
}

function errorOf({ message, bytes }: { readonly message: string; readonly bytes?: number }): Error {
  if (bytes === undefined) return new WorkerError(`pool: a worker failed: ${message}`);
  return new OutOfMemoryError(`pool: a worker cannot allocate ${bytes} bytes; its memory is limited to 4 GiB`, bytes);
}
