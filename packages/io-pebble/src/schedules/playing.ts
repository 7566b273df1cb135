import { ArgumentError } from '@x/linalg/errors';
import { CapacityError } from '../errors.ts';
import { type DagBuilder, dagBuilder, type PebbleDag } from '../pebble/dag.ts';
import { COMPUTE, DELETE, LOAD, STORE } from '../pebble/moves.ts';
import type { Traffic } from './counting.ts';
import type { Cell, Machine, Span, Tensor, Tile } from './machine.ts';

/** A value, and the vertex that it is; a constant is none. */
interface Held extends Cell {
  readonly vertex: number | undefined;
}

const ZERO: Held = { value: 0, vertex: undefined };

/** What a schedule did, entry by entry. */
export interface Played extends Traffic {
  readonly dag: PebbleDag;
  /** Legal under the option `slide`: an accumulator is overwritten in place. */
  readonly moves: Int32Array;
  /** Row-major values of every matrix in slow memory, by name. */
  readonly results: ReadonlyMap<string, Float64Array>;
}

interface PlayedTile extends Tile {
  readonly cells: (Held | undefined)[];
}

/**
 * A machine that runs a schedule on data, and writes down the DAG of what it computes and the moves by which it does.
 *
 * @param inputs - row-major values by name.
 * @param outputs - names of the matrices that must be in slow memory at the end.
 */
export function playingMachine(
  M: number,
  inputs: ReadonlyMap<string, ArrayLike<number>>,
  outputs: readonly string[],
): Machine & { finish(): Played } {
  const dag: DagBuilder = dagBuilder();
  const moves: number[] = [];
  const slow = new Map<string, (Held | undefined)[]>();
  const traffic = { loads: 0, stores: 0, peak: 0 };
  let live = 0;

  const room = (rows: number, cols: number, width = 1): PlayedTile => {
    if (width !== 1) throw new ArgumentError('play: moves are written for accumulators of one word only', 'accumulator');
    live += rows * cols;
    traffic.peak = Math.max(traffic.peak, live);
    if (live > M) throw new CapacityError(`schedule: ${live} words are needed at once; fast memory has ${M}`, live, M);
    return { rows, cols, width, cells: new Array<Held | undefined>(rows * cols).fill(undefined) };
  };
  const cellsOf = (tile: Tile) => (tile as PlayedTile).cells;
  const place = (tensor: Tensor, rows: Span, cols: Span, i: number, j: number) => (rows.start + i) * tensor.cols + cols.start + j;
  /** Cells with a vertex, by vertex: a value is in fast memory once. */
  const release = (held: Held | undefined): void => {
    if (held?.vertex !== undefined) moves.push(4 * held.vertex + DELETE);
  };

  const machine: Machine & { finish(): Played } = {
    tensor(name, rows, cols, width = 1) {
      if (!slow.has(name)) {
        const given = inputs.get(name);
        const entries = new Array<Held | undefined>(rows * cols).fill(undefined);
        if (given !== undefined) {
          if (given.length !== rows * cols) {
            throw new ArgumentError(`play: input ${name} has ${given.length} entries; it must have ${rows} x ${cols}`, name);
          }
          for (let k = 0; k < entries.length; k++) entries[k] = { value: given[k]!, vertex: dag.input() };
        }
        slow.set(name, entries);
      }
      return { name, rows, cols, width };
    },
    room,
    load(tensor, rows, cols, entries) {
      const tile = room(rows.size, cols.size);
      const from = slow.get(tensor.name)!;
      for (let i = 0; i < rows.size; i++) {
        for (let j = 0; j < cols.size; j++) {
          if (entries !== undefined && !entries.has(i, j)) continue;
          const held = from[place(tensor, rows, cols, i, j)];
          if (held === undefined) throw new Error(`${tensor.name}: an entry is read that was never written`);
          moves.push(4 * held.vertex! + LOAD);
          traffic.loads++;
          tile.cells[i * cols.size + j] = held;
        }
      }
      return tile;
    },
    store(tile, tensor, rows, cols, entries) {
      const cells = cellsOf(tile);
      const to = slow.get(tensor.name)!;
      for (let i = 0; i < rows.size; i++) {
        for (let j = 0; j < cols.size; j++) {
          if (entries !== undefined && !entries.has(i, j)) continue;
          let held = cells[i * cols.size + j];
          if (held?.vertex === undefined) {
            // A constant is computed from anything that is there: some value of the tile.
            const anchor = cells.find((cell) => cell?.vertex !== undefined);
            if (anchor === undefined) throw new Error(`${tensor.name}: a tile is stored in which nothing was computed`);
            held = { value: held?.value ?? 0, vertex: dag.node([anchor.vertex!]) };
            cells[i * cols.size + j] = held;
            moves.push(4 * held.vertex! + COMPUTE);
          }
          moves.push(4 * held.vertex! + STORE);
          traffic.stores++;
          to[place(tensor, rows, cols, i, j)] = held;
        }
      }
    },
    free(...tiles) {
      for (const tile of tiles) {
        for (const held of cellsOf(tile)) release(held);
        live -= tile.rows * tile.cols;
      }
    },
    compute(kernel) {
      kernel({
        get: (tile, i, j) => cellsOf(tile)[i * tile.cols + j] ?? ZERO,
        set(tile, i, j, from, f) {
          const cells = cellsOf(tile);
          const at = i * tile.cols + j;
          const old = cells[at];
          const value = f(...from.map((cell) => cell.value));
          const vertices = from.flatMap((cell) => (cell as Held).vertex ?? []);
          const reused = old?.vertex !== undefined && vertices.includes(old.vertex);
          if (!reused) release(old);
          if (vertices.length === 0) {
            cells[at] = { value, vertex: undefined };
            return;
          }
          const vertex = dag.node(vertices);
          moves.push(4 * vertex + COMPUTE);
          if (reused) release(old);
          cells[at] = { value, vertex };
        },
        clear(tile, i, j) {
          const cells = cellsOf(tile);
          release(cells[i * tile.cols + j]);
          cells[i * tile.cols + j] = undefined;
        },
      });
    },
    finish() {
      for (const name of outputs) for (const held of slow.get(name) ?? []) if (held?.vertex !== undefined) dag.output(held.vertex);
      const results = new Map([...slow].map(([name, entries]) => [name, Float64Array.from(entries, (held) => held?.value ?? 0)]));
      return { dag: dag.build(), moves: Int32Array.from(moves), results, ...traffic };
    },
  };
  return machine;
}
