import { type Csr, csrMultiply, csrMultiplyTransposed, dense, philox } from '@x/linalg';
import { CANCELLED, eliminate } from './elimination.ts';
import { solveLower } from './kernel/cholesky.ts';
import type { Prepared } from './prepare/prepare.ts';
import { clean } from './prepare/system.ts';
import { multiplySparse, normOf, packRows, rowOf, type SparseRow } from './sparse.ts';

/** Coordinates of the directions in a body's plane: x moves by `map` w, and A is the prepared body's, in w. */
export interface Coordinates {
  readonly A: Csr;
  readonly map: Csr;
}

/**
 * How far each variable of the body moves: the half-widths of the Dikin ellipsoid at the centre, sqrt(e_j^T N H^{-1} N^T e_j) with the basis N.
 *
 * Cost: d^2 / 2 multiplications a variable.
 */
export function widthsOf({ basis, dimension: d }: Prepared, factor: Float64Array): Float64Array {
  const row = new Float64Array(d);
  return Float64Array.from({ length: basis.rows }, (_, j) => {
    row.fill(0);
    for (let p = basis.indptr[j]!; p < basis.indptr[j + 1]!; p++) row[basis.indices[p]!] = basis.data[p]!;
    solveLower(factor, d, row);
    return Math.sqrt(row.reduce((sum, v) => sum + v * v, 0));
  });
}

/**
 * Coordinates in which the constraints stay sparse: those of the prepared body, or d of the body's own variables, which by the equations
 * determine the others, where that leaves fewer nonzeros. They are the variables that sparse Gaussian elimination does not eliminate.
 *
 * @param widths - how far each variable moves. With them the variables that are kept are narrow ones, and the wide ones depend on them: a move
 * along a coordinate then moves all variables by little more than their widths, where otherwise a narrow variable that depends on wide
 * ones blocks all of their coordinates. It makes more nonzeros.
 * Cost: that of the elimination; it depends on its fill, and is small for the equations that models consist of.
 */
export function sparseCoordinates(prepared: Prepared, widths?: Float64Array): Coordinates {
  const plain = { A: prepared.A, map: prepared.basis };
  const { rows: variables, cols: d } = prepared.basis;
  if (prepared.basis.data.length <= variables) return plain;
  const { system } = clean(prepared.body);
  const implied = new Set(prepared.report.impliedEquations);
  const byLabel = new Map(system.inequalities.map((row) => [row.label, row]));
  const equations = [...system.equations, ...system.inequalities.filter(({ label }) => implied.has(label))];
  const map = solutions(equations, prepared.basis, widths);
  const needed = prepared.labels.map((label) => byLabel.get(label));
  if (map?.cols !== d || byLabel.size < system.inequalities.length || !needed.every((row) => row !== undefined)) return plain;
  const rows = packRows(variables, needed);
  const inBasis = multiplySparse(rows, prepared.basis);
  const inVariables = multiplySparse(rows, map);
  const A = packRows(
    d,
    needed.map((_, i) => {
      const { columns, entries } = rowOf(inVariables, i);
      const length = normOf(rowOf(inBasis, i));
      return { columns, entries: entries.map((entry) => entry / length) };
    }),
  );
  const sparse = { A, map };
  return A.data.length < prepared.A.data.length && agree(prepared, sparse) ? sparse : plain;
}

/**
 * How much less freely than in rounded coordinates the tightest of these moves: the largest H_kk (H^{-1})_kk, the square of how far it
 * reaches in the Dikin ellipsoid over how far it reaches alone. Infinite where a coordinate is no variable of the body.
 */
export function tightness({ A, map }: Coordinates, slack: Float64Array, widths: Float64Array): number {
  const diagonal = new Float64Array(A.cols);
  for (let i = 0; i < A.rows; i++) {
    for (let p = A.indptr[i]!; p < A.indptr[i + 1]!; p++) {
      const k = A.indices[p]!;
      const steepness = A.data[p]! / slack[i]!;
      diagonal[k] = diagonal[k]! + steepness * steepness;
    }
  }
  const inverse = new Float64Array(A.cols).fill(Number.POSITIVE_INFINITY);
  for (let j = 0; j < map.rows; j++) {
    const p = map.indptr[j]!;
    if (map.indptr[j + 1]! - p !== 1) continue;
    const width = widths[j]! / map.data[p]!;
    inverse[map.indices[p]!] = width * width;
  }
  return diagonal.reduce((most, value, k) => Math.max(most, value * inverse[k]!), 1);
}

/** {map w} = {x : equations x = 0, x = 0 where the basis is}, with the identity in the rows of the variables that are not eliminated. */
function solutions(equations: readonly SparseRow[], basis: Csr, widths: Float64Array | undefined): Csr | undefined {
  const moves = (j: number) => basis.indptr[j]! < basis.indptr[j + 1]!;
  const pivots = eliminate(
    equations.map((row) => new Map(Array.from(row.columns, (j, k) => [j, row.entries[k]!] as const).filter(([j]) => moves(j)))),
    basis.rows,
    widths,
  );
  // What later pivots are by the variables that are left.
  const eliminated = new Map<number, Map<number, number>>();
  for (const { column, row } of pivots.toReversed()) {
    const sum = new Map<number, number>();
    const size = new Map<number, number>();
    const add = (j: number, value: number) => {
      sum.set(j, (sum.get(j) ?? 0) + value);
      size.set(j, Math.max(size.get(j) ?? 0, Math.abs(value)));
    };
    for (const [j, entry] of row) {
      if (j === column) continue;
      const factor = -entry / row.get(column)!;
      const by = eliminated.get(j);
      if (by === undefined) add(j, factor);
      else for (const [k, value] of by) add(k, factor * value);
    }
    for (const [j, value] of sum) if (Math.abs(value) <= CANCELLED * size.get(j)!) sum.delete(j);
    eliminated.set(column, sum);
  }
  const place = new Map<number, number>();
  for (let j = 0; j < basis.rows; j++) if (moves(j) && !eliminated.has(j)) place.set(j, place.size);
  return packRows(
    place.size,
    Array.from({ length: basis.rows }, (_, j): SparseRow => {
      const by = eliminated.get(j) ?? (place.has(j) ? new Map([[j, 1]]) : new Map<number, number>());
      return { columns: Array.from(by.keys(), (k) => place.get(k)!), entries: [...by.values()] };
    }),
  );
}

/** Differences above this between two ways to compute one thing mean that the elimination lost digits. */
const DISAGREE = 1e-9;

/** Whether a random point has the same image by both coordinates. */
function agree({ A, basis }: Prepared, sparse: Coordinates): boolean {
  const w = philox(0).fillNormal(new Float64Array(basis.cols));
  const x = csrMultiply(sparse.map, w);
  const y = csrMultiplyTransposed(basis, dense(x.length, 1, x)).data;
  const near = (a: Float64Array, b: Float64Array) => {
    const scale = a.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    return a.every((v, i) => Math.abs(v - b[i]!) <= DISAGREE * scale);
  };
  return near(x, csrMultiply(basis, y)) && near(csrMultiply(sparse.A, w), csrMultiply(A, y));
}
