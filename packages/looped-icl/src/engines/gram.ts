import { copy, dense, gram } from '@x/linalg';
import { product, transposedProduct } from '../product.ts';
import { descent } from './descent.ts';
import { examplesOf, type LoopRun, type Task } from './engine.ts';

/**
 * Gradient descent on the implicit weights W with H = X^T X / n and c = X^T Y / n computed once.
 *
 * Cost: n d^2 flops once, 2 d^2 k a loop (twice that with A), whatever n is.
 */
export function gramRun(task: Task): LoopRun {
  const { prompt, weights } = task;
  const { n, k, queries } = prompt;
  const { X, Y } = examplesOf(task);
  const H = gram(X);
  for (let i = 0; i < H.data.length; i++) H.data[i]! /= n;
  const { W, loop } = descent(H, transposedProduct(X, Y, 1 / n), weights.A, weights.momentum);
  return {
    loop,
    predictions: () => product(queries, W),
    residuals: () => product(prompt.X, W, -1, 1, dense(n, k, prompt.Y.data.slice())),
    weights: () => copy(W),
  };
}
