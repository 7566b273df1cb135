import { type Dense, dense, multiply, transpose } from '@x/linalg';
import { addTo } from '../product.ts';
import type { TaskBatch } from './batch.ts';
import { blockOf, type ParameterKind } from './parameters.ts';

export interface LossAndGradient {
  readonly loss: number;
  readonly gradient: Float64Array;
}

/**
 * Mean squared error of the predictions after T loops over a batch, and its exact gradient with respect to the weights, by the adjoint.
 *
 * With tasks as rows, w_{t+1} = w_t - g_t A, g_t = H w_t - c. Backwards from lambda_T = (2 / count) sum_q (x^T w_T - y) x:
 * dL/dA -= g_t^T lambda_{t+1} and lambda_t = lambda_{t+1} - H (lambda_{t+1} A^T). Products with A are one matrix product for all tasks.
 *
 * Cost: 8 B T d^2 flops and B T d numbers kept.
 */
export function lossAndGradient(batch: TaskBatch, kind: ParameterKind, theta: Float64Array, loops: number): LossAndGradient {
  const { tasks, d } = batch;
  const A = kind === 'full' || kind === 'diagonal' ? blockOf(kind, theta, d) : undefined;
  const etaOf = (t: number) => (A !== undefined ? 1 : theta[kind === 'scalar' ? 0 : t]!);
  const W = new Float64Array(tasks * d);
  const gradients: Float64Array[] = [];
  for (let t = 0; t < loops; t++) {
    const g = multiplyEach(batch, W);
    addTo(g, batch.c, -1);
    gradients.push(g);
    addTo(W, times(g, A, tasks, d), -etaOf(t));
  }
  const { loss, adjoint } = lossOf(batch, W);
  const gradient = new Float64Array(theta.length);
  for (let t = loops - 1; t >= 0; t--) {
    const g = gradients[t]!;
    if (kind === 'full') addTo(gradient, multiply(transpose(dense(tasks, d, g)), dense(tasks, d, adjoint)).data, -1);
    else if (kind === 'diagonal') for (let i = 0; i < g.length; i++) gradient[i % d]! -= g[i]! * adjoint[i]!;
    else for (let i = 0, at = kind === 'scalar' ? 0 : t; i < g.length; i++) gradient[at]! -= g[i]! * adjoint[i]!;
    addTo(adjoint, multiplyEach(batch, times(adjoint, A && transpose(A), tasks, d)), -etaOf(t));
  }
  return { loss, gradient };
}

/** The loss alone. */
export function meanLoss(batch: TaskBatch, kind: ParameterKind, theta: Float64Array, loops: number): number {
  const { tasks, d } = batch;
  const A = kind === 'full' || kind === 'diagonal' ? blockOf(kind, theta, d) : undefined;
  const W = new Float64Array(tasks * d);
  for (let t = 0; t < loops; t++) {
    const g = multiplyEach(batch, W);
    addTo(g, batch.c, -1);
    addTo(W, times(g, A, tasks, d), A !== undefined ? -1 : -theta[kind === 'scalar' ? 0 : t]!);
  }
  return lossOf(batch, W).loss;
}

function times(rows: Float64Array, A: Dense | undefined, count: number, d: number): Float64Array {
  return A === undefined ? rows : multiply(dense(count, d, rows), A).data;
}

/** H_b w_b for each task. */
function multiplyEach({ tasks, d, H }: TaskBatch, w: Float64Array): Float64Array {
  const out = new Float64Array(tasks * d);
  for (let b = 0, p = 0; b < tasks; b++) {
    for (let i = 0; i < d; i++) {
      let sum = 0;
      for (let j = 0, at = b * d; j < d; j++) sum += H[p++]! * w[at + j]!;
      out[b * d + i] = sum;
    }
  }
  return out;
}

function lossOf({ tasks, d, queries, x, targets }: TaskBatch, W: Float64Array): { loss: number; adjoint: Float64Array } {
  const adjoint = new Float64Array(tasks * d);
  const count = Math.max(1, tasks * queries);
  let loss = 0;
  for (let r = 0; r < tasks * queries; r++) {
    const at = Math.floor(r / queries) * d;
    let miss = -targets[r]!;
    for (let j = 0; j < d; j++) miss += x[r * d + j]! * W[at + j]!;
    loss += miss * miss;
    for (let j = 0; j < d; j++) adjoint[at + j]! += (2 / count) * miss * x[r * d + j]!;
  }
  return { loss: loss / count, adjoint };
}
