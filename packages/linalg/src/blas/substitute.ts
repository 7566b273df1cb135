import { at, type Dense, type Float } from '../dense.ts';

/**
 * Solves A X = B by substitution where the kernel finds an overflow: a sum that overflows is taken again at a lower scale, so that only
 * entries of X that are themselves beyond the range overflow, or become NaN.
 *
 * @param A - triangular; the other triangle is not read, nor the diagonal where `unit`.
 * @param X - B, which X replaces.
 */
export function substitute(A: Dense<Float>, upper: boolean, unit: boolean, X: Dense<Float>): void {
  const order = Array.from({ length: A.rows }, (_, i) => (upper ? A.rows - 1 - i : i));
  for (let c = 0; c < X.cols; c++) {
    for (const i of order) {
      let sum = Number.NaN;
      let power = 2 ** 106;
      while (power > 0 && !Number.isFinite(sum)) {
        power *= 2 ** -106;
        sum = at(X, i, c) * power;
        for (const j of order) {
          if (j === i) break;
          const a = at(A, i, j);
          const x = at(X, j, c);
          // The smaller might lose digits by the power.
          sum -= Math.abs(a) > 1 ? a * power * x : x * power * a;
        }
      }
      X.data[X.offset + i * X.rowStride + c * X.colStride] = (unit ? sum : sum / at(A, i, i)) / power;
    }
  }
}
