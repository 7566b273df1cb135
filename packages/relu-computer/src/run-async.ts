import { AbortedError } from '@x/linalg/errors';
import { checkObject, checkWhole } from './arguments.ts';
import { atLimit, checkOnLimit } from './limit.ts';
import type { Machine, RunOptions, RunResult } from './machine.ts';

/** Steps of the first slice, and about how long a slice takes in the end. */
const FIRST = 64;
const SLICE_MS = 20;

/**
 * `machine.run` in slices, between which other things get their turn: a signal fires, a page is drawn, output is sent. `onProgress` is
 * called after each slice.
 *
 * @throws what `run` throws; AbortedError when `signal` fires. What was done stays done.
 */
export async function runAsync(machine: Machine, options: RunOptions): Promise<RunResult> {
  checkObject('runAsync', 'machine', machine, 'what createMachine returns');
  checkObject('runAsync', 'options', options);
  checkWhole('runAsync', 'maxSteps', options.maxSteps, 0);
  checkOnLimit('runAsync', options.onLimit);
  const { maxSteps, onLimit, signal, onProgress, breakpoints, ...rest } = options;
  const common = { ...rest, ...(breakpoints === undefined ? {} : { breakpoints }) };
  let taken = 0;
  for (let slice = FIRST; ; ) {
    if (signal?.aborted) throw new AbortedError(`runAsync: aborted after ${taken} steps`, { steps: taken });
    const start = performance.now();
    const { steps, reason } = machine.run({ ...common, maxSteps: Math.min(slice, maxSteps - taken) });
    taken += steps;
    onProgress?.(taken);
    if (reason !== 'limit') return { steps: taken, reason };
    if (taken >= maxSteps) return atLimit('runAsync', taken, onLimit);
    // A slice may end at a breakpoint, where the next one would not stop.
    if (breakpoints?.has(machine.pc)) return { steps: taken, reason: 'breakpoint' };
    slice = performance.now() - start < SLICE_MS ? 2 * slice : Math.max(1, Math.floor(slice / 2));
    await new Promise((resolve) => setTimeout(resolve));
  }
}
