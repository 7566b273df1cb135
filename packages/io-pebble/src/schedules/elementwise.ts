import { type Cells, type Machine, type Shape, type Span, spans, type Tensor, type Tile } from './machine.ts';
import { keysOf, seenQueries } from './rows.ts';

/** r_i = sum_k A_ik B_ik, an entry of each at a time. */
export function rowDots(machine: Machine, A: Tensor, B: Tensor, r: Tensor, accumulator: number): void {
  for (const row of spans(A.rows, 1)) {
    const sum = machine.room(1, 1, accumulator);
    for (const col of spans(A.cols, 1)) {
      const [a, b] = [machine.load(A, row, col), machine.load(B, row, col)];
      machine.compute((cells) =>
        cells.set(sum, 0, 0, [cells.get(sum, 0, 0), cells.get(a, 0, 0), cells.get(b, 0, 0)], (s, x, y) => s! + x! * y!),
      );
      machine.free(a, b);
    }
    machine.store(sum, r, row, { start: 0, size: 1 });
    machine.free(sum);
  }
}

/**
 * Replaces two values of each allowed pair by two others, a pair at a time.
 *
 * @param brought - one number a query, there while its row is worked on.
 */
export function mapPairs(
  machine: Machine,
  shape: Shape,
  [A, B]: readonly [Tensor, Tensor],
  outputs: readonly { readonly tensor: Tensor; readonly from: 0 | 1 }[],
  brought: readonly Tensor[],
  kernel: (cells: Cells, a: Tile, b: Tile, rows: readonly Tile[]) => void,
): void {
  for (const i of seenQueries(shape)) {
    const row: Span = { start: i, size: 1 };
    const had = brought.map((tensor) => machine.load(tensor, row, { start: 0, size: 1 }));
    for (const j of keysOf(shape, i)) {
      const at = { start: j, size: 1 };
      const tiles = [machine.load(A, row, at), machine.load(B, row, at)] as const;
      machine.compute((cells) => kernel(cells, tiles[0], tiles[1], had));
      for (const { tensor, from } of outputs) machine.store(tiles[from], tensor, row, at);
      machine.free(...tiles);
    }
    machine.free(...had);
  }
}
