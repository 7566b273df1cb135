/** What long computations share: the signal that stops them, the callback that hears of their progress, turns of the event loop. */
import { checkCallback, kindOf } from './check.ts';
import { AbortedError, ArgumentError } from './errors.ts';

/** @throws ArgumentError unless signal and callback are such, or left out; AbortedError, with nothing in `partial`, when the signal has fired already. */
export function checkRunning(
  operation: string,
  { signal, onProgress }: { readonly signal?: AbortSignal; readonly onProgress?: unknown },
): void {
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw new ArgumentError(`${operation}: signal is ${kindOf(signal)}; it must be an AbortSignal`, 'signal');
  }
  checkCallback(operation, 'onProgress', onProgress);
  if (signal?.aborted) throw new AbortedError(`${operation}: aborted before it started`);
}

/** A computation in steps, after each of which it yields. */
export type Steps<R> = Generator<void, R, void>;

/** All steps at once. */
export function run<R>(steps: Steps<R>): R {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** A turn of the event loop after each step. */
export async function runAsync<R>(steps: Steps<R>): Promise<R> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await turn();
  }
}

/** Resolves in a new turn of the event loop. Unlike timers, messages are neither clamped to 4 ms nor slowed down in background tabs. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
