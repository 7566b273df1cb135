import { philox } from '@x/linalg';
import type { Target } from './target.ts';
import type { Pace } from './walk/pace.ts';
import type { Tuning } from './walk/tune.ts';
import type { Walk } from './walk/walk.ts';

/** Some chains of a run: which they are, and where they stand. */
export interface ChainSet {
  readonly seed: number;
  readonly tuning: Tuning;
  /** Chain c draws from stream c of the seed. */
  readonly chains: readonly number[];
  /** Where each was saved; absent for chains that have yet to burn in. */
  readonly states?: readonly ChainState[] | undefined;
}

/** All that a chain's future depends on. */
export interface ChainState {
  readonly walk: Float64Array;
  /** Steps since the burn-in, and how many of them moved. */
  readonly steps: number;
  readonly moved: number;
}

/** The next draws of some chains, and where these stand after them. */
export interface Part {
  /** chains x draws x coordinates, and chains x draws x quantities. */
  readonly samples: Float64Array;
  readonly recorded: Float64Array;
  readonly states: readonly ChainState[];
}

/** Runs chains; where it does so makes no difference to what comes out. */
export interface Engine {
  /** The next draws of each chain. */
  next(draws: number): Promise<Part>;
  close(): void;
}

/** Runs chains on this thread, in turn. */
export function localEngine(target: Target, { seed, tuning, chains, states }: ChainSet, pace: Pace): Engine {
  const n = target.names.length;
  const k = target.quantities.length;
  const running = chains.map((c, i) => {
    const walk = startWalk(target, seed, c, tuning.radius);
    const state = states?.[i];
    if (state !== undefined) walk.restore(state.walk);
    return { walk, steps: state?.steps ?? 0, moved: state?.moved ?? 0 };
  });
  let burnedIn = states !== undefined;
  return {
    async next(draws) {
      if (!burnedIn) for (const { walk } of running) await pace.advance(walk, tuning.burnIn);
      burnedIn = true;
      const samples = new Float64Array(chains.length * draws * n);
      const recorded = new Float64Array(chains.length * draws * k);
      for (const [i, chain] of running.entries()) {
        for (let t = 0; t < draws; t++) {
          chain.moved += await pace.advance(chain.walk, tuning.thin);
          chain.steps += tuning.thin;
          const at = i * draws + t;
          target.unfold(chain.walk.position, samples.subarray(at * n, at * n + n));
          target.measure(chain.walk, recorded.subarray(at * k, at * k + k));
        }
      }
      return { samples, recorded, states: running.map(({ walk, steps, moved }) => ({ walk: walk.save(), steps, moved })) };
    },
    close() {},
  };
}

/** A walk of chain c at its scattered start. */
export function startWalk(target: Target, seed: number, stream: number, radius?: number): Walk {
  const rng = philox(seed, stream);
  const start = target.start(rng);
  const walk = target.makeWalk(rng);
  if (radius !== undefined && 'radius' in walk) walk.radius = radius;
  walk.place(start);
  return walk;
}
