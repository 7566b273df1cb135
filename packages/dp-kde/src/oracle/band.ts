import { log, philox, type Rng } from '@x/linalg';
import { type Design, rangeOf } from '../design.ts';
import type { Block } from '../modes/mode.ts';
import type { Release } from './oracle.ts';
import { lengthOf, modeOf } from './plan.ts';

const PATHS = 4000;
/** Numbers that the simulation may draw; fewer paths where they are long. */
const MOST_DRAWS = 4e7;
const LEAST_PATHS = 400;

/** Highest and lowest value of one column's noise over its grid, of many paths. */
interface Extremes {
  readonly most: Float64Array;
  readonly least: Float64Array;
}

/**
 * The level-quantile of sup over y in the box of |noise|. Noise of a sum over columns is largest where each column's is, so that extremes of
 * columns, which are independent but for the shared number of rows, are all that is needed.
 */
export function simulateBand(releases: readonly Release[], level: number): number {
  const design = releases[0]!.design;
  const work = releases.reduce((sum, { plan }) => sum + lengthOf(plan.columns[0]!), 0) * Math.min(4, design.bounds.length);
  const paths = Math.max(LEAST_PATHS, Math.min(PATHS, Math.floor(MOST_DRAWS / work)));
  const rng = philox(0x62616e64);
  // Parts of an oracle share y, so their paths are added before the extremes are taken.
  const extremes = design.bounds.map((_, j) => extremesOf(releases, j, paths, rng.split(j)));
  const shared = releases.map(({ plan }) => plan.shared[0]).filter((block) => block !== undefined);
  const half = design.bounds.reduce((sum, bounds) => sum + rangeOf(bounds), 0) / 2;
  const draws = rng.split(design.bounds.length);
  const sup = Float64Array.from({ length: paths }, (_, p) => {
    const level0 = shared.reduce((sum, block) => sum + (half / design.one) * drawn(block, draws), 0);
    let most = level0;
    let least = level0;
    for (const extreme of extremes) {
      most += extreme.most[p] as number;
      least += extreme.least[p] as number;
    }
    return Math.max(most, -least);
  }).sort();
  return sup[Math.min(paths - 1, Math.ceil(level * paths) - 1)] as number;
}

/** Laplace and normal numbers stand for the discrete ones. */
function drawn({ law: { kind, parameter } }: Block, rng: Rng): number {
  if (kind === 'gaussian') return Math.sqrt(parameter) * rng.normal();
  const u = 2 * rng.uniform() - 1;
  return u < 0 ? parameter * log(1 + u) : -parameter * log(1 - u);
}

function extremesOf(releases: readonly Release[], j: number, paths: number, rng: Rng): Extremes {
  const { design } = releases[0]!;
  const unit = rangeOf(design.bounds[j]!) / (design.cells * design.one);
  const most = new Float64Array(paths);
  const least = new Float64Array(paths);
  const buffers = releases.map(({ plan }) => new Float64Array(lengthOf(plan.columns[j]!)));
  for (let p = 0; p < paths; p++) {
    const lines = releases.map(({ plan }, r) => {
      const blocks = plan.columns[j]!;
      let start = 0;
      for (const block of blocks) {
        for (let i = start; i < start + block.length; i++) buffers[r]![i] = drawn(block, rng);
        start += block.length;
      }
      return modeOf(plan.mechanism, plan.alpha).line(buffers[r]!, blocks, design, 0);
    });
    let high = Number.NEGATIVE_INFINITY;
    let low = Number.POSITIVE_INFINITY;
    for (const u of places(
      design,
      lines.every(({ table }) => table !== undefined),
    )) {
      const noise = lines.reduce((sum, line) => sum + line.at(u), 0);
      high = Math.max(high, noise);
      low = Math.min(low, noise);
    }
    most[p] = unit * high;
    least[p] = unit * low;
  }
  return { most, least };
}

/** Where the noise can be largest: at the grid points, and for trees, which jump there, also next to them. */
function* places({ cells, one }: Design, continuous: boolean): Generator<number> {
  for (let t = 0; t <= cells; t++) {
    yield t * one;
    if (!continuous && t < cells) yield (t + 1) * one * (1 - 2 ** -50);
  }
}
