import { type Dense, dense, gemv, transpose } from '@x/linalg';
import type { Evaluation } from './engine.ts';
import type { Factor } from './factor.ts';

/** Coordinates of a cell: h = Z p for an upper triangular Z; rows b_i = Z^T a_i / s_i. */
export interface Frame {
  readonly Z: Dense;
  readonly slack: Float64Array;
}

/** g = L (Z^T g). */
export function gradientOf({ L, whitened }: Evaluation): Float64Array {
  return gemv({ A: L, x: whitened });
}

/** Z^T v. */
export function whitenVector({ Z }: Pick<Factor, 'Z'>, v: Float64Array): Float64Array {
  return gemv({ A: transpose(Z), x: v });
}

/** Z p. */
export function unwhitenVector({ Z }: Pick<Factor, 'Z'>, p: Float64Array): Float64Array {
  return gemv({ A: Z, x: p });
}

/** Z U for upper triangular matrices. */
export function upperProduct(Z: Dense, U: Dense): Dense {
  const d = Z.rows;
  const data = new Float64Array(d * d);
  for (let j = 0; j < d; j++) {
    const column = gemv({ A: Z, x: Float64Array.from({ length: d }, (_, i) => U.data[U.offset + i * U.rowStride + j * U.colStride]!) });
    for (let i = 0; i < d; i++) data[i * d + j] = column[i]!;
  }
  return dense(d, d, data);
}
