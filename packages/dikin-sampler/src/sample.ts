import { AbortedError, exp, log, OutOfMemoryError, philox, type Rng } from '@x/linalg';
import { longestStep } from './center.ts';
import { checkChoice, checkLength, checkRange, checkWhole } from './check.ts';
import { type Density, uniform } from './density.ts';
import { UnboundedBodyError } from './errors.ts';
import { type Frame, type FrameKind, frameOf } from './frame.ts';
import { multiplySquare } from './kernel/cholesky.ts';
import type { Prepared } from './prepare/prepare.ts';
import { dotRow, normOf, rowOf } from './sparse.ts';
import { cdhrWalk } from './walk/cdhr.ts';
import { type DikinWalk, dikinWalk } from './walk/dikin.ts';
import { type Pace, pace } from './walk/pace.ts';
import { type Tuning, tune } from './walk/tune.ts';
import type { Walk } from './walk/walk.ts';

export interface SampleOptions {
  /** Default uniform. */
  readonly density?: Density;
  /** Draws kept of each chain. Default 1000. */
  readonly draws?: number;
  /** Default 4; R-hat needs at least 2 to say anything. */
  readonly chains?: number;
  /** Default `cdhr`, coordinate hit-and-run. */
  readonly walk?: 'dikin' | 'cdhr';
  /**
   * Coordinates the walk runs in. Default: `rounded` for coordinate hit-and-run, whose speed depends on them; for the Dikin walk,
   * whose speed does not, `axes` where the constraints are sparse, because that keeps them so, and `rounded` elsewhere.
   */
  readonly frame?: FrameKind;
  /** r of the Dikin walk; default tuned to an acceptance between 0.25 and 0.5 by a pilot chain, then frozen. */
  readonly radius?: number;
  /** Steps before the first draw of a chain; default 20 autocorrelation times, as a pilot chain measures them. */
  readonly burnIn?: number;
  /** Steps between two draws; default half an autocorrelation time. */
  readonly thin?: number;
  /** A whole number in [0, 2^53). Default 0. Equal seeds give equal draws. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Called with the finished fraction in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
}

/** The draws and how they were made. */
export interface Run {
  readonly prepared: Prepared;
  readonly density: Density;
  readonly walk: 'dikin' | 'cdhr';
  readonly frame: FrameKind;
  readonly chains: number;
  /** Draws of each chain. */
  readonly draws: number;
  /** chains x draws x variables, in the body's own coordinates. */
  readonly samples: Float64Array;
  /** chains x draws: -log density up to a constant, and the smallest slack over the unit rows of the prepared body's frame. */
  readonly energies: Float64Array;
  readonly minSlacks: Float64Array;
  /** Share of steps that moved, for each chain. */
  readonly acceptance: readonly number[];
  readonly tuning: Tuning;
  readonly seed: number;
  /** Largest violation over all draws, in the body's own coordinates and unit rows. */
  readonly violation: Violation;
}

export interface Violation {
  readonly bounds: number;
  readonly inequalities: number;
  readonly equations: number;
}

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
export async function sample(prepared: Prepared, options: SampleOptions = {}): Promise<Run> {
  const { density = uniform, draws = 1000, chains = 4, walk: kind = 'cdhr', seed = 0, signal, onProgress } = options;
  checkOptions(prepared, density, { ...options, draws, chains, seed });
  if (signal?.aborted) throw new AbortedError('sample: aborted before the first step');
  const frameKind = options.frame ?? defaultFrame(prepared, kind);
  const frame = frameOf(prepared, density, frameKind);
  const makeWalk = (rng: Rng) => (kind === 'dikin' ? dikinWalk(frame, rng) : cdhrWalk(frame, rng));
  const speed = pace(signal);
  const recorder = record(frame, chains, draws);
  const moved = new Float64Array(chains);
  let steps = 0;
  let tuning: Tuning | undefined;
  let finished = 0;

  const result = (found: Tuning, count: number): Run => {
    const taken = recorder.take(count);
    const acceptance = Array.from(moved, (m) => m / Math.max(steps, 1));
    const violation = violationOf(prepared, taken.samples);
    return { prepared, density, walk: kind, frame: frameKind, chains, draws: count, ...taken, acceptance, tuning: found, seed, violation };
  };

  try {
    tuning = await pilot(makeWalk, frame, philox(seed, chains), speed, options);
    const walks = Array.from({ length: chains }, (_, c) => started(makeWalk, frame, philox(seed, c), tuning?.radius));
    const total = tuning.burnIn + draws * tuning.thin;
    for (const walk of walks) await speed.advance(walk, tuning.burnIn);
    for (; finished < draws; finished++) {
      for (const [c, walk] of walks.entries()) {
        moved[c] = moved[c]! + (await speed.advance(walk, tuning.thin));
        recorder.put(c, finished, walk);
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

function checkOptions(
  prepared: Prepared,
  density: Density,
  options: SampleOptions & { draws: number; chains: number; seed: number },
): void {
  checkWhole('sample', 'draws', options.draws, 1);
  checkWhole('sample', 'chains', options.chains, 1, 1024);
  checkWhole('sample', 'seed', options.seed, 0);
  if (options.burnIn !== undefined) checkWhole('sample', 'burnIn', options.burnIn, 0);
  if (options.thin !== undefined) checkWhole('sample', 'thin', options.thin, 1);
  if (options.radius !== undefined) checkRange('sample', 'radius', options.radius, Number.MIN_VALUE);
  if (options.walk !== undefined) checkChoice('sample', 'walk', options.walk, ['dikin', 'cdhr']);
  if (options.frame !== undefined) checkChoice('sample', 'frame', options.frame, ['axes', 'rounded']);
  checkChoice('sample', 'density.kind', density.kind, ['uniform', 'gaussian']);
  const n = prepared.body.variables;
  if (density.kind === 'gaussian') {
    checkLength('sample', 'density.mean', density.mean, n);
    checkLength('sample', 'density.precision', density.precision, n * n);
  } else if (!prepared.bounded) {
    throw new UnboundedBodyError(
      'sample: the body is unbounded, so it has no uniform distribution; give a Gaussian density',
      prepared.ray ?? new Float64Array(),
    );
  }
}

function defaultFrame({ A }: Prepared, kind: 'dikin' | 'cdhr'): FrameKind {
  return kind === 'dikin' && A.data.length < 0.4 * A.rows * A.cols ? 'axes' : 'rounded';
}

type MakeWalk = (rng: Rng) => Walk;

async function pilot(make: MakeWalk, frame: Frame, rng: Rng, speed: Pace, options: SampleOptions): Promise<Tuning> {
  return tune(started(make, frame, rng), frame.dimension, speed, options);
}

/** A walk placed at a random point on a random ray from the centre: scattered starts are what lets R-hat see a chain that is stuck. */
function started(make: MakeWalk, frame: Frame, rng: Rng, radius?: number): Walk {
  const d = frame.dimension;
  const walk = make(rng);
  if (walk.kind === 'dikin' && radius !== undefined) (walk as DikinWalk).radius = radius;
  const direction = rng.fillNormal(new Float64Array(d));
  const move = Float64Array.from({ length: frame.A.rows }, (_, i) => dotRow(rowOf(frame.A, i), direction));
  let reach = 0.95 * longestStep(frame.slack, move);
  if (frame.quadratic !== undefined) {
    // Not further than where f exceeds its minimum by about 2 d, four times its mean excess.
    const curved = new Float64Array(d);
    multiplySquare(frame.quadratic.P, d, direction, curved);
    reach = Math.min(reach, 2 * Math.sqrt(d / direction.reduce((sum, v, j) => sum + v * curved[j]!, 0)));
  }
  // Uniform in volume along the ray.
  const t = reach * exp(log(1 - rng.uniform()) / d);
  walk.place(direction.map((v) => v * t));
  return walk;
}

function record(frame: Frame, chains: number, draws: number) {
  const n = frame.origin.length;
  const [samples, energies, minSlacks] = [n, 1, 1].map((width) => allocate(chains * draws * width)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const { indptr, indices, data } = frame.map;
  /** The first `count` draws of each chain. */
  const cut = (all: Float64Array, width: number, count: number) => {
    if (count === draws) return all;
    const part = new Float64Array(chains * count * width);
    for (let c = 0; c < chains; c++) part.set(all.subarray(c * draws * width, (c * draws + count) * width), c * count * width);
    return part;
  };
  return {
    put(chain: number, draw: number, walk: Walk): void {
      const at = chain * draws + draw;
      const w = walk.position;
      for (let i = 0; i < n; i++) {
        let sum = frame.origin[i]!;
        for (let p = indptr[i]!; p < indptr[i + 1]!; p++) sum += data[p]! * w[indices[p]!]!;
        samples[at * n + i] = sum;
      }
      energies[at] = walk.energy;
      minSlacks[at] = walk.minSlack;
    },
    take: (count: number) => ({
      samples: cut(samples, n, count),
      energies: cut(energies, 1, count),
      minSlacks: cut(minSlacks, 1, count),
    }),
  };
}

function allocate(length: number): Float64Array {
  try {
    return new Float64Array(length);
  } catch {
    throw new OutOfMemoryError(`sample: the draws take ${8 * length} bytes, which cannot be had; ask for fewer`, 8 * length);
  }
}

/** Checks every draw against the body as it was given, not as it was prepared. */
function violationOf({ body }: Prepared, samples: Float64Array): Violation {
  const n = body.variables;
  const worst = { bounds: 0, inequalities: 0, equations: 0 };
  const rows = Array.from({ length: body.rows.rows }, (_, i) => {
    const row = rowOf(body.rows, i);
    const lower = body.rowLower[i]!;
    const upper = body.rowUpper[i]!;
    return { row, lower, upper, norm: normOf(row) || 1, kind: kindOf(lower, upper) };
  });
  for (let at = 0; at < samples.length; at += n) {
    const x = samples.subarray(at, at + n);
    for (let j = 0; j < n; j++) worst.bounds = Math.max(worst.bounds, body.lower[j]! - x[j]!, x[j]! - body.upper[j]!);
    for (const { row, lower, upper, norm, kind } of rows) {
      const value = dotRow(row, x);
      worst[kind] = Math.max(worst[kind], (lower - value) / norm, (value - upper) / norm);
    }
  }
  return worst;
}

function kindOf(lower: number, upper: number): 'equations' | 'inequalities' {
  return lower === upper ? 'equations' : 'inequalities';
}
