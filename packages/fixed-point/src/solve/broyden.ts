import type { Problem, Stepper } from './contract.ts';
import { anchor } from './restart.ts';
import { addScaled, dot, euclidean, subtract } from './vectors.ts';

/** A residual this many times the best one goes back to the best point. */
const GROWTH = 100;
/** A denominator this small against its factors makes the update meaningless. */
const NEGLIGIBLE = 1e-12;

/**
 * Broyden's good method for f(x) - x = 0. The inverse Jacobian is H = -I + sum u_k v_k^T; the update by Sherman and Morrison adds
 * (s - H y) (H^T s)^T / (s^T H y). When the memory is full it starts anew from H = -I.
 * Steps that lead astray are learnt from too, as in anderson.ts.
 */
export function broyden({ dimension: d, settings }: Problem): Stepper {
  const { memory } = settings;
  const point = new Float64Array(d);
  const lastResidual = new Float64Array(d);
  const s = new Float64Array(d);
  const y = new Float64Array(d);
  const Hy = new Float64Array(d);
  const U: Float64Array[] = [];
  const V: Float64Array[] = [];
  const best = anchor(d, settings.damping);
  let count = 0;
  let fresh = true;
  /** Steps in a row that led astray. */
  let astray = 0;

  /** out <- H x with left = U, right = V; H^T x with the two exchanged. */
  function apply(left: Float64Array[], right: Float64Array[], x: Float64Array, out: Float64Array): void {
    for (let i = 0; i < d; i++) out[i] = -x[i];
    for (let k = 0; k < count; k++) addScaled(out, dot(right[k], x), left[k]);
  }

  function update(r: Float64Array): void {
    subtract(r, lastResidual, y);
    apply(U, V, y, Hy);
    const denominator = dot(s, Hy);
    if (!(Math.abs(denominator) > NEGLIGIBLE * euclidean(s) * euclidean(Hy))) return;
    if (count === memory) count = 0;
    if (count === U.length) {
      U.push(new Float64Array(d));
      V.push(new Float64Array(d));
    }
    apply(V, U, s, V[count]);
    for (let i = 0; i < d; i++) U[count][i] = (s[i] - Hy[i]) / denominator;
    count++;
  }

  /** Moves on from a point with residual r. */
  function moveFrom(x: Float64Array, r: Float64Array): 'accelerated' | 'plain' {
    fresh = false;
    lastResidual.set(r);
    apply(U, V, r, s);
    for (let i = 0; i < d; i++) {
      s[i] = -s[i];
      point[i] = x[i] + s[i];
    }
    return count > 0 ? 'accelerated' : 'plain';
  }

  return {
    point,
    step(_fx, r, norm) {
      const isBest = best.note(point, r, norm);
      if (isBest) astray = 0;
      if (isBest || norm < GROWTH * best.norm) {
        if (!fresh) update(r);
        return moveFrom(point, r);
      }
      if (!fresh && norm < Infinity && astray <= Math.min(memory, d)) {
        astray++;
        update(r);
        return moveFrom(best.x, best.r);
      }
      astray = 0;
      count = 0;
      fresh = true;
      return best.retreat(point);
    },
  };
}
