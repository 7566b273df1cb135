import { dense, SingularError, solve } from '@x/linalg';
import type { Problem, Stepper, VecFn } from './contract.ts';
import { addScaled, euclidean, normOf } from './vectors.ts';

/** Step of forward differences against the size of x: sqrt of the unit roundoff. */
const DIFFERENCE = 2 ** -26;
/** A step is taken when it reduces the residual by this share of what the linear model promises. */
const SUFFICIENT = 1e-4;
const SHORTEST = 2 ** -10;

/** Solves (I - J) s = r at x into s; false where that has no solution. */
type Direction = (x: Float64Array, fx: Float64Array, r: Float64Array, s: Float64Array) => boolean;

/** Newton's method for f(x) - x = 0 with backtracking: the step is halved until the residual falls. */
export function backtracking({ dimension: d, settings }: Problem, direction: Direction): Stepper {
  const point = new Float64Array(d);
  const from = new Float64Array(d);
  const s = new Float64Array(d);
  let length = 0;
  let norm0 = Infinity;
  return {
    point,
    step(fx, r, norm) {
      // The shortest step is taken whatever it brings: near a minimum of the residual that is no solution nothing helps anyway.
      if (length > SHORTEST && !(norm <= (1 - SUFFICIENT * length) * norm0)) {
        length /= 2;
        point.set(from);
        addScaled(point, length, s);
        return 'accelerated';
      }
      if (norm === Infinity) return 'diverged';
      if (!direction(point, fx, r, s) || normOf(s, settings.norm) === Infinity) return 'singular';
      from.set(point);
      norm0 = norm;
      length = 1;
      addScaled(point, 1, s);
      return 'accelerated';
    },
  };
}

/** Newton's method with a dense Jacobian, given or by forward differences (d evaluations), and LU. */
export function newton(problem: Problem): Stepper {
  const { dimension: d } = problem;
  const jacobian = problem.jacobian ?? forwardDifferences(problem);
  const J = new Float64Array(d * d);
  return backtracking(problem, (x, fx, r, s) => {
    jacobian(x, J, fx);
    for (let i = 0; i < d * d; i++) J[i] = -J[i];
    for (let i = 0; i < d; i++) J[i * (d + 1)] += 1;
    if (normOf(J, 'infinity') === Infinity) return false;
    try {
      s.set(solve(dense(d, d, J), r));
      return true;
    } catch (error) {
      if (error instanceof SingularError) return false;
      throw error;
    }
  });
}

function forwardDifferences({ dimension: d, evaluate }: Problem): (x: Float64Array, J: Float64Array, fx: Float64Array) => void {
  const near = new Float64Array(d);
  const value = new Float64Array(d);
  return (x, J, fx) => {
    near.set(x);
    for (let j = 0; j < d; j++) {
      near[j] = x[j] + DIFFERENCE * Math.max(1, Math.abs(x[j]));
      evaluate(near, value);
      for (let i = 0; i < d; i++) J[i * d + j] = (value[i] - fx[i]) / (near[j] - x[j]);
      near[j] = x[j];
    }
  };
}

/** (f(x + h v) - f(x)) / h with h against the sizes of x and v. */
export function directionalDifference(
  evaluate: VecFn,
  d: number,
): (x: Float64Array, v: Float64Array, out: Float64Array, fx: Float64Array) => void {
  const near = new Float64Array(d);
  return (x, v, out, fx) => {
    const size = euclidean(v);
    if (size === 0) {
      out.fill(0);
      return;
    }
    const h = (DIFFERENCE * Math.max(1, euclidean(x))) / size;
    near.set(x);
    addScaled(near, h, v);
    evaluate(near, out);
    for (let i = 0; i < d; i++) out[i] = (out[i] - fx[i]) / h;
  };
}
