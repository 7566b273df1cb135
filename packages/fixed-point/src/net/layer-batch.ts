import type { DenseLayer } from './looped-net.ts';

/**
 * Writes g(W x + b) of each of `rows` points to `out`. Four outputs at a time: their sums do not wait for each other, and each is added up in the order
 * in which one point alone is, so that the bits are the same.
 */
export function layerBatch(
  { weights: W, bias, inputs, outputs }: DenseLayer,
  value: (z: number) => number,
  X: Float64Array,
  out: Float64Array,
  rows: number,
): void {
  for (let row = 0; row < rows; row++) {
    const from = row * inputs;
    const to = row * outputs;
    let i = 0;
    for (; i + 3 < outputs; i += 4) {
      let p0 = i * inputs;
      let p1 = p0 + inputs;
      let p2 = p1 + inputs;
      let p3 = p2 + inputs;
      let sum0 = bias[i];
      let sum1 = bias[i + 1];
      let sum2 = bias[i + 2];
      let sum3 = bias[i + 3];
      for (let k = from; k < from + inputs; k++) {
        const x = X[k];
        sum0 += W[p0++] * x;
        sum1 += W[p1++] * x;
        sum2 += W[p2++] * x;
        sum3 += W[p3++] * x;
      }
      out[to + i] = value(sum0);
      out[to + i + 1] = value(sum1);
      out[to + i + 2] = value(sum2);
      out[to + i + 3] = value(sum3);
    }
    for (; i < outputs; i++) {
      let sum = bias[i];
      for (let k = 0, p = i * inputs; k < inputs; k++) sum += W[p + k] * X[from + k];
      out[to + i] = value(sum);
    }
  }
}
