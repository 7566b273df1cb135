/**
 * A self-concordant barrier of {y : A y <= b} as the walk sees it: a function of the slacks s = b - A y alone. Barriers with
 * weights (Vaidya, John, Lee-Sidford) implement the same.
 */
export interface Barrier {
  readonly rows: number;
  readonly dimension: number;
  /** out = A y. */
  apply(y: Float64Array, out: Float64Array): void;
  /** Adds the Hessian at slacks s > 0 to the lower triangle of the row-major matrix H. */
  addHessian(s: Float64Array, H: Float64Array): void;
  /** delta^T Hessian(s) delta, given A delta. */
  squaredNorm(Adelta: Float64Array, s: Float64Array): number;
}
