/** Slow, obvious formulas for a pencil S(y) = S0 + sum_j y_j B_j, sharing nothing with src but its shape. Matrices are nested arrays. */
import type { Pencil } from '../../src/spectrahedron/pencil.ts';
import { dot, eigen, type Square, type Vector } from '../reference.ts';
import { square } from './bodies.ts';

/** B_j. */
export function matrixOf({ order: n, entries }: Pencil, j: number): number[][] {
  const B = square(n, () => 0);
  for (let p = entries.start[j]!; p < entries.start[j + 1]!; p++) {
    const [a, b] = [entries.row[p]!, entries.col[p]!];
    B[a]![b] = entries.value[p]!;
    B[b]![a] = entries.value[p]!;
  }
  return B;
}

/** S(y). */
export function pencilAt(pencil: Pencil, y: Vector): number[][] {
  const n = pencil.order;
  const matrices = y.map((_, j) => matrixOf(pencil, j));
  return square(
    n,
    (a, b) =>
      pencil.constant[a * n + b]! +
      dot(
        y,
        matrices.map((B) => B[a]![b]!),
      ),
  );
}

export function multiply(A: Square, B: Square): number[][] {
  return A.map((row) => B[0]!.map((_, j) => row.reduce((sum, v, k) => sum + v * B[k]![j]!, 0)));
}

export function inverseOf(S: Square): number[][] {
  const { values, vectors } = eigen(S);
  return square(S.length, (i, j) => vectors.reduce((sum, v, k) => sum + (v[i]! * v[j]!) / values[k]!, 0));
}

export function traceOf(M: Square): number {
  return M.reduce((sum, row, i) => sum + row[i]!, 0);
}

/** tr(S^{-1} B_i S^{-1} B_j), plus P. */
export function logDetMetric(pencil: Pencil, y: Vector, P?: Float64Array): number[][] {
  const d = pencil.dimension;
  const inverse = inverseOf(pencilAt(pencil, y));
  const products = Array.from({ length: d }, (_, j) => multiply(inverse, matrixOf(pencil, j)));
  return square(d, (i, j) => traceOf(multiply(products[i]!, products[j]!)) + (P === undefined ? 0 : P[i * d + j]!));
}
