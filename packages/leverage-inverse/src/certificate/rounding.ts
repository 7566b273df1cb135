import type { Dense } from '@x/linalg';
import type { Frame } from '../coordinates.ts';
import type { Engine } from '../engine.ts';

export const U: number = 2 ** -53;
/** More than underflow takes from a product. */
export const UNDERFLOW: number = 2 ** -1060;
/** Relative error of a sum of k terms (Higham, gamma_k). */
export const gamma = (k: number): number => (k * U) / (1 - k * U);

/** e_i: bounds of the errors of rows b_i = Z^T a_i / s_i as the kernel computes them, Z taken as exact. */
export function rowErrors(engine: Engine, { Z, slack }: Frame, slackErrors: Float64Array): Float64Array {
  const d = engine.cols;
  const lengths = rowLengths(Z);
  const sum = gamma(d + 4);
  const errors = new Float64Array(engine.rows);
  engine.visitRows((rows, first, count) => {
    for (let i = 0; i < count; i++) {
      let size = 0;
      for (let j = 0; j < d; j++) size += Math.abs(rows[i * d + j]!) * lengths[j]!;
      const s = Math.abs(slack[first + i]!);
      const relative = slackErrors[first + i]! / s;
      // 1 / (1 - relative) - 1 <= 1.2 relative; beyond a tenth nothing is known.
      errors[first + i] = relative < 0.1 ? (1.0001 * size * (sum + 1.2 * relative) + d * UNDERFLOW) / s : Number.POSITIVE_INFINITY;
    }
  });
  return errors;
}

/** ||row j||_2 of a matrix. */
export function rowLengths({ rows, cols, data, offset, rowStride, colStride }: Dense): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < cols; j++) sum += data[offset + i * rowStride + j * colStride]! ** 2;
    return Math.sqrt(sum);
  });
}
