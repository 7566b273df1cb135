import { copy, dense, gram, zeros } from '@x/linalg';
import { addTo, blend, product, transposedProduct } from '../product.ts';
import { examplesOf, type LoopRun, type Task } from './engine.ts';

/**
 * Gradient descent on the implicit weights W with H = X^T X / n and c = X^T Y / n computed once: W <- W - eta A^T (H W - c).
 *
 * Cost: n d^2 flops once, 2 d^2 k a loop (twice that with A), whatever n is.
 */
export function gramRun(task: Task): LoopRun {
  const { prompt, weights } = task;
  const { n, d, k, queries } = prompt;
  const { A, momentum } = weights;
  const { X, Y } = examplesOf(task);
  const H = gram(X);
  for (let i = 0; i < H.data.length; i++) H.data[i]! /= n;
  const c = transposedProduct(X, Y, 1 / n);
  const W = zeros(d, k);
  const change = new Float64Array(d * k);
  return {
    loop(eta) {
      const gradient = product(H, W, 1, -1, dense(d, k, c.data.slice()));
      blend(change, momentum, (A === undefined ? gradient : transposedProduct(A, gradient)).data, -eta);
      addTo(W.data, change);
    },
    predictions: () => product(queries, W),
    residuals: () => product(prompt.X, W, -1, 1, dense(n, k, prompt.Y.data.slice())),
    weights: () => copy(W),
  };
}
