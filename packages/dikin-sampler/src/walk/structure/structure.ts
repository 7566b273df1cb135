import type { Csr } from '@x/linalg';
import type { Frame } from '../../frame.ts';
import { rowOf } from '../../sparse.ts';
import { minimumDegree } from './minimum-degree.ts';
import { type Supernodes, supernodes } from './supernodes.ts';

/** How the metric A^T S^{-2} A + P + r^2 M is made from its entries: sparse elimination, and Woodbury's formula for the rows that are not sparse. */
export interface Structure {
  readonly order: Int32Array;
  readonly nodes: Supernodes;
  /** The rows for Woodbury's formula. */
  readonly few: readonly number[];
  readonly fixed: readonly Fixed[];
}

/** An entry of P and M, row <= col. */
export interface Fixed {
  readonly row: number;
  readonly col: number;
  readonly P: number;
  readonly soft: number;
}

/** Nanoseconds of the kernel on the machine it was written on; only their ratios matter, and they choose, never change, what is computed. */
const NS = { denseFlop: 0.08, pair: 1.2, product: 0.35, move: 1.2, node: 40, entry: 0.6, gram: 0.12 };

/**
 * The way to make the metric that is estimated to be the fastest, over the rows that may be left to Woodbury's formula: those with more than
 * 1, 2, 4, ... entries. Undefined where that is the dense product.
 *
 * @param always - takes the best way that is not dense.
 */
export function structureOf({ A, quadratic, soft }: Frame, always: boolean): Structure | undefined {
  const { rows: n, cols: d } = A;
  const fixed = fixedOf(d, quadratic?.P, soft);
  let best: Structure | undefined;
  let least = always ? Number.POSITIVE_INFINITY : NS.denseFlop * (n * d * d + (d * d * d) / 3);
  if (!always && 2 * fixed.length > FULL * d * d) return undefined;
  const lengths = Array.from({ length: n }, (_, i) => A.indptr[i + 1]! - A.indptr[i]!);
  const longest = Math.max(0, ...lengths);
  const bounded = coordinatesWithBounds(A, fixed);
  let tried = -1;
  for (let limit = 1; ; limit *= 2) {
    const few = lengths.flatMap((length, i) => (length > limit ? [i] : []));
    const pairs = lengths.reduce((sum, length) => (length > limit ? sum : sum + (length * (length + 1)) / 2), 0);
    // Without an entry on all of the diagonal the sparse part has no factor.
    if (few.length !== tried && (few.length === 0 || bounded) && cost(d, pairs, few.length) < least) {
      const elimination = minimumDegree(neighboursOf(A, limit, fixed));
      const nodes = supernodes(elimination);
      const time = cost(d, pairs, few.length, nodes);
      if (time < least) {
        least = time;
        best = { order: elimination.order, nodes, few, fixed };
      }
    }
    tried = few.length;
    if (limit >= longest) return best;
  }
}

/** Above this share of nonzeros P and M leave nothing sparse. */
const FULL = 0.3;

function cost(d: number, pairs: number, m: number, nodes?: Supernodes): number {
  const elimination =
    nodes === undefined
      ? 0
      : NS.product * nodes.work + NS.move * nodes.moves + NS.node * (nodes.count + nodes.updateNode.length) + NS.entry * m * nodes.size;
  return NS.pair * pairs + NS.gram * (m * m * d + (m * m * m) / 3) + elimination;
}

function fixedOf(d: number, P: Float64Array | undefined, soft: Float64Array | undefined): Fixed[] {
  const fixed: Fixed[] = [];
  if (P === undefined && soft === undefined) return fixed;
  for (let row = 0; row < d; row++) {
    for (let col = row; col < d; col++) {
      const entry = { row, col, P: P?.[row * d + col] ?? 0, soft: soft?.[row * d + col] ?? 0 };
      if (entry.P !== 0 || entry.soft !== 0) fixed.push(entry);
    }
  }
  return fixed;
}

function coordinatesWithBounds(A: Csr, fixed: readonly Fixed[]): boolean {
  const bounded = new Uint8Array(A.cols);
  for (let i = 0; i < A.rows; i++) if (A.indptr[i + 1]! - A.indptr[i]! === 1) bounded[A.indices[A.indptr[i]!]!] = 1;
  for (const { row, col, P } of fixed) if (row === col && P > 0) bounded[row] = 1;
  return bounded.every((flag) => flag === 1);
}

function neighboursOf(A: Csr, limit: number, fixed: readonly Fixed[]): Set<number>[] {
  const neighbours = Array.from({ length: A.cols }, () => new Set<number>());
  for (let i = 0; i < A.rows; i++) {
    const { columns } = rowOf(A, i);
    if (columns.length > limit) continue;
    for (const j of columns) for (const k of columns) if (j !== k) neighbours[j]!.add(k);
  }
  for (const { row, col } of fixed) {
    if (row === col) continue;
    neighbours[row]!.add(col);
    neighbours[col]!.add(row);
  }
  return neighbours;
}
