import { CapacityError } from '../errors.ts';
import type { Machine } from './machine.ts';

/** Words moved, and the most that was in fast memory at once. */
export interface Traffic {
  readonly loads: number;
  readonly stores: number;
  readonly peak: number;
}

/** A machine that counts words and refuses to hold more than M. Cost: O(1) a tile. */
export function countingMachine(M: number): Machine & { readonly traffic: Traffic; readonly live: number } {
  const traffic = { loads: 0, stores: 0, peak: 0 };
  let live = 0;
  const room = (rows: number, cols: number, width = 1) => {
    live += rows * cols * width;
    if (live > traffic.peak) traffic.peak = live;
    if (live > M) throw new CapacityError(`schedule: ${live} words are needed at once; fast memory has ${M}`, live, M);
    return { rows, cols, width };
  };
  return {
    traffic,
    get live() {
      return live;
    },
    tensor: (name, rows, cols, width = 1) => ({ name, rows, cols, width }),
    room,
    load(tensor, rows, cols, entries) {
      traffic.loads += (entries?.count ?? rows.size * cols.size) * tensor.width;
      return room(rows.size, cols.size, tensor.width);
    },
    store(_, tensor, rows, cols, entries) {
      traffic.stores += (entries?.count ?? rows.size * cols.size) * tensor.width;
    },
    free(...tiles) {
      for (const { rows, cols, width } of tiles) live -= rows * cols * width;
    },
    compute() {},
  };
}
