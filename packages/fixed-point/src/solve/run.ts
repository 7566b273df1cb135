import type { Problem, Reason } from './contract.ts';
import { TABLE } from './methods.ts';
import { normOf, subtract } from './vectors.ts';

/** Residuals beyond this many times the first one, and sizes likewise, are taken for divergence. */
const ASTRONOMIC = 1e15;
/** Iterations without a better residual, at least, that count as stagnation. */
const PATIENCE = 200;
/** A return to where one was two steps before, this closely against the residual, is an oscillation. */
const RETURNED = 1e-12;

/** One solution under way: a method, the best iterate, and the rules for stopping, which are the same for all methods. */
export interface Run {
  /** Where f is wanted next. */
  readonly point: Float64Array;
  /** The best iterate, f there, and the residual there. */
  readonly x: Float64Array;
  readonly value: Float64Array;
  readonly residual: number;
  /** The residual at the point judged last. */
  readonly last: number;
  readonly iterations: number;
  readonly accelerated: number;
  /** Judges f(point) and moves on; a reason when it is over. */
  absorb(fx: Float64Array): Reason | undefined;
}

export function startRun(problem: Problem, x0: Float64Array): Run {
  const { dimension: d, settings } = problem;
  const stepper = TABLE[settings.method].make(problem);
  const { point } = stepper;
  const plain = settings.method === 'picard';
  const patience = Math.max(PATIENCE, 2 * settings.memory);
  const r = new Float64Array(d);
  const x = x0.slice();
  const value = new Float64Array(d).fill(Number.NaN);
  const before = plain ? x0.slice() : new Float64Array(0);
  let best = Infinity;
  let last = Infinity;
  let first = Infinity;
  let iterations = 0;
  let accelerated = 0;
  let sinceBest = 0;
  let steady = 0;
  point.set(x0);

  /** ||f(x_t) - x_{t-1}|| against ||f(x_t) - x_t||, three times in a row. */
  function returns(fx: Float64Array, norm: number): boolean {
    if (!plain) return false;
    let apart = 0;
    for (let i = 0; i < d; i++) apart = Math.max(apart, Math.abs(fx[i] - before[i]));
    before.set(point);
    steady = iterations > 1 && apart <= RETURNED * norm ? steady + 1 : 0;
    return steady === 3;
  }

  return {
    point,
    x,
    value,
    get residual() {
      return best;
    },
    get last() {
      return last;
    },
    get iterations() {
      return iterations;
    },
    get accelerated() {
      return accelerated;
    },
    absorb(fx) {
      iterations++;
      const norm = normOf(subtract(fx, point, r), settings.norm);
      last = norm;
      sinceBest++;
      if (norm < best) {
        best = norm;
        sinceBest = 0;
        x.set(point);
        value.set(fx);
        if (norm <= settings.atol + settings.rtol * normOf(fx, settings.norm)) return 'converged';
      }
      if (first === Infinity) first = norm;
      if (norm < Infinity && norm > ASTRONOMIC * (first + normOf(x0, settings.norm))) return 'diverged';
      if (iterations >= settings.maxIterations) return 'max-iterations';
      if (sinceBest >= patience) return 'stagnated';
      if (returns(fx, norm)) return 'oscillating';
      const step = stepper.step(fx, r, norm);
      if (step === 'accelerated') accelerated++;
      else if (step !== 'plain') return step;
      return undefined;
    },
  };
}
