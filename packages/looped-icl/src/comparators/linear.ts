import { cholesky, choleskySolve, type Dense, eigh, gram, leastSquares, multiply, transpose } from '@x/linalg';
import { checkRange } from '../check.ts';
import { type Context, promptOf } from '../context.ts';
import { product, transposedProduct } from '../product.ts';

/** Ordinary least squares by pivoted QR, of least norm where it is not unique: what the loops tend to. @throws as `predict`. */
export function olsPredict(context: Context, queries: Dense): Dense {
  const { X, Y, queries: Q } = promptOf('olsPredict', context, queries);
  return product(Q, leastSquares(X, Y).X);
}

/** One step from 0, of step size 1: x^T (X^T Y / n). @throws as `predict`. */
export function averagePredict(context: Context, queries: Dense): Dense {
  const { X, Y, n, queries: Q } = promptOf('averagePredict', context, queries);
  return product(Q, transposedProduct(X, Y, 1 / n));
}

export interface RidgeOptions {
  /**
   * Penalty: minimises ||X W - Y||^2 / (2 n) + lambda ||W||^2 / 2. With weights N(0, I) and noise of variance s^2 the best is s^2 / n. Default:
   * the one of least generalised cross-validation among 60 from 1e-10 to 100 times the largest eigenvalue.
   */
  readonly lambda?: number;
}

/** Ridge regression. @throws as `predict`; ArgumentError unless lambda > 0. */
export function ridgePredict(context: Context, queries: Dense, options: RidgeOptions = {}): Dense {
  const { X, Y, n, queries: Q } = promptOf('ridgePredict', context, queries);
  const { lambda = crossValidated(X, Y) } = options;
  checkRange('ridgePredict', 'lambda', lambda, Number.MIN_VALUE);
  const H = gram(X);
  for (let i = 0; i < H.data.length; i++) H.data[i]! /= n;
  for (let j = 0; j < H.rows; j++) H.data[j * (H.rows + 1)]! += lambda;
  return product(Q, choleskySolve(cholesky(H), transposedProduct(X, Y, 1 / n)));
}

/**
 * The lambda that minimises n ||Y - S Y||^2 / (n - trace S)^2, S the matrix that maps Y to its fit.
 *
 * Source: Golub, Heath, Wahba, Generalized cross-validation as a method for choosing a good ridge parameter, Technometrics 21 (1979).
 */
function crossValidated(X: Dense, Y: Dense): number {
  const { rows: n, cols: d } = X;
  const { values, vectors } = eigh(gram(X));
  // Inputs that are all 0 leave weights of 0 whatever the penalty.
  if (!(values[d - 1]! > 0)) return 1;
  // Coordinates of X^T Y, and what of Y no weights can fit.
  const inner = multiply(transpose(vectors), transposedProduct(X, Y));
  const energy = values.map((value, j) =>
    value > 0 ? inner.data.subarray(j * Y.cols, (j + 1) * Y.cols).reduce((sum, z) => sum + z * z, 0) / value : 0,
  );
  const rest = Math.max(0, Y.data.reduce((sum, y) => sum + y * y, 0) - energy.reduce((a, b) => a + b, 0));
  const largest = values[d - 1]!;
  let best = { lambda: largest / n, score: Number.POSITIVE_INFINITY };
  for (let step = 0; step < 60; step++) {
    const shift = largest * 10 ** (-10 + (12 * step) / 59);
    let [residual, trace] = [rest, 0];
    for (let j = 0; j < d; j++) {
      const share = Math.max(values[j]!, 0) / (Math.max(values[j]!, 0) + shift);
      residual += (1 - share) ** 2 * energy[j]!;
      trace += share;
    }
    const score = residual / (1 - trace / n) ** 2;
    if (trace < n && score < best.score) best = { lambda: shift / n, score };
  }
  return best.lambda;
}
