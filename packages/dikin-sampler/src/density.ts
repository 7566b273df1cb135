import { ArgumentError, cholesky, choleskyInverse, type Dense, dense, NonFiniteError, ShapeError } from '@x/linalg';
import { checkRange } from './check.ts';

/** The density on the body, up to a factor. */
export type Density = Uniform | Gaussian | Exponential | LogConcave;

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

/** exp(-rate^T x). */
export interface Exponential {
  readonly kind: 'exponential';
  readonly rate: Float64Array;
}

/** A user's density by its logarithm, known up to a constant. */
export interface LogConcave {
  readonly kind: 'logConcave';
  /** Called with the body's own coordinates, in an array that is used again; -Infinity is a density of 0. */
  readonly logDensity: (x: Float64Array) => number;
  /** A Lipschitz constant of it on the body. One that is too small, or 0, makes the Dikin walk slow, never wrong. */
  readonly lipschitz: number;
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

/**
 * An exponential density in the coordinates of the body. On an unbounded body it must fall along every ray.
 *
 * @throws NonFiniteError.
 */
export function exponential(rate: ArrayLike<number>): Exponential {
  const values = Float64Array.from(rate);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new NonFiniteError(`exponential: rate[${bad}] is ${values[bad]}; entries must be finite`, 'rate', [bad]);
  return { kind: 'exponential', rate: values };
}

/**
 * A density known by its logarithm. Any one is sampled exactly; only for log-concave ones is the walk known to be fast.
 *
 * @param lipschitz - default 0: the Dikin walk then takes no account of the density's slope.
 * @throws ArgumentError for a negative Lipschitz constant, or for what is no function.
 */
export function logConcave(logDensity: (x: Float64Array) => number, lipschitz: number = 0): LogConcave {
  if (typeof logDensity !== 'function')
    throw new ArgumentError(`logConcave: logDensity is ${String(logDensity)}; it must be a function`, 'logDensity');
  checkRange('logConcave', 'lipschitz', lipschitz, 0);
  return { kind: 'logConcave', logDensity, lipschitz };
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
