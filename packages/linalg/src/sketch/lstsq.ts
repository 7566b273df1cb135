import { checkChoice, checkObject, checkRange, checkSize, checkVector } from '../check.ts';
import { copy, type Dense, dense } from '../dense.ts';
import { NotConvergedError } from '../errors.ts';
import { leastSquares } from '../lapack/least-squares.ts';
import { csrToDense } from '../sparse/convert.ts';
import { isCsr, type Matrix } from '../sparse/csr.ts';
import { scaleColumns } from './columns.ts';
import { sketchedFactor } from './distortion.ts';
import { add, inner, norm, timesVector, transposedTimesVector } from './products.ts';
import { checkFiniteMatrix, checkMatrix } from './rows.ts';
import { type SketchChoice, sketchOf } from './sketched.ts';

export interface LstsqOptions {
  /**
   * 'precondition': iterations on A R^-1 with R from a sketch of A, until rounding ends them. 'solve': the minimiser of the sketched
   * problem, within sqrt((1 + eps) / (1 - eps)) of the least residual, eps being the distortion of the sketch on [A b]. 'direct':
   * QR with column pivoting of A (`leastSquares`), made dense. Default 'auto': 'precondition' where n >= 50 d and A is sparse or has
   * at least 500 columns, else 'direct'.
   */
  readonly method?: 'auto' | 'direct' | 'precondition' | 'solve';
  /** Stops where ||B^T r|| <= tolerance ||B|| ||r||, B = A R^-1, or ||r|| <= tolerance ||b||. Default 1e-14. */
  readonly tolerance?: number;
  /** Default 200. */
  readonly maxIterations?: number;
  /** Default 16 d + 32 rows of OSNAP, where each iteration gains about a digit and a half. */
  readonly sketch?: SketchChoice;
}

export interface LstsqResult {
  readonly x: Float64Array;
  /** ||A x - b||. */
  readonly residualNorm: number;
  /** What was used. */
  readonly method: 'direct' | 'precondition' | 'solve';
  /** Iterations of 'precondition'; 0 for the others. */
  readonly iterations: number;
}

/**
 * Least squares for tall A: x minimises ||A x - b||.
 *
 * @param A - n x d; a dense or sparse matrix of full rank for the sketched methods. Where the sketch shows another rank, 'direct' is used.
 * @param b - n entries.
 * @throws ShapeError; NonFiniteError naming the first bad entry; ArgumentError for options; NotConvergedError.
 * Cost: 'precondition' takes the sketch, 2 m d^2 flops, and two products with A for each of about 25 iterations.
 * Accuracy: 'direct' is backward stable; 'precondition' is forward stable, ||A^T r|| reaching u cond(A) ||A|| ||b|| at worst.
 * Source: Avron, Maymounkov, Toledo (Blendenpik), SIAM J. Sci. Comput. 32 (2010); the start from the sketched solution is needed for
 * stability: Meier, Nakatsukasa, Townsend, Webb, arXiv 2302.07202.
 */
export function lstsq(A: Matrix, b: Float64Array, options: LstsqOptions = {}): LstsqResult {
  checkObject('lstsq', 'options', options);
  const { method = 'auto', tolerance = 1e-14, maxIterations = 200, sketch = {} } = options;
  checkObject('lstsq', 'sketch', sketch);
  checkMatrix('lstsq', 'A', A);
  checkFiniteMatrix('lstsq', 'A', A);
  checkVector('lstsq', 'b', b, A.rows);
  checkRange('lstsq', 'tolerance', tolerance, 0, 1);
  checkSize('lstsq', 'maxIterations', maxIterations);
  checkChoice('lstsq', 'method', method, ['auto', 'direct', 'precondition', 'solve']);
  if (method === 'direct' || (method === 'auto' && !worthSketching(A))) return direct(A, b);
  const right = dense(A.rows, 1, b);
  const sketched = sketchOf('lstsq', A, { rows: 16 * A.cols + 32, ...sketch }, right);
  if (sketched?.Sb === undefined) return direct(A, b);
  const { Z, rank, columnScale, conditionEstimate } = sketchedFactor('lstsq', sketched.SA);
  if (rank < A.cols) return direct(A, b);
  const scaled = scaleColumns(A, columnScale);
  // x = Z Q^T S b with Q = S A Z solves the sketched problem.
  const SAscaled = scaleColumns(sketched.SA, columnScale);
  const y = transposedTimesVector(Z, transposedTimesVector(SAscaled, sketched.Sb.data, new Float64Array(A.cols)), new Float64Array(rank));
  const scaledX = timesVector(Z, y, new Float64Array(A.cols));
  const floor = 64 * 2 ** -53 * conditionEstimate;
  const iterations = method === 'solve' ? 0 : refine(scaled, Z, b, scaledX, tolerance, floor, maxIterations);
  const x = columnScale ? scaledX.map((v, j) => v * columnScale[j]!) : scaledX;
  return { x, residualNorm: norm(residual(A, x, b)), method: method === 'solve' ? 'solve' : 'precondition', iterations };
}

/**
 * QR runs at the speed of matrix products, the iterations at that of memory: with dense A the former wins up to about 500 columns
 * (bench/sketch.bench.ts). A sparse A stays sparse only under the latter.
 */
const WIDE = 500;

function worthSketching(A: Matrix): boolean {
  return A.rows >= 50 * A.cols && (isCsr(A) || A.cols >= WIDE);
}

function direct(A: Matrix, b: Float64Array): LstsqResult {
  const full = isCsr(A) ? csrToDense(A) : A.data instanceof Float64Array ? (A as Dense) : doubled(A as Dense<Float32Array>);
  const { X, residualNorms } = leastSquares(full, b);
  return { x: X, residualNorm: residualNorms[0]!, method: 'direct', iterations: 0 };
}

function doubled(A: Dense<Float32Array>): Dense {
  const { data } = copy(A);
  return dense(A.rows, A.cols, Float64Array.from(data));
}

function residual(A: Matrix, x: Float64Array, b: Float64Array): Float64Array {
  const r = timesVector(A, x, new Float64Array(A.rows));
  for (let i = 0; i < r.length; i++) r[i] = b[i]! - r[i]!;
  return r;
}

/**
 * Conjugate gradients on the normal equations of B = A Z (CGLS), whose condition is that of the distortion. Rounding ends its progress
 * at about `floor` ||b||. Corrections Z y are then added to x and the solution starts again from the true residual, twice: rounding
 * Z y, large when A is ill-conditioned, then matters little (iterative refinement: Epperly, Meier, Nakatsukasa, arXiv 2406.03468).
 */
function refine(A: Matrix, Z: Dense, b: Float64Array, x: Float64Array, tolerance: number, floor: number, most: number): number {
  const scratch = new Float64Array(A.cols);
  const q = new Float64Array(A.rows);
  const s = new Float64Array(Z.cols);
  const gradient = (r: Float64Array): Float64Array => transposedTimesVector(Z, transposedTimesVector(A, r, scratch), s);
  const size = norm(b);
  for (let count = 0, round = 0; ; round++) {
    const r = residual(A, x, b);
    const p = gradient(r).slice();
    const y = new Float64Array(Z.cols);
    let gamma = inner(p, p);
    // ||B|| is near 1, as ||S B|| is 1.
    const start = Math.sqrt(gamma);
    if (start <= tolerance * norm(r) || norm(r) <= tolerance * size) return count;
    if (round >= 3 && start <= floor * size) return count;
    if (count >= most) {
      const relative = start / norm(r);
      throw new NotConvergedError(
        `lstsq: the relative gradient is ${relative} after ${count} iterations; ${tolerance} was asked for`,
        count,
        relative,
      );
    }
    let best = start;
    for (let idle = 0; idle < PATIENCE && count < most; count++) {
      timesVector(A, timesVector(Z, p, scratch), q);
      const alpha = gamma / inner(q, q);
      add(alpha, p, y);
      add(-alpha, q, r);
      gradient(r);
      const next = inner(s, s);
      const now = Math.sqrt(next);
      // What is below the rounding of this round's own start is left to the next.
      if (now <= Math.max(tolerance * norm(r), 2 ** -40 * start) || next === 0) {
        count++;
        break;
      }
      idle = now < best / 2 ? 0 : idle + 1;
      best = Math.min(best, now);
      for (let j = 0; j < p.length; j++) p[j] = s[j]! + (next / gamma) * p[j]!;
      gamma = next;
    }
    add(1, timesVector(Z, y, scratch), x);
  }
}

/** Iterations without halving the gradient that show that rounding has taken over. */
const PATIENCE = 12;
