import { dense, leastSquares, pivotedQr } from '@x/linalg';
import { matrixAt, type Pencil } from './pencil.ts';

/** A unit matrix whose remainder after elimination is below this is a combination of others. */
const DEPENDENT = 1e-10;

/** c != 0 with sum_j c_j B_j = 0, or undefined where the matrices are independent. Cost: O(n^2 d^2). */
export function dependence({ order: n, dimension: d, entries }: Pencil): Float64Array | undefined {
  const rows = (n * (n + 1)) / 2;
  const columns = new Float64Array(rows * d);
  const norms = new Float64Array(d);
  for (let j = 0; j < d; j++) {
    const { row, col, value } = matrixAt(entries, j);
    // Off the diagonal an entry stands twice: so columns have the inner products of the matrices.
    const weighted = value.map((v, p) => (row[p] === col[p] ? v : Math.sqrt(2) * v));
    norms[j] = Math.sqrt(weighted.reduce((sum, v) => sum + v * v, 0));
    if (norms[j] === 0) return unit(d, j);
    for (let p = 0; p < value.length; p++) columns[((row[p]! * (row[p]! + 1)) / 2 + col[p]!) * d + j] = weighted[p]! / norms[j];
  }
  const all = dense(rows, d, columns);
  const { rank, permutation } = pivotedQr(all, { tolerance: DEPENDENT });
  if (rank === d) return undefined;
  const column = (j: number) => Float64Array.from({ length: rows }, (_, i) => columns[i * d + j]!);
  const chosen = [...permutation.subarray(0, rank)];
  const basis = dense(rows, rank, new Float64Array(rows * rank));
  chosen.forEach((j, k) => {
    for (let i = 0; i < rows; i++) basis.data[i * rank + k] = columns[i * d + j]!;
  });
  const extra = permutation[rank]!;
  const coefficients = leastSquares(basis, column(extra)).X;
  const c = new Float64Array(d);
  c[extra] = 1 / norms[extra]!;
  chosen.forEach((j, k) => {
    c[j] = -coefficients[k]! / norms[j]!;
  });
  return c;
}

function unit(d: number, j: number): Float64Array {
  const e = new Float64Array(d);
  e[j] = 1;
  return e;
}
