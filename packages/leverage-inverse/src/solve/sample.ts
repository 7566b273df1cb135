import { type Dense, philox } from '@x/linalg';
import type { Engine, Evaluation } from '../engine.ts';

export interface Sample {
  /** Increasing, repeated for repeated draws. */
  readonly rows: Int32Array;
  /** 1 / (m p_i) for each. */
  readonly weights: Float64Array;
}

/** Rows whose scores are summed together, so that only blocks that a draw falls into are looked through. */
const BLOCK = 256;

/**
 * m independent draws of rows with probabilities sigma_i / sum sigma: leverage-score sampling, which costs one sum over all scores, as g needs
 * sigma.
 */
export function sampleByScores(scores: Float64Array, m: number, seed: number, stream: number): Sample {
  const sums = blockSums(scores);
  const total = sums.reduce((sum, value) => sum + value, 0);
  const draws = philox(seed, stream).fillUniform(new Float64Array(m)).sort();
  const rows = new Int32Array(m);
  const weights = new Float64Array(m);
  let block = 0;
  let before = 0;
  let i = 0;
  let below = scores[0]!;
  for (let k = 0; k < m; k++) {
    const draw = draws[k]! * total;
    // Rounding may leave the last draws above the sum of all; they go to the last row.
    while (block < sums.length - 1 && draw >= before + sums[block]!) {
      before += sums[block++]!;
      i = block * BLOCK;
      below = before + scores[i]!;
    }
    const last = Math.min(scores.length, (block + 1) * BLOCK) - 1;
    while (draw >= below && i < last) below += scores[++i]!;
    rows[k] = i;
    // A row without leverage adds nothing; only rounding can lead a draw to it.
    weights[k] = scores[i]! > 0 ? total / (m * scores[i]!) : 0;
  }
  return { rows, weights };
}

function blockSums(scores: Float64Array): Float64Array {
  const n = scores.length;
  const sums = new Float64Array(Math.ceil(n / BLOCK));
  for (let block = 0, i = 0; block < sums.length; block++) {
    const end = Math.min(n, i + BLOCK);
    // Four sums at a time, as one would wait for itself.
    let [a, b, c, d] = [0, 0, 0, 0];
    for (; i + 3 < end; i += 4) {
      a += scores[i]!;
      b += scores[i + 1]!;
      c += scores[i + 2]!;
      d += scores[i + 3]!;
    }
    for (; i < end; i++) a += scores[i]!;
    sums[block] = a + b + (c + d);
  }
  return sums;
}

/** An unbiased estimate of B^T Sigma B from m rows. Cost: m d^2 + n. */
export function sampledQhat(engine: Engine, at: Evaluation, { rows, weights }: Sample): Dense {
  const w = new Float64Array(rows.length);
  for (let k = 0; k < w.length; k++) w[k] = weights[k]! * at.scores[rows[k]!]!;
  return engine.sampled(at, rows, w);
}

/** Draws that keep B^T Sigma B within a factor 1 +- 1/2 for scores that are not too unequal: 20 d ln d of the spectral bounds. */
export function defaultSampleSize(d: number): number {
  return Math.ceil(20 * d * Math.log(d + 2));
}
