import { type Dense, dense } from '@x/linalg';
import type { Frame } from '../coordinates.ts';
import type { Design } from '../design.ts';
import { type Kernel, newKernel } from '../kernel/instance.ts';
import { BLOCK, type RowStore, rowStore, type View, viewOf } from '../rows.ts';
import { thirdSize } from '../third.ts';

/** Where things of one block stand in the kernel's memory. */
export interface Room {
  /** n numbers of a block each. */
  readonly slacks: number;
  readonly factors: number;
  readonly weights: number;
  readonly sums: number;
  readonly vector: number;
  /** A triangular d x d matrix in panels, and a second one. */
  readonly packed: number;
  readonly form: number;
  readonly panels: number;
  readonly weighed: number;
  /** D x D, D = d rounded up to a multiple of four. */
  readonly product: number;
  readonly scratch: number;
}

/** Passes over the rows of a design, block by block, and the room in the kernel that they work in. */
export interface Passes {
  readonly n: number;
  readonly d: number;
  readonly b: Float64Array;
  readonly k: Kernel;
  readonly view: View;
  readonly rows: RowStore;
  readonly room: Room;
  /** d rounded up to a multiple of four. */
  readonly wide: number;
  /** Rows of the longest block, with their padding. */
  readonly most: number;
  /** Blocks of rows: where they stand, the first one, how many, and how many with the padding that the kernel wants. */
  eachBlock(work: (block: number, first: number, count: number, m: number) => void): void;
  /** Blocks of B in `panels`, with the squared norms of their rows in `sums`. */
  eachWhite(frame: Frame, work: (first: number, count: number, m: number) => void): void;
  /** 1 / slack for the rows of a block, and 0 for the padding, which then adds nothing anywhere. */
  scaleBy(slack: Float64Array, first: number, count: number): void;
  weigh(w: Float64Array, first: number, count: number): void;
  useFactor(U: Dense): void;
  /** product += B^T diag(w) B for the block in `panels`. */
  addWeighed(w: Float64Array, first: number, count: number, m: number): void;
  zero(pointer: number, count: number): void;
  /** What stands in `product`. */
  readSymmetric(): Dense;
  /** Where a tensor of zeros stands, the last one's numbers gone. */
  startThird(): number;
}

export function createPasses({ A, b: offsets }: Design, resident: boolean): Passes {
  const { rows: n, cols: d } = A;
  const b = offsets ?? new Float64Array(n);
  const k = newKernel();
  const view = viewOf(k);
  const rows = rowStore(k, view, A, resident);
  const wide = (d + 3) & ~3;
  const most = padded(Math.min(BLOCK, n));
  const numbers = (count: number) => k.allocate(8 * count);
  const square = numbers(d * d);
  const room: Room = {
    slacks: numbers(most),
    factors: numbers(most),
    weights: numbers(most),
    sums: numbers(most),
    vector: numbers(wide),
    packed: numbers(wide * d),
    form: numbers(wide * d),
    panels: numbers(most * wide),
    weighed: numbers(most * wide),
    product: numbers(wide * wide),
    scratch: numbers(most * Math.max(12, (wide >> 1) + 4)),
  };
  const { slacks, factors, weights, sums, packed, panels, weighed, product } = room;
  let tensor = 0;

  const eachBlock = (work: (block: number, first: number, count: number, m: number) => void): void => {
    for (let first = 0; first < n; first += BLOCK) {
      const count = Math.min(BLOCK, n - first);
      work(rows.at(first, count), first, count, padded(count));
    }
  };
  const scaleBy = (slack: Float64Array, first: number, count: number): void => {
    const to = view(slacks, most);
    to.set(slack.subarray(first, first + count));
    for (let i = count; i & 3; i++) to[i] = Number.POSITIVE_INFINITY;
    k.invert(padded(count), slacks, factors);
  };
  const weigh = (w: Float64Array, first: number, count: number): void => {
    const to = view(weights, most);
    to.set(w.subarray(first, first + count));
    for (let i = count; i & 3; i++) to[i] = 0;
  };
  const useFactor = (U: Dense): void => {
    copySquare(U, view(square, d * d));
    k.packFactor(d, square, packed);
  };
  const eachWhite = ({ Z, slack }: Frame, work: (first: number, count: number, m: number) => void): void => {
    useFactor(Z);
    eachBlock((block, first, count, m) => {
      scaleBy(slack, first, count);
      k.whiten(m, d, block, factors, packed, panels, sums);
      work(first, count, m);
    });
  };
  const zero = (pointer: number, count: number): void => {
    view(pointer, count).fill(0);
  };
  const readSymmetric = (): Dense => {
    const C = view(product, wide * wide);
    const data = new Float64Array(d * d);
    for (let i = 0; i < d; i++) {
      for (let j = 0; j <= i; j++) {
        data[i * d + j] = C[i * wide + j]!;
        data[j * d + i] = C[i * wide + j]!;
      }
    }
    return dense(d, d, data);
  };
  const addWeighed = (w: Float64Array, first: number, count: number, m: number): void => {
    weigh(w, first, count);
    k.weighPanels(m, d, panels, weights, weighed);
    k.addSymmetric(m, d, panels, weighed, product);
  };
  const startThird = (): number => {
    const size = thirdSize(d);
    tensor ||= numbers(size);
    zero(tensor, size);
    return tensor;
  };
  return {
    n,
    d,
    b,
    k,
    view,
    rows,
    room,
    wide,
    most,
    eachBlock,
    eachWhite,
    scaleBy,
    weigh,
    useFactor,
    addWeighed,
    zero,
    readSymmetric,
    startThird,
  };
}

/** Rows that the kernel works on for this many: a multiple of four. */
export function padded(count: number): number {
  return (count + 3) & ~3;
}

function copySquare({ rows, cols, data, offset, rowStride, colStride }: Dense, to: Float64Array): void {
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) to[i * cols + j] = data[offset + i * rowStride + j * colStride]!;
}
