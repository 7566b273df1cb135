import fc from 'fast-check';
import {
  ENSEMBLES,
  type Ensemble,
  ensemble,
  geometric,
  ofRank,
  positiveDefinite,
  strided,
  symmetric,
  withSingularValues,
} from './ensembles.ts';
import { entry, type Matrix, rowsOf } from './matrix.ts';

/** Least and greatest value, both included. */
export type Range = readonly [low: number, high: number];

/** Sizes of generated matrices. Zero is allowed: 0 x n and n x 0 matrices are matrices. */
export interface Sizes {
  /** Default [0, 20]. */
  readonly rows?: Range;
  /** Default [0, 20]. */
  readonly cols?: Range;
  /** At least as many rows as columns. Default false. */
  readonly tall?: boolean;
}

/** Matrices whose singular values are known, largest first. */
export type WithSingularValues = Matrix & { readonly singularValues: Float64Array };

/** A sparse matrix as triplets in row-major order, and the same matrix dense. */
export interface Triplets {
  readonly rows: number;
  readonly cols: number;
  readonly row: Int32Array;
  readonly col: Int32Array;
  readonly value: Float64Array;
  readonly dense: Matrix;
}

const MOST_PRINTED = 36;

/** Seeds for ensembles, so that one number shrinks and prints instead of every entry. */
export function seeds(): fc.Arbitrary<number> {
  return fc.noShrink(fc.integer({ min: 0, max: 2 ** 31 - 1 }));
}

/**
 * Matrices of the named ensembles (default: all but `denormal`, which most relative bounds exclude). They shrink to smaller sizes.
 */
export function matrices(
  sizes: Sizes = {},
  names: readonly Ensemble[] = ENSEMBLES.filter((name) => name !== 'denormal'),
): fc.Arbitrary<Matrix> {
  return fc
    .tuple(shapes(sizes), fc.constantFrom(...names), seeds())
    .map(([[rows, cols], name, seed]) => printable(ensemble(name, rows, cols, seed), `${name}, seed ${seed}`));
}

/** Vectors of the named ensembles (default: all but `denormal`), lengths within `length`. */
export function vectors(length: Range = [0, 20], names?: readonly Ensemble[]): fc.Arbitrary<Float64Array> {
  return matrices({ rows: length, cols: [1, 1] }, names).map((A) => A.data);
}

/** Matrices with a condition number drawn log-uniformly from `condition` (default 1 to 1e12), and their singular values. */
export function conditioned(sizes: Sizes = {}, condition: Range = [1, 1e12]): fc.Arbitrary<WithSingularValues> {
  return fc.tuple(shapes(sizes), logUniform(condition), seeds()).map(([[rows, cols], kappa, seed]) => {
    const singularValues = geometric(Math.min(rows, cols), kappa);
    return printable(
      { ...withSingularValues(rows, cols, singularValues, seed), singularValues },
      `condition ${kappa.toExponential(1)}, seed ${seed}`,
    );
  });
}

/** Matrices of whole numbers with a known rank below min(rows, cols), where that is positive. */
export function rankDeficient(sizes: Sizes = {}): fc.Arbitrary<Matrix & { readonly rank: number }> {
  return fc.tuple(shapes(sizes), fractions(), seeds()).map(([[rows, cols], part, seed]) => {
    const rank = Math.floor(part * Math.min(rows, cols));
    return printable({ ...ofRank(rows, cols, rank, seed), rank }, `rank ${rank}, seed ${seed}`);
  });
}

/** Exactly symmetric matrices with normal entries. */
export function symmetrics(order: Range = [0, 20]): fc.Arbitrary<Matrix> {
  return fc.tuple(integers(order), seeds()).map(([n, seed]) => printable(symmetric(n, seed), `symmetric, seed ${seed}`));
}

/** Symmetric positive definite matrices with a condition number drawn log-uniformly (default 1 to 1e8), and their eigenvalues. */
export function positiveDefinites(
  order: Range = [0, 20],
  condition: Range = [1, 1e8],
): fc.Arbitrary<Matrix & { readonly eigenvalues: Float64Array }> {
  return fc
    .tuple(integers(order), logUniform(condition), seeds())
    .map(([n, kappa, seed]) =>
      printable(
        { ...positiveDefinite(n, kappa, seed), eigenvalues: geometric(n, kappa) },
        `positive definite, condition ${kappa.toExponential(1)}, seed ${seed}`,
      ),
    );
}

/** 0 x n and n x 0 matrices, n up to `most`. */
export function empties(most = 5): fc.Arbitrary<Matrix> {
  return fc.tuple(integers([0, most]), fc.boolean()).map(([n, flat]) => ensemble('gaussian', flat ? 0 : n, flat ? n : 0, 0));
}

/** The same matrices as views with random offset and strides, NaN between the entries; some stay contiguous. */
export function views<M extends Matrix>(matrices: fc.Arbitrary<M>): fc.Arbitrary<M> {
  return fc
    .tuple(matrices, fc.option(seeds(), { nil: undefined, freq: 4 }))
    .map(([A, seed]) => (seed === undefined ? A : printable({ ...A, ...strided(A, seed) }, `view, seed ${seed}`)));
}

/** Sparse matrices, about a fraction `density` of the entries stored (default 0.1); some rows and columns are empty. */
export function triplets(sizes: Sizes = {}, density = 0.1): fc.Arbitrary<Triplets> {
  return fc.tuple(shapes(sizes), seeds()).map(([[rows, cols], seed]) => {
    const where = ensemble('uniform', rows, cols, seed ^ 1);
    const dense = ensemble('gaussian', rows, cols, seed);
    const kept: number[] = [];
    for (let p = 0; p < rows * cols; p++) {
      if ((where.data[p] as number) < 2 * density - 1) kept.push(p);
      else dense.data[p] = 0;
    }
    return {
      rows,
      cols,
      row: Int32Array.from(kept, (p) => Math.floor(p / cols)),
      col: Int32Array.from(kept, (p) => p % cols),
      value: Float64Array.from(kept, (p) => dense.data[p] as number),
      dense,
    };
  });
}

/** Numbers drawn log-uniformly from a range of positive numbers. */
export function logUniform([low, high]: Range): fc.Arbitrary<number> {
  return fc.noShrink(fractions()).map((t) => Math.min(high, low * (high / low) ** t));
}

/** Uniform on [0, 1). fc.double would draw most of its numbers next to 0: it is uniform over bit patterns. */
function fractions(): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: 2 ** 20 - 1 }).map((k) => k * 2 ** -20);
}

function shapes({ rows = [0, 20], cols = [0, 20], tall = false }: Sizes): fc.Arbitrary<[number, number]> {
  const pairs = fc.tuple(integers(rows), integers(cols));
  return tall ? pairs.map(([m, n]) => [Math.max(m, n), Math.min(m, n)]) : pairs;
}

function integers([min, max]: Range): fc.Arbitrary<number> {
  return fc.integer({ min, max });
}

/** What a failure prints: size, origin, and the entries if they are few. */
function printable<M extends Matrix>(A: M, origin: string): M {
  const print = () => {
    const entries = A.rows * A.cols <= MOST_PRINTED ? `: ${fc.stringify(rowsOf(A))}` : `, entry (0, 0) = ${entry(A, 0, 0)}`;
    return `${A.rows} x ${A.cols} matrix (${origin}; strides ${A.rowStride}, ${A.colStride}; offset ${A.offset})${entries}`;
  };
  Object.defineProperty(A, fc.toStringMethod, { value: print, enumerable: false });
  return A;
}
