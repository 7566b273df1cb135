import { setImmediate as pause } from 'node:timers/promises';
import { InputExhaustedError, type Machine, type RunResult } from '../index.ts';

export interface Running {
  readonly maxSteps: number;
  readonly verifyEvery: number | undefined;
  readonly signal: AbortSignal;
  /** Words that the machine reads: they are put here as they come. */
  readonly waiting: number[];
  /** More words, or undefined when there are no more. */
  more(): Promise<readonly number[] | undefined>;
  progress(fraction: number): void;
}

/** A slice of a run takes about this long, so that Ctrl-C and output are not held up. */
const SLICE_MS = 30;

/** Steps of a slice, and so words that wait to be sent. */
const MOST_STEPS = 2 ** 16;

/**
 * Runs a machine in slices, and yields after each, and before it waits for input.
 *
 * @returns why it stopped; undefined where the signal fired.
 * @throws InputExhaustedError where the program reads beyond the end of its input.
 */
export async function* running(machine: Machine, options: Running): AsyncGenerator<void, RunResult['reason'] | undefined> {
  const { maxSteps, verifyEvery, signal, waiting, more, progress } = options;
  let slice = 64;
  while (!signal.aborted) {
    const start = performance.now();
    const left = maxSteps - machine.steps;
    try {
      const { reason } = machine.run({ maxSteps: Math.min(slice, left), ...(verifyEvery === undefined ? {} : { verifyEvery }) });
      if (reason !== 'limit' || left <= slice) {
        yield;
        return reason;
      }
    } catch (error) {
      if (!(error instanceof InputExhaustedError)) throw error;
      yield;
      const words = await more();
      if (words === undefined) throw error;
      for (const word of words) waiting.push(word);
      continue;
    }
    yield;
    progress(machine.steps / maxSteps);
    await pause();
    slice = performance.now() - start < SLICE_MS ? Math.min(MOST_STEPS, 2 * slice) : Math.max(1, Math.floor(slice / 2));
  }
  return undefined;
}
