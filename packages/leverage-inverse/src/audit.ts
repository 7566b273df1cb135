import { type Dense, philox } from '@x/linalg';
import { checkFunction, checkRange, checkVector, checkWhole } from './check.ts';
import { gradientOf } from './coordinates.ts';
import { inverseHessian } from './covariance.ts';
import type { Design } from './design.ts';
import { evaluated } from './gradient.ts';
import { whitenedQ } from './hessian.ts';
import { invertLeverageGradient } from './invert.ts';
import { maxAbs, norm } from './matrix.ts';
import { checkOnce, residentDesign } from './resident.ts';

export interface AuditOptions {
  /** Standard deviations of the noise added to the gradient, relative to its norm: ||e|| is about level ||g||. Default 1e-8, 1e-6, 1e-4, 1e-2. */
  readonly noiseLevels?: readonly number[];
  /** Inversions tried at each level; default 5. */
  readonly trials?: number;
  /** Default 0. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
}

export interface AuditLevel {
  readonly noise: number;
  /** Median over trials of max_j |x_j - x*_j| / max_j |x*_j|. */
  readonly error: number;
  /** What the linear law predicts for it: a normal e of that size through Q^-1. */
  readonly predicted: number;
  /** Median over trials of the largest relative error of a slack, hence of a fitted mean where b = 0. */
  readonly slackError: number;
  /** Trials whose noisy gradient had no x in the cell: the attacker learns that it is noisy, and no more. */
  readonly failures: number;
}

export interface Audit {
  readonly levels: readonly AuditLevel[];
  /** sqrt((Q^-2)_jj): standard deviation of coefficient j for unit noise on each entry of the gradient. */
  readonly perCoefficient: Float64Array;
  /** The relative noise level at which the linear law gives this relative error of x: what must at least be added against an attacker who knows A. */
  safeNoiseFor(relativeError: number): number;
}

/**
 * What a released leverage gradient gives away about x to whoever knows the design: noise is added to g(x), the result is inverted, and the
 * error is compared with the first-order law cov(x) = Q^-1 cov(e) Q^-1. A defender's tool: it needs x.
 *
 * @throws (rejects) as `leverageGradient`; AbortedError.
 * Cost: one Hessian, and levels times trials inversions.
 */
export async function auditLeakage(design: Design, x: Float64Array, options: AuditOptions = {}): Promise<Audit> {
  const { noiseLevels = [1e-8, 1e-6, 1e-4, 1e-2], trials = 5, seed = 0, signal, onProgress } = options;
  for (const level of noiseLevels) checkRange('auditLeakage', 'noiseLevels', level, 0);
  checkWhole('auditLeakage', 'trials', trials, 1, 1e6);
  checkWhole('auditLeakage', 'seed', seed, 0);
  checkFunction('auditLeakage', 'onProgress', onProgress);
  checkOnce('auditLeakage', design);
  const resident = residentDesign(design);
  const { engine, at } = evaluated('auditLeakage', resident, x, { qhat: true, third: true });
  checkVector('auditLeakage', 'x', x, engine.cols);
  const d = engine.cols;
  const signs = Int8Array.from(at.slack, Math.sign);
  const g = gradientOf(at);
  const size = norm(g) / Math.sqrt(d);
  const inverse = inverseHessian(at.Z, whitenedQ(at));
  const perCoefficient = Float64Array.from({ length: d }, (_, j) => norm(inverse.data.slice(j * d, (j + 1) * d)));
  // The largest of d normals with these deviations is near their root sum of squares over sqrt(d) times a factor near one; its median is simulated.
  const unit = medianOf(Array.from({ length: 201 }, (_, t) => maxAbs(times(inverse, philox(seed, t).fillNormal(new Float64Array(d))))));
  const scale = maxAbs(x) || 1;
  const levels: AuditLevel[] = [];
  for (const [k, noise] of noiseLevels.entries()) {
    const errors: number[] = [];
    const slackErrors: number[] = [];
    for (let t = 0; t < trials; t++) {
      const e = philox(seed, 1000 + k * trials + t).fillNormal(new Float64Array(d));
      const c = g.map((value, j) => value + noise * size * e[j]!);
      const found = await inverted(resident, c, signs, signal);
      if (found !== undefined) {
        errors.push(maxAbs(found.map((value, j) => value - x[j]!)) / scale);
        slackErrors.push(maxAbs(engine.times(found).map((value, i) => (value - engine.b[i]! - at.slack[i]!) / at.slack[i]!)));
      }
      onProgress?.((k * trials + t + 1) / (noiseLevels.length * trials));
    }
    levels.push({
      noise,
      error: medianOf(errors),
      predicted: (noise * size * unit) / scale,
      slackError: medianOf(slackErrors),
      failures: trials - errors.length,
    });
  }
  return { levels, perCoefficient, safeNoiseFor: (relativeError) => (relativeError * scale) / (size * unit) };
}

/** x, or undefined when the cell holds none: the iteration then runs away, or the start does not exist. */
async function inverted(
  design: Design,
  c: Float64Array,
  signs: Int8Array,
  signal: AbortSignal | undefined,
): Promise<Float64Array | undefined> {
  try {
    const { x, status } = await invertLeverageGradient(design, c, signal === undefined ? { signs } : { signs, signal });
    return status === 'certified' || status === 'converged' ? x : undefined;
  } catch (error) {
    if (error instanceof Error && ['InfeasibleStartError', 'RankDeficientError', 'NotPositiveDefiniteError'].includes(error.name))
      return undefined;
    throw error;
  }
}

function times({ rows: d, data }: Dense, v: Float64Array): Float64Array {
  return Float64Array.from({ length: d }, (_, i) => v.reduce((sum, value, j) => sum + data[i * d + j]! * value, 0));
}

function medianOf(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
