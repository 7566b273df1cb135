import { block, type Csr, csrMultiply, csrToDense, type Dense, pivotedQr, qr, transpose, zeros } from '@x/linalg';
import { eliminate } from '../elimination.ts';
import { packRows, type SparseRow } from '../sparse.ts';
import { type Constraint, matrixOf } from './system.ts';

/** The solutions of the equations: {point + basis y}, with orthonormal columns. */
export interface SolutionSpace {
  readonly basis: Csr;
  /** The given point, moved onto the equations. */
  readonly point: Float64Array;
  /** Number of independent equations. */
  readonly rank: number;
  /** Equations of several variables that together with the fixed variables imply all others. */
  readonly independent: readonly Constraint[];
}

/** Unit equations whose remainder after elimination is below this are combinations of others: the files have 6 to 12 digits. */
const DEPENDENT = 1e-10;

/** Entries of the orthonormal basis below this are rounding; a variable with no others is fixed. */
const NEGLIGIBLE = 1e-13;

/**
 * Solves the equations near a given point. Variables that one equation alone fixes are set; of the others the null space is found by
 * QR with column pivoting of the transposed equations, which picks independent ones, or by sparse elimination where they are many, and a full
 * QR of those.
 *
 * @param near - satisfies the equations but for the solver's tolerance.
 */
export function solutionSpace(variables: number, equations: readonly Constraint[], near: Float64Array): SolutionSpace {
  const point = near.slice();
  const fixed = new Uint8Array(variables);
  for (const { columns, entries, bound } of equations) {
    if (columns.length !== 1) continue;
    fixed[columns[0]!] = 1;
    point[columns[0]!] = bound / entries[0]!;
  }
  const free = Array.from({ length: variables }, (_, j) => j).filter((j) => fixed[j] === 0);
  const position = new Map(free.map((j, k) => [j, k]));
  const place = (rowOfFree: (k: number) => SparseRow) =>
    Array.from({ length: variables }, (_, j) => (fixed[j] === 0 ? rowOfFree(position.get(j)!) : EMPTY));

  const general = equations.filter(({ columns }) => columns.length > 1);
  const { A, b } = matrixOf(general, variables);
  const E = csrToDense(selectColumns(A, free));
  const residual = csrMultiply(A, point).map((value, i) => b[i]! - value);
  const { N, chosen, correction } = solve(E, residual);
  free.forEach((j, k) => {
    point[j] = point[j]! + correction[k]!;
  });
  const basis = packRows(
    N === undefined ? free.length : N.cols,
    place((k) => (N === undefined ? { columns: [k], entries: [1] } : basisRow(N, k))),
  );
  return { basis, point, rank: chosen.length + variables - free.length, independent: Array.from(chosen, (i) => general[i]!) };
}

const EMPTY: SparseRow = { columns: [], entries: [] };

interface Solved {
  /** An orthonormal basis of {v : E v = 0}; undefined for all of space, whose basis is the identity. */
  readonly N: Dense | undefined;
  /** Independent rows of E. */
  readonly chosen: Int32Array;
  /** The shortest v with E v = residual. */
  readonly correction: Float64Array;
  /** How far the nearest of the chosen rows is from those before it. */
  readonly least: number;
}

function solve(E: Dense, residual: Float64Array): Solved {
  if (E.rows > MANY) {
    const fast = solveWith(E, residual, bySparseElimination(E));
    if (isSound(E, fast)) return fast;
  }
  const { rank, permutation } = pivotedQr(transpose(E), { tolerance: DEPENDENT });
  return solveWith(E, residual, permutation.slice(0, rank));
}

/** Of this many equations the independent ones are found by sparse elimination, in a tenth of the time that pivoting takes. */
const MANY = 300;

/** Rows that are left of sparse elimination; networks lose few digits by it, and `isSound` sees where others do. */
function bySparseElimination({ rows, cols, data }: Dense): Int32Array {
  const entries = Array.from({ length: rows }, (_, i) => {
    const row = new Map<number, number>();
    for (let j = 0; j < cols; j++) if (data[i * cols + j] !== 0) row.set(j, data[i * cols + j]!);
    return row;
  });
  return Int32Array.from(eliminate(entries, cols, undefined, DEPENDENT), ({ index }) => index);
}

/** The chosen equations must be independent, and the others hold on their solutions, to their own rounding. */
function isSound({ rows, cols, data }: Dense, { N, chosen, least }: Solved): boolean {
  if (N === undefined || !(least > DEPENDENT)) return false;
  const among = new Set(chosen);
  const image = new Float64Array(N.cols);
  for (let i = 0; i < rows; i++) {
    if (among.has(i)) continue;
    image.fill(0);
    for (let j = 0; j < cols; j++) {
      const entry = data[i * cols + j]!;
      if (entry === 0) continue;
      for (let k = 0; k < N.cols; k++) image[k] = image[k]! + entry * N.data[N.offset + j * N.rowStride + k * N.colStride]!;
    }
    if (image.some((value) => Math.abs(value) > DEPENDENT)) return false;
  }
  return true;
}

function solveWith(E: Dense, residual: Float64Array, chosen: Int32Array): Solved {
  const rank = chosen.length;
  const correction = new Float64Array(E.cols);
  if (rank === 0) return { N: undefined, chosen, correction, least: 1 };
  const independent = zeros(E.cols, rank);
  for (let k = 0; k < rank; k++) {
    for (let j = 0; j < E.cols; j++) independent.data[j * rank + k] = E.data[chosen[k]! * E.cols + j]!;
  }
  const { Q, R } = qr(independent, { mode: 'full' });
  // E v = R^T Q^T v on the chosen rows: v = Q z with R^T z = residual.
  const z = new Float64Array(rank);
  for (let k = 0; k < rank; k++) {
    let sum = residual[chosen[k]!]!;
    for (let i = 0; i < k; i++) sum -= R.data[i * R.cols + k]! * z[i]!;
    z[k] = sum / R.data[k * R.cols + k]!;
  }
  for (let j = 0; j < E.cols; j++) for (let k = 0; k < rank; k++) correction[j] = correction[j]! + Q.data[j * Q.cols + k]! * z[k]!;
  const least = z.reduce((most, _, k) => Math.min(most, Math.abs(R.data[k * R.cols + k]!)), 1);
  return { N: block(Q, 0, rank, E.cols, E.cols - rank), chosen, correction, least };
}

function basisRow(N: Dense, k: number): SparseRow {
  const entries = Float64Array.from({ length: N.cols }, (_, j) => N.data[N.offset + k * N.rowStride + j * N.colStride]!);
  return { columns: Int32Array.from(entries.keys()), entries: entries.map((entry) => (Math.abs(entry) > NEGLIGIBLE ? entry : 0)) };
}

/** The given columns, in ascending order. */
function selectColumns(A: Csr, columns: readonly number[]): Csr {
  const position = new Map(columns.map((j, k) => [j, k]));
  const rows = Array.from({ length: A.rows }, (_, i) => {
    const kept = Array.from({ length: A.indptr[i + 1]! - A.indptr[i]! }, (_, k) => A.indptr[i]! + k).filter((p) =>
      position.has(A.indices[p]!),
    );
    return { columns: kept.map((p) => position.get(A.indices[p]!)!), entries: kept.map((p) => A.data[p]!) };
  });
  return packRows(columns.length, rows);
}
