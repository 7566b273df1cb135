import { above, below, TINY, U } from './round.ts';

/**
 * Bounds of W x + b for every x of a box, n outputs from d inputs.
 *
 * With the middle c, radii r and the row w: m = fl(w c + b) errs by at most (d + 1) U / (1 - (d + 1) U) (|w| |c| + |b|), and the sum s of these
 * sizes as computed is too small by at most a factor (1 - U)^(d + 1): together (d + 4) U s covers it. The radius |w| r as computed is too
 * small by at most (1 - U)^d, and three more roundings follow: a factor 1 + eta with eta >= (d + 5) U, an even multiple of U so that it
 * is a number, covers it. TINY covers underflow. All for d < 10^7. Without eta the bounds are wrong now and then; a test keeps that mutant.
 */
export function affineRange(
  W: Float64Array,
  b: Float64Array,
  center: Float64Array,
  radii: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
): void {
  const d = center.length;
  const eta = 2 * Math.floor((d + 6) / 2) * U;
  const error = (d + 4) * U;
  for (let i = 0, p = 0; i < b.length; i++) {
    let m = b[i];
    let s = Math.abs(b[i]);
    let r = 0;
    for (let k = 0; k < d; k++, p++) {
      const w = W[p];
      const product = w * center[k];
      m += product;
      s += Math.abs(product);
      r += Math.abs(w) * radii[k];
    }
    const radius = above((1 + eta) * r + error * s + TINY);
    lower[i] = below(m - radius);
    upper[i] = above(m + radius);
  }
}
