import { type Csr, dense, rFactor } from '@x/linalg';
import { choleskyInPlace } from './cholesky.ts';

/**
 * The Cholesky factor of A^T S^{-2} A + P by QR of the rows of S^{-1} A and of the root of P. It never forms the sum, whose condition is
 * the square of theirs, and so also holds for bodies 1e8 and more times as long as they are wide; it costs about twice as much.
 *
 * @param s - positive slacks.
 * @param factor - d x d row-major; its lower triangle is overwritten by L with a positive diagonal.
 * @returns false when the rows do not span the space, or P has no root.
 */
export function factorByQr(A: Csr, s: Float64Array, P: Float64Array | undefined, factor: Float64Array): boolean {
  const { rows: n, cols: d } = A;
  const stacked = new Float64Array((n + (P === undefined ? 0 : d)) * d);
  for (let i = 0; i < n; i++) {
    for (let p = A.indptr[i]!; p < A.indptr[i + 1]!; p++) stacked[i * d + A.indices[p]!] = A.data[p]! / s[i]!;
  }
  if (P !== undefined) {
    const root = P.slice();
    if (Number.isNaN(choleskyInPlace(root, d))) return false;
    for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) stacked[(n + j) * d + i] = root[i * d + j]!;
  }
  if (stacked.length < d * d || !stacked.every(Number.isFinite)) return false;
  const { data: R } = rFactor(dense(stacked.length / d, d, stacked));
  let largest = 0;
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < d; i++) {
    const sign = R[i * d + i]! < 0 ? -1 : 1;
    for (let j = i; j < d; j++) factor[j * d + i] = sign * R[i * d + j]!;
    largest = Math.max(largest, Math.abs(R[i * d + i]!));
    smallest = Math.min(smallest, Math.abs(R[i * d + i]!));
  }
  return smallest > SINGULAR * largest;
}

/** Diagonal entries of R that are rounding of the others. */
const SINGULAR = 1e-14;
