import type { Rng } from '@x/linalg';
import type { Frame } from '../frame.ts';
import { type DikinOptions, metricOf } from './dikin.ts';
import { type PolytopeWalk, polytopeWalk } from './polytope-walk.ts';

/** The walks along chords take no metric. */
type ChordOptions = Pick<DikinOptions, 'makeKernel'>;

/**
 * Coordinate hit-and-run with exact chords: a step picks one of the frame's d axes uniformly and draws the new point from the density
 * restricted to the chord through the old one: uniform, truncated exponential, truncated normal, or for a user's density by slice sampling.
 * The axis does not depend on the point and the draw leaves the conditional as it is, so each axis' kernel is reversible for the density
 * and so is their mixture. Every step is accepted.
 *
 * Cost of a step: O(nonzeros of one column of A), plus O(d) for a Gaussian.
 * Source: Smith 1984 (hit-and-run); Haraldsdottir et al. 2017, Bioinformatics 33(11) (coordinate hit-and-run after rounding).
 */
export function cdhrWalk(frame: Frame, rng: Rng, options: ChordOptions = {}): PolytopeWalk {
  return polytopeWalk(frame, rng, { kind: 'cdhr', share: 0, ...metricOf(frame, options) });
}

/**
 * Hit-and-run with exact chords: the same along a direction that is uniform on the sphere of the frame.
 *
 * Cost of a step: O(n d), plus O(d^2) for a Gaussian.
 */
export function hitAndRunWalk(frame: Frame, rng: Rng, options: ChordOptions = {}): PolytopeWalk {
  return polytopeWalk(frame, rng, { kind: 'hitAndRun', share: 0, ...metricOf(frame, options) });
}

/**
 * A mixture: each step is one of the Dikin walk with probability 1 / (4 d), else one of coordinate hit-and-run, whose chords are so much
 * cheaper that they then take about as long together. Both are reversible for the density, and so is the mixture. It moves fast where the
 * frame fits the body, and keeps the Dikin walk's affine invariance, at half its speed, where the frame does not.
 */
export function autoWalk(frame: Frame, rng: Rng, options: DikinOptions = {}): PolytopeWalk {
  return polytopeWalk(frame, rng, { kind: 'auto', share: 1 / (4 * frame.dimension), ...metricOf(frame, options) });
}
