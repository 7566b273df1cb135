import { generate, type Matrix, matrix } from './matrix.ts';
import { type Random, random } from './random.ts';

/** Name of an ensemble of matrices; each is described at its entry in `fills`. */
export type Ensemble =
  | 'gaussian'
  | 'uniform'
  | 'cauchy'
  | 'integer'
  | 'sparse'
  | 'denormal'
  | 'graded'
  | 'spiked'
  | 'duplicate-rows'
  | 'zero-rows'
  | 'rank-deficient'
  | 'well-conditioned'
  | 'ill-conditioned';

type Fill = (rows: number, cols: number, seed: number) => Matrix;

/** Smaller sizes give the leading block of larger ones, where the ensemble allows. */
const fills: Readonly<Record<Ensemble, Fill>> = {
  /** Independent standard normals. */
  gaussian: byEntry((r) => r.normal()),
  /** Uniform on [-1, 1). */
  uniform: byEntry((r) => 2 * r.uniform() - 1),
  /** Standard Cauchy: a few entries dwarf the rest. */
  cauchy: byEntry((r) => r.normal() / (Math.abs(r.normal()) + 2 ** -40)),
  /** Whole numbers in [-8, 8]: sums of products are exact. */
  integer: byEntry((r) => r.integer(-8, 8)),
  /** About one entry in twenty is a normal, the rest are zero. */
  sparse: byEntry((r) => (r.uniform() < 0.05 ? r.normal() : 0)),
  /** Multiples of 2^-1074 below 2^-1042: all denormal, zeros among them. */
  denormal: byEntry((r) => (r.integer(0, 1) === 0 ? -1 : 1) * r.u32() * 2 ** -1074),
  /** Normals whose rows and columns are scaled by 10^U(-8, 8). */
  graded: (rows, cols, seed) => {
    const scales = random(seed, 1);
    const scale = (index: number) => 10 ** (16 * scales.stream(index).uniform() - 8);
    const row = Array.from({ length: rows }, (_, i) => scale(2 * i));
    const col = Array.from({ length: cols }, (_, j) => scale(2 * j + 1));
    const G = fills.gaussian(rows, cols, seed);
    return generate(rows, cols, (i, j) => (G.data[i * cols + j] as number) * (row[i] as number) * (col[j] as number));
  },
  /** Normals, and one row in ten 1e4 times larger (at least one). */
  spiked: (rows, cols, seed) => {
    const G = fills.gaussian(rows, cols, seed);
    const r = random(seed, 1);
    for (let spikes = Math.ceil(rows / 10); spikes > 0; spikes--) {
      const i = r.integer(0, rows - 1);
      for (let j = 0; j < cols; j++) (G.data[i * cols + j] as number) *= 1e4;
    }
    return G;
  },
  /** Normals; rows repeat with period ceil(rows / 3). */
  'duplicate-rows': (rows, cols, seed) => {
    const period = Math.ceil(rows / 3);
    const G = fills.gaussian(period, cols, seed);
    return generate(rows, cols, (i, j) => G.data[(i % period) * cols + j] as number);
  },
  /** Normals with about half of the rows zero. */
  'zero-rows': (rows, cols, seed) => {
    const G = fills.gaussian(rows, cols, seed);
    const r = random(seed, 1);
    const keep = Array.from({ length: rows }, (_, i) => r.stream(i).integer(0, 1));
    return generate(rows, cols, (i, j) => (keep[i] === 1 ? (G.data[i * cols + j] as number) : 0));
  },
  /** Rank exactly floor(min(rows, cols) / 2), see `ofRank`. */
  'rank-deficient': (rows, cols, seed) => ofRank(rows, cols, Math.floor(Math.min(rows, cols) / 2), seed),
  /** Condition number 10. */
  'well-conditioned': (rows, cols, seed) => withCondition(rows, cols, 10, seed),
  /** Condition number 1e10. */
  'ill-conditioned': (rows, cols, seed) => withCondition(rows, cols, 1e10, seed),
};

/** Names of all ensembles. */
export const ENSEMBLES: readonly Ensemble[] = Object.keys(fills) as Ensemble[];

/** The rows x cols member of an ensemble for this seed: same arguments, same matrix. */
export function ensemble(name: Ensemble, rows: number, cols: number, seed: number): Matrix {
  return fills[name](rows, cols, seed);
}

/** A vector of n entries: one column of an ensemble. */
export function ensembleVector(name: Ensemble, n: number, seed: number): Float64Array {
  return fills[name](n, 1, seed).data;
}

/**
 * A matrix with these singular values, largest first, up to rounding: U diag(s) V^T, where U and V are products of random
 * Householder reflections. A singular value is off by at most a small multiple of min(rows, cols) * 2^-53 * s[0].
 */
export function withSingularValues(rows: number, cols: number, s: ArrayLike<number>, seed: number): Matrix {
  const A = generate(rows, cols, (i, j) => (i === j ? (s[i] ?? 0) : 0));
  const count = Math.min(rows, cols);
  const r = random(seed, 2);
  for (let k = 0; k < count; k++) {
    reflectRows(A, unit(rows, r));
    reflectCols(A, unit(cols, r));
  }
  return A;
}

/** A matrix whose singular values fall geometrically from 1 to 1 / condition. Beyond 1e13 or so rounding hides the smallest. */
export function withCondition(rows: number, cols: number, condition: number, seed: number): Matrix {
  return withSingularValues(rows, cols, geometric(Math.min(rows, cols), condition), seed);
}

/** n numbers that fall geometrically from 1 to 1 / ratio. */
export function geometric(n: number, ratio: number): Float64Array {
  return Float64Array.from({ length: n }, (_, k) => (n === 1 ? 1 : ratio ** (-k / (n - 1))));
}

/** A matrix of whole numbers whose rank is exactly `rank`: a product of two integer factors, each with an identity block. */
export function ofRank(rows: number, cols: number, rank: number, seed: number): Matrix {
  const r = random(seed, 3);
  const L = generate(rows, rank, (i, k) => (i < rank ? Number(i === k) : r.integer(-3, 3)));
  const R = generate(rank, cols, (k, j) => (j < rank ? Number(j === k) : r.integer(-3, 3)));
  const rowOrder = shuffled(rows, r);
  const colOrder = shuffled(cols, r);
  return generate(rows, cols, (i, j) => {
    let sum = 0;
    for (let k = 0; k < rank; k++)
      sum += (L.data[(rowOrder[i] as number) * rank + k] as number) * (R.data[k * cols + (colOrder[j] as number)] as number);
    return sum;
  });
}

/** An exactly symmetric matrix with normal entries. */
export function symmetric(n: number, seed: number): Matrix {
  const G = fills.gaussian(n, n, seed);
  return generate(n, n, (i, j) => G.data[i >= j ? i * n + j : j * n + i] as number);
}

/**
 * An exactly symmetric matrix whose eigenvalues are `values` up to rounding: Q diag(values) Q^T. With positive values that fall to no
 * less than a small multiple of n * 2^-53 times the largest, it is positive definite.
 */
export function withEigenvalues(values: ArrayLike<number>, seed: number): Matrix {
  const n = values.length;
  const A = generate(n, n, (i, j) => (i === j ? (values[i] as number) : 0));
  const r = random(seed, 4);
  for (let k = 0; k < n; k++) {
    const v = unit(n, r);
    reflectRows(A, v);
    reflectCols(A, v);
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) A.data[j * n + i] = A.data[i * n + j] as number;
  return A;
}

/** A symmetric positive definite matrix of this condition number, largest eigenvalue 1. */
export function positiveDefinite(n: number, condition: number, seed: number): Matrix {
  return withEigenvalues(geometric(n, condition), seed);
}

/**
 * The same entries as a view into larger storage: random offset and strides, rows or columns contiguous or neither. What lies between
 * the entries is NaN, so that a kernel that reads past them is found out.
 */
export function strided(A: Matrix, seed: number): Matrix {
  const r = random(seed, 5);
  const [inner, gap, offset] = [r.integer(1, 3), r.integer(0, 5), r.integer(0, 7)];
  const byRows = r.integer(0, 1) === 0;
  const outer = inner * (byRows ? A.cols : A.rows) + gap;
  const [rowStride, colStride] = byRows ? [outer, inner] : [inner, outer];
  const data = new Float64Array(offset + outer * (byRows ? A.rows : A.cols) + r.integer(0, 3)).fill(Number.NaN);
  for (let i = 0; i < A.rows; i++) {
    for (let j = 0; j < A.cols; j++) {
      data[offset + i * rowStride + j * colStride] = A.data[A.offset + i * A.rowStride + j * A.colStride] as number;
    }
  }
  return { ...matrix(A.rows, A.cols, data), offset, rowStride, colStride };
}

function byEntry(draw: (r: Random) => number): Fill {
  return (rows, cols, seed) => {
    let row = random(seed);
    return generate(rows, cols, (i, j) => {
      if (j === 0) row = random(seed, i + 16);
      return draw(row);
    });
  };
}

function unit(n: number, r: Random): Float64Array {
  const v = Float64Array.from({ length: n }, () => r.normal());
  const norm = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
  return v.map((x) => x / norm);
}

function shuffled(n: number, r: Random): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = r.integer(0, i);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}

/** A <- (I - 2 v v^T) A. */
function reflectRows(A: Matrix, v: Float64Array): void {
  const { rows, cols, data } = A;
  const dots = new Float64Array(cols);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) dots[j]! += (v[i] as number) * (data[i * cols + j] as number);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) data[i * cols + j]! -= 2 * (v[i] as number) * (dots[j] as number);
}

/** A <- A (I - 2 v v^T). */
function reflectCols(A: Matrix, v: Float64Array): void {
  const { rows, cols, data } = A;
  for (let i = 0; i < rows; i++) {
    let dot = 0;
    for (let j = 0; j < cols; j++) dot += (data[i * cols + j] as number) * (v[j] as number);
    for (let j = 0; j < cols; j++) data[i * cols + j]! -= 2 * dot * (v[j] as number);
  }
}
