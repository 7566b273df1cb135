import type { LossAndGradient } from './adjoint.ts';

/** Pairs of steps and gradient changes of L-BFGS, as JSON can hold them. */
export interface LbfgsState {
  readonly kind: 'lbfgs';
  readonly step: number;
  readonly pairs: readonly { readonly s: readonly number[]; readonly y: readonly number[] }[];
}

export const lbfgsStart: LbfgsState = { kind: 'lbfgs', step: 0, pairs: [] };

const MEMORY = 10;
const [DECREASE, CURVATURE] = [1e-4, 0.9] as const;
const TRIALS = 40;

/**
 * One step of L-BFGS with a line search for the weak Wolfe conditions by bisection and doubling; theta is changed.
 *
 * @returns the new state and evaluation; undefined when no step along the direction is smaller: at a minimum, to rounding.
 * Source: Nocedal and Wright, Numerical Optimization, 2nd ed., chapter 7; Lewis and Overton, Nonsmooth optimization via quasi-Newton
 * methods, Math. Program. 141 (2013), for the line search.
 */
export function lbfgsStep(
  state: LbfgsState,
  theta: Float64Array,
  now: LossAndGradient,
  evaluate: (theta: Float64Array) => LossAndGradient,
): { state: LbfgsState; now: LossAndGradient } | undefined {
  const direction = descend(state, now.gradient);
  const slope = dot(direction, now.gradient);
  if (!(slope < 0)) return undefined;
  let [low, high] = [0, Number.POSITIVE_INFINITY];
  // Without any curvature known, one unit in parameters at most.
  let t = state.pairs.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(-slope));
  for (let trial = 0; trial < TRIALS; trial++) {
    const next = theta.map((value, i) => value + t * direction[i]!);
    const found = evaluate(next);
    if (!(found.loss <= now.loss + DECREASE * t * slope)) high = t;
    else if (!(dot(found.gradient, direction) >= CURVATURE * slope)) low = t;
    else {
      const s = next.map((value, i) => value - theta[i]!);
      const y = found.gradient.map((value, i) => value - now.gradient[i]!);
      theta.set(next);
      const pairs = dot(s, y) > 0 ? [...state.pairs, { s: [...s], y: [...y] }].slice(-MEMORY) : state.pairs;
      return { state: { kind: 'lbfgs', step: state.step + 1, pairs }, now: found };
    }
    t = high === Number.POSITIVE_INFINITY ? 2 * t : (low + high) / 2;
  }
  return undefined;
}

/** Minus the inverse Hessian's approximation times the gradient, by the two loops. */
function descend({ pairs }: LbfgsState, gradient: Float64Array): Float64Array {
  const q = gradient.map((value) => -value);
  const weights = pairs.map(() => 0);
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { s, y } = pairs[i]!;
    weights[i] = dot(s, q) / dot(s, y);
    for (let j = 0; j < q.length; j++) q[j]! -= weights[i]! * y[j]!;
  }
  const last = pairs.at(-1);
  const scale = last === undefined ? 1 : dot(last.s, last.y) / dot(last.y, last.y);
  for (let j = 0; j < q.length; j++) q[j]! *= scale;
  for (const [i, { s, y }] of pairs.entries()) {
    const shift = weights[i]! - dot(y, q) / dot(s, y);
    for (let j = 0; j < q.length; j++) q[j]! += shift * s[j]!;
  }
  return q;
}

function dot(u: ArrayLike<number>, v: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < u.length; i++) sum += u[i]! * v[i]!;
  return sum;
}
