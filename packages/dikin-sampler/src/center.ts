import { type Csr, csrToDense, dense, NotConvergedError, syrk, transpose } from '@x/linalg';
import { logBarrier } from './barrier/log.ts';
import { choleskyInPlace, multiplySquare, solveLower, solveLowerTransposed } from './kernel/cholesky.ts';
import { factorByQr } from './kernel/gram-factor.ts';

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
 * Below this decrement Newton's method squares it at every step; where it does not even halve, what is left is rounding. In a body
 * 1e6 times as long as it is wide slacks keep ten digits, and so does the decrement.
 */
const QUADRATIC = 0.1;

/**
 * Minimises -sum log(b - A y)_i + f(y) by Newton's method with a line search: the analytic centre of {A y <= b} where f is absent.
 *
 * @param start - a point with A start < b.
 * @throws NotConvergedError after 500 steps, when the Hessian is singular, as it is for a body that holds a line, or when the minimiser
 * lies within rounding of a facet.
 * Cost: a step takes one Hessian and d^3 / 3 flops; the number of steps does not depend on the shape of the body, but for a term
 * that grows with the distance of `start` to the centre (Nesterov and Nemirovskii 1994, section 2.2).
 */
export function minimizeBarrier(A: Csr, b: Float64Array, start: Float64Array, f?: Quadratic): Center {
  const d = A.cols;
  const barrier = logBarrier(A);
  const addHessian = isLarge(A) ? byKernel(A) : barrier.addHessian;
  const y = start.slice();
  const s = new Float64Array(A.rows);
  const move = new Float64Array(A.rows);
  const factor = new Float64Array(d * d);
  const gradient = new Float64Array(d);
  const step = new Float64Array(d);
  const Pstep = new Float64Array(d);
  let decrement = Number.POSITIVE_INFINITY;
  for (let iteration = 0; iteration < 500; iteration++) {
    barrier.apply(y, s);
    for (let i = 0; i < s.length; i++) s[i] = b[i]! - s[i]!;
    if (!s.every((slack) => slack > 0)) {
      throw new NotConvergedError(
        'minimizeBarrier: the minimiser lies so near a facet that rounding puts it outside',
        iteration,
        decrement,
      );
    }
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
    addHessian(s, factor);
    if (Number.isNaN(choleskyInPlace(factor, d)) && !factorByQr(A, s, f?.P, factor)) {
      throw new NotConvergedError('minimizeBarrier: the Hessian is singular; the body holds a line', iteration, decrement);
    }
    for (let j = 0; j < d; j++) step[j] = -gradient[j]!;
    solveLower(factor, d, step);
    const previous = decrement;
    decrement = norm(step);
    if (decrement <= DECREMENT || (decrement < QUADRATIC && decrement > previous / 2)) return { point: y, factor, iterations: iteration };
    solveLowerTransposed(factor, d, step);
    barrier.apply(step, move);
    let slope = 0;
    let curvature = 0;
    if (f !== undefined) {
      multiplySquare(f.P, d, step, Pstep);
      for (let j = 0; j < d; j++) {
        slope += f.g[j]! * step[j]! + y[j]! * Pstep[j]!;
        curvature += step[j]! * Pstep[j]!;
      }
    }
    const length = lineMinimum(s, move, slope, curvature, decrement);
    for (let j = 0; j < d; j++) y[j] = y[j]! + length * step[j]!;
  }
  throw new NotConvergedError(`minimizeBarrier: the Newton decrement is ${decrement} after 500 steps`, 500, decrement);
}

/**
 * The minimiser t > 0 of -sum log(s - t move)_i + slope t + curvature t^2 / 2 to within a tenth in slope, by Newton's method on the derivative between
 * bisections. The step 1 / (1 + decrement), which never leaves the body, would do by the theory, but moves by one standard deviation of
 * a Gaussian at a time, and a narrow one may be 1e6 of them away.
 */
export function lineMinimum(s: Float64Array, move: Float64Array, slope: number, curvature: number, decrement: number): number {
  let low = 0;
  let high = longestStep(s, move);
  let t = Math.min(1, high / 2);
  for (let iteration = 0; iteration < 100; iteration++) {
    let first = slope + curvature * t;
    let second = curvature;
    for (let i = 0; i < s.length; i++) {
      const ratio = move[i]! / (s[i]! - t * move[i]!);
      first += ratio;
      second += ratio * ratio;
    }
    // The derivative at 0 is -decrement^2.
    if (Math.abs(first) <= 0.1 * decrement * decrement) return t;
    if (first < 0) low = t;
    else high = t;
    const newton = t - first / second;
    t = newton > low && newton < high ? newton : high === Number.POSITIVE_INFINITY ? 2 * t : (low + high) / 2;
  }
  return low > 0 ? low : t;
}

/** Hessians worth a copy into the memory of linalg's kernel. */
const LARGE = 1e7;

function isLarge({ rows, cols, data }: Csr): boolean {
  return data.length > (rows * cols) / 2 && rows * cols * cols > LARGE;
}

/** Adds A^T S^{-2} A, all of it in one call of linalg's kernel. */
function byKernel(A: Csr): (s: Float64Array, H: Float64Array) => void {
  const At = transpose(csrToDense(A));
  return (s, H) => {
    const weights = s.map((slack) => 1 / (slack * slack));
    syrk({ A: At, weights, beta: 1, C: dense(A.cols, A.cols, H) });
  };
}

function norm(x: Float64Array): number {
  return Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));
}

/** The largest t with s - t move >= 0. */
export function longestStep(s: Float64Array, move: Float64Array): number {
  let longest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < s.length; i++) if (move[i]! > 0) longest = Math.min(longest, s[i]! / move[i]!);
  return longest;
}
