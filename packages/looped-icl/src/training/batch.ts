import { dense, gram, type Rng, transpose } from '@x/linalg';
import { product } from '../product.ts';
import type { TaskSampler } from '../tasks/task.ts';

/** What a training step needs of B tasks: H_b = X^T X / n and c_b = X^T y / n of their contexts, and their queries. */
export interface TaskBatch {
  readonly tasks: number;
  readonly d: number;
  /** Queries of each task. */
  readonly queries: number;
  /** B x d x d. */
  readonly H: Float64Array;
  /** B x d. */
  readonly c: Float64Array;
  /** B x queries x d, and what they should give. */
  readonly x: Float64Array;
  readonly targets: Float64Array;
}

/** Cost: B n d^2 flops and the draws. */
export function drawBatch(sampler: TaskSampler, tasks: number, rng: Rng): TaskBatch {
  const { d, n } = sampler;
  const H = new Float64Array(tasks * d * d);
  const c = new Float64Array(tasks * d);
  const drawn = Array.from({ length: tasks }, () => sampler.draw(rng));
  for (const [b, { x, y }] of drawn.entries()) {
    H.set(gram(x).data, b * d * d);
    c.set(product(transpose(x), dense(n, 1, y)).data, b * d);
  }
  for (let i = 0; i < H.length; i++) H[i]! /= n;
  for (let i = 0; i < c.length; i++) c[i]! /= n;
  const queries = drawn[0]?.queries.rows ?? 0;
  const x = new Float64Array(tasks * queries * d);
  const targets = new Float64Array(tasks * queries);
  for (const [b, task] of drawn.entries()) {
    x.set(task.queries.data, b * queries * d);
    targets.set(task.targets, b * queries);
  }
  return { tasks, d, queries, H, c, x, targets };
}
