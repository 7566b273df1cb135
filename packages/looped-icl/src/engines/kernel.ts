import { copy, dense, transpose, zeros } from '@x/linalg';
import { addTo, blend, product, transposedProduct } from '../product.ts';
import { examplesOf, type LoopRun, type Task } from './engine.ts';

/**
 * The same in the examples' coordinates, for n < d: W = A^T X^T V, labels R <- R - (eta / n) K R and V <- V + (eta / n) R with K = X A^T X^T.
 *
 * Cost: 2 n^2 d flops once, 2 n^2 k a loop, whatever d is.
 */
export function kernelRun(task: Task): LoopRun {
  const { prompt, weights } = task;
  const { n, k, queries } = prompt;
  const { A, momentum } = weights;
  const { X, Y } = examplesOf(task);
  // Columns A^T x_i.
  const projected = A === undefined ? copy(transpose(X)) : transposedProduct(A, copy(transpose(X)));
  const K = product(X, projected);
  const toQueries = product(queries, projected);
  const labels = copy(Y);
  const V = zeros(X.rows, k);
  const change = new Float64Array(X.rows * k);
  const dualChange = new Float64Array(X.rows * k);
  return {
    loop(eta) {
      const attracted = product(K, labels);
      blend(dualChange, momentum, labels.data, eta / n);
      addTo(V.data, dualChange);
      blend(change, momentum, attracted.data, -eta / n);
      addTo(labels.data, change);
    },
    predictions: () => product(toQueries, V),
    residuals: () => dense(n, k, labels.data.slice(0, n * k)),
    weights: () => product(projected, V),
  };
}
