import { checkChoice, checkDense } from '../check.ts';
import { copy, type Dense, type Float, transpose } from '../dense.ts';
import { asum, nrm2 } from '../vector/norm.ts';

/** 'frobenius': the root of the sum of squares; 'one' and 'infinity': the greatest sum of magnitudes of a column, of a row. */
export type NormKind = 'frobenius' | 'one' | 'infinity';

/**
 * A norm of an m x n matrix, f64 or f32, accumulated in f64, without overflow or harmful underflow on the way; 0 for an empty one.
 * NaN when an entry is NaN, else Infinity when one is infinite or the norm exceeds the f64 range. See `norm2` for the greatest
 * singular value.
 *
 * @param kind - default 'frobenius'.
 * @throws ArgumentError when A is not a matrix or the kind is unknown; ShapeError when A reaches outside its data.
 * Cost: m n operations and a copy of A. Accuracy: that of `nrm2` over m n entries, or of `asum` over a column or row.
 */
export function norm(A: Dense<Float>, kind: NormKind = 'frobenius'): number {
  checkDense('norm', 'A', A);
  checkChoice('norm', 'kind', kind, ['frobenius', 'one', 'infinity']);
  const { cols, data } = copy(kind === 'one' ? transpose(A) : A);
  if (kind === 'frobenius') return nrm2(data);
  let greatest = 0;
  for (let at = 0; at < data.length; at += cols) greatest = Math.max(greatest, asum(data.subarray(at, at + cols)));
  return greatest;
}
