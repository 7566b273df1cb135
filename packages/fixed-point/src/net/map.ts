import type { VecFn } from '../solve/contract.ts';

/** A map of R^d into itself whose values and derivatives are bounded over boxes, rigorously. */
export interface IntervalMap {
  readonly dimension: number;
  /** Writes f(x). */
  readonly evaluate: VecFn;
  /** Writes the Jacobian at x, row by row. */
  jacobian(x: Float64Array, out: Float64Array): void;
  /** Writes bounds of f over the box [lower, upper]; NaN where there are none. */
  range(lower: Float64Array, upper: Float64Array, outLower: Float64Array, outUpper: Float64Array): void;
  /**
   * Writes bounds of every entry of the Jacobian over the box, row by row; where f has kinks, bounds of its generalised Jacobian, so that
   * f(x) - f(y) = J (x - y) for some J within them.
   */
  jacobianRange(lower: Float64Array, upper: Float64Array, outLower: Float64Array, outUpper: Float64Array): void;
}
