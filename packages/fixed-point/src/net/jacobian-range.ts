import { above, below, TINY, U } from '../interval/round.ts';
import type { DenseLayer } from './looped-net.ts';

/** An interval matrix by middle and radius, n x cols, row by row. */
export interface MidRad {
  readonly mid: Float64Array;
  readonly rad: Float64Array;
  readonly cols: number;
}

interface Slopes {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** diag(slopes) W. */
export function layerJacobian({ weights, inputs }: DenseLayer, slopes: Slopes): MidRad {
  return scaledRows({ mid: weights, rad: new Float64Array(weights.length), cols: inputs }, slopes);
}

/** Rows times their slopes: |s m' - s' m'| and so on, with s in [lower, upper] and m' within rad of mid. */
export function scaledRows({ mid, rad, cols }: MidRad, { lower, upper }: Slopes): MidRad {
  const result = { mid: new Float64Array(mid.length), rad: new Float64Array(mid.length), cols };
  for (let i = 0, p = 0; i < lower.length; i++) {
    const s = lower[i] / 2 + upper[i] / 2;
    const spread = above(Math.max(upper[i] - s, s - lower[i]));
    const size = above(Math.abs(s) + spread);
    for (let j = 0; j < cols; j++, p++) {
      const m = mid[p] * s;
      result.mid[p] = m;
      // |s' m' - m| <= spread |mid| + size rad + the rounding of m.
      result.rad[p] = above(above(above(spread * Math.abs(mid[p])) + above(size * rad[p])) + above(Math.abs(m) * U + TINY));
    }
  }
  return result;
}

/** W J for exact weights; the error of a sum of k products as in affine.ts. */
export function weightedProduct({ weights, inputs, outputs }: DenseLayer, J: MidRad): MidRad {
  const { cols } = J;
  const result = { mid: new Float64Array(outputs * cols), rad: new Float64Array(outputs * cols), cols };
  const eta = 2 * Math.floor((inputs + 6) / 2) * U;
  const error = (inputs + 4) * U;
  const sizes = new Float64Array(cols);
  for (let i = 0; i < outputs; i++) {
    const mid = result.mid.subarray(i * cols, (i + 1) * cols);
    const rad = result.rad.subarray(i * cols, (i + 1) * cols);
    sizes.fill(0);
    for (let k = 0; k < inputs; k++) {
      const w = weights[i * inputs + k];
      for (let j = 0, p = k * cols; j < cols; j++, p++) {
        const product = w * J.mid[p];
        mid[j] += product;
        sizes[j] += Math.abs(product);
        rad[j] += Math.abs(w) * J.rad[p];
      }
    }
    for (let j = 0; j < cols; j++) rad[j] = above((1 + eta) * rad[j] + error * sizes[j] + TINY);
  }
  return result;
}

/** Writes lower and upper bounds of J + residual I. */
export function toBounds({ mid, rad }: MidRad, residual: number, d: number, lower: Float64Array, upper: Float64Array): void {
  for (let p = 0; p < mid.length; p++) {
    lower[p] = below(mid[p] - rad[p]);
    upper[p] = above(mid[p] + rad[p]);
  }
  if (residual === 0) return;
  for (let p = 0; p < d * d; p += d + 1) {
    lower[p] = below(lower[p] + residual);
    upper[p] = above(upper[p] + residual);
  }
}
