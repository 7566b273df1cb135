import { type Dense, zeros } from '@x/linalg';
import { ROUNDOFF } from '../spectrum.ts';

/** Weighted sums of x (x, y)^T over examples that come, leave and are forgotten, with a bound of what rounding has done to them. */
export interface RunningSums {
  /** Sum of the examples' weights. */
  readonly weight: number;
  /** An example comes (sign 1) or leaves (-1). */
  add(x: Float64Array, y: Float64Array, sign: 1 | -1): void;
  /** All examples count `factor` times as much from now on. */
  forget(factor: number): void;
  /** Columns from .. from + cols of the sums over the weight: H = X^T X / n for 0 .. d, c = X^T Y / n after it. */
  mean(from: number, cols: number): Dense;
  /** How far, in the 2-norm, `mean(0, d)` may be from H of the examples that are there. */
  slack(): number;
  /** Whether a diagonal entry of H is below 0 by more than rounding explains: then one has left that never came. */
  impossible(): boolean;
}

/**
 * Compensated sums: high parts, and low parts that hold the exact rounding errors of the high ones, but for their own rounding. What an
 * example adds it takes away again, bit for bit in the products; what stays is the rounding of the low parts, relative to the largest sums
 * ever held and not to those that are left.
 */
export function runningSums(d: number, k: number): RunningSums {
  const width = d + k;
  const high = new Float64Array(d * width);
  const low = new Float64Array(d * width);
  let weight = 0;
  /** Rounding of low parts and of forgetting so far, in the 2-norm of the sum of x x^T. */
  let lost = 0;
  /** Relative rounding of the weight. */
  let doubt = 0;

  function trace(): number {
    let sum = 0;
    for (let i = 0; i < d; i++) sum += Math.abs(high[i * width + i]! + low[i * width + i]!);
    return sum;
  }

  return {
    get weight() {
      return weight;
    },
    add(x, y, sign) {
      let largest = 0;
      for (let i = 0, p = 0; i < d; i++) {
        for (let j = 0; j < width; j++, p++) {
          const value = sign * x[i]! * (j < d ? x[j]! : y[j - d]!);
          const sum = high[p]! + value;
          // Knuth's exact rounding error of a sum.
          const part = sum - high[p]!;
          low[p]! += high[p]! - (sum - part) + (value - part);
          high[p] = sum;
          if (j < d) largest = Math.max(largest, Math.abs(low[p]!));
        }
      }
      weight += sign;
      // One roundoff of each low part; of a matrix of such entries the norm is d times the largest.
      lost += 2 * ROUNDOFF * d * largest;
    },
    forget(factor) {
      weight *= factor;
      doubt = factor * doubt + 2 * ROUNDOFF;
      for (let p = 0; p < high.length; p++) {
        high[p]! *= factor;
        low[p]! *= factor;
      }
      lost = factor * lost + 4 * ROUNDOFF * trace();
    },
    mean(from, cols) {
      const out = zeros(d, cols);
      for (let i = 0; i < d; i++)
        for (let j = 0; j < cols; j++) out.data[i * cols + j] = (high[i * width + from + j]! + low[i * width + from + j]!) / weight;
      return out;
    },
    slack: () => (lost * (1 + 8 * ROUNDOFF) + (8 * ROUNDOFF + doubt) * trace()) / weight,
    impossible() {
      for (let i = 0; i < d; i++) if (high[i * width + i]! + low[i * width + i]! < -(lost + 8 * ROUNDOFF * trace())) return true;
      return false;
    },
  };
}
