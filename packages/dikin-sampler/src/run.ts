import { OutOfMemoryError } from '@x/linalg';
import type { Part } from './engine.ts';
import { fingerprintOf, type SavedState } from './state.ts';
import type { Target, Violation } from './target.ts';
import type { Tuning } from './walk/tune.ts';

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
  /** Share of steps that moved, for each chain, since the burn-in. */
  readonly acceptance: readonly number[];
  readonly tuning: Tuning;
  readonly seed: number;
  readonly violation: Violation;
  /** Where the chains stand behind the last draw; `saveState` makes bytes of it. */
  readonly state: SavedState;
}

/** Collects parts of a run. */
export interface Recorder {
  /** Draws of each chain so far. */
  readonly draws: number;
  add(part: Part): void;
  take(): Pick<Run, 'samples' | 'recorded'>;
}

/** @param most - draws of each chain that will come. @throws OutOfMemoryError for more than memory holds. */
export function recorder(target: Target, chains: number, most: number): Recorder {
  const widths = { samples: target.names.length, recorded: target.quantities.length };
  const all = { samples: allocate(chains * most * widths.samples), recorded: allocate(chains * most * widths.recorded) };
  let draws = 0;
  const take = (key: keyof typeof all) => {
    if (draws === most) return all[key];
    const width = widths[key];
    const part = new Float64Array(chains * draws * width);
    for (let c = 0; c < chains; c++) part.set(all[key].subarray(c * most * width, (c * most + draws) * width), c * draws * width);
    return part;
  };
  return {
    get draws() {
      return draws;
    },
    add(part) {
      const count = widths.samples === 0 ? 0 : part.samples.length / (chains * widths.samples);
      for (const key of ['samples', 'recorded'] as const) {
        const size = count * widths[key];
        for (let c = 0; c < chains; c++) all[key].set(part[key].subarray(c * size, (c + 1) * size), (c * most + draws) * widths[key]);
      }
      draws += count;
    },
    take: () => ({ samples: take('samples'), recorded: take('recorded') }),
  };
}

function allocate(length: number): Float64Array {
  try {
    return new Float64Array(length);
  } catch {
    throw new OutOfMemoryError(`sample: the draws take ${8 * length} bytes, which cannot be had; ask for fewer`, 8 * length);
  }
}

/** A run from where its chains stand and what they drew. */
export function runOf(
  target: Target,
  chains: Omit<SavedState, 'fingerprint'>,
  draws: number,
  { samples, recorded }: Pick<Run, 'samples' | 'recorded'>,
): Run {
  const { walk, frame, names, fixed, quantities } = target;
  return {
    walk,
    frame,
    chains: chains.chains.length,
    draws,
    names,
    fixed,
    quantities,
    samples,
    recorded,
    acceptance: chains.chains.map(({ moved, steps }) => moved / Math.max(steps, 1)),
    tuning: chains.tuning,
    seed: chains.seed,
    violation: target.violation(samples),
    state: { ...chains, fingerprint: fingerprintOf(target) },
  };
}
