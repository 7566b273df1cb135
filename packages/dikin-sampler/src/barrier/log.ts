import type { Csr } from '@x/linalg';
import type { Barrier } from './barrier.ts';

/**
 * The logarithmic barrier -sum log(b - A y)_i, whose Hessian is A^T S^{-2} A with S = diag(b - A y); its parameter nu is the number
 * of rows.
 *
 * @param A - n x d. Rows that are mostly full are stored dense, the others by their nonzeros.
 * Cost of a Hessian: n d^2 flops dense, the sum of the squared row counts sparse; nothing is allocated after construction.
 */
export function logBarrier(A: Csr): Barrier {
  const n = A.rows;
  const d = A.cols;
  const dense = A.data.length > DENSE_FRACTION * n * d;
  const addHessian = dense ? denseHessian(A) : sparseHessian(A);
  const apply = dense ? denseApply(A) : sparseApply(A);
  return {
    rows: n,
    dimension: d,
    apply,
    addHessian,
    squaredNorm(Adelta, s) {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const ratio = Adelta[i]! / s[i]!;
        sum += ratio * ratio;
      }
      return sum;
    },
  };
}

/** Above this share of nonzeros the dense loops, which need no indices, are faster. */
const DENSE_FRACTION = 0.4;

function sparseHessian({ rows, cols: d, indptr, indices, data }: Csr): Barrier['addHessian'] {
  return (s, H) => {
    for (let i = 0; i < rows; i++) {
      const weight = 1 / (s[i]! * s[i]!);
      const to = indptr[i + 1]!;
      // Columns increase within a row, so p >= q is the lower triangle.
      for (let p = indptr[i]!; p < to; p++) {
        const scaled = weight * data[p]!;
        const row = indices[p]! * d;
        for (let q = indptr[i]!; q <= p; q++) H[row + indices[q]!] = H[row + indices[q]!]! + scaled * data[q]!;
      }
    }
  };
}

function sparseApply({ rows, indptr, indices, data }: Csr): Barrier['apply'] {
  return (y, out) => {
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let p = indptr[i]!; p < indptr[i + 1]!; p++) sum += data[p]! * y[indices[p]!]!;
      out[i] = sum;
    }
  };
}

/** The rows of A^T, each padded by nothing: entry (j, i) at j n + i. */
function transposed({ rows: n, cols: d, indptr, indices, data }: Csr): Float64Array {
  const At = new Float64Array(d * n);
  for (let i = 0; i < n; i++) for (let p = indptr[i]!; p < indptr[i + 1]!; p++) At[indices[p]! * n + i] = data[p]!;
  return At;
}

function denseApply(A: Csr): Barrier['apply'] {
  const { rows: n, cols: d } = A;
  const At = transposed(A);
  return (y, out) => {
    out.fill(0);
    for (let j = 0; j < d; j++) {
      const row = j * n;
      const value = y[j]!;
      for (let i = 0; i < n; i++) out[i] = out[i]! + At[row + i]! * value;
    }
  };
}

/** Inner products of the columns of S^{-1} A, two by two so that each loaded entry serves two products. */
function denseHessian(A: Csr): Barrier['addHessian'] {
  const { rows: n, cols: d } = A;
  const At = transposed(A);
  const scaled = new Float64Array(d * n);
  const inverse = new Float64Array(n);
  return (s, H) => {
    for (let i = 0; i < n; i++) inverse[i] = 1 / s[i]!;
    for (let j = 0; j < d; j++) {
      const row = j * n;
      for (let i = 0; i < n; i++) scaled[row + i] = At[row + i]! * inverse[i]!;
    }
    let j = 0;
    for (; j + 1 < d; j += 2) {
      const j0 = j * n;
      const j1 = j0 + n;
      for (let k = 0; k <= j; k += 2) {
        const k0 = k * n;
        const k1 = k0 + n;
        let sum00 = 0;
        let sum01 = 0;
        let sum10 = 0;
        let sum11 = 0;
        for (let i = 0; i < n; i++) {
          const a0 = scaled[j0 + i]!;
          const a1 = scaled[j1 + i]!;
          const b0 = scaled[k0 + i]!;
          const b1 = scaled[k1 + i]!;
          sum00 += a0 * b0;
          sum01 += a0 * b1;
          sum10 += a1 * b0;
          sum11 += a1 * b1;
        }
        const h0 = j * d + k;
        const h1 = h0 + d;
        H[h0] = H[h0]! + sum00;
        H[h1] = H[h1]! + sum10;
        H[h1 + 1] = H[h1 + 1]! + sum11;
        // On the diagonal block this entry lies above the diagonal, which nobody reads.
        H[h0 + 1] = H[h0 + 1]! + sum01;
      }
    }
    if (j < d) {
      for (let k = 0; k <= j; k++) {
        let sum = 0;
        for (let i = 0; i < n; i++) sum += scaled[j * n + i]! * scaled[k * n + i]!;
        H[j * d + k] = H[j * d + k]! + sum;
      }
    }
  };
}
