import { type Csr, NotConvergedError } from '@x/linalg';
import { logBarrier } from './barrier/log.ts';
import { choleskyInPlace, multiplySquare, solveLower, solveLowerTransposed } from './kernel/cholesky.ts';

/** f(y) = y^T P y / 2 + g^T y, with P symmetric, full, row-major. */
export interface Quadratic {
  readonly P: Float64Array;
  readonly g: Float64Array;
}

export interface Center {
  readonly point: Float64Array;
  /** Cholesky factor (lower triangle) of the Hessian of the minimised function there. */
  readonly factor: Float64Array;
  readonly iterations: number;
}

/** The Newton decrement at which the minimiser is found: distances to it are then of the order of the square root of rounding. */
const DECREMENT = 1e-9;

/**
 * Minimises -sum log(b - A y)_i + f(y) by damped Newton steps: the analytic centre of {A y <= b} where f is absent.
 *
 * @param start - a point with A start < b.
 * @throws NotConvergedError after 500 steps, or when the Hessian is singular, as it is for a body that holds a line.
 * Cost: a step takes one Hessian and d^3 / 3 flops; the number of steps does not depend on the shape of the body, but for a term
 * that grows with the distance of `start` to the centre (Nesterov and Nemirovskii 1994, section 2.2).
 */
export function minimizeBarrier(A: Csr, b: Float64Array, start: Float64Array, f?: Quadratic): Center {
  const d = A.cols;
  const barrier = logBarrier(A);
  const y = start.slice();
  const s = new Float64Array(A.rows);
  const move = new Float64Array(A.rows);
  const factor = new Float64Array(d * d);
  const gradient = new Float64Array(d);
  const step = new Float64Array(d);
  let decrement = Number.POSITIVE_INFINITY;
  for (let iteration = 0; iteration < 500; iteration++) {
    barrier.apply(y, s);
    for (let i = 0; i < s.length; i++) s[i] = b[i]! - s[i]!;
    gradient.fill(0);
    factor.fill(0);
    if (f !== undefined) {
      factor.set(f.P);
      multiplySquare(f.P, d, y, gradient);
      for (let j = 0; j < d; j++) gradient[j] = gradient[j]! + f.g[j]!;
    }
    for (let i = 0; i < A.rows; i++) {
      for (let p = A.indptr[i]!; p < A.indptr[i + 1]!; p++) gradient[A.indices[p]!] = gradient[A.indices[p]!]! + A.data[p]! / s[i]!;
    }
    barrier.addHessian(s, factor);
    if (Number.isNaN(choleskyInPlace(factor, d))) {
      throw new NotConvergedError('minimizeBarrier: the Hessian is singular; the body holds a line', iteration, decrement);
    }
    for (let j = 0; j < d; j++) step[j] = -gradient[j]!;
    solveLower(factor, d, step);
    decrement = Math.sqrt(step.reduce((sum, v) => sum + v * v, 0));
    if (decrement <= DECREMENT) return { point: y, factor, iterations: iteration };
    solveLowerTransposed(factor, d, step);
    barrier.apply(step, move);
    // 1 / (1 + decrement) never leaves the body; a full step is taken where Newton's method converges quadratically.
    const length = Math.min(decrement < 0.25 ? 1 : 1 / (1 + decrement), 0.99 * longestStep(s, move));
    for (let j = 0; j < d; j++) y[j] = y[j]! + length * step[j]!;
  }
  throw new NotConvergedError(`minimizeBarrier: the Newton decrement is ${decrement} after 500 steps`, 500, decrement);
}

/** The largest t with s - t move >= 0. */
export function longestStep(s: Float64Array, move: Float64Array): number {
  let longest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < s.length; i++) if (move[i]! > 0) longest = Math.min(longest, s[i]! / move[i]!);
  return longest;
}
