import { choose, type Dense, dense, exp, log, multiply, qr, type Rng, transpose } from '@x/linalg';
import { checkRange, checkVector, checkWhole } from '../check.ts';
import { family, linear, normals, type TaskSampler, type TaskSizes } from './task.ts';

export interface GaussianOptions extends TaskSizes {
  /** Variances of the inputs, which are independent; default ones. Weights have the inverse variances, so that targets have variance d. */
  readonly variances?: Float64Array;
  /** Standard deviation of noise on the labels of the examples. Default 0. */
  readonly noise?: number;
}

/**
 * Linear regression on Gaussian inputs, the setting of the theory: x ~ N(0, S), w ~ N(0, S^-1), y = w^T x (+ noise).
 *
 * @throws ArgumentError, ShapeError.
 */
export function gaussianTasks(options: GaussianOptions): TaskSampler {
  const { d, variances = new Float64Array(d).fill(1), noise = 0 } = options;
  checkSizes('gaussianTasks', options);
  checkVector('gaussianTasks', 'variances', variances, d);
  for (const [j, v] of variances.entries()) checkRange('gaussianTasks', `variances[${j}]`, v, Number.MIN_VALUE);
  checkRange('gaussianTasks', 'noise', noise, 0);
  const deviations = variances.map(Math.sqrt);
  return family(
    options,
    (rng, rows) => {
      const X = normals(rng, rows, d);
      for (let i = 0; i < X.data.length; i++) X.data[i]! *= deviations[i % d]!;
      return X;
    },
    (rng) => linear(rng.fillNormal(new Float64Array(d)).map((z, j) => z / deviations[j]!)),
    noise,
  );
}

export interface SpectrumOptions extends TaskSizes {
  /** Condition number of X^T X / n of every context, >= 1; its eigenvalues are 1 down to 1 / kappa in equal ratios. */
  readonly kappa: number;
}

/**
 * Linear regression on contexts whose covariance has exactly the condition number kappa; needs n >= d. w ~ N(0, I); queries are normal.
 *
 * @throws ArgumentError.
 */
export function spectrumTasks(options: SpectrumOptions): TaskSampler {
  const { d, n, kappa } = options;
  checkSizes('spectrumTasks', options);
  checkWhole('spectrumTasks', 'n', n, d);
  checkRange('spectrumTasks', 'kappa', kappa, 1);
  // kappa^(-j / (2 (d - 1))): square roots of the eigenvalues.
  const roots = Float64Array.from({ length: d }, (_, j) => (d === 1 ? 1 : exp((-log(kappa) * j) / (2 * (d - 1)))) * Math.sqrt(n));
  return family(
    options,
    (rng, rows) => {
      const U = qr(normals(rng, n, d)).Q;
      const V = qr(normals(rng, d, d)).Q;
      const X = normals(rng, rows, d);
      const scaled = dense(n, d, new Float64Array(n * d));
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < d; j++) scaled.data[i * d + j] = U.data[U.offset + i * U.rowStride + j * U.colStride]! * roots[j]!;
      }
      X.data.set(multiply(scaled, transpose(V)).data);
      return X;
    },
    (rng) => linear(rng.fillNormal(new Float64Array(d))),
  );
}

export interface SparseOptions extends TaskSizes {
  /** Weights that are not 0. */
  readonly nonzeros: number;
}

/** Linear regression with few weights that are not 0, normal ones at random places; inputs N(0, I). @throws ArgumentError. */
export function sparseTasks(options: SparseOptions): TaskSampler {
  const { d, nonzeros } = options;
  checkSizes('sparseTasks', options);
  checkWhole('sparseTasks', 'nonzeros', nonzeros, 0, d);
  return family(options, gaussianInputs(d), (rng) => {
    const weights = new Float64Array(d);
    for (const j of choose(rng, d, nonzeros)) weights[j] = rng.normal();
    return linear(weights);
  });
}

export function checkSizes(operation: string, { d, n, queries = 1 }: TaskSizes): void {
  checkWhole(operation, 'd', d, 1);
  checkWhole(operation, 'n', n, 1);
  checkWhole(operation, 'queries', queries, 1);
}

export function gaussianInputs(d: number): (rng: Rng, rows: number) => Dense {
  return (rng, rows) => normals(rng, rows, d);
}
