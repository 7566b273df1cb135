/** Wrong versions kept to show that the properties notice them. */
import { U } from '../src/interval/round.ts';

type AffineRange = typeof import('../src/interval/affine.ts').affineRange;

/** The radius |w| r as it is computed, without the factor for what rounding may have taken from it. */
export const withoutEta: AffineRange = (W, b, center, radii, lower, upper) => {
  const d = center.length;
  for (let i = 0, p = 0; i < b.length; i++) {
    let m = b[i];
    let s = Math.abs(b[i]);
    let r = 0;
    for (let k = 0; k < d; k++, p++) {
      m += W[p] * center[k];
      s += Math.abs(W[p] * center[k]);
      r += Math.abs(W[p]) * radii[k];
    }
    lower[i] = m - r - 0.5 * U * s;
    upper[i] = m + r + 0.5 * U * s;
  }
};

/** Ends computed and not rounded outwards. */
export const withoutRounding: AffineRange = (W, b, center, radii, lower, upper) => {
  const d = center.length;
  for (let i = 0; i < b.length; i++) {
    lower[i] = b[i];
    upper[i] = b[i];
    for (let k = 0; k < d; k++) {
      const w = W[i * d + k];
      lower[i] += w * center[k] - Math.abs(w) * radii[k];
      upper[i] += w * center[k] + Math.abs(w) * radii[k];
    }
  }
};
