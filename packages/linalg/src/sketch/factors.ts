import type { Kernel } from '../kernel/instance.ts';
import { allocate, type Pointer, withWorkspace, writeVector } from '../kernel/workspace.ts';
import { type Csr, isCsr, type Matrix } from '../sparse/csr.ts';
import { blockRows, f64At, forEachFiniteBlock } from '../sparse/rows.ts';
import { scaleColumns } from './columns.ts';

/** A small matrix, row-major, that multiplies a tall one from the right. */
export interface Factor {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
  /** Nothing below the diagonal. */
  readonly upper: boolean;
}

/** Factors for A with scaled columns. */
interface Scaled {
  /** Ones by default. */
  readonly columnScale: Float64Array | undefined;
  readonly factors: readonly Factor[];
}

/** Columns of an upper triangular factor that share one product: rows below them are zero and left out. */
const PANEL = 48;

/**
 * Calls `visit` with rows first, ..., first + count - 1 of A F_1 F_2 ..., row-major, block by block; the block may be overwritten.
 *
 * @param A - known to be finite: who makes factors of A has read it.
 */
export function applyFactors(
  k: Kernel,
  A: Matrix,
  factors: readonly Factor[],
  visit: (block: Pointer, first: number, count: number) => void,
): void {
  const widest = Math.max(A.cols, ...factors.map((f) => f.cols));
  const rows = blockRows(widest);
  const written = factors.map((f) => ({ ...f, at: writeVector(k, f.data) }));
  // Products go back and forth between two blocks.
  const spare = [0, 1].map(() => allocate(k, 8 * Math.min(rows, A.rows) * widest)) as [Pointer, Pointer];
  const rest = (block: Pointer, from: number, first: number, count: number): void => {
    let current = block;
    for (let f = from; f < written.length; f++) {
      const to = spare[f % 2]!;
      multiply(k, count, current, written[f]!, to);
      current = to;
    }
    visit(current, first, count);
  };
  const [head] = written;
  if (isCsr(A) && head) sparseTimes(k, A, rows, head, spare[0], (first, count) => rest(spare[0], 1, first, count));
  else forEachFiniteBlock(k, A, rows, (block, first, count) => rest(block, 0, first, count));
}

/** y (rows x F.cols) <- x F. */
function multiply(k: Kernel, rows: number, x: Pointer, F: Factor & { at: Pointer }, y: Pointer): void {
  const { cols, rows: inner, at } = F;
  const panel = F.upper ? PANEL : Math.max(cols, 1);
  for (let j = 0; j < cols; j += panel) {
    const width = Math.min(panel, cols - j);
    const depth = F.upper ? j + width : inner;
    k.dgemm(rows, width, depth, 1, x, inner, 1, at + 8 * j, cols, 1, 0, y + 8 * j, cols, 1);
  }
}

/** out <- the sparse rows times F, block by block. */
function sparseTimes(
  k: Kernel,
  A: Csr,
  rows: number,
  F: Factor & { at: Pointer },
  out: Pointer,
  visit: (first: number, count: number) => void,
): void {
  const indptr = writeVector(k, A.indptr);
  const indices = writeVector(k, A.indices);
  const data = writeVector(k, A.data);
  for (let first = 0; first < A.rows; first += rows) {
    const count = Math.min(rows, A.rows - first);
    const start = A.indptr[first]!;
    k.dcsrmm(count, indptr + 4 * first, indices + 4 * start, data + 8 * start, F.cols, F.at, out);
    visit(first, count);
  }
}

/** The squared row norms of A times the basis' factors, rounded down to 1 where they exceed it. */
export function rowNorms(A: Matrix, { columnScale, factors }: Scaled): Float64Array {
  return withWorkspace((k) => {
    const sums = allocate(k, 8 * A.rows);
    f64At(k, sums, A.rows).fill(0);
    const scaled = scaleColumns(A, columnScale);
    const last = factors.at(-1);
    if (last && (!isCsr(A) || factors.length > 1)) {
      // The last product is summed where it arises.
      const { rows: d, cols, data, upper } = last;
      const panels = allocate(k, 8 * d * (cols + 8));
      k.dpackColumns(d, cols, writeVector(k, data), panels);
      applyFactors(k, scaled, factors.slice(0, -1), (rows, first, count) =>
        k.daddProductSquares(count, d, cols, rows, panels, upper, sums + 8 * first),
      );
    } else {
      const width = last?.cols ?? 0;
      applyFactors(k, scaled, factors, (rows, first, count) => k.daddRowSquares(count, width, rows, sums + 8 * first));
    }
    return f64At(k, sums, A.rows).map((tau) => Math.min(tau, 1));
  });
}
