import { AbortedError, cholesky, choleskySolve, type Dense, eigenvalues, gemm, gemv, transpose } from '@x/linalg';
import { unwhitenVector, upperProduct, whitenVector } from '../coordinates.ts';
import { whitenedDerivative, whitenedQ } from '../hessian.ts';
import { combine, congruence, inner, inverseRoot, norm } from '../matrix.ts';
import { turn } from '../turn.ts';
import { type Iteration, type MinimizeOptions, type Minimum, reach, trialAt } from './minimize.ts';
import type { Point, Problem } from './part.ts';
import { roundingFloor } from './rounding.ts';
import { sampleByScores } from './sample.ts';

/** Trial points tried in one iteration. */
const TRIALS = 40;

/**
 * Minimises L(x) = ||g(x) - c||^2 / 2 + ||W A x||^2 / 2, which is not convex, within the cell.
 *
 * 'exact': Levenberg's damping of the Gauss-Newton matrix Q^2 + A^T W^2 A. 'paper': steps with A^T D A for a sample of the diagonal
 * D = diag(sigma / s^2) + W^2, drawn by the leverage scores of D^{1/2} A, and a line search. The abstract of Li, Song, Xu, Yin 2024 tells no
 * more than that the Hessian is sampled by leverage scores; that D is what a diagonal can be. It is here to be compared with: Q^2 is far
 * from A^T D A where Q is ill conditioned, and the iteration crawls.
 *
 * @throws AbortedError, with the x reached in `partial`.
 */
export async function minimizeSquares(problem: Problem, start: Point, options: MinimizeOptions<'exact' | 'paper'>): Promise<Minimum> {
  const { mode, tolerance, maxIterations, signal, onIteration } = options;
  const iterations: Iteration[] = [];
  const rest = turn();
  let at = modelAt(problem, start);
  let damping = 0;
  for (;;) {
    const { point } = at;
    const gaussNewton = mode === 'exact';
    let moved: Model | undefined;
    let evaluations = 0;
    let length = 1;
    const M = gaussNewton ? at.matrix : sampledDiagonal(problem, at, options, iterations.length);
    const over = iterations.length >= maxIterations;
    let decrement = Number.NaN;
    let p = new Float64Array(point.x.length);
    for (let t = 0; t < TRIALS; t++) {
      if (gaussNewton || t === 0) {
        const direction = choleskySolve(cholesky(damped(M, gaussNewton ? damping : 0)), at.descent);
        p = unwhitenVector(point.parts[0]!, direction) as Float64Array<ArrayBuffer>;
        if (t === 0) decrement = norm(direction);
        length = Math.min(1, reach(problem, point, p));
      } else length /= 2;
      if (over || decrement <= tolerance) break;
      const next = trialAt(
        problem,
        point.x.map((value, j) => value + length * p[j]!),
        { qhat: true, third: true },
      );
      evaluations++;
      const candidate = next && modelAt(problem, next);
      const slope = length * inner(at.gradient, p);
      if (candidate !== undefined && candidate.value <= at.value + 1e-4 * slope) {
        moved = candidate;
        damping = damping < 1e-6 ? 0 : damping / 10;
        break;
      }
      damping = Math.max(1e-3, 4 * damping);
    }
    const record = { decrement, length: moved === undefined ? 0 : length, evaluations, products: 0, kept: false };
    iterations.push(record);
    onIteration?.(record);
    if (moved === undefined) {
      const converged = decrement <= Math.max(tolerance, roundingFloor(problem, point, whitenedQ(point.parts[0]!)));
      return { point, iterations, status: converged ? 'converged' : over ? 'max-iterations' : 'stalled' };
    }
    at = moved;
    await rest();
    if (signal?.aborted)
      throw new AbortedError(`invertLeverageGradient: aborted after ${iterations.length} iterations`, { x: at.point.x, iterations });
  }
}

/** M + damping tr(M) / d I. */
function damped(M: Dense, damping: number): Dense {
  const d = M.rows;
  let trace = 0;
  for (let j = 0; j < d; j++) trace += M.data[j * (d + 1)]!;
  return { ...M, data: M.data.map((value, p) => (p % (d + 1) === 0 ? value + (damping * trace) / d : value)) };
}

/** Whether the Hessian of L, Q^2 - DQ[g - c] + A^T W^2 A, has a negative eigenvalue at the point. */
export function isIndefinite(problem: Problem, point: Point): boolean {
  const {
    point: { parts },
    residual,
    matrix,
  } = modelAt(problem, point);
  const { engine } = problem.parts[0]!;
  const at = parts[0]!;
  const derivative = whitenedDerivative(
    engine,
    at,
    engine.times(residual).map((value, i) => value / at.slack[i]!),
  );
  return eigenvalues(combine(1, matrix, -1, derivative))[0]! < 0;
}

interface Model {
  readonly point: Point;
  readonly value: number;
  /** g - c. */
  readonly residual: Float64Array;
  /** grad L, in the coordinates of x. */
  readonly gradient: Float64Array;
  /** -Z^T grad L. */
  readonly descent: Float64Array;
  /** Z^T (Q^2 + A^T W^2 A) Z. */
  readonly matrix: Dense;
}

function modelAt(problem: Problem, point: Point): Model {
  const at = point.parts[0]!;
  const { c } = problem.parts[0]!;
  const W = whitenedQ(at);
  const white = at.whitened.map((value, j) => value - whitenVector(at, c)[j]!);
  const r = gemv({ A: at.L, x: white });
  // Q = L W L^T, so Z^T Q^2 Z = W L^T L W and Z^T Q r = W L^T r.
  const LW = gemm({ A: at.L, B: W });
  const squared = gemm({ A: transpose(LW), B: LW });
  const descent = gemv({ A: transpose(LW), x: r });
  const { penalty } = problem;
  const Nx = penalty === undefined ? new Float64Array(r.length) : gemv({ A: penalty, x: point.x });
  const ZNx = whitenVector(at, Nx);
  const down = descent.map((value, j) => value - ZNx[j]!);
  return {
    point,
    residual: r,
    value: (inner(r, r) + inner(point.x, Nx)) / 2,
    gradient: gemv({ A: at.L, x: down }).map((value) => -value),
    descent: down,
    matrix: penalty === undefined ? squared : combine(1, squared, 1, congruence(at.Z, penalty)),
  };
}

/** Z^T A^T D A Z from a sample of D = diag(sigma / s^2) + W^2 by the leverage scores of D^{1/2} A. */
function sampledDiagonal(problem: Problem, { point }: Model, { sampleSize, seed }: MinimizeOptions<string>, iteration: number): Dense {
  const { engine } = problem.parts[0]!;
  const at = point.parts[0]!;
  const w2 = problem.squaredWeights;
  const D = at.scores.map((sigma, i) => sigma + (w2 === undefined ? 0 : w2[i]! * at.slack[i]! ** 2));
  const root = inverseRoot(engine.weighted(at, D));
  const scores = engine.rowNorms({ Z: upperProduct(at.Z, root), slack: at.slack }).map((value, i) => value * D[i]!);
  for (let size = sampleSize; ; size *= 2) {
    const { rows, weights } = sampleByScores(scores, size, seed, iteration);
    const M = engine.sampled(
      at,
      rows,
      weights.map((weight, k) => weight * D[rows[k]!]!),
    );
    try {
      cholesky(M);
      return M;
    } catch (error) {
      if (size > 64 * sampleSize) throw error;
    }
  }
}
