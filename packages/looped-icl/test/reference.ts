/** The slow and obvious: nested arrays, the formulas as they are written, nothing shared with the package. */
import { type Dense, dense } from '@x/linalg';

export type Rows = number[][];

export const rowsOf = (A: Dense): Rows =>
  Array.from({ length: A.rows }, (_, i) => Array.from({ length: A.cols }, (_, j) => A.data[A.offset + i * A.rowStride + j * A.colStride]!));

export const dot = (u: readonly number[], v: readonly number[]) => u.reduce((sum, value, i) => sum + value * v[i]!, 0);
export const transposeOf = (A: Rows): Rows => (A[0] ?? []).map((_, j) => A.map((row) => row[j]!));
export const times = (A: Rows, B: Rows): Rows => {
  const columns = transposeOf(B);
  return A.map((row) => columns.map((column) => dot(row, column)));
};
export const length = (v: readonly number[]) => Math.sqrt(dot(v, v));

/** M^-1 b by elimination with row exchanges. */
export function solve(M: Rows, b: readonly number[]): number[] {
  const rows = M.map((row, i) => [...row, b[i]!]);
  const n = rows.length;
  for (let c = 0; c < n; c++) {
    const pivot = rows.slice(c).reduce((best, row, i) => (Math.abs(row[c]!) > Math.abs(rows[best]![c]!) ? c + i : best), c);
    [rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = rows[r]![c]! / rows[c]![c]!;
      rows[r] = rows[r]!.map((value, j) => value - factor * rows[c]![j]!);
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!);
}

export interface Problem {
  readonly X: Rows;
  readonly Y: Rows;
  readonly queries: Rows;
  /** Query-key block. */
  readonly A: Rows;
  readonly steps: readonly number[];
  readonly momentum: number;
}

/** W_1, ..., W_T of W <- W - eta A^T (X^T (X W - Y) / n), with heavy-ball momentum. */
export function gradientDescent({ X, Y, A, steps, momentum }: Problem, transposed = true): Rows[] {
  const n = X.length;
  let W: Rows = X[0]!.map(() => Y[0]!.map(() => 0));
  let change: Rows = W.map((row) => row.map(() => 0));
  return steps.map((eta) => {
    const residual = times(X, W).map((row, i) => row.map((value, c) => value - Y[i]![c]!));
    const gradient = times(transposed ? transposeOf(A) : A, times(transposeOf(X), residual));
    change = change.map((row, i) => row.map((value, c) => momentum * value - (eta / n) * gradient[i]![c]!));
    W = W.map((row, i) => row.map((value, c) => value + change[i]![c]!));
    return W;
  });
}

export type Sees = (j: number, i: number, n: number) => boolean;
export const SEES: Readonly<Record<'queries' | 'causal' | 'none', Sees>> = {
  queries: (_, i, n) => i < n,
  causal: (j, i, n) => i < n && i <= j,
  none: () => true,
};

/** Labels of all tokens after each loop, examples first, by single tokens: r_j <- r_j - eta / n sum_i (x_i^T A x_j) r_i. */
export function tokens({ X, Y, queries, A, steps, momentum }: Problem, sees: Sees, softmax = false): Rows[] {
  const n = X.length;
  const inputs = [...X, ...queries];
  const d = X[0]!.length;
  let labels: Rows = [...Y, ...queries.map(() => Y[0]!.map(() => 0))];
  let change: Rows = labels.map((row) => row.map(() => 0));
  return steps.map((eta) => {
    const attention = inputs.map((x, j) => {
      const image = A.map((row) => dot(row, x));
      const scores = inputs.map((key, i) => (sees(j, i, n) ? dot(key, image) : undefined));
      if (!softmax) return scores.map((score) => (score ?? 0) / n);
      const powers = scores.map((score) => (score === undefined ? 0 : Math.exp(score / Math.sqrt(d))));
      const sum = powers.reduce((a, b) => a + b, 0);
      return powers.map((power) => power / sum);
    });
    const columns = transposeOf(labels);
    change = change.map((row, j) => row.map((value, c) => momentum * value - eta * dot(attention[j]!, columns[c]!)));
    labels = labels.map((row, j) => row.map((value, c) => value + change[j]![c]!));
    return labels;
  });
}

export const norm = (A: Dense) => length([...A.data]);
export const minus = (A: Dense, B: Dense) =>
  dense(
    A.rows,
    A.cols,
    A.data.map((value, i) => value - B.data[i]!),
  );
