import { NotConvergedError } from '@x/linalg';
import { lineMinimum, type Quadratic } from '../center.ts';
import { choleskyInPlace, multiplySquare, solveLower, solveLowerTransposed } from '../kernel/cholesky.ts';
import type { LogDet } from './log-det.ts';
import type { Pencil } from './pencil.ts';

export interface LogDetCenter {
  readonly point: Float64Array;
  /** Cholesky factor (lower triangle) of the Hessian of the minimised function there. */
  readonly factor: Float64Array;
  /** Cholesky factor of S there. */
  readonly L: Float64Array;
  /** The Newton step that was not taken any more, of length `decrement` in the Hessian's norm. */
  readonly step: Float64Array;
  readonly decrement: number;
}

/** Why the minimisation ended before the minimum: the caller's wish, or a direction in which the function falls for ever. */
export interface Ended {
  readonly point: Float64Array;
  readonly reason: 'stopped' | 'unbounded';
  readonly L: Float64Array;
  /** The direction of descent; of no meaning where the caller stopped. */
  readonly ray: Float64Array;
}

export interface NewtonOptions {
  readonly f?: Quadratic;
  /** Looked at before each step. */
  readonly stop?: (point: Float64Array, L: Float64Array) => boolean;
  /** The Newton decrement that is small enough. */
  readonly decrement?: number;
}

/** As for polytopes (center.ts): there Newton's method is at the rounding of its decrement. */
const DECREMENT = 1e-9;
const QUADRATIC = 0.1;
const MOST_STEPS = 500;

/**
 * Minimises -log det S(y) + f(y) from a point with S(start) positive definite, by Newton's method with an exact line search: along a
 * direction D the barrier is -sum log(1 + t lambda_i) with the eigenvalues of L^{-1} D L^{-T}.
 *
 * @throws NotConvergedError after 500 steps, or where the Hessian is singular to rounding.
 * Cost of a step: one Hessian, d^3 / 3 flops, the eigenvalues of an n x n matrix.
 */
export function minimizeLogDet(
  barrier: LogDet,
  { order: n, dimension: d }: Pencil,
  start: Float64Array,
  options: NewtonOptions = {},
): LogDetCenter | Ended {
  const { f, stop, decrement: wanted = DECREMENT } = options;
  const y = start.slice();
  const L = new Float64Array(n * n);
  const factor = new Float64Array(d * d);
  const gradient = new Float64Array(d);
  const step = new Float64Array(d);
  const ones = new Float64Array(n).fill(1);
  const Pv = new Float64Array(d);
  const ended = (reason: Ended['reason']): Ended => ({ point: y, reason, L, ray: step });
  let decrement = Number.POSITIVE_INFINITY;
  for (let iteration = 0; iteration < MOST_STEPS; iteration++) {
    if (!barrier.factor(y, L)) {
      throw new NotConvergedError(
        'minimizeLogDet: the minimiser lies so near the boundary that rounding puts it outside',
        iteration,
        decrement,
      );
    }
    if (stop?.(y, L)) return ended('stopped');
    factor.fill(0);
    if (f !== undefined) factor.set(f.P);
    barrier.derivatives(L, gradient, factor);
    if (f !== undefined) {
      multiplySquare(f.P, d, y, Pv);
      for (let j = 0; j < d; j++) gradient[j] = gradient[j]! + Pv[j]! + f.g[j]!;
    }
    if (Number.isNaN(choleskyInPlace(factor, d))) {
      throw new NotConvergedError('minimizeLogDet: the Hessian is singular to rounding', iteration, decrement);
    }
    for (let j = 0; j < d; j++) step[j] = -gradient[j]!;
    solveLower(factor, d, step);
    const previous = decrement;
    decrement = Math.sqrt(step.reduce((sum, v) => sum + v * v, 0));
    solveLowerTransposed(factor, d, step);
    if (decrement <= wanted || (decrement < QUADRATIC && decrement > previous / 2)) return { point: y, factor, L, step, decrement };
    let slope = 0;
    let curvature = 0;
    if (f !== undefined) {
      multiplySquare(f.P, d, step, Pv);
      for (let j = 0; j < d; j++) {
        slope += f.g[j]! * step[j]! + y[j]! * Pv[j]!;
        curvature += step[j]! * Pv[j]!;
      }
    }
    const spectrum = barrier.spectrumAlong(L, step);
    // S(y + t step) stays positive definite for all t and f does not rise: there is no minimum.
    if (spectrum[0]! >= 0 && curvature === 0 && slope <= 0) return ended('unbounded');
    // With unit slacks that fall by -lambda_i the logarithms are those of a polytope.
    const t = lineMinimum(
      ones,
      spectrum.map((lambda) => -lambda),
      slope,
      curvature,
      decrement,
    );
    for (let j = 0; j < d; j++) y[j] = y[j]! + t * step[j]!;
  }
  throw new NotConvergedError(`minimizeLogDet: the Newton decrement is ${decrement} after ${MOST_STEPS} steps`, MOST_STEPS, decrement);
}
