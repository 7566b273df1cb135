/** Writes f(x) to `out`; must not change x nor keep either. */
export type VecFn = (x: Float64Array, out: Float64Array) => void;

/** Names of the methods, `auto` first. */
export const METHODS = [
  'auto',
  'picard',
  'damped',
  'anderson',
  'broyden',
  'newton',
  'newton-gmres',
  'aitken',
  'mpe',
  'rre',
  'sea',
  'vea',
  'squarem',
] as const;

/**
 * How the next iterate is made.
 *
 * - `picard`: x <- f(x).
 * - `damped`: Krasnoselskii-Mann, x <- x + beta (f(x) - x), beta halved when the residual has grown twice in a row.
 * - `anderson`: type II with memory m; QR updated column by column, old columns dropped while the condition number exceeds its cap.
 * - `broyden`: the good method, as a sum of m rank-one terms.
 * - `newton`: dense, with backtracking; the Jacobian by differences where none is given.
 * - `newton-gmres`: inexact Newton on Jacobian-vector products, by differences where none are given.
 * - `aitken`: delta squared, coordinate by coordinate; for one dimension this is Steffensen's method.
 * - `mpe`, `rre`: minimal polynomial and reduced rank extrapolation, restarted. `sea`, `vea`: scalar and vector epsilon algorithm, restarted.
 * - `squarem`: squared extrapolation with step length S3 of Varadhan and Roland 2008.
 * - `auto`: `aitken` in one dimension, `anderson` elsewhere.
 */
export type Method = (typeof METHODS)[number];

/**
 * Why a solver stopped. `stagnated`: no better residual for long, as at the level of rounding. `oscillating`: a plain iteration returns to
 * where it was two steps before, so it never will converge. `diverged`: residuals that are no numbers, or astronomic.
 */
export type Reason = 'converged' | 'max-iterations' | 'max-evaluations' | 'stagnated' | 'oscillating' | 'diverged' | 'singular' | 'aborted';

export type NormKind = 'infinity' | 'euclidean';

export interface FixedPointOptions {
  /** Default `auto`. */
  readonly method?: Method;
  /**
   * Columns of Anderson's method (default 10), rank-one terms of Broyden's (100), basis of GMRES (30), or iterates that an extrapolation
   * uses (6); never more than the dimension allows.
   */
  readonly memory?: number;
  /** beta in (0, 1] of damped and Anderson steps. Default 1, and 0.5 for `damped`. */
  readonly damping?: number;
  /** It is converged when ||f(x) - x|| <= atol + rtol ||f(x)||. Both default to 1e-10. */
  readonly rtol?: number;
  readonly atol?: number;
  /** Default `infinity`. */
  readonly norm?: NormKind;
  /** Iterations are points at which a residual was judged. Default 1000. */
  readonly maxIterations?: number;
  /** Calls of f in all, those for differences included. Default Infinity. */
  readonly maxEvaluations?: number;
  /** Writes the Jacobian of f at x, row by row; used by `newton`. */
  readonly jacobian?: (x: Float64Array, out: Float64Array) => void;
  /** Writes J_f(x) v; used by `newton-gmres`. */
  readonly jvp?: (x: Float64Array, v: Float64Array, out: Float64Array) => void;
  /** Anderson: largest condition number of the scaled differences. Default 1e8. */
  readonly conditionCap?: number;
  /** Looked at between iterations; `onIteration` may fire it. */
  readonly signal?: AbortSignal;
  readonly onIteration?: (info: IterationInfo) => void;
}

export interface IterationInfo {
  readonly iteration: number;
  readonly evaluations: number;
  readonly residual: number;
  /** The least residual so far. */
  readonly best: number;
}

export interface FixedPointResult {
  /** The iterate with the least residual: not the last one. */
  readonly x: Float64Array;
  /** f(x). */
  readonly value: Float64Array;
  /** ||f(x) - x||. */
  readonly residual: number;
  readonly iterations: number;
  readonly evaluations: number;
  readonly converged: boolean;
  readonly reason: Reason;
  /** The method that ran: `auto` is resolved. */
  readonly method: Exclude<Method, 'auto'>;
  /** The residual at each iteration. */
  readonly history: readonly number[];
  /** Steps that the method made by itself, not by falling back to a plain or damped one: an acceleration that never ran shows as 0. */
  readonly accelerated: number;
}

/** Options with their defaults filled in. */
export interface Settings {
  readonly method: Exclude<Method, 'auto'>;
  readonly memory: number;
  readonly damping: number;
  readonly rtol: number;
  readonly atol: number;
  readonly norm: NormKind;
  readonly maxIterations: number;
  readonly maxEvaluations: number;
  readonly conditionCap: number;
}

/** What a method is made from. `evaluate` counts. */
export interface Problem {
  readonly dimension: number;
  readonly evaluate: VecFn;
  readonly jacobian: FixedPointOptions['jacobian'];
  readonly jvp: FixedPointOptions['jvp'];
  readonly settings: Settings;
}

/**
 * One method. The driver evaluates f where the method says, judges the residual and hands both back. Methods hold no stopping rules.
 */
export interface Stepper {
  /** Where f is wanted next; the first one is x0. Owned by the method. */
  readonly point: Float64Array;
  /**
   * Moves `point`.
   *
   * @param fx - f(point), finite unless `norm` is Infinity.
   * @param r - f(point) - point.
   * @param norm - ||r||, Infinity where f(point) is not finite.
   * @returns 'accelerated' or 'plain' for the kind of step made; a reason to stop otherwise.
   */
  step(fx: Float64Array, r: Float64Array, norm: number): 'accelerated' | 'plain' | 'stagnated' | 'diverged' | 'singular';
}
