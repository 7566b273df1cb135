import { logDet } from './log-det.ts';
import { minimizeLogDet } from './newton.ts';
import type { Pencil } from './pencil.ts';

/** Where I + B(v) has grown to this without end in sight, v is taken for a ray: B(v) / |B(v)| has no eigenvalue below minus its inverse. */
const FAR = 1e6;

/** Any decrement below 1 is a proof, as below. */
const PROOF = 0.5;

/**
 * A direction v != 0 with B(v) = sum v_j B_j positive semidefinite, along which a spectrahedron never ends; undefined where there is
 * none. The B_j must be independent.
 *
 * Minimises -log det(I + B(v)) from v = 0, whose level sets are bounded exactly where there is no such v. With the Newton step s at a
 * point where S = I + B(v) = L L^T and the decrement is below 1, the matrix Z = L^{-T} (I - L^{-1} B(s) L^{-T}) L^{-1} is positive definite and
 * orthogonal to every B_j, and B(v) >= 0 with trace(Z B(v)) = 0 leaves only B(v) = 0: a proof of boundedness, whatever the constant
 * term of the pencil. A direction along which no eigenvalue falls is a ray to rounding; a v of size 1e6 is one to within 1e-6 of its size.
 */
export function findSpectralRay(pencil: Pencil): Float64Array | undefined {
  const { order: n, dimension: d } = pencil;
  const constant = new Float64Array(n * n);
  for (let i = 0; i < n; i++) constant[i * n + i] = 1;
  const homogeneous = { ...pencil, constant };
  const result = minimizeLogDet(logDet(homogeneous), homogeneous, new Float64Array(d), {
    decrement: PROOF,
    stop: (_, L) => largestDiagonal(L, n) > FAR,
  });
  if ('decrement' in result) return undefined;
  const ray = result.reason === 'unbounded' ? result.ray : result.point;
  const size = Math.sqrt(ray.reduce((sum, v) => sum + v * v, 0));
  return ray.map((v) => v / size);
}

/** The largest diagonal entry of L L^T. */
function largestDiagonal(L: Float64Array, n: number): number {
  let largest = 0;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let k = 0; k <= i; k++) sum += L[i * n + k]! * L[i * n + k]!;
    largest = Math.max(largest, sum);
  }
  return largest;
}
