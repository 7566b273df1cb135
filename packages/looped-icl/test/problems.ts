/** Contexts with known spectra and known weights. */
import { type Dense, dense, multiply, philox, qr, type Rng, transpose } from '@x/linalg';

export const normals = (rng: Rng, rows: number, cols: number): Dense => dense(rows, cols, rng.fillNormal(new Float64Array(rows * cols)));

/** d x d orthogonal. */
const orthogonal = (rng: Rng, d: number): Dense => qr(normals(rng, d, d)).Q;

export interface Known {
  readonly x: Dense;
  readonly y: Dense;
  /** Eigenvectors of H = x^T x / n as columns, and its eigenvalues. */
  readonly V: Dense;
  readonly eigenvalues: Float64Array;
  readonly truth: Dense;
}

/** n >= d examples whose H = V diag(eigenvalues) V^T, and y = x truth. */
export function withSpectrum(rng: Rng, n: number, eigenvalues: Float64Array, truth?: (V: Dense) => Dense): Known {
  const d = eigenvalues.length;
  const V = orthogonal(rng, d);
  const U = qr(normals(rng, n, d)).Q;
  const scaled = dense(n, d, U.data.slice(0, n * d));
  for (let i = 0; i < n; i++)
    for (let j = 0; j < d; j++)
      scaled.data[i * d + j] = U.data[U.offset + i * U.rowStride + j * U.colStride]! * Math.sqrt(n * eigenvalues[j]!);
  const x = multiply(scaled, transpose(V));
  const W = truth?.(V) ?? normals(rng, d, 1);
  return { x, y: multiply(x, W), V, eigenvalues, truth: W };
}

/** 1 down to 1 / kappa, in equal ratios. */
export const geometric = (d: number, kappa: number): Float64Array =>
  Float64Array.from({ length: d }, (_, i) => (d === 1 ? 1 : kappa ** (-i / (d - 1))));

export const seeded = (seed: number): Rng => philox(seed, 7);
