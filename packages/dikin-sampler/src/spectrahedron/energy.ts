import type { Quadratic } from '../center.ts';
import { multiplySquare } from '../kernel/cholesky.ts';

/** f(w) = w^T P w / 2 + g^T w; 0 where there is none. `scratch` has as many entries as w. */
export function energyOf(quadratic: Quadratic | undefined, w: Float64Array, scratch: Float64Array): number {
  if (quadratic === undefined) return 0;
  multiplySquare(quadratic.P, w.length, w, scratch);
  let sum = 0;
  for (let j = 0; j < w.length; j++) sum += w[j]! * (0.5 * scratch[j]! + quadratic.g[j]!);
  return sum;
}
