import type { Design } from '../design.ts';
import { distances, wipe } from '../features/histogram.ts';
import type { Block, Mode, Term } from './mode.ts';
import { lawOf } from './scale.ts';
import { continued, tableLine } from './table.ts';

const CUBE_ROOT_HALF = 0.7937005259840998;
/** The scale of the first level over that of the ends, near the best; README, theorem 1. */
const KAPPA = { 'add-remove': 0.745, replace: 1 } as const;

/** Scales of the levels, the ends having 1. */
export function levelScales({ levels, adjacency }: Pick<Design, 'levels' | 'adjacency'>): Float64Array {
  const scales = new Float64Array(levels);
  for (let l = 0, b: number = KAPPA[adjacency]; l < levels; l++, b *= CUBE_ROOT_HALF) scales[l] = b;
  return scales;
}

/**
 * The most that one row (or one row's change) moves the released numbers, each divided by its scale, in cells. It is piecewise linear in the
 * row's position, so that grid points attain it.
 */
export function sensitivity({ levels, cells, adjacency }: Pick<Design, 'levels' | 'cells' | 'adjacency'>): number {
  const scales = levelScales({ levels, adjacency });
  /** What levels l and deeper weigh at each grid point of one interval of level l. */
  const deeper: Float64Array[] = [];
  deeper[levels] = new Float64Array(2);
  for (let l = levels - 1; l >= 0; l--) {
    const width = cells >> l;
    const half = width / 2;
    const below = deeper[l + 1] as Float64Array;
    deeper[l] = Float64Array.from({ length: width + 1 }, (_, p) => Math.min(p, width - p) / scales[l]! + below[p % half]!);
  }
  if (adjacency === 'add-remove') return cells + Math.max(...blocksOf(deeper[0]!));
  // Two rows part at some level: above it both move one coefficient by their distance at most, in it they move one from two sides, below
  // it each moves its own. By symmetry the first is further from its end of the interval.
  let shared = 1;
  let most = 0;
  for (let l = 0; l < levels; l++) {
    const width = cells >> l;
    const own = 1 / scales[l]!;
    const below = deeper[l + 1]!;
    let first = 0;
    let second = 0;
    for (let p = 0; p <= width / 2; p++) {
      first = Math.max(first, (own - shared) * p + below[p]!);
      second = Math.max(second, (-own - shared) * p + below[p]!);
    }
    most = Math.max(most, shared * width + first + second);
    shared += own;
  }
  // They part at no level: at most a cell lies between them.
  return Math.max(most, shared);
}

/** Maxima of pieces, since a function takes only so many arguments. */
function* blocksOf(values: Float64Array): Generator<number> {
  for (let start = 0; start < values.length; start += 4096) yield Math.max(...values.subarray(start, start + 4096));
}

/**
 * F at both ends (at the left one alone under `replace`), and for every dyadic interval by how much F in its middle lies below the mean of
 * its ends. A row moves one such number in each level, by its distance from the nearer end of the interval. Noise falls by 2^(1/3) a
 * level. Proofs: README, theorem 1.
 */
export const midpoint: Mode = {
  blocks(design, privacy) {
    if (privacy.kind !== 'laplace') throw new TypeError('midpoint: needs a pure budget');
    const ends = (sensitivity(design) * design.one * design.rowsPerUser) / privacy.epsilon;
    const end: Block = { length: design.adjacency === 'replace' ? 1 : 2, law: lawOf('laplace', ends) };
    return [end, ...Array.from(levelScales(design), (scale, l) => ({ length: 2 ** l, law: lawOf('laplace', ends * scale) }))];
  },

  addFeatures(out, histogram, rows, design) {
    const F = distances(histogram, rows, design);
    const { cells, adjacency } = design;
    const add = (index: number, value: number) => {
      out[index] = (out[index] as number) + value;
    };
    let index = 0;
    add(index++, F[0] as number);
    if (adjacency === 'add-remove') add(index++, F[cells] as number);
    for (let width = cells; width >= 2; width /= 2) {
      for (let a = 0; a < cells; a += width) add(index++, (F[a + width / 2] as number) - ((F[a] as number) + (F[a + width] as number)) / 2);
    }
    wipe(F);
  },

  line(values, blocks, { cells, one, adjacency }, publicRows) {
    const most = cells * one;
    const F = new Float64Array(cells + 1);
    let index = 0;
    const left = values[index++] as number;
    const right = adjacency === 'replace' ? publicRows * most - left : (values[index++] as number);
    F[0] = left;
    F[cells] = right;
    for (let width = cells; width >= 2; width /= 2) {
      for (let a = 0; a < cells; a += width) {
        F[a + width / 2] = ((F[a] as number) + (F[a + width] as number)) / 2 + (values[index++] as number);
      }
    }
    const terms = (u: number): Term[] => {
      const t = u / most;
      const end = blocks[0]!.law;
      const beyond = Math.max(0, -t, t - 1);
      // Beyond an end F goes on with the slope (F(0) + F(R)) / R.
      const [wLeft, wRight] = t < 0 ? [1 + beyond, beyond] : t > 1 ? [beyond, 1 + beyond] : [1 - t, t];
      const out: Term[] =
        adjacency === 'replace'
          ? [{ weight: t < 0 ? 1 : t > 1 ? -1 : 1 - 2 * t, law: end }]
          : [
              { weight: wLeft, law: end },
              { weight: wRight, law: end },
            ];
      if (t <= 0 || t >= 1) return out;
      for (let l = 0, part = t; l < blocks.length - 1; l++) {
        out.push({ weight: 1 - Math.abs(2 * part - 1), law: blocks[l + 1]!.law });
        part = (2 * part) % 1;
      }
      return out;
    };
    return tableLine(continued(F, (left + right) / most, one), cells, one, terms);
  },
};
