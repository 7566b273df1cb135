import type { Engine } from './engine.ts';

/** 2^27 + 1: splits a number into two halves whose products are exact (Veltkamp, Dekker). */
const SPLIT = 134217729;

/** a_i^T x - b_i rounded from a sum in twice the precision: relative error about 2^-53 unless digits beyond the 30th cancel. */
export function exactSlacks(engine: Engine, x: Float64Array): Float64Array {
  const { cols: d, b } = engine;
  const high = x.map((value) => {
    const t = SPLIT * value;
    return t - (t - value);
  });
  const low = x.map((value, j) => value - high[j]!);
  const out = new Float64Array(engine.rows);
  engine.visitRows((rows, first, count) => {
    for (let i = 0; i < count; i++) {
      let sum = -b[first + i]!;
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
      }
      out[first + i] = sum + rest;
    }
  });
  return out;
}
