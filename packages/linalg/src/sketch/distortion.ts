import { multiply } from '../blas/gemm.ts';
import { checkDense, checkFinite, checkObject, checkRange, checkSize } from '../check.ts';
import { at, type Dense, dense, zeros } from '../dense.ts';
import { ShapeError } from '../errors.ts';
import { allocate, withWorkspace } from '../kernel/workspace.ts';
import { eigenvalues } from '../lapack/eigh.ts';
import { checkResult } from '../lapack/range.ts';
import { svd } from '../lapack/svd.ts';
import type { Matrix } from '../sparse/csr.ts';
import { checkFiniteMatrix, checkMatrix, f64At } from '../sparse/rows.ts';
import { columnNorms, raise, scaleColumns, scalesOf } from './columns.ts';
import { applyFactors, rowNorms } from './factors.ts';
import { lanczos } from './lanczos.ts';
import { type Basis, orthonormalize } from './orthonormalize.ts';
import { timesVector, transposedTimesVector } from './products.ts';

/** How well a sketch keeps norms on the columns of a matrix. */
export interface Distortion {
  /** The least eps with (1 - eps) ||A x||^2 <= ||S A x||^2 <= (1 + eps) ||A x||^2 for all x. */
  readonly distortion: number;
  /** The extreme singular values of S U, U an orthonormal basis of the columns of A; both 1 for A = 0. */
  readonly smallest: number;
  readonly largest: number;
}

/**
 * The exact distortion of a sketch on the columns of A: ||(S U)^T S U - I||_2.
 *
 * @param A - n x d.
 * @param SA - m x d, the sketched matrix.
 * @throws ShapeError when the columns do not agree; NonFiniteError naming the first bad entry, or the result where it overflows.
 * Cost: that of an orthonormal basis of A (2 n d^2 flops), and 9 d^3.
 */
export function spectralDistortion(A: Matrix, SA: Dense): Distortion {
  checkPair('spectralDistortion', A, SA);
  const { rank, factors, columnScale } = orthonormalize('spectralDistortion', A);
  if (rank === 0) return { distortion: 0, smallest: 1, largest: 1 };
  const G = withWorkspace((k) => {
    const to = allocate(k, 8 * rank * rank);
    f64At(k, to, rank * rank).fill(0);
    applyFactors(k, scaleColumns(SA, columnScale), factors, (block, _, count) =>
      k.dsyrk(rank, count, 1, block, 1, rank, 0, 1, to, rank, 1, false),
    );
    k.dmirror(rank, to, rank, 1, false);
    return dense(rank, rank, f64At(k, to, rank * rank).slice());
  });
  // Its largest entry is that of a square: only the distortion itself overflows.
  checkResult('spectralDistortion', G.data);
  const values = eigenvalues(G);
  const [least, most] = [Math.max(0, values[0]!), values[rank - 1]!];
  return { distortion: Math.max(most - 1, 1 - least), smallest: Math.sqrt(least), largest: Math.sqrt(most) };
}

export interface CertificateOptions {
  /** Lanczos steps, each two products with A; default 40. */
  readonly steps?: number;
  /** Probability that the certified distortion is too small; default 1e-6. */
  readonly failure?: number;
  /** Seed of the random start, drawn from a stream that no sketch of a lower stream number shares; default 0. */
  readonly seed?: number;
}

export interface Certificate {
  /**
   * The distortion is at most this, with probability 1 - failure over the random start, whatever A and S; Infinity when unknown, as
   * where S loses a direction of A, or may do so for all that rounding lets see.
   */
  readonly certifiedDistortion: number;
  /** The distortion is at least this. */
  readonly distortionEstimate: number;
}

/**
 * Bounds the distortion of a sketch after the fact, without a basis of A: the extreme eigenvalues of (A Z)^T A Z, where S A Z is
 * orthonormal, by a few Lanczos steps.
 *
 * @param A - n x d.
 * @param SA - m x d, the sketched matrix.
 * @throws ShapeError when the columns do not agree; NonFiniteError naming the first bad entry; ArgumentError for options.
 * Cost: 4 nnz(A) flops a step, and 2 m d^2.
 * Source: own use of the bounds in ./lanczos.ts; an eigenvalue l of (A Z)^T A Z is a ratio ||A x||^2 / ||S A x||^2.
 */
export function certifyDistortion(A: Matrix, SA: Dense, options: CertificateOptions = {}): Certificate {
  checkPair('certifyDistortion', A, SA);
  checkFiniteMatrix('certifyDistortion', 'A', A);
  return certify('certifyDistortion', A, SA, options);
}

/** `certifyDistortion` of arguments that are known to be good. */
export function certify(operation: string, A: Matrix, SA: Dense, options: CertificateOptions): Certificate {
  checkObject(operation, 'options', options);
  const { steps = 40, failure = 1e-6, seed = 0 } = options;
  checkSize(operation, 'steps', steps, 1);
  checkRange(operation, 'failure', failure, Number.MIN_VALUE, 1);
  const scale = scalesOf(raise(raise(new Float64Array(A.cols), A), SA));
  const [B, SB] = [scaleColumns(A, scale), scaleColumns(SA, scale) as Dense];
  const { Z, columnScale } = sketchedFactor(operation, SB);
  const scaled = scaleColumns(B, columnScale);
  const lost = lostSquares(B, SB, Z.cols);
  // What decides ranks. Rounding in directions that A lacks may leave them longer; no lost one is shorter.
  const tolerance = Math.max(A.rows, A.cols) * Number.EPSILON;
  const least = lost > (A.cols - Z.cols) * (64 * tolerance) ** 2 ? 1 : 0;
  if (Z.cols === 0) return { certifiedDistortion: least, distortionEstimate: least };
  const x = new Float64Array(A.cols);
  const y = new Float64Array(A.rows);
  const { smallest, largest, lower, upper } = lanczos(
    (u, v) => {
      timesVector(scaled, timesVector(Z, u, x), y);
      transposedTimesVector(Z, transposedTimesVector(scaled, y, x), v);
    },
    Z.cols,
    steps,
    failure,
    seed,
  );
  // What is added to a lost direction may shorten it without bound, and eigenvalues below rounding in the largest are not known.
  const known = lost <= tolerance ** 2 && lower > tolerance * upper;
  return {
    certifiedDistortion: known ? Math.max(1 / lower - 1, 1 - 1 / upper) : Number.POSITIVE_INFINITY,
    distortionEstimate: Math.max(least, 1 / smallest - 1, 1 - 1 / largest),
  };
}

/** Z (d x rank) such that S A diag(columnScale) Z is orthonormal, with the basis that it comes from. */
export function sketchedFactor(operation: string, SA: Matrix, ridge: number = 0): Omit<Basis, 'factors'> & { readonly Z: Dense } {
  const { factors, ...basis } = orthonormalize(operation, SA, ridge);
  const [first, second] = factors.map((f) => dense(f.rows, f.cols, f.data));
  if (first === undefined) return { ...basis, Z: zeros(SA.cols, 0) };
  return { ...basis, Z: second ? multiply(first, second) : first };
}

/** ||A V||_F^2 with unit columns of A and V a basis of the null space of S A, which has rank `rank`: 0 unless those directions are lost. */
function lostSquares(A: Matrix, SA: Dense, rank: number): number {
  const d = A.cols;
  if (rank === d) return 0;
  const scale = columnNorms(A).map((c) => (c > 0 ? 1 / c : 1));
  // All of V, and of U no more than comes with it.
  const { V } = svd(scaleColumns(SA, scale) as Dense, { mode: SA.rows < d ? 'full' : 'thin' });
  const lost = d - rank;
  const data = new Float64Array(d * lost);
  for (let j = 0; j < d; j++) for (let c = 0; c < lost; c++) data[j * lost + c] = scale[j]! * at(V, j, rank + c);
  const squares = rowNorms(A, { columnScale: undefined, factors: [{ rows: d, cols: lost, data, upper: false }] });
  return squares.reduce((sum, x) => sum + x, 0);
}

function checkPair(operation: string, A: Matrix, SA: Dense): void {
  checkMatrix(operation, 'A', A);
  checkDense(operation, 'SA', SA);
  checkFinite(operation, 'SA', SA);
  if (SA.cols !== A.cols) throw new ShapeError(`${operation}: SA has ${SA.cols} columns and A ${A.cols}; they must agree`);
}
