import { AbortedError, philox, type Rng } from '@x/linalg';
import { checkRange, checkWhole } from './check.ts';
import { type Run, recorder } from './run.ts';
import type { Target } from './target.ts';
import { type Body, targetOf, type WalkOptions } from './target-of.ts';
import { pace } from './walk/pace.ts';
import { type Tuning, tune } from './walk/tune.ts';
import type { Walk } from './walk/walk.ts';

/** How many chains of how many draws, and how they are made. */
export interface ChainOptions {
  /** Draws kept of each chain. Default 1000. */
  readonly draws?: number;
  /** Default 4; R-hat needs at least 2 to say anything. */
  readonly chains?: number;
  /** r of the Dikin walk; default tuned to an acceptance between 0.25 and 0.5 by a pilot chain, then frozen. */
  readonly radius?: number;
  /** Steps before the first draw of a chain; default 20 autocorrelation times, as a pilot chain measures them. */
  readonly burnIn?: number;
  /** Steps between two draws; default half an autocorrelation time. */
  readonly thin?: number;
  /** A whole number in [0, 2^53). Default 0. Equal seeds give equal draws, chain by chain, whatever the number of chains. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Called with the finished fraction in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
}

export type SampleOptions = WalkOptions & ChainOptions;

/** Streams of a seed: one a chain, and behind them that of the pilot. */
const MOST_CHAINS = 1024;

/**
 * Draws from a density on a body with several chains from scattered starts.
 *
 * The kept chains are exact Markov chains for the density: step size, burn-in and thinning come from a pilot chain of its own, and
 * rejected steps count. Whether they have mixed is what `checkConvergence` tells from the result.
 *
 * @throws ArgumentError; ShapeError when the density has another dimension than the body; UnboundedBodyError for a uniform density on
 * an unbounded body; OutOfMemoryError for more draws than memory holds; NotConvergedError for a Gaussian whose mass on the body lies within
 * rounding of a facet; AbortedError when `signal` fires, with the finished draws, the same number of each chain, as a `Run` in `partial`.
 */
export async function sample(body: Body, options: SampleOptions = {}): Promise<Run> {
  const { draws = 1000, chains = 4, seed = 0, signal, onProgress } = options;
  checkOptions({ ...options, draws, chains, seed });
  if (signal?.aborted) throw new AbortedError('sample: aborted before the first step');
  const target = targetOf(body, options);
  const speed = pace(signal);
  const record = recorder(target, chains, draws);
  const moved = new Float64Array(chains);
  let steps = 0;
  let tuning: Tuning | undefined;
  let finished = 0;

  const result = (found: Tuning, count: number): Run => {
    const { walk, frame, names, fixed, quantities } = target;
    const taken = record.take(count);
    const acceptance = Array.from(moved, (m) => m / Math.max(steps, 1));
    const violation = target.violation(taken.samples);
    return { walk, frame, chains, draws: count, names, fixed, quantities, ...taken, acceptance, tuning: found, seed, violation };
  };

  try {
    tuning = await tune(started(target, philox(seed, MOST_CHAINS)), target.dimension, speed, options);
    const walks = Array.from({ length: chains }, (_, c) => started(target, philox(seed, c), tuning?.radius));
    const total = tuning.burnIn + draws * tuning.thin;
    for (const walk of walks) await speed.advance(walk, tuning.burnIn);
    for (; finished < draws; finished++) {
      for (const [c, walk] of walks.entries()) {
        moved[c] = moved[c]! + (await speed.advance(walk, tuning.thin));
        record.put(c, finished, walk);
      }
      steps += tuning.thin;
      onProgress?.((tuning.burnIn + steps) / total);
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
    throw new AbortedError(
      `sample: aborted after ${finished} of ${draws} draws a chain`,
      tuning === undefined ? undefined : result(tuning, finished),
    );
  }
  return result(tuning, draws);
}

function checkOptions(options: SampleOptions & { draws: number; chains: number; seed: number }): void {
  checkWhole('sample', 'draws', options.draws, 1);
  checkWhole('sample', 'chains', options.chains, 1, MOST_CHAINS);
  checkWhole('sample', 'seed', options.seed, 0);
  if (options.burnIn !== undefined) checkWhole('sample', 'burnIn', options.burnIn, 0);
  if (options.thin !== undefined) checkWhole('sample', 'thin', options.thin, 1);
  if (options.radius !== undefined) checkRange('sample', 'radius', options.radius, Number.MIN_VALUE);
}

function started(target: Target, rng: Rng, radius?: number): Walk {
  const start = target.start(rng);
  const walk = target.makeWalk(rng);
  if (radius !== undefined && 'radius' in walk) walk.radius = radius;
  walk.place(start);
  return walk;
}
