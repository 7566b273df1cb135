/**
 * The Hessian of the log barrier from few of its n rows, drawn with probabilities near their leverage scores:
 * H~ = sum over draws of b_i b_i^T / (m p_i), B = S^{-1} A (Gu, Kuang, Ma, Song, Zhang 2024, algorithm 3).
 *
 * The scores are those by a sparse embedding of B (every row goes to one of k rows, with a sign), whose factor R gives
 * q_i = ||b_i^T R^{-1} G||^2 with a Gaussian G of t columns. Embedding, G and the uniforms that choose rows are drawn once by the host: H~ is a function of
 * the point, so that the walk is exact however far H~ is from H.
 */
import { gemm } from '../../../linalg/assembly/blas/gemm';
import { syrk, weightedSyrk } from '../../../linalg/assembly/blas/syrk';
import { trsm } from '../../../linalg/assembly/blas/trsm';
import { axpy } from '../../../linalg/assembly/level1/axpy';
import { dot } from '../../../linalg/assembly/level1/dot';
import { count } from '../operations';
import { at, Body } from './body';
import { upperCholesky } from './cholesky';

// @ts-ignore: decorator
@unmanaged
export class Sampling {
  /** Draws m, and as many uniforms in ascending order. */
  draws: i32;
  uniforms: usize;
  /** Rows k of the embedding; where each row of B goes, four bytes, and its sign. */
  buckets: i32;
  bucketOf: usize;
  sign: usize;
  /** G, d x t. */
  columns: i32;
  gaussian: usize;
  /** Scratch: k d, d d, d t, n t, n, m d and m numbers. */
  embedded: usize;
  factor: usize;
  mixed: usize;
  products: usize;
  score: usize;
  chosen: usize;
  weight: usize;
}

/** Overwrites the upper triangle of H; false where the embedding has no factor. */
export function sampledHessian(b: Body, s: usize, H: usize): bool {
  const p = changetype<Sampling>(b.sampling);
  const n = b.n;
  const d = b.d;
  const t = p.columns;
  memory.fill(p.embedded, 0, (<usize>p.buckets * <usize>d) << 3);
  for (let i = 0; i < n; i++) {
    const to = at(p.embedded, load<i32>(p.bucketOf + (<usize>i << 2)) * d);
    axpy<f64>(d, load<f64>(at(p.sign, i)) / load<f64>(at(s, i)), at(b.A, i * d), to);
  }
  syrk<f64>(d, p.buckets, 1, p.embedded, 1, d, 0, p.factor, d, 1, true);
  if (!upperCholesky<f64>(d, p.factor)) return false;
  memory.copy(p.mixed, p.gaussian, (<usize>d * <usize>t) << 3);
  trsm<f64>(true, true, false, d, t, p.factor, d, 1, p.mixed, t, 1);
  gemm<f64>(n, t, d, 1, b.A, d, 1, p.mixed, t, 1, 0, p.products, t, 1);
  count(<f64>d * <f64>d * (0.5 * <f64>p.buckets + <f64>t) + <f64>n * <f64>d * (<f64>t + 1));
  let total: f64 = 0;
  for (let i = 0; i < n; i++) {
    const row = at(p.products, i * t);
    const slack = load<f64>(at(s, i));
    const score = dot<f64>(t, row, 8, row, 8) / (slack * slack);
    store<f64>(at(p.score, i), score);
    total += score;
  }
  if (!(total > 0 && total - total == 0)) return false;
  let chosen = 0;
  let next = 0;
  let below: f64 = 0;
  for (let i = 0; i < n && next < p.draws; i++) {
    const share = load<f64>(at(p.score, i)) / total;
    below += share;
    let hits = 0;
    while (next < p.draws && (load<f64>(at(p.uniforms, next)) < below || i == n - 1)) {
      hits++;
      next++;
    }
    if (hits == 0) continue;
    const slack = load<f64>(at(s, i));
    memory.copy(at(p.chosen, chosen * d), at(b.A, i * d), <usize>d << 3);
    store<f64>(at(p.weight, chosen++), <f64>hits / (<f64>p.draws * share * slack * slack));
  }
  weightedSyrk<f64>(d, chosen, 1, p.chosen, 1, d, p.weight, 0, H, d, 1, true);
  count(0.5 * <f64>chosen * <f64>d * <f64>(d + 1));
  return true;
}
