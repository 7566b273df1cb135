import { pause } from '../pause.ts';
import type { Walk } from './walk.ts';

/** Runs long walks in slices and gives the event loop a turn between them. */
export interface Pace {
  /** Makes `steps` steps; returns how many moved. The slices do not change the result. @throws what `signal` was aborted with. */
  advance(walk: Pick<Walk, 'advance'>, steps: number): Promise<number>;
}

/** A screen refreshes every 16 ms; slices of half of that leave it smooth. */
const SLICE_MS = 8;

export function pace(signal?: AbortSignal): Pace {
  let slice = 16;
  let last = performance.now();
  return {
    async advance(walk, steps) {
      let moved = 0;
      for (let done = 0; done < steps; ) {
        const count = Math.min(slice, steps - done);
        const before = performance.now();
        moved += walk.advance(count);
        done += count;
        const now = performance.now();
        if (count === slice) slice = Math.max(1, now - before < SLICE_MS / 2 ? slice * 2 : now - before > SLICE_MS ? slice >> 1 : slice);
        if (now - last > SLICE_MS) {
          await pause();
          signal?.throwIfAborted();
          last = performance.now();
        }
      }
      return moved;
    },
  };
}
