import { AbortedError } from '@x/linalg';
import { unwhitenVector } from '../coordinates.ts';
import type { Wanted } from '../engine.ts';

import { RankDeficientError } from '../errors.ts';
import { turn } from '../turn.ts';
import type { Point, Problem } from './part.ts';
import { pointAt } from './problem.ts';
import { roundingFloor } from './rounding.ts';
import { type Held, heldStep, type Mode, type Step, stepOf } from './step.ts';

export interface Iteration {
  /** Newton decrement: the residual in the metric of the step, about the relative error of the slacks. */
  readonly decrement: number;
  /** Step length taken, 1 for a full step; 0 in the last. */
  readonly length: number;
  readonly evaluations: number;
  readonly products: number;
  /** Whether the step used the Hessian of the iteration before, as 'exact' does next to the solution. */
  readonly kept: boolean;
}

export interface MinimizeOptions<M extends string = Mode> {
  readonly mode: M;
  readonly sampleSize: number;
  readonly seed: number;
  readonly tolerance: number;
  /** Largest relative change of a slack in a step. */
  readonly mostChange: number;
  readonly maxIterations: number;
  readonly signal?: AbortSignal | undefined;
  readonly onIteration?: ((iteration: Iteration) => void) | undefined;
}

export interface Minimum {
  readonly point: Point;
  readonly iterations: readonly Iteration[];
  readonly status: 'converged' | 'stalled' | 'max-iterations';
}

/** Below this decrement steps should contract; where three do not by a quarter, the iteration ends. */
const FLAT = 1e-7;
/** Below this decrement the exact Hessian serves one more step: it is off by about that much where the step ends, which contracts as much. */
const KEEP = 1e-4;

/**
 * Minimises the convex F from a point inside the cell by Newton's method or an approximate one; slacks keep their signs at every step.
 *
 * @throws AbortedError, with the x reached in `partial`.
 */
export async function minimize(problem: Problem, start: Point, options: MinimizeOptions): Promise<Minimum> {
  const { mode, tolerance, maxIterations, mostChange, signal, onIteration } = options;
  const full: Wanted = { qhat: mode === 'exact' || mode === 'qhat', third: mode === 'exact' };
  const iterations: Iteration[] = [];
  const rest = turn();
  let point = start;
  let sampleSize = options.sampleSize;
  let best = Number.POSITIVE_INFINITY;
  let flat = 0;
  let spare: Point | undefined;
  let held: Held | undefined;
  for (;;) {
    const kept = held !== undefined;
    const step = held
      ? heldStep(held, point)
      : stepOf(problem, point, { mode, sampleSize, seed: options.seed, iteration: iterations.length });
    const decrement = Math.sqrt(Math.max(0, step.slope));
    const done = decrement <= tolerance;
    flat = decrement < FLAT && decrement > 0.75 * best ? flat + 1 : 0;
    // A sample whose steps do not contract is too small; one that is large enough contracts by about a half.
    if (mode === 'sampled' && decrement < 0.1 && decrement > 0.8 * best)
      sampleSize = Math.min(2 * sampleSize, problem.parts[0]!.engine.rows);
    best = Math.min(best, decrement);
    const over = iterations.length >= maxIterations;
    held = mode === 'exact' && !kept && decrement < KEEP ? { matrix: step.matrix, L: point.parts[0]!.L } : undefined;
    // Where the Hessian is kept, or no step follows, none is needed.
    const wanted = held || done ? {} : full;
    const moved = flat >= 2 || over ? undefined : lineSearch(problem, point, step, { wanted, mostChange, spare });
    const record = { decrement, length: moved?.length ?? 0, evaluations: moved?.evaluations ?? 0, products: step.products, kept };
    iterations.push(record);
    onIteration?.(record);
    // One more step than needed costs little and takes Newton's method to the rounding floor.
    if (done || moved === undefined) {
      const converged = done || decrement <= roundingFloor(problem, point, step.matrix);
      const status = converged ? 'converged' : over ? 'max-iterations' : 'stalled';
      return { point: moved?.point ?? point, iterations, status };
    }
    spare = point;
    point = moved.point;
    await rest();
    if (signal?.aborted)
      throw new AbortedError(`invertLeverageGradient: aborted after ${iterations.length} iterations`, { x: point.x, iterations });
  }
}

interface Moved {
  readonly point: Point;
  readonly length: number;
  readonly evaluations: number;
}

interface SearchOptions {
  readonly wanted: Wanted;
  readonly mostChange: number;
  readonly spare: Point | undefined;
}

/** Backtracks from at most 0.9 of the way to the boundary of the cell; undefined where not even tiny steps go down. */
function lineSearch(problem: Problem, at: Point, step: Step, { wanted, mostChange, spare }: SearchOptions): Moved | undefined {
  const p = unwhitenVector(at.parts[0]!, step.direction);
  let length = Math.min(1, reach(problem, at, p, mostChange));
  for (let evaluations = 1; evaluations <= 40; evaluations++, length /= 2) {
    const next = trialAt(
      problem,
      at.x.map((value, j) => value + length * p[j]!),
      wanted,
      spare,
    );
    if (next === undefined) continue;
    const change = next.value - at.value;
    // Near the minimum F is flat to rounding; its slope along the step, -<residual, step>, is not.
    const flat = Math.abs(change) <= 1e-9 * Math.abs(at.value);
    if (change <= -1e-4 * length * step.slope || (flat && Math.abs(alongStep(next, p)) <= 0.9 * step.slope))
      return { point: next, length, evaluations };
  }
  return undefined;
}

/** <grad F(next), p>, its sign changed. */
function alongStep(next: Point, p: Float64Array): number {
  // Z_next^-1 p = L_next^T p.
  const { L } = next.parts[0]!;
  const d = p.length;
  let sum = 0;
  for (let j = 0; j < d; j++) {
    let entry = 0;
    for (let i = j; i < d; i++) entry += L.data[L.offset + i * L.rowStride + j * L.colStride]! * p[i]!;
    sum += entry * next.residual[j]!;
  }
  return sum;
}

/** The point at x; undefined outside of the cells, and where rounding lets columns of A_x look dependent, as it does far out. */
export function trialAt(problem: Problem, x: Float64Array, wanted: Wanted, reuse?: Point): Point | undefined {
  try {
    return pointAt(problem, x, wanted, reuse);
  } catch (error) {
    if (error instanceof RankDeficientError) return undefined;
    throw error;
  }
}

/** 0.9 of the way along p to where a slack vanishes, or to where one has changed by `mostChange` of itself. */
export function reach({ parts }: Problem, at: Point, p: Float64Array, mostChange: number = Number.POSITIVE_INFINITY): number {
  let least = 0;
  let most = 0;
  for (const [k, { engine }] of parts.entries()) {
    const { slack } = at.parts[k]!;
    const move = engine.times(p);
    for (let i = 0; i < move.length; i++) {
      const change = move[i]! / slack[i]!;
      if (change < least) least = change;
      if (change > most) most = change;
    }
  }
  return Math.min(least < 0 ? -0.9 / least : Number.POSITIVE_INFINITY, mostChange / Math.max(-least, most));
}
