import { checkChoice, checkObject, checkRange, checkSize, checkVector } from '../check.ts';
import { copy, type Dense, dense } from '../dense.ts';
import { AbortedError, ArgumentError, NotConvergedError } from '../errors.ts';
import { leastSquares } from '../lapack/least-squares.ts';
import { checkResult } from '../lapack/range.ts';
import { checkRunning, run, runAsync, type Steps } from '../progress.ts';
import { csrToDense } from '../sparse/convert.ts';
import { isCsr, type Matrix } from '../sparse/csr.ts';
import { checkFiniteMatrix, checkMatrix } from '../sparse/rows.ts';
import { nrm2 } from '../vector/norm.ts';
import { columnNorms, safeScale, scaleColumns } from './columns.ts';
import { sketchedFactor } from './distortion.ts';
import { add, inner, norm, timesVector, transposedTimesVector } from './products.ts';
import { type SketchChoice, sketchOf } from './sketched.ts';

export interface LstsqOptions {
  /**
   * 'precondition': iterations on A R^-1 with R from a sketch of A, until rounding ends them. 'solve': the minimiser of the sketched
   * problem, within sqrt((1 + eps) / (1 - eps)) of the least residual, eps being the distortion of the sketch on [A b]. 'direct':
   * QR with column pivoting of A (`leastSquares`), made dense. Default 'auto': 'precondition' where n >= 50 d and A is sparse or has
   * at least 500 columns, else 'direct'.
   */
  readonly method?: 'auto' | 'direct' | 'precondition' | 'solve';
  /**
   * 'precondition' stops where |a_j^T r| <= tolerance ||a_j|| (||r|| + sum_k ||a_k|| |x_k|) for each column a_j, or where another round
   * of refinement does not halve the left side. Default 2^-48, about what a QR leaves, so that it binds nowhere that 'auto' or a lost
   * rank leads to a QR. Refused with 'direct' and 'solve', which do not iterate.
   */
  readonly tolerance?: number;
  /** Default 200. */
  readonly maxIterations?: number;
  /** Default 16 d + 32 rows of OSNAP, where each iteration gains more than half a digit. */
  readonly sketch?: SketchChoice;
  /** Checked before each iteration. In `lstsq`, which lets no event through, only `onProgress` can fire it in between. */
  readonly signal?: AbortSignal;
  /** Called after each iteration with an estimate of what `tolerance` bounds. */
  readonly onProgress?: (error: number, iteration: number) => void;
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
 * For one right-hand side and A sparse, or dense with many more rows than columns and at least 500 of these: there sketching is faster
 * than a QR, and a sparse A stays sparse. {@link leastSquares} takes A of any shape and rank and several right-hand sides, tells the
 * rank and lets a tolerance decide it; for dense A otherwise both compute the same.
 *
 * @param A - n x d; a dense or sparse matrix of full rank for the sketched methods. Where the sketch shows another rank, or A is so
 *   near to one that refinement ends above 1e-12, 'direct' is used.
 * @param b - n entries.
 * @throws ShapeError; NonFiniteError naming the first bad entry, or the result where x or the norm overflows; ArgumentError for options;
 *   NotConvergedError and AbortedError, whose `partial` is the x of the last finished round.
 * Cost: 'precondition' takes the sketch, 2 m d^2 flops, and two products with A for each of 13 to 30 iterations, most often.
 * Accuracy: backward stable for 'direct' and, as measured, for 'precondition'.
 * Source: Avron, Maymounkov, Toledo (Blendenpik), SIAM J. Sci. Comput. 32 (2010); the refinement: Epperly, Meier, Nakatsukasa,
 * arXiv 2406.03468.
 */
export function lstsq(A: Matrix, b: Float64Array, options: LstsqOptions = {}): LstsqResult {
  return run(steps('lstsq', A, b, options));
}

/** `lstsq` with a turn of the event loop after each iteration, so that timers run and an abort is seen. @throws (rejects) as `lstsq`. */
export async function lstsqAsync(A: Matrix, b: Float64Array, options: LstsqOptions = {}): Promise<LstsqResult> {
  return runAsync(steps('lstsqAsync', A, b, options));
}

function* steps(operation: string, A: Matrix, b: Float64Array, options: LstsqOptions): Steps<LstsqResult> {
  checkObject(operation, 'options', options);
  const { method = 'auto', tolerance = 2 ** -48, maxIterations = 200, sketch = {} } = options;
  checkObject(operation, 'sketch', sketch);
  checkMatrix(operation, 'A', A);
  checkFiniteMatrix(operation, 'A', A);
  checkVector(operation, 'b', b, A.rows);
  checkRange(operation, 'tolerance', tolerance, 0, 1);
  checkSize(operation, 'maxIterations', maxIterations);
  checkChoice(operation, 'method', method, ['auto', 'direct', 'precondition', 'solve']);
  if (options.tolerance !== undefined && (method === 'direct' || method === 'solve')) {
    throw new ArgumentError(
      `${operation}: tolerance is ${tolerance}; it must be left out for ${method}, which does not iterate`,
      'tolerance',
    );
  }
  checkRunning(operation, options);
  if (method === 'direct' || (method === 'auto' && !worthSketching(A))) return direct(A, b);
  // Squares of b must stay inside the range of f64, too.
  const largest = b.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const scaleB = 2 ** Math.max(Math.min(Math.round(-Math.log2(largest)), 1000), -1000);
  const right = b.map((v) => v * scaleB);
  const scale = safeScale(A, 0);
  const scaled = scaleColumns(A, scale);
  const sketched = sketchOf(operation, scaled, { rows: 16 * A.cols + 32, ...sketch }, dense(A.rows, 1, right));
  if (sketched?.Sb === undefined) return direct(A, b);
  const { SA } = sketched;
  const { Z, rank, columnScale } = sketchedFactor(operation, SA);
  // Columns of S A that are not of the size of their entries have cancelled.
  if (rank < A.cols || columnScale) return direct(A, b);
  // x = Z Q^T S b with Q = S A Z solves the sketched problem.
  const y = transposedTimesVector(Z, transposedTimesVector(SA, sketched.Sb.data, new Float64Array(A.cols)), new Float64Array(rank));
  const scaledX = timesVector(Z, y, new Float64Array(A.cols));
  const problem = { operation, A: scaled, Z, b: right, columns: columnNorms(SA), tolerance, maxIterations, ...options };
  // Powers in opposite directions meet first, so that x leaves the range only at its end.
  const original = (from: Float64Array): Float64Array =>
    from.map((v, j) => (scale[j]! > 1 === scaleB > 1 ? v * (scale[j]! / scaleB) : (v * scale[j]!) / scaleB));
  const iterations = method === 'solve' ? 0 : yield* refine(problem, scaledX, original);
  if (iterations === undefined) return direct(A, b);
  const x = original(scaledX);
  const residualNorm = nrm2(residual(scaled, scaledX, right)) / scaleB;
  checkResult(operation, Float64Array.of(residualNorm, ...x));
  return { x, residualNorm, method: method === 'solve' ? 'solve' : 'precondition', iterations };
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

interface Problem {
  readonly operation: string;
  readonly A: Matrix;
  /** A Z is orthonormal to within the distortion of the sketch. */
  readonly Z: Dense;
  readonly b: Float64Array;
  /** The norms of the columns of A, within the distortion. */
  readonly columns: Float64Array;
  readonly tolerance: number;
  readonly maxIterations: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (error: number, iteration: number) => void;
}

/** What a round of refinement gains at most: half the digits of f64, which is what rounding in A Z leaves at a condition of 1e8. */
const ROUND = 2 ** -26;
/** Where refinement must have come for its result to stand. */
const STABLE = 1e-12;

/**
 * Iterative refinement of x: each round takes the gradient A^T r of the true residual, solves Z^T A^T A Z y = Z^T A^T r by conjugate
 * gradients, which condition numbers slow down no more, and adds Z y to x. The iterations never see r, so that its rounding, large
 * beside a small gradient, is not amplified by Z; rounding in A Z costs a part cond(A) u of what a round gains.
 *
 * @returns the number of iterations; undefined where rounding ended them above STABLE.
 */
function* refine(
  { operation, A, Z, b, columns, tolerance, maxIterations, signal, onProgress }: Problem,
  x: Float64Array,
  original: (x: Float64Array) => Float64Array,
): Steps<number | undefined> {
  const d = A.cols;
  const [g, v, s, y, t] = Array.from({ length: 5 }, () => new Float64Array(d)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const q = new Float64Array(A.rows);
  let best = x.slice();
  let least = Number.POSITIVE_INFINITY;
  for (let count = 0; ; ) {
    const r = residual(A, x, b);
    transposedTimesVector(A, r, g);
    const size = norm(r) + columns.reduce((sum, c, k) => sum + c * Math.abs(x[k]!), 0);
    const error = g.reduce((most, gj, j) => Math.max(most, Math.abs(gj) / columns[j]!), 0) / size;
    const done = !(error > tolerance);
    if (done || error > least / 2) {
      if (!(error < least)) x.set(best);
      return done || Math.min(error, least) <= STABLE ? count : undefined;
    }
    best = x.slice();
    least = error;
    transposedTimesVector(Z, g, s);
    const p = s.slice();
    y.fill(0);
    let gamma = inner(s, s);
    const start = gamma;
    while (gamma > ROUND * ROUND * start) {
      if (signal?.aborted) throw new AbortedError(`${operation}: aborted after ${count} iterations`, original(x));
      if (count === maxIterations) {
        throw new NotConvergedError(
          `${operation}: the error is ${error} after ${count} iterations; ${tolerance} was asked for`,
          count,
          error,
          original(x),
        );
      }
      timesVector(A, timesVector(Z, p, v), q);
      transposedTimesVector(Z, transposedTimesVector(A, q, v), t);
      const alpha = gamma / inner(q, q);
      add(alpha, p, y);
      add(-alpha, t, s);
      const next = inner(s, s);
      for (let j = 0; j < d; j++) p[j] = s[j]! + (next / gamma) * p[j]!;
      gamma = next;
      count++;
      onProgress?.(error * Math.sqrt(gamma / start), count);
      yield;
    }
    add(1, timesVector(Z, y, v), x);
  }
}
