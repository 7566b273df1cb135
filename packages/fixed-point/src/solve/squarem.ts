import type { Problem, Stepper } from './contract.ts';
import { euclidean, normOf, subtract } from './vectors.ts';

/** A leap whose residual is this many times the best one is given up. */
const GROWTH = 10;

/**
 * SQUAREM: from x0, x1 = f(x0), x2 = f(x1) with r = x1 - x0 and v = (x2 - x1) - r leap to x0 - 2 a r + a^2 v with a = -||r|| / ||v||, then
 * apply f once. Made for EM maps, which are monotone and slow.
 *
 * Source: R. Varadhan and C. Roland, Simple and globally convergent methods for accelerating the convergence of any EM algorithm,
 * Scand. J. Statist. 35 (2008), scheme S3.
 */
export function squarem({ dimension: d, settings }: Problem): Stepper {
  const point = new Float64Array(d);
  const x0 = new Float64Array(d);
  const x2 = new Float64Array(d);
  const r0 = new Float64Array(d);
  const v = new Float64Array(d);
  let phase: 'first' | 'second' | 'leapt' = 'first';
  let best = Infinity;

  return {
    point,
    step(fx, r, norm) {
      if (phase === 'leapt') {
        phase = 'first';
        point.set(norm <= GROWTH * best ? fx : x2);
        return 'plain';
      }
      if (norm === Infinity) return 'diverged';
      best = Math.min(best, norm);
      if (phase === 'first') {
        x0.set(point);
        r0.set(r);
        point.set(fx);
        phase = 'second';
        return 'plain';
      }
      x2.set(fx);
      subtract(r, r0, v);
      // At a = -1 the leap lands on x2; shorter ones would go backwards.
      const a = Math.min(-1, -euclidean(r0) / euclidean(v));
      for (let i = 0; i < d; i++) point[i] = x0[i] - 2 * a * r0[i] + a * a * v[i];
      phase = 'leapt';
      if (normOf(point, settings.norm) < Infinity) return a < -1 ? 'accelerated' : 'plain';
      phase = 'first';
      point.set(x2);
      return 'plain';
    },
  };
}
