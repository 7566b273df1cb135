import { ArgumentError, type Csr, csr, type Dense, NonFiniteError, ShapeError } from '@x/linalg';

/** sum_k weights_k u_k u_k^T. */
export interface LowRank {
  /** k x n: one vector u_k a row. */
  readonly vectors: Dense;
  /** k numbers of any sign; default ones. */
  readonly weights?: ArrayLike<number>;
}

/** A symmetric n x n matrix: dense, sparse (both triangles stored), or a weighted sum of few u u^T. */
export type SymmetricMatrix = Dense | Csr | LowRank;

/** Lower triangle by entries: value_p stands at (row_p, col_p) and (col_p, row_p), row_p >= col_p; places do not repeat. */
export interface Entries {
  readonly row: Int32Array;
  readonly col: Int32Array;
  readonly value: Float64Array;
}

export function isLowRank(A: SymmetricMatrix): A is LowRank {
  return 'vectors' in A;
}

/** n, from a matrix that has been given. @throws ArgumentError for what is no matrix. */
export function orderOf(name: string, A: SymmetricMatrix): number {
  if (typeof A !== 'object' || A === null || !('vectors' in A || 'rows' in A)) {
    throw new ArgumentError(`spectrahedron: ${name} is no matrix; it must be a Dense, a Csr or { vectors, weights }`, name);
  }
  return isLowRank(A) ? A.vectors.cols : A.rows;
}

/** Rounding in a product such as X^T X leaves asymmetries of this relative size. */
const ASYMMETRY = 1e-10;

/**
 * The lower triangle of a user's matrix, without zeros.
 *
 * @throws ShapeError unless it is n x n; NonFiniteError naming the first bad entry; ArgumentError naming the first asymmetric pair.
 */
export function entriesOf(name: string, A: SymmetricMatrix, n: number): Entries {
  const full = new Float64Array(n * n);
  if (isLowRank(A)) {
    const { vectors, weights } = checkedLowRank(name, A, n);
    for (let k = 0; k < weights.length; k++) addOuter(full, n, vectors.subarray(k * n, (k + 1) * n), weights[k]!);
  } else {
    if (A.rows !== n || A.cols !== n) throw new ShapeError(`spectrahedron: ${name} is ${A.rows} x ${A.cols}; it must be ${n} x ${n}`);
    spread(A, full);
    checkFinite(name, full, n);
    symmetrize(name, full, n);
  }
  return lowerEntries(full, n);
}

/** The nonzeros of the lower triangle of a full matrix. */
export function lowerEntries(full: Float64Array, n: number): Entries {
  const places: number[] = [];
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) if (full[i * n + j] !== 0) places.push(i * n + j);
  return {
    row: Int32Array.from(places, (p) => Math.floor(p / n)),
    col: Int32Array.from(places, (p) => p % n),
    value: Float64Array.from(places, (p) => full[p]!),
  };
}

/** full += factor A, both triangles. */
export function addEntries(full: Float64Array, n: number, { row, col, value }: Entries, factor: number): void {
  for (let p = 0; p < value.length; p++) {
    const i = row[p]!;
    const j = col[p]!;
    full[i * n + j] = full[i * n + j]! + factor * value[p]!;
    if (i !== j) full[j * n + i] = full[j * n + i]! + factor * value[p]!;
  }
}

/** Vectors row by row, and as many weights. @throws ShapeError, NonFiniteError. */
export function checkedLowRank(name: string, A: LowRank, n: number): { readonly vectors: Float64Array; readonly weights: Float64Array } {
  const { rows, cols } = A.vectors;
  if (cols !== n) throw new ShapeError(`spectrahedron: ${name}.vectors has ${cols} columns; it must have ${n}`);
  const weights = A.weights === undefined ? new Float64Array(rows).fill(1) : Float64Array.from(A.weights);
  if (weights.length !== rows) throw new ShapeError(`spectrahedron: ${name} has ${weights.length} weights for ${rows} vectors`);
  const bad = weights.findIndex((w) => !Number.isFinite(w));
  if (bad >= 0) {
    throw new NonFiniteError(`spectrahedron: ${name}.weights[${bad}] is ${weights[bad]}; weights must be finite`, `${name}.weights`, [bad]);
  }
  const vectors = new Float64Array(rows * n);
  spread(A.vectors, vectors);
  checkFinite(`${name}.vectors`, vectors, n);
  return { vectors, weights };
}

/** Copies row by row. */
function spread(A: Dense | Csr, to: Float64Array): void {
  if ('indptr' in A) {
    const { indptr, indices, data } = csr(A.rows, A.cols, A.indptr, A.indices, A.data);
    for (let i = 0; i < A.rows; i++) for (let p = indptr[i]!; p < indptr[i + 1]!; p++) to[i * A.cols + indices[p]!] = data[p]!;
    return;
  }
  const { rows, cols, data, offset, rowStride, colStride } = A;
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) to[i * cols + j] = data[offset + i * rowStride + j * colStride]!;
}

function addOuter(full: Float64Array, n: number, u: Float64Array, weight: number): void {
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) full[i * n + j] = full[i * n + j]! + weight * (u[i]! * u[j]!);
}

function checkFinite(name: string, values: Float64Array, cols: number): void {
  const bad = values.findIndex((entry) => !Number.isFinite(entry));
  if (bad < 0) return;
  const index = [Math.floor(bad / cols), bad % cols];
  throw new NonFiniteError(`spectrahedron: ${name}[${index}] is ${values[bad]}; entries must be finite`, name, index);
}

function symmetrize(name: string, full: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const a = full[i * n + j]!;
      const b = full[j * n + i]!;
      if (Math.abs(a - b) > ASYMMETRY * Math.max(Math.abs(a), Math.abs(b))) {
        throw new ArgumentError(`spectrahedron: ${name} is not symmetric: entry (${i}, ${j}) is ${a}, entry (${j}, ${i}) is ${b}`, name);
      }
      full[i * n + j] = full[j * n + i] = (a + b) / 2;
    }
  }
}
