import { formatSeconds } from './format.ts';
import type { Watcher } from './run.ts';

/** Prints a line for each finished experiment to stderr. */
export function lines(total: number): Watcher {
  let done = 0;
  return {
    started: () => {},
    progress: () => {},
    finished: ({ package: name, id, verdict, seconds }) => {
      done++;
      process.stderr.write(`[${done}/${total}] ${name}/${id}: ${verdict} (${formatSeconds(seconds)})\n`);
    },
    printed: (line) => void process.stderr.write(`  | ${line}\n`),
  };
}

/** Fires on the first interrupt; a second one ends the process at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
      process.stderr.write('\ninterrupted: writing what is finished\n');
    });
  }
  return controller.signal;
}
