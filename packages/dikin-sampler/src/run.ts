import { OutOfMemoryError } from '@x/linalg';
import type { Target, Violation } from './target.ts';
import type { Tuning } from './walk/tune.ts';
import type { Walk } from './walk/walk.ts';

/** The draws and how they were made. */
export interface Run {
  readonly walk: string;
  /** Coordinates the walk ran in. */
  readonly frame: string;
  readonly chains: number;
  /** Draws of each chain. */
  readonly draws: number;
  /** Names of the coordinates of a draw, in the body's own coordinates; `fixed` are those that have one value on the whole body. */
  readonly names: readonly string[];
  readonly fixed: readonly string[];
  /** chains x draws x names. */
  readonly samples: Float64Array;
  /** What else was recorded of each draw, such as `f` (-log density up to a constant) and `min slack` (in the prepared unit rows). */
  readonly quantities: readonly string[];
  /** chains x draws x quantities. */
  readonly recorded: Float64Array;
  /** Share of steps that moved, for each chain. */
  readonly acceptance: readonly number[];
  readonly tuning: Tuning;
  readonly seed: number;
  readonly violation: Violation;
}

/** Where draws are kept while they are made. */
export interface Recorder {
  put(chain: number, draw: number, walk: Walk): void;
  /** The first `count` draws of each chain. */
  take(count: number): Pick<Run, 'samples' | 'recorded'>;
}

/** @throws OutOfMemoryError for more draws than memory holds. */
export function recorder(target: Target, chains: number, draws: number): Recorder {
  const n = target.names.length;
  const k = target.quantities.length;
  const samples = allocate(chains * draws * n);
  const recorded = allocate(chains * draws * k);
  const cut = (all: Float64Array, width: number, count: number) => {
    if (count === draws) return all;
    const part = new Float64Array(chains * count * width);
    for (let c = 0; c < chains; c++) part.set(all.subarray(c * draws * width, (c * draws + count) * width), c * count * width);
    return part;
  };
  return {
    put(chain, draw, walk) {
      const at = chain * draws + draw;
      target.unfold(walk.position, samples.subarray(at * n, at * n + n));
      target.measure(walk, recorded.subarray(at * k, at * k + k));
    },
    take: (count) => ({ samples: cut(samples, n, count), recorded: cut(recorded, k, count) }),
  };
}

function allocate(length: number): Float64Array {
  try {
    return new Float64Array(length);
  } catch {
    throw new OutOfMemoryError(`sample: the draws take ${8 * length} bytes, which cannot be had; ask for fewer`, 8 * length);
  }
}
