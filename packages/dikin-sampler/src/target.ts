import type { Rng } from '@x/linalg';
import type { Walk } from './walk/walk.ts';

/**
 * A density on a body as `sample` sees it: something that makes walks, places them, and tells what is recorded of where they stand.
 * Each kind of body has its own; the chains, their tuning, storage and judgement know nothing else of it.
 */
export interface Target {
  /** The walk it makes, and the coordinates that runs in, for reports. */
  readonly walk: string;
  readonly frame: string;
  /** Number of coordinates of the walk. */
  readonly dimension: number;
  /** Names of the user's coordinates, which a draw consists of. */
  readonly names: readonly string[];
  /** Those of them that have one value on the whole body. */
  readonly fixed: readonly string[];
  /** Names of what is recorded of a draw besides its coordinates, such as `f` (-log density) and `min slack`, which sees corners. */
  readonly quantities: readonly string[];
  /** What tells it from other targets, but for a user's function: its choices as text, and its numbers. */
  readonly identity: readonly (string | Float64Array)[];
  /** A walk that draws from `rng` alone; it must be placed before it advances. */
  makeWalk(rng: Rng): Walk;
  /** A random point inside: scattered starts are what lets R-hat see a chain that is stuck. */
  start(rng: Rng): Float64Array;
  /** Writes the user's coordinates of a walk's position. */
  unfold(position: Float64Array, out: Float64Array): void;
  /** Writes the recorded quantities of where a walk stands, in the order of `quantities`. */
  measure(walk: Walk, out: Float64Array): void;
  /** By how much draws (rows of user's coordinates) leave the body as it was given, by kind of constraint. */
  violation(samples: Float64Array): Violation;
}

/** The largest violation of each kind of constraint over all draws, in the body's own coordinates and unit rows. */
export type Violation = Readonly<Record<string, number>>;
