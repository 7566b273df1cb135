import { block, copy, type Dense, dense, transpose, zeros } from '@x/linalg';
import { addTo, blend, product, stack, transposedProduct } from '../product.ts';
import type { LoopRun, Task } from './engine.ts';

/**
 * The same loops with the products associated the other way: keys times labels first, a d x k state, then times the inputs. No n^2 scores.
 *
 * Cost of a loop: 4 (n + q) d k + 2 d^2 k flops.
 */
export function linearAttentionRun({ prompt, weights, mask }: Task): LoopRun {
  const { n, q, d, k, X, Y, queries } = prompt;
  const { A, momentum } = weights;
  const N = n + q;
  const tokens = stack(X, queries);
  const labels = stack(Y, zeros(q, k));
  const change = new Float64Array(N * k);
  const keys = mask === 'none' ? tokens : X;
  /** Rows (A x_j)^T, for the mask under which each token has a state of its own. */
  const projected = mask === 'causal' && A !== undefined ? product(tokens, copy(transpose(A))) : tokens;

  /** Rows sum_i (x_i^T A x_j) r_i^T over the i that j sees. */
  function attend(): Dense {
    if (mask === 'causal') return attendCausally();
    const state = transposedProduct(keys, dense(keys.rows, k, labels.data.subarray(0, keys.rows * k)));
    return product(tokens, A === undefined ? state : transposedProduct(A, state));
  }

  function attendCausally(): Dense {
    const out = zeros(N, k);
    const state = new Float64Array(d * k);
    for (let j = 0; j < N; j++) {
      for (let i = 0; j < n && i < d; i++) {
        const x = tokens.data[j * d + i]!;
        for (let c = 0; c < k; c++) state[i * k + c]! += x * labels.data[j * k + c]!;
      }
      for (let i = 0; i < d; i++) {
        const x = projected.data[j * d + i]!;
        for (let c = 0; c < k; c++) out.data[j * k + c]! += x * state[i * k + c]!;
      }
    }
    return out;
  }

  return {
    loop(eta) {
      blend(change, momentum, attend().data, -eta / n);
      addTo(labels.data, change);
    },
    predictions: () =>
      dense(
        q,
        k,
        labels.data.slice(n * k).map((label) => 0 - label),
      ),
    residuals: () => copy(block(labels, 0, 0, n, k)),
  };
}
