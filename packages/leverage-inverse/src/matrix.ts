/** Small d x d matrices and vectors of length d or n. */
import { type Cholesky, cholesky, type Dense, dense, gemm, identity, transpose, trsm } from '@x/linalg';

export function inner(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
}

export function norm(x: Float64Array): number {
  return Math.sqrt(inner(x, x));
}

export function maxAbs(x: Float64Array): number {
  return x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** alpha A + beta B, both row-major and contiguous. */
export function combine(alpha: number, A: Dense, beta: number, B: Dense): Dense {
  return dense(
    A.rows,
    A.cols,
    A.data.map((value, p) => alpha * value + beta * B.data[p]!),
  );
}

/** X^T C X, made symmetric to the bit. */
export function congruence(X: Dense, C: Dense): Dense {
  return symmetrized(gemm({ A: transpose(X), B: gemm({ A: C, B: X }) }));
}

export function symmetrized({ rows: d, data }: Dense): Dense {
  return dense(
    d,
    d,
    data.map((value, p) => (value + data[(p % d) * d + Math.floor(p / d)]!) / 2),
  );
}

/** U upper triangular with U U^T = M^-1: the inverse transpose of the Cholesky factor. */
export function inverseRoot(M: Dense): Dense {
  const { L }: Cholesky = cholesky(M);
  return transpose(trsm({ A: L, B: identity(M.rows), triangle: 'lower' }));
}
