import { copy, type Dense, dense, gram, zeros } from '@x/linalg';
import type { Prompt } from '../context.ts';
import { addTo, blend, product, transposedProduct } from '../product.ts';
import type { Spectrum } from '../spectrum.ts';

/**
 * W_1, W_2, ...: the t-th is what the t step sizes of `chebyshevSteps(t)` lead to, for every t, by the recurrence of Chebyshev's polynomials
 * and so at the price of one loop each.
 *
 * Source: Saad, Iterative Methods for Sparse Linear Systems, 2nd ed., algorithm 12.1.
 */
export function* chebyshevIterates({ X, Y, n, d, k }: Prompt, { lower, upper }: Spectrum): Generator<Dense, void, void> {
  const H = gram(X);
  for (let i = 0; i < H.data.length; i++) H.data[i]! /= n;
  const c = transposedProduct(X, Y, 1 / n);
  const [centre, radius] = [(upper + lower) / 2, (upper - lower) / 2];
  const W = zeros(d, k);
  const change = new Float64Array(d * k);
  /** Ratio of the last two polynomials' values at 0, times radius: it stays finite where radius is 0. */
  let ratio = 0;
  for (let t = 0; ; t++) {
    const residual = product(H, W, -1, 1, dense(d, k, c.data.slice()));
    const next = 1 / ((t === 0 ? 1 : 2) * centre - radius * radius * ratio);
    blend(change, radius * radius * next * ratio, residual.data, (t === 0 ? 1 : 2) * next);
    ratio = next;
    addTo(W.data, change);
    yield copy(W);
  }
}
