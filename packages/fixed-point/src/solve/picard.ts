import type { Problem, Stepper } from './contract.ts';
import { addScaled } from './vectors.ts';

/** x <- f(x). */
export function picard({ dimension }: Problem): Stepper {
  const point = new Float64Array(dimension);
  return {
    point,
    step(fx, _r, norm) {
      if (norm === Infinity) return 'diverged';
      point.set(fx);
      return 'plain';
    },
  };
}

/** Below this much damping an iteration does not get anywhere. */
const LEAST_DAMPING = 1e-6;

/** x <- x + beta (f(x) - x); beta is halved when the residual has grown twice in a row, or is no number, and then stays. */
export function damped({ dimension, settings }: Problem): Stepper {
  const point = new Float64Array(dimension);
  const before = new Float64Array(dimension);
  const direction = new Float64Array(dimension);
  let beta = settings.damping;
  let last = Infinity;
  let grown = 0;
  return {
    point,
    step(_fx, r, norm) {
      if (norm === Infinity) {
        beta /= 2;
        if (last === Infinity || beta < LEAST_DAMPING) return 'diverged';
        point.set(before);
        addScaled(point, beta, direction);
        return 'plain';
      }
      grown = norm > last ? grown + 1 : 0;
      if (grown === 2 && beta > LEAST_DAMPING) {
        beta /= 2;
        grown = 0;
      }
      last = norm;
      before.set(point);
      direction.set(r);
      addScaled(point, beta, r);
      return 'plain';
    },
  };
}
