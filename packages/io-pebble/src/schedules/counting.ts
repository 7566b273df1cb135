import { CapacityError } from '../errors.ts';
import type { Entries, Machine, Span, Tensor } from './machine.ts';

/** Words moved, and the most that was in fast memory at once. */
export interface Traffic {
  readonly loads: number;
  readonly stores: number;
  readonly peak: number;
}

/** The same with lines: what moves when slow memory is read and written in aligned blocks. */
export interface LineTraffic extends Traffic {
  readonly lineLoads: number;
  readonly lineStores: number;
}

type Some = { readonly count: number; readonly has: Entries } | undefined;

/**
 * A machine that counts words and refuses to hold more than M. Cost: O(1) a tile; where lines are counted, O(its rows), or under a mask O(its
 * entries).
 *
 * @param lineWords - words of a line; 0 counts none. Matrices are row-major and begin on a line.
 */
export function countingMachine(M: number, lineWords = 0): Machine & { readonly traffic: LineTraffic; readonly live: number } {
  const traffic = { loads: 0, stores: 0, peak: 0, lineLoads: 0, lineStores: 0 };
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
      if (lineWords > 0) traffic.lineLoads += linesOf(lineWords, tensor, rows, cols, entries);
      return room(rows.size, cols.size, tensor.width);
    },
    store(_, tensor, rows, cols, entries) {
      traffic.stores += (entries?.count ?? rows.size * cols.size) * tensor.width;
      if (lineWords > 0) traffic.lineStores += linesOf(lineWords, tensor, rows, cols, entries);
    },
    free(...tiles) {
      for (const { rows, cols, width } of tiles) live -= rows * cols * width;
    },
    compute() {},
  };
}

/** Different lines that a part of a row-major matrix touches. */
function linesOf(lineWords: number, { cols: all, width }: Tensor, rows: Span, cols: Span, entries: Some): number {
  let [lines, last] = [0, -1];
  /** Words from `from` up to `to`, which come after all earlier ones. */
  const touch = (from: number, to: number): void => {
    const [first, end] = [Math.max(Math.floor(from / lineWords), last + 1), Math.floor((to - 1) / lineWords)];
    if (end >= first) lines += end - first + 1;
    last = Math.max(last, end);
  };
  if (cols.size === all && entries === undefined) {
    touch(rows.start * all * width, (rows.start + rows.size) * all * width);
    return lines;
  }
  for (let i = 0; i < rows.size; i++) {
    const row = (rows.start + i) * all + cols.start;
    if (entries === undefined) touch(row * width, (row + cols.size) * width);
    else for (let j = 0; j < cols.size; j++) if (entries.has(i, j)) touch((row + j) * width, (row + j + 1) * width);
  }
  return lines;
}
