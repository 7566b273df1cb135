import { log } from '@x/linalg';

/**
 * Dense kernels of the walks' inner loops: row-major, in place, on the caller's arrays. linalg's factorisations copy into
 * WebAssembly memory and back, which at these sizes, once a step, would cost as much as the work.
 */

/**
 * Overwrites the lower triangle of the d x d matrix A by its Cholesky factor L, A = L L^T; the upper triangle is not read.
 *
 * @returns the sum of log L_ii, half the log-determinant of A, or NaN when a pivot is not positive.
 * Cost: d^3 / 3 flops.
 */
export function choleskyInPlace(A: Float64Array, d: number): number {
  let halfLogDeterminant = 0;
  for (let j = 0; j < d; j++) {
    const rowJ = j * d;
    let pivot = A[rowJ + j]!;
    for (let k = 0; k < j; k++) pivot -= A[rowJ + k]! * A[rowJ + k]!;
    if (!(pivot > 0)) return Number.NaN;
    const diagonal = Math.sqrt(pivot);
    A[rowJ + j] = diagonal;
    halfLogDeterminant += log(diagonal);
    const inverse = 1 / diagonal;
    let i = j + 1;
    // Four rows at a time read row j once.
    for (; i + 3 < d; i += 4) {
      const row0 = i * d;
      const row1 = row0 + d;
      const row2 = row1 + d;
      const row3 = row2 + d;
      let sum0 = A[row0 + j]!;
      let sum1 = A[row1 + j]!;
      let sum2 = A[row2 + j]!;
      let sum3 = A[row3 + j]!;
      for (let k = 0; k < j; k++) {
        const entry = A[rowJ + k]!;
        sum0 -= A[row0 + k]! * entry;
        sum1 -= A[row1 + k]! * entry;
        sum2 -= A[row2 + k]! * entry;
        sum3 -= A[row3 + k]! * entry;
      }
      A[row0 + j] = sum0 * inverse;
      A[row1 + j] = sum1 * inverse;
      A[row2 + j] = sum2 * inverse;
      A[row3 + j] = sum3 * inverse;
    }
    for (; i < d; i++) {
      const rowI = i * d;
      let sum = A[rowI + j]!;
      for (let k = 0; k < j; k++) sum -= A[rowI + k]! * A[rowJ + k]!;
      A[rowI + j] = sum * inverse;
    }
  }
  return halfLogDeterminant;
}

/** Overwrites x by L^{-1} x. */
export function solveLower(L: Float64Array, d: number, x: Float64Array): void {
  for (let i = 0; i < d; i++) {
    const row = i * d;
    let sum = x[i]!;
    for (let k = 0; k < i; k++) sum -= L[row + k]! * x[k]!;
    x[i] = sum / L[row + i]!;
  }
}

/** Overwrites x by L^{-T} x. */
export function solveLowerTransposed(L: Float64Array, d: number, x: Float64Array): void {
  for (let i = d - 1; i >= 0; i--) {
    const row = i * d;
    const value = x[i]! / L[row + i]!;
    x[i] = value;
    for (let k = 0; k < i; k++) x[k] = x[k]! - L[row + k]! * value;
  }
}

/** y = P x for a full row-major d x d matrix. */
export function multiplySquare(P: Float64Array, d: number, x: Float64Array, y: Float64Array): void {
  for (let i = 0; i < d; i++) {
    const row = i * d;
    let sum = 0;
    for (let k = 0; k < d; k++) sum += P[row + k]! * x[k]!;
    y[i] = sum;
  }
}
