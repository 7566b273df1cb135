/**
 * An orthonormal basis of the columns of a tall A, as A times small factors: what leverage scores, distortions and Lewis weights
 * are made of. A is read in blocks of rows two to four times and never changed or held as a whole in the kernel.
 *
 * 1. Cholesky of the Gram matrix, columns scaled to unit norm. Relative errors are about ||R^-1||^2 u, so this alone serves only
 *    while that is below TARGET.
 * 2. Up to SAFE, the result is orthonormal to within a per cent, and a second Cholesky of its own Gram matrix mends that
 *    (CholeskyQR2: Yamamoto, Nakatsukasa, Yanagisawa, Fukaya, ETNA 44, 2015).
 * 3. Beyond, R comes from Householder QR by row blocks (TSQR: Demmel, Grigori, Hoemmen, Langou, SIAM J. Sci. Comput. 34, 2012), its
 *    SVD decides the rank, and step 2 mends what is left.
 */
import type { Kernel } from '../kernel/instance.ts';
import { allocate, type Pointer, withWorkspace, writeVector } from '../kernel/workspace.ts';
import { OK } from '../lapack/support.ts';
import { isCsr, type Matrix } from '../sparse/csr.ts';
import { csrGram } from '../sparse/gram.ts';
import { blockRows, checkFiniteMatrix, f64At, forEachBlock } from '../sparse/rows.ts';
import { safeScale, scaleColumns } from './columns.ts';
import { applyFactors, type Factor } from './factors.ts';

/**
 * A diag(columnScale) times the factors, one after the other, has orthonormal columns that span those of A; with a ridge, the
 * rows of diag(sqrt(ridge)) below those of A count too.
 */
export interface Basis {
  readonly factors: readonly Factor[];
  readonly rank: number;
  /** An upper bound, at most d times too large, of the condition number of A with unit columns; Infinity where the rank is below d. */
  readonly conditionEstimate: number;
  /** Powers of two; undefined for ones. Only columns near the ends of the range of f64 need them. */
  readonly columnScale: Float64Array | undefined;
}

export const UNIT: number = 2 ** -53;
/** Relative error of a score that passes without mending. */
export const TARGET: number = 1e-11;
/** sqrt(d) ||R^-1||^2 u up to which the first pass is orthonormal to a per cent. */
const SAFE: number = 1e-3;

/** @throws NonFiniteError naming the first entry of A that is NaN or infinite. */
export function orthonormalize(operation: string, A: Matrix, ridge: number = 0): Basis {
  const d = A.cols;
  if (d === 0) return { factors: [], rank: 0, conditionEstimate: 1, columnScale: undefined };
  return withWorkspace((k) => {
    // First, so that a matrix with too many columns is refused before anything is made.
    const G = allocate(k, 8 * d * d);
    const ridges = new Float64Array(d).fill(ridge);
    const diagonal = new Float64Array(d);
    const fast = byCholesky(k, operation, A, G, ridges, diagonal);
    if (fast) return fast;
    const columnScale = diagonal.every((x) => x > LEAST && x < MOST) ? undefined : safeScale(A, Math.sqrt(ridge));
    const scaled = scaleColumns(A, columnScale);
    if (columnScale) ridges.set(ridgesOf(ridge, columnScale));
    const basis = (columnScale && byCholesky(k, operation, scaled, G, ridges, diagonal)) ?? byHouseholder(k, operation, scaled, ridges);
    return { ...basis, columnScale };
  });
}

/** Squared norms in this range lose nothing to overflow or to denormal numbers. */
const LEAST: number = 1e-270;
const MOST: number = 1e270;

/** Steps 1 and 2 in G (d x d); undefined where they do not serve. `diagonal` gets the squared norms of the columns. */
function byCholesky(k: Kernel, operation: string, A: Matrix, G: Pointer, ridges: Float64Array, diagonal: Float64Array): Basis | undefined {
  const d = A.cols;
  accumulateGram(k, operation, A, G);
  const g = f64At(k, G, d * d);
  for (let j = 0; j < d; j++) diagonal[j] = g[j * d + j]! += ridges[j]!;
  const first = inverseFactor(k, d, G);
  if (first === undefined) return undefined;
  const error = Math.sqrt(d) * first.norm ** 2 * UNIT;
  const basis = { rank: d, conditionEstimate: Math.sqrt(d) * first.norm, columnScale: undefined };
  if (error <= TARGET) return { ...basis, factors: [first.factor] };
  if (error > SAFE) return undefined;
  const second = mend(k, A, first.factor, ridges);
  return second && { ...basis, factors: [first.factor, second] };
}

/** G (d x d, lower triangle) <- A^T A. */
function accumulateGram(k: Kernel, operation: string, A: Matrix, G: Pointer): void {
  const d = A.cols;
  if (isCsr(A)) {
    checkFiniteMatrix(operation, 'A', A);
    f64At(k, G, d * d).set(csrGram(A).data);
    return;
  }
  f64At(k, G, d * d).fill(0);
  forEachBlock(k, operation, A, blockRows(d), (block, _, count) => {
    k.dsyrk(d, count, 1, block, 1, d, 0, 1, G, d, 1, false);
  });
}

/**
 * For a Gram matrix G = D^-1 L L^T D^-1 with D scaling it to a unit diagonal: the factor D L^-T and ||L^-1||_F. Undefined where a
 * diagonal entry is out of range or the Cholesky factorisation fails. Destroys G.
 */
function inverseFactor(k: Kernel, d: number, G: Pointer): { factor: Factor; norm: number } | undefined {
  const g = f64At(k, G, d * d);
  const scale = new Float64Array(d);
  for (let j = 0; j < d; j++) {
    const square = g[j * d + j]!;
    if (!(square > LEAST && square < MOST)) return undefined;
    scale[j] = 1 / Math.sqrt(square);
  }
  for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) g[i * d + j]! *= scale[i]! * scale[j]!;
  if (k.dcholesky(d, G) !== OK) return undefined;
  const inverse = allocate(k, 8 * d * d);
  const eye = f64At(k, inverse, d * d).fill(0);
  for (let j = 0; j < d; j++) eye[j * d + j] = 1;
  k.dtrsm(true, false, false, d, d, G, d, 1, inverse, d, 1);
  const x = f64At(k, inverse, d * d);
  const data = new Float64Array(d * d);
  let squares = 0;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      const value = x[i * d + j]!;
      squares += value * value;
      data[j * d + i] = scale[j]! * value;
    }
  }
  return squares < Number.POSITIVE_INFINITY ? { factor: { rows: d, cols: d, data, upper: true }, norm: Math.sqrt(squares) } : undefined;
}

/** The factor that makes A Z orthonormal, Z being nearly one that does; undefined where it is not. */
function mend(k: Kernel, A: Matrix, Z: Factor, ridges: Float64Array): Factor | undefined {
  const G = allocate(k, 8 * Z.cols * Z.cols);
  f64At(k, G, Z.cols * Z.cols).fill(0);
  accumulateProduct(k, A, Z, G);
  return mended(k, G, Z, ridges);
}

/** G (lower triangle) <- G + (A Z)^T A Z. */
export function accumulateProduct(k: Kernel, A: Matrix, Z: Factor, G: Pointer): void {
  const r = Z.cols;
  applyFactors(k, A, [Z], (block, _, count) => k.dsyrk(r, count, 1, block, 1, r, 0, 1, G, r, 1, false));
}

/** `mend` from G = (A Z)^T A Z (lower triangle), which is destroyed. */
export function mended(k: Kernel, G: Pointer, Z: Factor, ridges: Float64Array): Factor | undefined {
  const r = Z.cols;
  if (ridges.some((x) => x > 0)) k.dsyrk(r, Z.rows, 1, writeVector(k, Z.data), 1, r, writeVector(k, ridges), 1, G, r, 1, false);
  const g = f64At(k, G, r * r);
  let distance = 0;
  for (let i = 0; i < r; i++) {
    for (let j = 0; j <= i; j++) distance += (i === j ? 1 : 2) * (g[i * r + j]! - Number(i === j)) ** 2;
  }
  // ||G - I|| <= 1/2: the condition number is below 2, and one Cholesky factorisation mends it to rounding.
  return distance <= 1 / 4 ? inverseFactor(k, r, G)?.factor : undefined;
}

/** Step 3. */
function byHouseholder(k: Kernel, operation: string, A: Matrix, ridges: Float64Array): Basis {
  const spectrum = spectrumOf(k, triangle(k, operation, A, diagonalRows(ridges)), A.cols);
  for (let tolerance = Math.max(A.rows, A.cols) * 2 * UNIT; ; tolerance *= 8) {
    const { factor, ...basis } = spectrum(tolerance);
    const second = mend(k, A, factor, ridges);
    if (second) return { ...basis, factors: [factor, second], columnScale: undefined };
  }
}

/** What a triangular factor R of A tells at a tolerance: a factor that makes A orthonormal up to rounding, and of which rank. */
export interface Direction {
  readonly factor: Factor;
  readonly rank: number;
  readonly conditionEstimate: number;
}

/**
 * The factors of A from its triangular factor R (any number of rows), by the singular values of R with unit columns. A direction at the
 * edge of the tolerance can be too noisy to be mended; then the caller raises the tolerance.
 */
export function spectrumOf(k: Kernel, R: Float64Array, d: number): (tolerance: number) => Direction {
  const height = R.length / d;
  // The scaling to unit columns, which commutes with the factorisation.
  const scale = new Float64Array(d);
  for (let p = 0; p < R.length; p++) scale[p % d]! += R[p]! * R[p]!;
  for (let j = 0; j < d; j++) scale[j] = scale[j]! > 0 ? 1 / Math.sqrt(scale[j]!) : 1;
  const a = writeVector(
    k,
    R.map((x, p) => x * scale[p % d]!),
  );
  const s = allocate(k, 8 * d);
  const U = allocate(k, 8 * height * height);
  const V = allocate(k, 8 * d * height);
  k.dsvd(height, d, a, s, height, U, height, V);
  const values = f64At(k, s, height).slice();
  const vectors = f64At(k, V, d * height).slice();
  return (tolerance) => {
    const rank = values.filter((value) => value > tolerance * values[0]!).length;
    const data = new Float64Array(d * rank);
    for (let j = 0; j < d; j++) for (let c = 0; c < rank; c++) data[j * rank + c] = (scale[j]! * vectors[j * height + c]!) / values[c]!;
    const conditionEstimate = rank < d ? Number.POSITIVE_INFINITY : values[0]! / values[rank - 1]!;
    return { factor: { rows: d, cols: rank, data, upper: false }, rank, conditionEstimate };
  };
}

/** The ridge of each scaled column. */
export function ridgesOf(ridge: number, columnScale: Float64Array): Float64Array {
  // The square of a scale alone may overflow.
  return columnScale.map((s) => (Math.sqrt(ridge) * s) ** 2);
}

/** The rows of diag(sqrt(ridges)), row-major; none where all are 0. */
export function diagonalRows(ridges: Float64Array): Float64Array {
  const d = ridges.length;
  if (ridges.every((r) => r === 0)) return new Float64Array(0);
  return Float64Array.from({ length: d * d }, (_, p) => (p % (d + 1) === 0 ? Math.sqrt(ridges[p / (d + 1)]!) : 0));
}

/** R of the QR factorisation of the rows of `above` (row-major) and, below them, of A: at most d rows, row-major. */
export function triangle(k: Kernel, operation: string, A: Matrix, above: Float64Array): Float64Array {
  const d = A.cols;
  // Each factorisation repeats the d rows of R, so blocks are several times as tall.
  const rows = Math.max(blockRows(d), 4 * d);
  const stack = allocate(k, 8 * (d * (d + Math.min(rows, A.rows)) + above.length));
  const R = allocate(k, 8 * d * d);
  let height = 0;
  const fold = (block: Float64Array): void => {
    const both = f64At(k, stack, height * d + block.length);
    both.set(f64At(k, R, height * d));
    both.set(block, height * d);
    const m = both.length / d;
    k.dqr(m, d, stack, 0, 0, R);
    height = Math.min(m, d);
  };
  if (above.length > 0) fold(above);
  forEachBlock(k, operation, A, rows, (block, _, count) => fold(f64At(k, block, count * d)));
  return f64At(k, R, height * d).slice();
}
