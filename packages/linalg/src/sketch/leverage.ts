import { multiply } from '../blas/gemm.ts';
import { checkChoice, checkObject, checkRange, checkSize } from '../check.ts';
import { type Dense, dense } from '../dense.ts';
import type { NonFiniteError } from '../errors.ts';
import { philoxFor } from '../random/streams.ts';
import type { Matrix } from '../sparse/csr.ts';
import { checkFiniteMatrix, checkMatrix, takeRows } from '../sparse/rows.ts';
import { scaleColumns } from './columns.ts';
import { sketchedFactor } from './distortion.ts';
import { rowNorms } from './factors.ts';
import { orthonormalize } from './orthonormalize.ts';
import { type SketchChoice, sketchOf } from './sketched.ts';

export interface LeverageOptions {
  /** 'exact' (default), or 'approximate': from a sketch of A, within the factors 1 / (1 + eps) and 1 / (1 - eps) of the exact ones. */
  readonly method?: 'exact' | 'approximate';
  /** lambda >= 0 of ridge leverage scores a_i^T (A^T A + lambda I)^-1 a_i; default 0. */
  readonly ridge?: number;
  /** Approximate only: the sketch; eps is its distortion. */
  readonly sketch?: SketchChoice;
  /**
   * Approximate only: k > 0 projects on k random directions, which costs n d k instead of n d^2 and multiplies each score by its own
   * chi-square variable over k: off by more than a factor 1 +- t with probability 2 exp(-k t^2 / 8), t <= 1. k = 32 serves for
   * sampling, not for judging rows. Default 0: no projection.
   */
  readonly projection?: number;
  /** Approximate only: so many of the largest scores are computed exactly in the end. Default 0. Costs n d^2 more. */
  readonly refineTop?: number;
}

export interface LeverageScores {
  /** One for each row, in [0, 1]. */
  readonly scores: Float64Array;
  /** Numerical rank of A, or of the sketched A; with a ridge, of [A; sqrt(ridge) I]. */
  readonly rank: number;
  /** Of A (or the sketched A) with unit columns: at least the condition number, at most d times it; Infinity where columns depend on each other. */
  readonly conditionEstimate: number;
  /** What `sketch.distortion` asked to certify. */
  readonly certifiedDistortion?: number;
}

/**
 * Leverage scores of the rows of A: tau_i = a_i^T (A^T A)^+ a_i, the squared row norms of an orthonormal basis of col(A). They sum
 * to the numerical rank, decided at max(n, d) 2^-52 of the largest singular value of A with unit columns.
 *
 * A call runs to its end; `leverageScoresOfBlocks` lets events through, and a signal abort it.
 *
 * @param A - n x d of any rank, dense or sparse; not changed.
 * @throws ShapeError; NonFiniteError naming the first bad entry; ArgumentError for options that are not allowed.
 * Cost: exact 2 n d^2 flops while the condition number is below about 1e3, twice that up to 1e7, with a QR by blocks beyond; O(d^2)
 * memory and a few blocks of rows beside A. Sparse A costs sum nnz_i^2 and nnz d instead of n d^2 for each product with A.
 * Approximate: the sketch (4 nnz additions), 2 m d^2, and n d^2 or 2 n d k flops.
 * Source: Drineas, Magdon-Ismail, Mahoney, Woodruff, arXiv 1109.3843, sections 2 and 3.
 */
export function leverageScores(A: Matrix, options: LeverageOptions = {}): LeverageScores {
  checkObject('leverageScores', 'options', options);
  const { method = 'exact', ridge = 0 } = options;
  checkMatrix('leverageScores', 'A', A);
  checkRange('leverageScores', 'ridge', ridge, 0);
  checkChoice('leverageScores', 'method', method, ['exact', 'approximate']);
  if (method === 'approximate') {
    try {
      return approximate(A, options, ridge);
    } catch (error) {
      if ((error as NonFiniteError).argument !== 'result') throw error;
      // Sums of the largest numbers overflow. What vanishes here is 2^-2000 of them.
      return approximate(scaleColumns(A, new Float64Array(A.cols).fill(2 ** -32)), options, ridge * 2 ** -64);
    }
  }
  const basis = orthonormalize('leverageScores', A, ridge);
  return { scores: rowNorms(A, basis), rank: basis.rank, conditionEstimate: basis.conditionEstimate };
}

function approximate(A: Matrix, { sketch = {}, projection = 0, refineTop = 0 }: LeverageOptions, ridge: number): LeverageScores {
  checkObject('leverageScores', 'sketch', sketch);
  checkSize('leverageScores', 'projection', projection);
  checkSize('leverageScores', 'refineTop', refineTop);
  if (sketch.distortion !== undefined) checkFiniteMatrix('leverageScores', 'A', A);
  // A sketch as tall as A tells nothing that A does not.
  const { SA, certifiedDistortion } = sketchOf('leverageScores', A, sketch) ?? { SA: A, certifiedDistortion: 0 };
  const { Z, rank, columnScale, conditionEstimate } = sketchedFactor('leverageScores', SA, ridge);
  const width = projection > 0 && projection < rank ? projection : 0;
  const seed = sketch.seed ?? 0;
  const factor = width > 0 ? multiply(Z, directions(rank, width, seed)) : Z;
  const scores = rowNorms(A, { columnScale, factors: [{ ...factor, upper: false }] });
  if (refineTop > 0) refine(A, ridge, scores, refineTop);
  const certified = sketch.distortion !== undefined && certifiedDistortion !== undefined ? { certifiedDistortion } : {};
  return { scores, rank, conditionEstimate, ...certified };
}

/** Independent normals of variance 1 / k. */
function directions(rows: number, k: number, seed: number): Dense {
  const G = philoxFor('directions', seed).fillNormal(new Float64Array(rows * k));
  return dense(
    rows,
    k,
    G.map((x) => x / Math.sqrt(k)),
  );
}

/** Replaces the largest `count` scores by exact ones. */
function refine(A: Matrix, ridge: number, scores: Float64Array, count: number): void {
  const top = Array.from(scores.keys())
    .sort((i, j) => scores[j]! - scores[i]! || i - j)
    .slice(0, count);
  const exact = rowNorms(takeRows('leverageScores', A, top), orthonormalize('leverageScores', A, ridge));
  top.forEach((i, q) => {
    scores[i] = exact[q]!;
  });
}
