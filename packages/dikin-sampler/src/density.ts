import { ArgumentError, cholesky, choleskyInverse, type Dense, dense, NonFiniteError, ShapeError } from '@x/linalg';

/** The density on the body, up to a factor. */
export type Density = Uniform | Gaussian;

export interface Uniform {
  readonly kind: 'uniform';
}

/** exp(-(x - mean)^T precision (x - mean) / 2). */
export interface Gaussian {
  readonly kind: 'gaussian';
  readonly mean: Float64Array;
  /** n x n, row-major. */
  readonly precision: Float64Array;
}

/** The uniform density. */
export const uniform: Uniform = { kind: 'uniform' };

export interface GaussianInput {
  readonly mean: ArrayLike<number>;
  /** The inverse covariance: symmetric and positive definite, or its diagonal. Give this or `covariance`. */
  readonly precision?: Dense | ArrayLike<number>;
  readonly covariance?: Dense | ArrayLike<number>;
}

/**
 * A Gaussian density in the coordinates of the body, which truncates it.
 *
 * @throws ShapeError; NonFiniteError; ArgumentError when not exactly one of the two matrices is given or it is not symmetric;
 * NotPositiveDefiniteError naming the pivot.
 */
export function gaussian({ mean, precision, covariance }: GaussianInput): Gaussian {
  const given = precision ?? covariance;
  if (given === undefined || (precision !== undefined && covariance !== undefined)) {
    throw new ArgumentError('gaussian: give either precision or covariance', 'precision');
  }
  const name = precision === undefined ? 'covariance' : 'precision';
  const n = mean.length;
  const center = Float64Array.from(mean);
  const bad = center.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new NonFiniteError(`gaussian: mean[${bad}] is ${center[bad]}; entries must be finite`, 'mean', [bad]);
  const matrix = squareOf(name, given, n);
  const factor = cholesky(dense(n, n, matrix));
  return { kind: 'gaussian', mean: center, precision: precision === undefined ? choleskyInverse(factor).data : matrix };
}

function squareOf(name: string, given: Dense | ArrayLike<number>, n: number): Float64Array {
  const matrix = new Float64Array(n * n);
  if ('rows' in given) {
    if (given.rows !== n || given.cols !== n) {
      throw new ShapeError(`gaussian: ${name} is ${given.rows} x ${given.cols}; the mean has ${n} entries`);
    }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) matrix[i * n + j] = given.data[given.offset + i * given.rowStride + j * given.colStride]!;
    }
  } else {
    if (given.length !== n) throw new ShapeError(`gaussian: ${name} has ${given.length} entries; the mean has ${n}`);
    for (let i = 0; i < n; i++) matrix[i * n + i] = given[i]!;
  }
  const bad = matrix.findIndex((entry) => !Number.isFinite(entry));
  if (bad >= 0) {
    const index = [Math.floor(bad / n), bad % n];
    throw new NonFiniteError(`gaussian: ${name}[${index}] is ${matrix[bad]}; entries must be finite`, name, index);
  }
  symmetrize(name, matrix, n);
  return matrix;
}

/** Rounding in a product such as X^T X leaves asymmetries of this relative size. */
const ASYMMETRY = 1e-10;

function symmetrize(name: string, matrix: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const a = matrix[i * n + j]!;
      const b = matrix[j * n + i]!;
      if (Math.abs(a - b) > ASYMMETRY * Math.max(Math.abs(a), Math.abs(b))) {
        throw new ArgumentError(`gaussian: ${name} is not symmetric: entry (${i}, ${j}) is ${a}, entry (${j}, ${i}) is ${b}`, name);
      }
      matrix[i * n + j] = matrix[j * n + i] = (a + b) / 2;
    }
  }
}
