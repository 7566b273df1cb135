import { cholesky, choleskySolve, type Dense, gemm, gemv, NotPositiveDefiniteError, transpose } from '@x/linalg';
import { unwhitenVector, whitenVector } from '../coordinates.ts';
import { whitenedQ, whitenedQTimes } from '../hessian.ts';
import { combine, congruence, inner, norm } from '../matrix.ts';
import { assemble, type Point, type Problem } from './part.ts';
import { sampleByScores, sampledQhat } from './sample.ts';

export type Mode = 'exact' | 'qhat' | 'sampled' | 'newton-cg';

export interface Step {
  /** In whitened coordinates. */
  readonly direction: Float64Array;
  /** <residual, direction>: the square of the Newton decrement in the metric that was used. */
  readonly slope: number;
  /** Products with Q, for 'newton-cg'. */
  readonly products: number;
  /** The model of the Hessian, in whitened coordinates. */
  readonly matrix: Dense;
}

export interface StepOptions {
  readonly mode: Mode;
  readonly sampleSize: number;
  readonly seed: number;
  /** Of the random stream: each iteration draws its own sample. */
  readonly iteration: number;
}

/** A model of the Hessian in the whitened coordinates of another point, whose H = L L^T. */
export interface Held {
  readonly matrix: Dense;
  readonly L: Dense;
}

/** The step at a point by the Hessian of another one: Z^T L M (Z^T L)^T. */
export function heldStep({ matrix, L }: Held, at: Point): Step {
  return solved(congruence(gemm({ A: transpose(L), B: at.parts[0]!.Z }), matrix), at);
}

/** M^-1 residual, with M the Hessian Q, twice Qhat (Q lies between Qhat and 3 Qhat), or a sample of that. */
export function stepOf(problem: Problem, at: Point, options: StepOptions): Step {
  const { mode } = options;
  if (mode === 'exact') return solved(assemble(problem, at, at.parts.map(whitenedQ)), at);
  if (mode === 'qhat')
    return solved(
      assemble(
        problem,
        at,
        at.parts.map(({ qhat }) => combine(2, qhat as Dense, 0, qhat as Dense)),
      ),
      at,
    );
  const sampled = sampledModel(problem, at, options);
  return mode === 'sampled' ? solved(sampled, at) : conjugateGradient(problem, at, sampled);
}

/** Twice the sampled Qhat; the sample grows until it has full rank. */
function sampledModel(problem: Problem, at: Point, { sampleSize, seed, iteration }: StepOptions): Dense {
  const streams = problem.parts.length;
  for (let size = sampleSize; ; size *= 2) {
    const M = assemble(
      problem,
      at,
      problem.parts.map(({ engine }, k) => {
        const sample = sampleByScores(at.parts[k]!.scores, size, seed, iteration * streams + k);
        const W = sampledQhat(engine, at.parts[k]!, sample);
        return combine(2, W, 0, W);
      }),
    );
    try {
      cholesky(M);
      return M;
    } catch (error) {
      if (!(error instanceof NotPositiveDefiniteError) || size > 64 * sampleSize) throw error;
    }
  }
}

function solved(M: Dense, { residual }: Point): Step {
  const direction = choleskySolve(cholesky(M), residual);
  return { direction, slope: inner(direction, residual), products: 0, matrix: M };
}

/** Q p = residual by conjugate gradients with M as the preconditioner, to a relative residual min(0.1, sqrt(decrement)): superlinear. */
function conjugateGradient(problem: Problem, at: Point, M: Dense): Step {
  const factor = cholesky(M);
  const direction = new Float64Array(at.residual.length);
  const rest = at.residual.slice();
  let z = choleskySolve(factor, rest);
  let rz = inner(rest, z);
  const target = Math.min(0.1, Math.sqrt(Math.sqrt(Math.max(0, rz)))) ** 2 * rz;
  let search = z.slice();
  let products = 0;
  // The condition of M^-1 Q is at most 3 (1 + eps) / (1 - eps): thirty steps are far more than needed.
  while (rz > target && products < 30) {
    const Qs = hessianTimes(problem, at, search);
    products++;
    const alpha = rz / inner(search, Qs);
    for (let j = 0; j < rest.length; j++) {
      direction[j] = direction[j]! + alpha * search[j]!;
      rest[j] = rest[j]! - alpha * Qs[j]!;
    }
    z = choleskySolve(factor, rest);
    const next = inner(rest, z);
    search = z.map((value, j) => value + (next / rz) * search[j]!);
    rz = next;
  }
  if (norm(direction) === 0) return solved(M, at);
  return { direction, slope: inner(direction, at.residual), products, matrix: M };
}

/** The Hessian of F times h, in the whitened coordinates of the first part. */
function hessianTimes({ parts, penalty }: Problem, at: Point, p: Float64Array): Float64Array {
  const first = at.parts[0]!;
  const h = unwhitenVector(first, p);
  const sum = new Float64Array(p.length);
  for (const [k, { engine, weight }] of parts.entries()) {
    const evaluation = at.parts[k]!;
    const product = whitenedQTimes(
      engine,
      evaluation,
      engine.times(h).map((value, i) => value / evaluation.slack[i]!),
    );
    const own = k === 0 ? product : whitenVector(first, gemv({ A: evaluation.L, x: product }));
    for (let j = 0; j < sum.length; j++) sum[j] = sum[j]! + weight * own[j]!;
  }
  if (penalty !== undefined) {
    const Nh = whitenVector(first, gemv({ A: penalty, x: h }));
    for (let j = 0; j < sum.length; j++) sum[j] = sum[j]! + Nh[j]!;
  }
  return sum;
}
