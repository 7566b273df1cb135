import { type Dense, dense, gemm, gemv, transpose } from '@x/linalg';

/**
 * alpha A B + beta C for row-major B and C; C, if given, is overwritten. One column goes to the matrix-vector product, which reads A
 * once and pads nothing.
 */
export function product(A: Dense, B: Dense, alpha: number = 1, beta: number = 0, C?: Dense): Dense {
  if (B.cols === 1) {
    const y = gemv({ A, x: B.data, alpha, beta, ...(C && { y: C.data }) });
    return C ?? dense(A.rows, 1, y);
  }
  return gemm({ A, B, alpha, beta, ...(C && { C }) });
}

/** A^T B. */
export function transposedProduct(A: Dense, B: Dense, alpha: number = 1): Dense {
  return product(transpose(A), B, alpha);
}

/** The rows of A above those of B; both row-major. */
export function stack(A: Dense, B: Dense): Dense {
  const data = new Float64Array(A.data.length + B.data.length);
  data.set(A.data);
  data.set(B.data, A.data.length);
  return dense(A.rows + B.rows, A.cols, data);
}

/** y <- y + alpha x. */
export function addTo(y: Float64Array, x: Float64Array, alpha: number = 1): void {
  for (let i = 0; i < y.length; i++) y[i]! += alpha * x[i]!;
}

/** y <- beta y + alpha x. */
export function blend(y: Float64Array, beta: number, x: Float64Array, alpha: number): void {
  for (let i = 0; i < y.length; i++) y[i] = beta * y[i]! + alpha * x[i]!;
}

/** ||x||_2, whatever the range of x. */
export function norm(x: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < x.length; i++) most = Math.max(most, Math.abs(x[i]!));
  if (most === 0 || !Number.isFinite(most)) return most;
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i]! / most) ** 2;
  return most * Math.sqrt(sum);
}
