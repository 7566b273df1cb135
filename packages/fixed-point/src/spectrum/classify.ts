import { finiteVector } from '../check.ts';
import { type Complex, eigenvaluesInPlace } from './eigenvalues.ts';

/** How a map looks near a fixed point, to first order and in floating point: what is proved stands in certificates. */
export interface Classification {
  readonly kind: 'attracting' | 'saddle' | 'repelling' | 'unknown';
  /** Largest size of an eigenvalue of the Jacobian; NaN where the eigenvalues could not be found. */
  readonly spectralRadius: number;
  /** Largest row sum of absolute values: at least the spectral radius, and far above it for matrices that are far from normal. */
  readonly infinityNorm: number;
  /** Largest first. */
  readonly eigenvalues: readonly Complex[];
  /** Eigenvalues outside the unit circle. */
  readonly index: number;
}

/**
 * Classifies a fixed point by the eigenvalues of the Jacobian there.
 *
 * @param map - a LoopedNet, or anything with a dimension and a Jacobian.
 * Cost: O(d^3); some seconds at d = 500.
 */
export function classify(
  map: { readonly dimension: number; jacobian(x: Float64Array, out: Float64Array): void },
  x: ArrayLike<number>,
): Classification {
  const d = map.dimension;
  const point = finiteVector('classify', 'x', x, d);
  const J = new Float64Array(d * d);
  map.jacobian(point, J);
  let infinityNorm = 0;
  for (let i = 0; i < d; i++)
    infinityNorm = Math.max(
      infinityNorm,
      J.subarray(i * d, (i + 1) * d).reduce((sum, v) => sum + Math.abs(v), 0),
    );
  const eigenvalues = eigenvaluesInPlace(J, d);
  if (eigenvalues === undefined) return { kind: 'unknown', spectralRadius: Number.NaN, infinityNorm, eigenvalues: [], index: 0 };
  const sizes = eigenvalues.map(({ re, im }) => Math.hypot(re, im));
  const index = sizes.filter((size) => size > 1).length;
  const kind = sizes.includes(1) ? 'unknown' : index === 0 ? 'attracting' : index === d ? 'repelling' : 'saddle';
  return { kind, spectralRadius: sizes[0], infinityNorm, eigenvalues, index };
}
