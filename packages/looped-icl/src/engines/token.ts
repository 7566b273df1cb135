import { type Dense, dense, gemm, multiply, softmaxRows, transpose, zeros } from '@x/linalg';
import { addTo } from '../product.ts';
import { loopMatrices } from '../weights.ts';
import type { LoopRun, Task } from './engine.ts';

/** Attention is computed for so many tokens at a time: all n^2 scores together need not fit. */
const BLOCK = 256;

/**
 * The transformer as it is written: tokens (x, label) as columns of Z, and in each loop all (n + q)^2 attention scores, by the matrices that
 * `loopMatrices` prints.
 *
 * Cost of a loop: 2 (n + q)^2 (d + 2 k) flops, 2 k more for momentum.
 */
export function tokenRun({ prompt, weights, mask, attention }: Task): LoopRun {
  const { n, q, d, k, X, Y, queries } = prompt;
  const N = n + q;
  const { P, Q, S } = loopMatrices(weights);
  const D = P.rows;
  let Z = zeros(D, N);
  for (let j = 0; j < N; j++) {
    const row = j < n ? X.data.subarray(j * d, (j + 1) * d) : queries.data.subarray((j - n) * d, (j - n + 1) * d);
    for (let i = 0; i < d; i++) Z.data[i * N + j] = row[i]!;
    if (j < n) for (let c = 0; c < k; c++) Z.data[(d + c) * N + j] = Y.data[j * k + c]!;
  }
  // Fresh megabytes for every block would cost more than the products.
  const block = Math.min(BLOCK, N);
  const scoreSpace = new Float64Array(block * N);
  /** P writes to labels only: its other rows are 0, and so are those of P Z. */
  const written = D - d;
  const updateSpace = new Float64Array(block * written);
  const softmax = attention === 'softmax';
  const scale = softmax ? 1 / Math.sqrt(d) : 1;

  /** Attention weights of tokens first .. first + count on all tokens, one token a row. */
  function scoresOf(keys: Dense, first: number, count: number): Dense {
    const scores = gemm({
      A: transpose({ ...keys, cols: count, offset: first }),
      B: Z,
      alpha: scale,
      C: dense(count, N, scoreSpace.subarray(0, count * N)),
    });
    // Linear attention needs no more than values of 0 for queries, the M of the formula; what else is not seen is struck out here.
    for (let r = 0; r < count; r++) {
      const seen = mask === 'none' ? N : mask === 'causal' ? Math.min(n, first + r + 1) : softmax ? n : N;
      scores.data.fill(softmax ? Number.NEGATIVE_INFINITY : 0, r * N + seen, (r + 1) * N);
    }
    return softmax ? softmaxRows(scores) : scores;
  }

  const labels = (from: number, count: number, of: (label: number) => number): Dense => {
    const data = new Float64Array(count * k);
    for (let j = 0; j < count; j++) for (let c = 0; c < k; c++) data[j * k + c] = of(Z.data[(d + c) * N + from + j]!);
    return dense(count, k, data);
  };

  return {
    loop(eta) {
      // (Z^T Q Z)_ij = z_i^T Q z_j: column j of Q Z belongs to the token that attends.
      const keys = multiply(Q, Z);
      const values = multiply({ ...P, rows: written, offset: d * D }, Z);
      if (mask !== 'none') for (let i = 0; i < written; i++) values.data.fill(0, i * N + n, (i + 1) * N);
      const next = weights.momentum === 0 ? dense(D, N, Z.data.slice()) : multiply(S, Z);
      const factor = softmax ? -eta : -eta / n;
      for (let first = 0; first < N; first += BLOCK) {
        const count = Math.min(BLOCK, N - first);
        const update = gemm({
          A: values,
          B: transpose(scoresOf(keys, first, count)),
          C: dense(written, count, updateSpace.subarray(0, written * count)),
        });
        for (let i = 0; i < written; i++) {
          const at = (d + i) * N + first;
          addTo(next.data.subarray(at, at + count), update.data.subarray(i * count, (i + 1) * count), factor);
        }
      }
      Z = next;
    },
    predictions: () => labels(n, q, (label) => 0 - label),
    residuals: () => labels(0, n, (label) => label),
  };
}
