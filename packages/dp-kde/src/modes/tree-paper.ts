import { wipe } from '../features/histogram.ts';
import type { Mode, Privacy, Term } from './mode.ts';
import { countsMoved, leavesOf, sumsMoved, sumUp, treeBlock } from './tree.ts';

/**
 * The tree of Liu, Hu, Reneau, Song and Liu (rebuilt from their abstract): every node has the number of its rows and the sum of their
 * positions, both with Laplace noise of one size for all levels, half of the budget each. A query walks from the leaf of y to the root
 * and adds what the siblings on the way give. Rows in the leaf of y count as being at y.
 *
 * Source: arXiv 2409.01688.
 */
export const treePaper: Mode = {
  blocks(design, privacy) {
    const half: Privacy =
      privacy.kind === 'laplace' ? { kind: 'laplace', epsilon: privacy.epsilon / 2 } : { kind: 'gaussian', rho: privacy.rho / 2 };
    return [treeBlock(design, half, countsMoved(design, half.kind)), treeBlock(design, half, sumsMoved(design, half.kind))];
  },

  addFeatures(out, histogram, _rows, design) {
    const leaves = leavesOf(histogram, design);
    const trees = [sumUp(leaves.counts), sumUp(leaves.sums)] as const;
    const length = 2 * design.cells - 1;
    for (const [half, tree] of trees.entries()) {
      for (let v = 1; v <= length; v++) out[half * length + v - 1] = (out[half * length + v - 1] as number) + (tree[v] as number);
    }
    wipe(leaves.counts, leaves.sums, ...trees);
  },

  line(values, blocks, { cells, levels, one }) {
    const length = 2 * cells - 1;
    const most = cells * one;
    const split = (u: number) => {
      const inside = Math.min(Math.max(u, 0), most);
      return { inside, beyond: Math.abs(u - inside) / one };
    };
    const leafOf = (u: number) => cells + Math.min(Math.floor(u / one), cells - 1);
    return {
      at(u) {
        const { inside, beyond } = split(u);
        let z = beyond * (values[0] as number);
        for (let v = leafOf(inside); v > 1; v >>= 1) {
          const sibling = v ^ 1;
          const term = ((values[sibling - 1] as number) / one) * inside - (values[length + sibling - 1] as number);
          z += sibling < v ? term : -term;
        }
        return z;
      },
      terms: (u): Term[] => [
        { weight: split(u).beyond, law: blocks[0]!.law },
        { weight: split(u).inside / one, law: blocks[0]!.law, times: levels },
        { weight: 1, law: blocks[1]!.law, times: levels },
      ],
      bias: () => [one, 0],
      factor: 1,
    };
  },
};
