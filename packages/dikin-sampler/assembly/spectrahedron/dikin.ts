/** A Dikin step with the log-determinant barrier, all but the values of f. */
import { log } from '../../../linalg/assembly/elementary/log';
import { potrf } from '../../../linalg/assembly/lapack/potrf';
import { pencilHessian } from './hessian';
import { at, Pencil, pencilFactor } from './pencil';

/** What belongs to a point of a chain; the host allocates it. */
// @ts-ignore: decorator
@unmanaged
export class State {
  halfLogDeterminant: f64;
  /** The point, d entries. */
  y: usize;
  /** Cholesky factor of S(y). */
  L: usize;
  /** Cholesky factor of the metric G = H + P, lower triangle. */
  G: usize;
}

/** Fills the rest of a state from its point; P is d x d, or 0 for none. Returns false where S(y) or G has no factor. */
export function stateFill(p: Pencil, s: State, P: usize): bool {
  if (!pencilFactor(p, s.y, s.L)) return false;
  const d = p.d;
  const bytes = (<usize>d * <usize>d) << 3;
  if (P == 0) memory.fill(s.G, 0, bytes);
  else memory.copy(s.G, P, bytes);
  pencilHessian(p, s.L, s.G);
  if (potrf<f64>(d, s.G, d) >= 0) return false;
  let sum: f64 = 0;
  for (let i = 0; i < d; i++) sum += log(load<f64>(at(s.G, d, i, i)));
  s.halfLogDeterminant = sum;
  return true;
}

/**
 * Proposes z = y + scale G(y)^{-1/2} noise as state `z` and returns the logarithm of the ratio of the proposal densities, back over forth;
 * NaN where z lies outside or its metric has no factor. `noise` is overwritten.
 */
export function dikinPropose(p: Pencil, y: State, z: State, P: usize, scale: f64, noise: usize): f64 {
  const d = p.d;
  let forth: f64 = 0;
  for (let i = 0; i < d; i++) {
    const x = load<f64>(noise + (<usize>i << 3));
    forth += x * x;
  }
  // L^{-T} noise, row by row of L from the last, so that memory is read in order.
  for (let i = d - 1; i >= 0; i--) {
    const row = at(y.G, d, i, 0);
    const value = load<f64>(noise + (<usize>i << 3)) / load<f64>(row + (<usize>i << 3));
    store<f64>(noise + (<usize>i << 3), value);
    for (let k = 0; k < i; k++) {
      const to = noise + (<usize>k << 3);
      store<f64>(to, load<f64>(to) - load<f64>(row + (<usize>k << 3)) * value);
    }
  }
  for (let i = 0; i < d; i++) {
    const at = <usize>i << 3;
    store<f64>(z.y + at, load<f64>(y.y + at) + scale * load<f64>(noise + at));
  }
  if (!stateFill(p, z, P)) return NaN;
  return z.halfLogDeterminant - y.halfLogDeterminant - 0.5 * squaredImage(d, z.G, noise) + 0.5 * forth;
}

/** ||L^T x||^2 for the lower triangle L. */
function squaredImage(d: i32, L: usize, x: usize): f64 {
  let total: f64 = 0;
  for (let j = 0; j < d; j++) {
    let sum: f64 = 0;
    for (let i = j; i < d; i++) sum += load<f64>(at(L, d, i, j)) * load<f64>(x + (<usize>i << 3));
    total += sum * sum;
  }
  return total;
}
