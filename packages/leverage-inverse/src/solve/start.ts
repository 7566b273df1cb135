import { AbortedError, cholesky, choleskySolve, type Dense, dense, NotPositiveDefiniteError } from '@x/linalg';
import { InfeasibleStartError } from '../errors.ts';
import { inner, maxAbs } from '../matrix.ts';
import type { Problem } from './part.ts';

/**
 * A point of the cell. Minimises t over z_i (a_i^T x - b_i) / ||a_i|| + t > 0 by a logarithmic barrier, in a box that keeps it bounded, until t
 * is well below zero. Without offsets the point is then scaled by Euler's identity <c, x*> = sum of weights times d.
 *
 * @throws InfeasibleStartError when t cannot fall below zero.
 */
export async function findStart(problem: Problem, signal: AbortSignal | undefined): Promise<Float64Array> {
  const y = interior(problem, signal);
  if (problem.parts.some(({ engine }) => engine.b.some((value) => value !== 0)) || problem.penalty !== undefined) return y;
  const target = problem.parts.reduce((sum, { weight }) => sum + weight, 0) * y.length;
  const along = problem.parts.reduce((sum, { c, weight }) => sum + weight * inner(c, y), 0);
  if (!(along > 0)) {
    throw new InfeasibleStartError(
      'invertLeverageGradient: <c, y> <= 0 for a y inside the cone, so no x in it has this gradient; are the signs right, and that of c?',
      -1,
    );
  }
  return y.map((value) => (value * target) / along);
}

interface Rows {
  /** z_i a_i^T h / ||a_i||. */
  times(h: Float64Array): Float64Array;
  /** sum_i weights_i (z_i a_i / ||a_i||) (..)^T. */
  gram(weights: Float64Array): Dense;
  /** sum_i weights_i z_i a_i / ||a_i||. */
  transposed(weights: Float64Array): Float64Array;
  readonly offsets: Float64Array;
}

/** A point with the signs of all parts. @throws InfeasibleStartError. */
export function interior(problem: Problem, signal: AbortSignal | undefined): Float64Array {
  const d = problem.parts[0]!.engine.cols;
  const blocks = problem.parts.map(({ engine, signs }) => normalizedRows(engine, signs));
  const scale = 1 + blocks.reduce((most, { offsets }) => Math.max(most, maxAbs(offsets)), 0);
  let limit = 10 * scale;
  let x: Float64Array = new Float64Array(d);
  for (let widen = 0; ; widen++, limit *= 100) {
    const found = descend(blocks, x, limit, scale, signal);
    if (found.t < 0) return found.x;
    if (widen === 4) {
      throw new InfeasibleStartError(
        `invertLeverageGradient: no point with these signs was found; the best misses by ${found.t.toExponential(1)} in row ${found.row}`,
        found.row,
      );
    }
    x = found.x;
  }
}

interface Descent {
  readonly x: Float64Array;
  readonly t: number;
  readonly row: number;
}

/** Newton's method on t / mu - sum log(r_i + t) - sum log(limit^2 - x_j^2) for mu falling. */
function descend(blocks: readonly Rows[], from: Float64Array, limit: number, scale: number, signal: AbortSignal | undefined): Descent {
  const d = from.length;
  const count = blocks.reduce((sum, { offsets }) => sum + offsets.length, 0);
  let x: Float64Array = from.slice();
  const residuals = (at: Float64Array) => blocks.map((rows) => rows.times(at).map((value, i) => value - rows.offsets[i]!));
  let r = residuals(x);
  let t = scale - Math.min(0, ...r.map(least));
  const value = (at: Float64Array, rs: readonly Float64Array[], level: number, mu: number): number => {
    let sum = level / mu;
    for (const one of rs) for (const entry of one) sum -= entry + level > 0 ? Math.log(entry + level) : Number.NEGATIVE_INFINITY;
    for (const entry of at) sum -= Math.abs(entry) < limit ? Math.log(limit ** 2 - entry ** 2) : Number.NEGATIVE_INFINITY;
    return sum;
  };
  let mu = t;
  for (let iteration = 0; iteration < 400; iteration++) {
    if (signal?.aborted) throw new AbortedError('invertLeverageGradient: aborted in phase I');
    const { M, gradient } = newtonSystem(blocks, x, r, t, mu, limit);
    const step = solveScaled(M, gradient);
    if (step === undefined) break;
    const slope = inner(step, gradient);
    const current = value(x, r, t, mu);
    let length = 1;
    for (; length > 1e-12; length /= 2) {
      const nextX = x.map((entry, j) => entry - length * step[j]!);
      const nextT = t - length * step[d]!;
      const nextR = residuals(nextX);
      const after = value(nextX, nextR, nextT, mu);
      if (after <= current - 1e-4 * length * slope || (Math.abs(after - current) < 1e-9 * Math.abs(current) && slope < 1e-3)) {
        x = nextX;
        t = nextT;
        r = nextR;
        break;
      }
    }
    const worst = Math.min(...r.map(least));
    // Inside, and so far inside that the next steps would gain little.
    if (worst > 0 && (slope < 0.25 || mu < 1e-3 * worst)) return { x, t: -worst, row: -1 };
    if (slope < 0.25 || length <= 1e-12) {
      if (mu * (count + 2 * d) < 1e-9 * scale) break;
      mu /= 8;
    }
  }
  const misses = -Math.min(...r.map(least));
  return { x, t: misses, row: r[0]!.indexOf(least(r[0]!)) };
}

function least(x: Float64Array): number {
  let most = Number.POSITIVE_INFINITY;
  for (const value of x) if (value < most) most = value;
  return most;
}

/** Gradient and Hessian in (x, t). */
function newtonSystem(blocks: readonly Rows[], x: Float64Array, r: readonly Float64Array[], t: number, mu: number, limit: number) {
  const d = x.length;
  const size = d + 1;
  const M = new Float64Array(size * size);
  const gradient = new Float64Array(size);
  gradient[d] = 1 / mu;
  for (const [k, rows] of blocks.entries()) {
    const inverse = r[k]!.map((value) => 1 / (value + t));
    const squares = inverse.map((value) => value ** 2);
    const G = rows.gram(squares);
    const cross = rows.transposed(squares);
    const first = rows.transposed(inverse);
    for (let i = 0; i < d; i++) {
      gradient[i] = gradient[i]! - first[i]!;
      M[d * size + i] = M[d * size + i]! + cross[i]!;
      for (let j = 0; j <= i; j++) M[i * size + j] = M[i * size + j]! + G.data[i * d + j]!;
    }
    gradient[d] = gradient[d]! - inverse.reduce((sum, value) => sum + value, 0);
    M[d * size + d] = M[d * size + d]! + squares.reduce((sum, value) => sum + value, 0);
  }
  for (let j = 0; j < d; j++) {
    const gap = limit ** 2 - x[j]! ** 2;
    gradient[j] = gradient[j]! + (2 * x[j]!) / gap;
    M[j * size + j] = M[j * size + j]! + 2 / gap + (4 * x[j]! ** 2) / gap ** 2;
  }
  return { M: dense(size, size, M), gradient };
}

function solveScaled(M: Dense, gradient: Float64Array): Float64Array | undefined {
  try {
    return choleskySolve(cholesky(M), gradient);
  } catch (error) {
    if (error instanceof NotPositiveDefiniteError) return undefined;
    throw error;
  }
}

function normalizedRows(engine: Problem['parts'][number]['engine'], signs: Int8Array): Rows {
  const { rows: n, cols: d, b } = engine;
  const factor = new Float64Array(n);
  engine.visitRows((rows, first, count) => {
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += rows[i * d + j]! ** 2;
      factor[first + i] = signs[first + i]! / (Math.sqrt(sum) || 1);
    }
  });
  return {
    offsets: b.map((value, i) => value * factor[i]!),
    times: (h) => engine.times(h).map((value, i) => value * factor[i]!),
    gram: (weights) => engine.gram(weights.map((value, i) => value * factor[i]! ** 2)),
    transposed(weights) {
      const out = new Float64Array(d);
      engine.visitRows((rows, first, count) => {
        for (let i = 0; i < count; i++) {
          const w = weights[first + i]! * factor[first + i]!;
          for (let j = 0; j < d; j++) out[j] = out[j]! + w * rows[i * d + j]!;
        }
      });
      return out;
    },
  };
}
