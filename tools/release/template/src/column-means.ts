import { at, type Dense, ShapeError } from '@x/linalg';
import type { ColumnMeansOptions } from './types.ts';

/**
 * The mean of each column: mean_j = sum_i w_i a_ij / sum_i w_i.
 *
 * @param A - n x d, n >= 1.
 * @returns d means.
 * @throws ShapeError when n is 0 or the weights are not n.
 * Cost: 2 n d flops.
 * Source: definition.
 */
export function columnMeans(A: Dense, options: ColumnMeansOptions = {}): Float64Array {
  const { weights = new Float64Array(A.rows).fill(1) } = options;
  if (A.rows === 0) throw new ShapeError('columnMeans: A has 0 rows; a mean needs 1');
  if (weights.length !== A.rows) throw new ShapeError(`columnMeans: ${weights.length} weights; A has ${A.rows} rows`);
  const means = new Float64Array(A.cols);
  let total = 0;
  for (let i = 0; i < A.rows; i++) {
    const weight = weights[i] as number;
    total += weight;
    for (let j = 0; j < A.cols; j++) means[j] = (means[j] as number) + weight * at(A, i, j);
  }
  return means.map((sum) => sum / total);
}
