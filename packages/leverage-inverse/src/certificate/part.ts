import { type Dense, gemv, transpose } from '@x/linalg';
import type { Frame } from '../coordinates.ts';
import type { Engine } from '../engine.ts';
import { norm } from '../matrix.ts';
import { gamma, rowErrors, U, UNDERFLOW } from './rounding.ts';
import { chain } from './scores.ts';

/** What one part adds to the certificate, in coordinates Z that all parts share, with bounds of the rounding errors. */
export interface Share {
  /** Z^T (weight (g - c) - N x). */
  readonly residual: Float64Array;
  /** Bound of the Euclidean error of `residual` that does not come from the scores. */
  readonly residualError: number;
  /** sum (weight delta_i)^2 / (weight sigma_i): its root bounds what errors of the scores make of it in the norm of M^-1, for M >= weight Qhat. */
  readonly scoreSquare: number;
  /** Z^T (weight Qhat + N) Z, and a bound of its error. */
  readonly matrix: Dense;
  readonly matrixError: number;
  /** max_i ||b_i||, rounded up. */
  readonly longest: number;
}

export interface Given {
  readonly engine: Engine;
  readonly weight: number;
  readonly c: Float64Array;
  /** Z of all parts, and slacks of this one. */
  readonly frame: Frame;
  readonly slackErrors: Float64Array;
  readonly scores: Float64Array;
  readonly scoreErrors: Float64Array;
  /** w_i^2 and a_i^T x with the bounds of its errors, of a regulariser N = A^T W^2 A. */
  readonly penalty: { readonly squares: Float64Array; readonly products: Float64Array; readonly errors: Float64Array } | undefined;
}

export function shareOf({ engine, weight, c, frame, slackErrors, scores, scoreErrors, penalty }: Given): Share {
  const { rows: n, cols: d } = engine;
  const { slack, Z } = frame;
  const e = rowErrors(engine, frame, slackErrors);
  const squares = engine.rowNorms(frame);
  /** Z^T (weight g - N x) = sum v_i b_i; Z^T (weight Qhat + N) Z = sum u_i b_i b_i^T. */
  const v = new Float64Array(n);
  const u = new Float64Array(n);
  let scoreSquare = 0;
  let residualError = 0;
  let matrixError = 0;
  let [size, spread, trace, longest] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [sigma, delta, s] = [scores[i]!, scoreErrors[i]!, slack[i]!];
    const length = (Math.sqrt(squares[i]!) * (1 + gamma(d + 4)) + e[i]!) * (1 + 4 * U) + UNDERFLOW ** 0.5;
    v[i] = weight * sigma;
    u[i] = weight * sigma;
    // Errors of v_i and u_i: those of the scores are counted apart in the residual.
    let [wrongV, wrongU] = [U * weight * sigma, weight * (delta + 2 * U * sigma)];
    if (penalty !== undefined) {
      const w = penalty.squares[i]!;
      const pull = w * penalty.products[i]! * s;
      v[i] = v[i]! - pull;
      u[i] = u[i]! + w * s * s;
      wrongV += 6 * U * (Math.abs(pull) + weight * sigma);
      wrongV += 1.01 * w * (penalty.errors[i]! * Math.abs(s) + slackErrors[i]! * (Math.abs(penalty.products[i]!) + penalty.errors[i]!));
      wrongU += 8 * U * u[i]! + 2.2 * w * slackErrors[i]! * Math.abs(s);
    }
    if (sigma > 2 * delta) scoreSquare += (weight * delta ** 2) / (sigma - delta);
    else wrongV += weight * delta;
    residualError += wrongV * length + Math.abs(v[i]!) * e[i]!;
    matrixError += wrongU * length ** 2 + u[i]! * (2 * length + e[i]!) * e[i]!;
    size += Math.abs(v[i]!);
    spread += Math.abs(v[i]!) * length ** 2;
    trace += u[i]! * length ** 2;
    longest = Math.max(longest, length);
  }
  const sums = engine.project(frame, v);
  const Zc = gemv({ A: transpose(Z), x: c });
  const residual = sums.map((value, j) => value - weight * Zc[j]!);
  const absolute = gemv({ A: transpose({ ...Z, data: Z.data.map(Math.abs) }), x: c.map(Math.abs) });
  // Blocks of 256 terms are summed by the kernel, block sums in twice the precision: sum |v_i b_ij| <= sqrt(size sum |v_i| b_ij^2).
  residualError += gamma(264) * Math.sqrt(size * spread) + weight * gamma(d + 4) * norm(absolute) + 4 * U * (norm(sums) + norm(residual));
  return {
    residual,
    residualError: 1.01 * residualError,
    scoreSquare,
    matrix: engine.weighted(frame, u),
    matrixError: 1.01 * (matrixError + chain(n) * trace),
    longest,
  };
}
