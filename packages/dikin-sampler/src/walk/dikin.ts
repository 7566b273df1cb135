import { ArgumentError, type Rng } from '@x/linalg';
import { BARRIERS, type BarrierKind, weightingOf } from '../barrier/weights.ts';
import { checkChoice, checkRange, checkWhole } from '../check.ts';
import type { Frame } from '../frame.ts';
import type { newKernel } from '../kernel/instance.ts';
import { HESSIAN, type HessianKind } from './loaded.ts';
import { type PolytopeWalk, type PolytopeWalkSetup, polytopeWalk } from './polytope-walk.ts';

/** Uniforms of a sampled Hessian that are kept. */
const MOST_SAMPLES = 16_777_216;

/** How the Dikin walk measures. */
export interface DikinOptions {
  /** Default `log`. */
  readonly barrier?: BarrierKind;
  /** Iterations of the weights of `john` and `leeSidford`; default 10, at least 1. They are a function of the point for any number. */
  readonly rounds?: number;
  /**
   * How the Hessian is made. `exact`: default. `f32`: Hessian and factor in single precision, which then defines the metric; everything else
   * in double. `bucketed`: slacks rounded to powers of 1 + `bucket`, so that only rows that change their bucket cost; log barrier only; it
   * pays where there are many more rows than dimensions. `sampled`: from `samples` rows drawn by approximate leverage scores, log barrier
   * only; the paper's, which pays only where n is far above d^2 log d. The walk is exact with all of them.
   */
  readonly hessian?: HessianKind;
  /** Default 0.2. */
  readonly bucket?: number;
  /** Draws of a sampled Hessian, at least d; default 4 d^2, which keeps nine tenths of the acceptance. Drawn once, so that the metric is a function of the point. */
  readonly samples?: number;
  /**
   * Whether the exact metric of the log barrier is made from the nonzeros of A (sparse elimination, and Woodbury's formula for few full rows) or
   * densely; default what is estimated to be faster. The walk is the same but for the normals that it draws.
   */
  readonly structured?: boolean;
  /** The kernel to run in, for tests; default the best there is. */
  readonly makeKernel?: typeof newKernel;
}

/**
 * The Dikin walk with metric G(w) = H(w) + P + r^2 M: the barrier's Hessian, that of f, and the soft threshold. A step draws z from
 * N(w, Phi(w)^{-1}) with Phi = (d / r^2) G and accepts it with probability min(1, tau),
 *
 *   log tau = f(w) - f(z) + (log det Phi(z) - log det Phi(w)) / 2 - ||z - w||^2_{Phi(z)} / 2 + ||z - w||^2_{Phi(w)} / 2,
 *
 * which makes exp(-f) on the body reversible, whatever the metric. M is I / eta of the source's algorithm 1; where f is quadratic its
 * curvature P stands in for it. No step is lazy: a rejection is already one.
 *
 * @param frame - the body, density and coordinates.
 * @param rng - the chain's own generator, taken up where it stands.
 * @throws ArgumentError for a barrier with weights and bucketed slacks.
 * Cost of a step that stays inside: one Hessian, n d^2 flops (times about 3 rounds with weights), and d^3 / 3; of one that leaves: 2 n d + d^2.
 * Source: Gu, Kuang, Ma, Song, Zhang 2024, arXiv 2410.05700, algorithms 1 and 2; Kannan and Narayanan 2012.
 */
export function dikinWalk(frame: Frame, rng: Rng, options: DikinOptions = {}): PolytopeWalk {
  return polytopeWalk(frame, rng, { kind: 'dikin', share: 1, ...metricOf(frame, options) });
}

/** The part of a walk's set-up that says how it measures. */
export function metricOf(
  frame: Frame,
  { barrier = 'log', rounds, hessian = 'exact', bucket = 0.2, samples, structured, makeKernel }: DikinOptions,
): Omit<PolytopeWalkSetup, 'kind' | 'share'> {
  checkChoice('dikinWalk', 'hessian', hessian, Object.keys(HESSIAN) as HessianKind[]);
  checkChoice('dikinWalk', 'barrier', barrier, BARRIERS);
  checkRange('dikinWalk', 'bucket', bucket, 1e-6, 10);
  const d = frame.dimension;
  if (samples !== undefined) checkWhole('dikinWalk', 'samples', samples, d, MOST_SAMPLES);
  if ((hessian === 'bucketed' || hessian === 'sampled') && barrier !== 'log') {
    throw new ArgumentError(
      `dikinWalk: hessian is ${hessian} and barrier ${barrier}; that Hessian is there for the log barrier only`,
      'hessian',
    );
  }
  const weighting = weightingOf(barrier, frame.A.rows, frame.dimension, rounds);
  return {
    weighting,
    hessian,
    bucket,
    samples: samples ?? Math.min(4 * d * d, MOST_SAMPLES),
    structured,
    ...(makeKernel && { makeKernel }),
  };
}
