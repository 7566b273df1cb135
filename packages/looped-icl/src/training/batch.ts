import { gram, type Rng, ShapeError, transpose } from '@x/linalg';
import { checkVector } from '../check.ts';
import { type Prompt, promptOf } from '../context.ts';
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

/**
 * @throws ShapeError, NonFiniteError, ArgumentError when a task that is drawn does not fit `d`, `n` or the first one's number of queries.
 * Cost: B n d^2 flops and the draws.
 */
export function drawBatch(sampler: TaskSampler, tasks: number, rng: Rng): TaskBatch {
  const { d, n } = sampler;
  const H = new Float64Array(tasks * d * d);
  const c = new Float64Array(tasks * d);
  const drawn = Array.from({ length: tasks }, () => checkedTask(sampler, rng));
  const queries = drawn[0]?.q ?? 0;
  const x = new Float64Array(tasks * queries * d);
  const targets = new Float64Array(tasks * queries);
  for (const [b, task] of drawn.entries()) {
    if (task.q !== queries) throw new ShapeError(`train: a task has ${task.q} queries and the first one ${queries}; all must have as many`);
    H.set(gram(task.X).data, b * d * d);
    c.set(product(transpose(task.X), task.Y).data, b * d);
    x.set(task.queries.data, b * queries * d);
    targets.set(task.targets, b * queries);
  }
  for (let i = 0; i < H.length; i++) H[i]! /= n;
  for (let i = 0; i < c.length; i++) c[i]! /= n;
  return { tasks, d, queries, H, c, x, targets };
}

function checkedTask(sampler: TaskSampler, rng: Rng): Prompt & { readonly targets: Float64Array } {
  const task = sampler.draw(rng);
  const prompt = promptOf('train', { x: task.x, y: task.y }, task.queries);
  const { n, d, q } = prompt;
  if (n !== sampler.n || d !== sampler.d || q === 0) {
    throw new ShapeError(
      `train: a task has ${n} x ${d} examples and ${q} queries; the sampler says ${sampler.n} x ${sampler.d}, and one query is the least`,
    );
  }
  checkVector('train', 'task.targets', task.targets, q);
  return { ...prompt, targets: task.targets };
}
