import { type Dense, dense, type Rng } from '@x/linalg';

/** One thing to learn: examples, and queries with what they should give. */
export interface Task {
  /** n x d and n numbers. */
  readonly x: Dense;
  readonly y: Float64Array;
  /** q x d and q numbers. */
  readonly queries: Dense;
  readonly targets: Float64Array;
  /** d weights, where the targets are linear. */
  readonly weights?: Float64Array;
}

/** A family of tasks. `draw` takes all its randomness from the generator: the same state gives the same task. */
export interface TaskSampler {
  readonly d: number;
  readonly n: number;
  draw(rng: Rng): Task;
}

/** Sizes that all families share. */
export interface TaskSizes {
  /** Columns of the inputs. */
  readonly d: number;
  /** Examples of a context. */
  readonly n: number;
  /** Default 1. */
  readonly queries?: number;
}

/** A family from a law of inputs and a law of functions, examples first. */
export function family(
  { d, n, queries = 1 }: TaskSizes,
  inputs: (rng: Rng, rows: number) => Dense,
  target: (rng: Rng) => Target,
  noise: number = 0,
): TaskSampler {
  return {
    d,
    n,
    draw(rng) {
      const all = inputs(rng, n + queries);
      const { of, weights } = target(rng);
      const values = Float64Array.from({ length: n + queries }, (_, i) => of(all.data.subarray(i * d, (i + 1) * d)));
      const y = values.slice(0, n);
      if (noise > 0) for (let i = 0; i < n; i++) y[i]! += noise * rng.normal();
      return {
        x: dense(n, d, all.data.slice(0, n * d)),
        y,
        queries: dense(queries, d, all.data.slice(n * d)),
        targets: values.slice(n),
        ...(weights && { weights }),
      };
    },
  };
}

export function normals(rng: Rng, rows: number, cols: number): Dense {
  return dense(rows, cols, rng.fillNormal(new Float64Array(rows * cols)));
}

/** A function of the inputs, with its weights where it is linear. */
export interface Target {
  readonly of: (x: Float64Array) => number;
  readonly weights?: Float64Array;
}

export function linear(weights: Float64Array): Target {
  return { of: (x) => x.reduce((sum, value, j) => sum + value * weights[j]!, 0), weights };
}
