import { log, philox } from '@x/linalg';
import type { Frame } from '../frame.ts';
import type { Kernel } from '../kernel/instance.ts';
import { float64Copy, float64Region, int32Copy } from '../kernel/memory.ts';

/** Apart from the streams of chains and of sketches. */
const STREAM = 4097;

/** Rows of the embedding per dimension, at least; scores are then right to a factor of about 2, which costs as many more draws. */
const EMBEDDING = 8;

/**
 * Draws, once for a walk, what the sampled Hessian is made with: embedding, Gaussian and the uniforms that choose rows; a record of the layout of
 * assembly/polytope/sampled.ts.
 */
export function loadSampling(k: Kernel, { A, dimension: d }: Frame, draws: number): number {
  const n = A.rows;
  const rng = philox(0, STREAM);
  const buckets = Math.min(n, EMBEDDING * d);
  // t = O(log n) columns: each score has a relative spread of sqrt(2 / t).
  const columns = Math.ceil(6 * log(n + 2));
  const f64 = (values: ArrayLike<number>) => float64Copy(k, values).pointer;
  const scratch = [buckets * d, d * d, d * columns, n * columns, n, Math.min(n, draws) * d, Math.min(n, draws)];
  return int32Copy(k, [
    draws,
    f64(Float64Array.from({ length: draws }, () => rng.uniform()).sort()),
    buckets,
    int32Copy(
      k,
      Int32Array.from({ length: n }, (_, i) => (buckets === n ? i : rng.integer(buckets))),
    ).pointer,
    f64(Float64Array.from({ length: n }, () => (rng.uniform() < 0.5 ? -1 : 1))),
    columns,
    f64(rng.fillNormal(new Float64Array(d * columns))),
    ...scratch.map((length) => float64Region(k, length).pointer),
  ]).pointer;
}
