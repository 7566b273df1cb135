import type { Design } from '../design.ts';
import type { Histogram } from '../features/histogram.ts';
import type { Block, Privacy } from './mode.ts';
import { lawOf } from './scale.ts';

/** Nodes are numbered as in a heap: 1 is the root, 2 v and 2 v + 1 are the halves of v, cells + k is cell k. Node 0 does not exist. */
export function sumUp(leaves: Float64Array): Float64Array {
  const cells = leaves.length;
  const tree = new Float64Array(2 * cells);
  tree.set(leaves, cells);
  for (let v = cells - 1; v >= 1; v--) tree[v] = (tree[2 * v] as number) + (tree[2 * v + 1] as number);
  return tree;
}

/** Noise of one size for all nodes, if a row (or its change) moves them by `moved` in all: sizes for Laplace, squares for Gaussian noise. */
export function treeBlock({ cells, rowsPerUser }: Design, privacy: Privacy, moved: number): Block {
  const law =
    privacy.kind === 'laplace'
      ? lawOf('laplace', (moved * rowsPerUser) / privacy.epsilon)
      : lawOf('gaussian', (moved * rowsPerUser ** 2) / (2 * privacy.rho));
  return { length: 2 * cells - 1, law };
}

/** One node in each level has one more row; a changed row moves two in all levels but the root's. Counts are in units of 1 / one. */
export function countsMoved({ levels, one, adjacency }: Design, kind: Privacy['kind']): number {
  return (adjacency === 'replace' ? 2 * levels : levels + 1) * (kind === 'laplace' ? one : one * one);
}

/**
 * Sums of positions: a row at the right end moves all levels by R. Two rows at R and R (1 - d) that part below level s move its levels by
 * their distance, and two nodes by their positions in each deeper one; that is convex in d, which lies in [2^(-s-1), 2^-s].
 */
export function sumsMoved({ levels, cells, one, adjacency }: Design, kind: Privacy['kind']): number {
  const power = kind === 'laplace' ? 1 : 2;
  const most = (cells * one) ** power;
  if (adjacency === 'add-remove') return (levels + 1) * most;
  let worst = 1;
  for (let s = 0; s < levels; s++) {
    for (const d of [2 ** (-s - 1), 2 ** -s]) worst = Math.max(worst, (s + 1) * d ** power + (levels - s) * (1 + (1 - d) ** power));
  }
  return Math.max(worst, levels + 1) * most;
}

/** Counts, times `one`, and sums of positions. */
export function leavesOf({ counts, fractions }: Histogram, { one }: Design): { counts: Float64Array; sums: Float64Array } {
  return {
    counts: counts.map((c) => c * one),
    sums: fractions.map((f, k) => (counts[k] as number) * k * one + f),
  };
}
