import { isCsr, type Matrix } from '@x/linalg';
import { type RowReader, rowReader } from './design.ts';
import type { Kernel } from './kernel/instance.ts';

/** Rows of a block: panels of four columns then take 8 KiB, so that two fit a first-level cache. */
export const BLOCK = 256;

/** Bytes of the largest dense design that stays in the kernel. */
const RESIDENT = 2 ** 31;

/** Numbers in the kernel's memory; WebAssembly hands addresses out as signed numbers. A view is good until memory grows. */
export type View = (pointer: number, count: number) => Float64Array;

export function viewOf(k: Kernel): View {
  let heap = new Float64Array(k.memory.buffer);
  return (pointer, count) => {
    if (heap.buffer !== k.memory.buffer) heap = new Float64Array(k.memory.buffer);
    const start = (pointer >>> 0) / 8;
    return heap.subarray(start, start + count);
  };
}

/** The rows of a design as the kernel sees them. */
export interface RowStore {
  readonly reader: RowReader;
  /** Where rows first, ..., first + count - 1 stand, row-major; behind the last one there are finite numbers for three more rows. */
  at(first: number, count: number): number;
  /** The same for the rows rows[first], ..., rows[first + count - 1]; `count` at most BLOCK. */
  gathered(rows: Int32Array, first: number, count: number): number;
}

/** @param resident - whether a dense design of up to 2 GiB is copied now, rather than block by block at each pass. */
export function rowStore(k: Kernel, view: View, A: Matrix, resident: boolean): RowStore {
  const { rows: n, cols: d } = A;
  const reader = rowReader(A);
  const allocated = (rows: number): number => {
    const pointer = k.allocate(8 * (rows + 3) * d);
    view(pointer, (rows + 3) * d).fill(0);
    return pointer;
  };
  const block = allocated(Math.min(BLOCK, n));
  const gathered = (rows: Int32Array, first: number, count: number): number => {
    reader.chosen(rows, first, count, view(block, count * d));
    return block;
  };
  if (!resident || isCsr(A) || 8 * n * d > RESIDENT) {
    return {
      reader,
      gathered,
      at(first, count) {
        reader.range(first, count, view(block, count * d));
        return block;
      },
    };
  }
  const all = allocated(n) >>> 0;
  reader.range(0, n, view(all, n * d));
  return { reader, gathered, at: (first) => all + 8 * first * d };
}
