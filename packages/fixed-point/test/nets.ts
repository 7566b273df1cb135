import { dense, philox } from '@x/linalg';
import { type ActivationSpec, type LoopedNet, loopedNet } from '../src/index.ts';

/** gain I + E with ||E||_inf = eps, and biases within e. */
export function nearDiagonal(d: number, activation: ActivationSpec, { gain = 1, eps = 0.02, e = 0.01, seed = 0 } = {}): LoopedNet {
  const rng = philox(seed, d);
  const W = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    const row = W.subarray(i * d, (i + 1) * d);
    for (let j = 0; j < d; j++) row[j] = 2 * rng.uniform() - 1;
    const sum = row.reduce((total, w) => total + Math.abs(w), 0);
    for (let j = 0; j < d; j++) W[i * d + j] *= eps / sum;
    W[i * d + i] += gain;
  }
  return loopedNet({ weights: dense(d, d, W), bias: Float64Array.from({ length: d }, () => e * (2 * rng.uniform() - 1)), activation });
}

/** Normal weights with ||W||_inf = size. */
export function randomNet(d: number, activation: ActivationSpec, size: number, seed: number): LoopedNet {
  const rng = philox(seed, 7);
  const W = rng.fillNormal(new Float64Array(d * d));
  let most = 0;
  for (let i = 0; i < d; i++)
    most = Math.max(
      most,
      W.subarray(i * d, (i + 1) * d).reduce((sum, w) => sum + Math.abs(w), 0),
    );
  return loopedNet({
    weights: dense(
      d,
      d,
      W.map((w) => (w * size) / most),
    ),
    bias: rng.fillNormal(new Float64Array(d)).map((v) => 0.3 * v),
    activation,
  });
}

/** One coordinate: activation(w x + b). */
export function scalar(activation: ActivationSpec, w = 1, b = 0): LoopedNet {
  return loopedNet({ weights: dense(1, 1, new Float64Array([w])), bias: [b], activation });
}
