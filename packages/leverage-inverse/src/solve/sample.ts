import { type Dense, philox } from '@x/linalg';
import type { Engine, Evaluation } from '../engine.ts';

export interface Sample {
  /** Increasing, repeated for repeated draws. */
  readonly rows: Int32Array;
  /** 1 / (m p_i) for each. */
  readonly weights: Float64Array;
}

/** m independent draws of rows with probabilities sigma_i / sum sigma: leverage-score sampling, which costs nothing, as g needs sigma. */
export function sampleByScores(scores: Float64Array, m: number, seed: number, stream: number): Sample {
  let total = 0;
  for (let i = 0; i < scores.length; i++) total += scores[i]!;
  const draws = philox(seed, stream).fillUniform(new Float64Array(m)).sort();
  for (let k = 0; k < m; k++) draws[k] = draws[k]! * total;
  const rows = new Int32Array(m);
  const weights = new Float64Array(m);
  let k = 0;
  let below = 0;
  for (let i = 0; i < scores.length && k < m; i++) {
    below += scores[i]!;
    // Rounding may leave the last draws above the sum of all; they go to the last row.
    if (draws[k]! >= below && i < scores.length - 1) continue;
    for (; k < m && (draws[k]! < below || i === scores.length - 1); k++) {
      rows[k] = i;
      weights[k] = total / (m * scores[i]!);
    }
  }
  return { rows, weights };
}

/** An unbiased estimate of B^T Sigma B from m rows. Cost: m d^2 + n. */
export function sampledQhat(engine: Engine, at: Evaluation, { rows, weights }: Sample): Dense {
  return engine.sampled(
    at,
    rows,
    weights.map((w, k) => w * at.scores[rows[k]!]!),
  );
}

/** Draws that keep B^T Sigma B within a factor 1 +- 1/2 for scores that are not too unequal: 20 d ln d of the spectral bounds. */
export function defaultSampleSize(d: number): number {
  return Math.ceil(20 * d * Math.log(d + 2));
}
