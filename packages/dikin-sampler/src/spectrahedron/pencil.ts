import type { SolutionSpace } from '../prepare/solutions.ts';
import { addEntries, type Entries, lowerEntries } from './matrix.ts';
import type { Spectrahedron } from './spectrahedron.ts';

/** S(y) = S0 + sum_j y_j B_j, symmetric n x n. */
export interface Pencil {
  readonly order: number;
  readonly dimension: number;
  /** S0, full. */
  readonly constant: Float64Array;
  /** B_0 .. B_{d-1}, the entries of their lower triangles one after the other. */
  readonly entries: Packed;
  /** B_j = sum of weight_k u_k u_k^T, where the body has such and the equations did not mix them. */
  readonly factors: PackedFactors | undefined;
}

/** Entries of matrix j: start[j] .. start[j + 1] - 1. */
export interface Packed extends Entries {
  readonly start: Int32Array;
}

/** Vectors of matrix j: rows start[j] .. start[j + 1] - 1 of `vectors`. */
export interface PackedFactors {
  readonly start: Int32Array;
  readonly vectors: Float64Array;
  readonly weights: Float64Array;
}

/** The body's pencil in the coordinates y of x = origin + basis y. */
export function pencilOf(body: Spectrahedron, { basis, point: origin }: SolutionSpace): Pencil {
  const n = body.order;
  const constant = new Float64Array(n * n);
  addEntries(constant, n, body.C, -1);
  body.A.forEach((A, i) => {
    addEntries(constant, n, A, origin[i]!);
  });
  // Columns of the basis, each a combination of the A_i.
  const columns: { readonly variable: number; readonly factor: number }[][] = Array.from({ length: basis.cols }, () => []);
  for (let i = 0; i < basis.rows; i++) {
    for (let p = basis.indptr[i]!; p < basis.indptr[i + 1]!; p++) columns[basis.indices[p]!]!.push({ variable: i, factor: basis.data[p]! });
  }
  const single = columns.every((column) => column.length === 1);
  return {
    order: n,
    dimension: basis.cols,
    constant,
    entries: pack(columns.map((column) => combination(body, column))),
    factors:
      body.factors === undefined || !single
        ? undefined
        : packFactors(
            body.factors,
            columns.map((column) => column[0]!),
          ),
  };
}

function combination({ A, order: n }: Spectrahedron, column: readonly { readonly variable: number; readonly factor: number }[]): Entries {
  if (column.length === 1) {
    const { variable, factor } = column[0]!;
    const { row, col, value } = A[variable]!;
    return { row, col, value: value.map((v) => v * factor) };
  }
  const sum = new Float64Array(n * n);
  for (const { variable, factor } of column) addEntries(sum, n, A[variable]!, factor);
  return lowerEntries(sum, n);
}

function pack(lists: readonly Entries[]): Packed {
  const start = offsets(lists.map(({ value }) => value.length));
  const row = new Int32Array(start[lists.length]!);
  const col = new Int32Array(row.length);
  const value = new Float64Array(row.length);
  lists.forEach((list, j) => {
    row.set(list.row, start[j]!);
    col.set(list.col, start[j]!);
    value.set(list.value, start[j]!);
  });
  return { start, row, col, value };
}

function packFactors(
  factors: NonNullable<Spectrahedron['factors']>,
  columns: readonly { readonly variable: number; readonly factor: number }[],
): PackedFactors {
  const chosen = columns.map(({ variable }) => factors[variable]!);
  return {
    start: offsets(chosen.map(({ weights }) => weights.length)),
    vectors: Float64Array.from(chosen.flatMap(({ vectors }) => [...vectors])),
    weights: Float64Array.from(chosen.flatMap(({ weights }, j) => Array.from(weights, (w) => w * columns[j]!.factor))),
  };
}

function offsets(lengths: readonly number[]): Int32Array {
  const start = new Int32Array(lengths.length + 1);
  lengths.forEach((length, j) => {
    start[j + 1] = start[j]! + length;
  });
  return start;
}

/** Matrix j by itself. */
export function matrixAt({ start, row, col, value }: Packed, j: number): Entries {
  const [from, to] = [start[j]!, start[j + 1]!];
  return { row: row.subarray(from, to), col: col.subarray(from, to), value: value.subarray(from, to) };
}

/** The pencil with S0 moved to y, so that w = 0 is there. */
export function centredAt(pencil: Pencil, y: Float64Array): Pencil {
  const constant = pencil.constant.slice();
  y.forEach((value, j) => {
    addEntries(constant, pencil.order, matrixAt(pencil.entries, j), value);
  });
  return { ...pencil, constant };
}

/** out = sum_j v_j B_j, full. */
export function directionOf({ order: n, entries: { start, row, col, value } }: Pencil, v: ArrayLike<number>, out: Float64Array): void {
  out.fill(0);
  for (let j = 0; j < v.length; j++) {
    const factor = v[j]!;
    for (let p = start[j]!; p < start[j + 1]!; p++) {
      const at = row[p]! * n + col[p]!;
      out[at] = out[at]! + factor * value[p]!;
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) out[j * n + i] = out[i * n + j]!;
}
