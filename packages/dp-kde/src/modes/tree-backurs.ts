import { wipe } from '../features/histogram.ts';
import type { Mode, Term } from './mode.ts';
import { countsMoved, leavesOf, sumUp, treeBlock } from './tree.ts';

/** A piece of the axis seen from y: cells from `first` to before `end`, counted at the distance `lower`. */
type Visit = (first: number, end: number, lower: number) => void;

/**
 * The tree of Backurs, Lin, Mahabadi, Silwal and Tarnawski (rebuilt): counts alone. A query cuts the axis on both sides of y at distances
 * R / (1 + alpha)^i and counts all rows of a piece at its lower distance, so that without noise answer <= F <= (1 + alpha) answer, up to
 * a cell for every row.
 *
 * Source: ICLR 2024, arXiv 2403.08917.
 */
export function treeBackurs(alpha: number): Mode {
  return {
    blocks: (design, privacy) => [treeBlock(design, privacy, countsMoved(design, privacy.kind))],

    addFeatures(out, histogram, _rows, design) {
      const leaves = leavesOf(histogram, design);
      const tree = sumUp(leaves.counts);
      for (let v = 1; v < tree.length; v++) out[v - 1] = (out[v - 1] as number) + (tree[v] as number);
      wipe(leaves.counts, leaves.sums, tree);
    },

    line(values, blocks, { cells, one }) {
      /** The nodes whose cells make up [first, end). */
      const nodes = (first: number, end: number, visit: (v: number) => void) => {
        for (let a = first + cells, b = end + cells; a < b; a >>= 1, b >>= 1) {
          if (a & 1) visit(a++);
          if (b & 1) visit(--b);
        }
      };
      const split = (u: number) => {
        const grid = Math.min(Math.max(Math.round(u / one), 0), cells);
        const beyond = Math.max(0, -u, u - cells * one) / one;
        return { grid, beyond };
      };
      return {
        at(u) {
          const { grid, beyond } = split(u);
          let z = beyond * (values[0] as number);
          pieces(grid, cells, alpha, (first, end, lower) => {
            let count = 0;
            nodes(first, end, (v) => {
              count += values[v - 1] as number;
            });
            z += lower * count;
          });
          return z;
        },
        terms(u): Term[] {
          const { grid, beyond } = split(u);
          const law = blocks[0]!.law;
          const terms: Term[] = beyond > 0 ? [{ weight: beyond, law }] : [];
          pieces(grid, cells, alpha, (first, end, lower) => {
            let times = 0;
            nodes(first, end, () => {
              times++;
            });
            terms.push({ weight: lower, law, times });
          });
          return terms;
        },
        /** To the grid half a cell, to the edge of its cell one more. */
        bias: () => [1.5 * one, one / 2],
        factor: 1 + alpha,
      };
    },
  };
}

/** A row in cell k counts as at its edge next to y, o cells away, o < cells; o = 0 adds nothing. */
function pieces(grid: number, cells: number, alpha: number, visit: Visit): void {
  let upper = cells;
  let most = cells - 1;
  while (most >= 1) {
    const lower = upper / (1 + alpha);
    // Distances in (lower, upper].
    const least = Math.max(1, Math.floor(lower) + 1);
    if (least <= most) {
      const first = grid + least;
      const end = Math.min(cells, grid + most + 1);
      if (first < end) visit(first, end, lower);
      const start = Math.max(0, grid - 1 - most);
      const stop = grid - least;
      if (start < stop) visit(start, stop, lower);
      most = least - 1;
    }
    upper = lower;
  }
}
