import { type Dense, dense, gram } from '@x/linalg';
import type { Prompt } from './context.ts';
import type { ContextSpectrum } from './context-spectrum.ts';
import { norm, product, transposedProduct } from './product.ts';
import { ROUNDOFF } from './spectrum.ts';

/** What a product below the least normal number may lose; inputs are large enough that it matters nowhere but in x^T W. */
const UNDERFLOW = 2 * Number.MIN_VALUE;

/**
 * For each prediction a bound of |prediction - x^T W*|, W* the least-squares weights of the context, rounding included; with Y = X W*
 * that is the distance to the truth.
 *
 * The gradient g = H W - c of the weights that the loops have reached is H (W - W*), so |x^T (W - W*)| <= ||x|| ||g|| / mu with mu the
 * certified lower bound of the spectrum of H. No bound of the descent enters, so it holds for every step size, momentum and A.
 *
 * @param W - d x k: the implicit weights reached, by whatever engine.
 * @param predictions - q x k, whose distance from x^T W is measured and added.
 * @returns q x k.
 * Cost: n d^2 + O((n + q) d k) flops.
 */
export function errorBound(prompt: Prompt, spectrum: ContextSpectrum, W: Dense, predictions: Dense): Dense {
  const { n, q, d, k, X, Y, queries } = prompt;
  const H = gram(X);
  for (let i = 0; i < H.data.length; i++) H.data[i]! /= n;
  const gradient = product(H, W, 1, -1, transposedProduct(X, Y, 1 / n));
  const again = product(queries, W);
  const rounding = 2 * (n + 2 * d + 8) * ROUNDOFF;
  const trace = norm(X.data) ** 2 / n;
  const bound = new Float64Array(q * k);
  for (let c = 0; c < k; c++) {
    const size = columnNorm(W, c);
    const doubt = rounding * (trace * size + Math.sqrt(trace / n) * columnNorm(Y, c));
    const distance = (columnNorm(gradient, c) + doubt) / spectrum.lower;
    for (let j = 0; j < q; j++) {
      const length = norm(queries.data.subarray(j * d, (j + 1) * d));
      const moved = Math.abs(predictions.data[j * k + c]! - again.data[j * k + c]!);
      const whole = (length * (distance + rounding * size) + moved) * (1 + rounding) + UNDERFLOW * d;
      // Weights that have overflowed say nothing.
      bound[j * k + c] = Number.isNaN(whole) ? Number.POSITIVE_INFINITY : whole;
    }
  }
  return dense(q, k, bound);
}

function columnNorm(A: Dense, c: number): number {
  return norm(Float64Array.from({ length: A.rows }, (_, i) => A.data[i * A.cols + c]!));
}
