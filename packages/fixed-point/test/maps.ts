import { dense, eigh, philox } from '@x/linalg';
import type { VecFn } from '../src/index.ts';

/** x -> W x + b through g, as plainly as can be. */
export function layer(W: Float64Array, b: Float64Array, g: (z: number) => number): VecFn {
  const d = b.length;
  return (x, out) => {
    for (let i = 0; i < d; i++) {
      let sum = b[i];
      for (let k = 0; k < d; k++) sum += W[i * d + k] * x[k];
      out[i] = g(sum);
    }
  };
}

/** Symmetric with normal entries, scaled to the spectral radius rho. */
export function symmetricWeights(d: number, rho: number, seed: number): Float64Array {
  const A = philox(seed).fillNormal(new Float64Array(d * d));
  const W = A.map((a, p) => (a + A[(p % d) * d + Math.floor(p / d)]) / 2);
  const { values } = eigh(dense(d, d, W));
  const radius = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  return W.map((w) => (w * rho) / radius);
}

/** The looped tanh networks of the section on counts: bias 0.05 N(0, 1). */
export function tanhNet(d: number, rho: number, seed: number): VecFn {
  const b = philox(seed, 1)
    .fillNormal(new Float64Array(d))
    .map((v) => 0.05 * v);
  return layer(symmetricWeights(d, rho, seed), b, Math.tanh);
}
