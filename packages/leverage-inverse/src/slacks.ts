import type { Engine } from './engine.ts';

/** 2^27 + 1: splits a number into two halves whose products are exact (Veltkamp, Dekker). */
const SPLIT = 134217729;
const U = 2 ** -53;

export interface ExactProducts {
  readonly values: Float64Array;
  /** Bounds of the absolute errors of `values`, 2^-53 of themselves where no more than 30 digits cancel. */
  readonly errors: Float64Array;
}

/**
 * a_i^T x - b_i from sums in twice the precision, each product in two parts: an error of U |value| + gamma_{d + 1}^2 (|a_i|^T |x| + |b_i|)
 * at most (Ogita, Rump, Oishi 2005, Dot2), and what underflow may take from d products.
 */
export function exactSlacks(engine: Engine, x: Float64Array, b: Float64Array = engine.b): ExactProducts {
  const d = engine.cols;
  const high = x.map((value) => {
    const t = SPLIT * value;
    return t - (t - value);
  });
  const low = x.map((value, j) => value - high[j]!);
  const values = new Float64Array(engine.rows);
  const errors = new Float64Array(engine.rows);
  const squared = 1.01 * ((d + 2) * U) ** 2;
  engine.visitRows((rows, first, count) => {
    for (let i = 0; i < count; i++) {
      let sum = -b[first + i]!;
      let size = Math.abs(sum);
      let rest = 0;
      for (let j = 0, p = i * d; j < d; j++, p++) {
        const a = rows[p]!;
        const product = a * x[j]!;
        const t = SPLIT * a;
        const ah = t - (t - a);
        const al = a - ah;
        const error = al * low[j]! - (product - ah * high[j]! - al * high[j]! - ah * low[j]!);
        const s = sum + product;
        const v = s - sum;
        rest += sum - (s - v) + (product - v) + error;
        sum = s;
        size += Math.abs(product);
      }
      values[first + i] = sum + rest;
      errors[first + i] = 1.01 * (U * Math.abs(sum + rest) + squared * size) + d * 2 ** -1020;
    }
  });
  return { values, errors };
}
