import { type Dense, eigenvalues, gemm, gemv, NotPositiveDefiniteError, norm2, transpose } from '@x/linalg';
import { checkRange, checkVector } from './check.ts';
import type { Design } from './design.ts';
import { type Engine, type Evaluation, whitenVector } from './engine.ts';
import { SlackZeroError } from './errors.ts';
import { inverseRoot, norm } from './matrix.ts';
import { checkOnce, engineOf } from './resident.ts';
import { exactSlacks } from './slacks.ts';

/** Why the certificate holds: README, "The certificate". */
export interface Certificate {
  /** A solution x* lies in the cell of x, and ||x - x*|| in the norm of Qhat(x) is at most this. */
  readonly radius: number;
  /** Every slack of x is that of x* within this relative error. */
  readonly slackError: number;
  /** |x_j - x*_j| is at most componentBound[j]. */
  readonly componentBound: Float64Array;
  /** The residual in the norm of Qhat^-1: what was computed, what rounding may hide, what the noise may add. */
  readonly residual: number;
  readonly rounding: number;
  readonly noise: number;
}

export interface CertifyOptions {
  /** ||c - g(x*)||_2 is at most this; default 0. */
  readonly noiseBound?: number;
}

const U = 2 ** -53;
const gamma = (k: number): number => (k * U) / (1 - k * U);

/**
 * A proof that a solution of g(x*) = c (or of g(x*) = c - e for some e within the noise bound) lies near x, in the same cell, or undefined
 * where the residual is too large for one. Rounding errors are bounded, not hoped away: the radius is never zero.
 *
 * @throws as `leverageGradient`.
 * Cost: 4.5 n d^2 multiply-adds, and 20 n d operations for slacks in twice the precision.
 */
export function certify(design: Design, c: Float64Array, x: Float64Array, options: CertifyOptions = {}): Certificate | undefined {
  checkOnce('certify', design);
  checkVector('certify', 'c', c, design.A.cols);
  checkVector('certify', 'x', x, design.A.cols);
  const { noiseBound = 0 } = options;
  checkRange('certify', 'noiseBound', noiseBound, 0);
  return certificateOf(engineOf(design), c, x, noiseBound);
}

export function certificateOf(engine: Engine, c: Float64Array, x: Float64Array, noiseBound: number): Certificate | undefined {
  const { cols: d, rows: n } = engine;
  const slacks = exactSlacks(engine, x);
  const zero = slacks.indexOf(0);
  if (zero >= 0) throw new SlackZeroError(`certify: the slack of row ${zero} is zero`, zero);
  const at = engine.evaluate('certify', x, { slacks, qhat: true }) as Evaluation;
  const W = at.qhat as Dense;
  let root: Dense;
  try {
    root = inverseRoot(W);
  } catch (error) {
    if (error instanceof NotPositiveDefiniteError) return undefined;
    throw error;
  }
  const least = eigenvalues(W)[0]! * (1 - 1e-6);
  if (!(least > 0)) return undefined;

  // Rows of B = S^-1 A Z are computed up to e_i, and Gram matrices up to `gram`: eps bounds ||B^T B - I||.
  const sizes = rowSizes(engine, at, rowLengths(at.Z));
  const rowError = gamma(d + 4);
  const chain = gamma(260 + Math.ceil(n / 256));
  const total = at.scores.reduce((sum, value) => sum + value, 0);
  const frobenius = rowError * norm(sizes);
  const unit = engine.weighted(at, new Float64Array(n).fill(1));
  for (let j = 0; j < d; j++) unit.data[j * (d + 1)]! -= 1;
  const eps = 1.01 * (norm(unit.data) + chain * total + frobenius * (2 * Math.sqrt(2) + frobenius));
  if (!(eps < 0.1)) return undefined;

  // |sigma_i - computed| <= delta_i; in the norm of (B^T Sigma B)^-1, B^T delta is at most sqrt(sum delta_i^2 / sigma_i).
  let scoreError = 0;
  let rowsError = 0;
  let worst = 0;
  for (let i = 0; i < n; i++) {
    const sigma = at.scores[i]!;
    const e = rowError * sizes[i]!;
    const delta = sigma * (eps / (1 - eps) + gamma(d + 4) + 12 * U) + (2 * Math.sqrt(sigma) * e + e * e) * (1 + 2 * eps);
    scoreError += delta ** 2 / (sigma * (1 - eps));
    rowsError += (sigma + delta) * e;
    worst = Math.max(worst, delta / sigma);
  }
  const Zc = whitenVector(at, c);
  const sums = engine.project(at, at.scores);
  const residual = sums.map((value, j) => value - Zc[j]!);
  const absolute = gemv({ A: transpose({ ...at.Z, data: at.Z.data.map(Math.abs) }), x: c.map(Math.abs) });
  // Blocks of 256 terms are summed by the kernel, block sums in twice the precision: sum sigma |b_ij| <= sqrt(d W_jj).
  const trace = W.data.reduce((sum, value, p) => sum + (p % (d + 1) === 0 ? value : 0), 0);
  const vectorError = gamma(264) * Math.sqrt(total * trace) + rowsError + gamma(d + 2) * norm(absolute) + 2 * U * norm(residual);
  const drift = (chain * trace + 2 * worst * trace + rowError * 4 * norm(sizes) * Math.sqrt(trace)) / least;
  if (!(drift < 0.1)) return undefined;
  const inflate = 1.0001 / Math.sqrt(1 - drift);

  const white = inflate * norm(gemv({ A: transpose(root), x: residual })) * (1 + 1e-10);
  const rounding = inflate * (Math.sqrt(scoreError) + vectorError / Math.sqrt(least) + 4 * U * Math.sqrt(total));
  const spread = gemm({ A: at.Z, B: root });
  const noise = inflate * noiseBound * norm2(spread) * (1 + 1e-10);
  const rowsOfRoot = engine.rowNorms(at, root);
  const rootSizes = rowSizes(engine, at, rowLengths(spread));
  let mu = 0;
  for (let i = 0; i < n; i++) mu = Math.max(mu, Math.sqrt(rowsOfRoot[i]!) + gamma(3 * d + 8) * rootSizes[i]!);
  mu *= inflate;

  const delta = leastDelta(mu * (white + rounding + noise) * (1 + 1e-10));
  if (delta === undefined) return undefined;
  const radius = (delta / mu) * (1 + 1e-10);
  const componentBound = rowLengths(spread).map((length) => radius * inflate * length);
  return { radius, slackError: delta * (1 + 1e-10), componentBound, residual: white, rounding, noise };
}

/** The least delta in (0, 3 - 2 sqrt 2] with delta (1 - delta)^2 / (1 + delta)^4 >= target; that function grows there, up to 1/16. */
function leastDelta(target: number): number | undefined {
  const f = (t: number) => (t * (1 - t) ** 2) / (1 + t) ** 4;
  let high = 3 - 2 * Math.SQRT2;
  if (!(target <= f(high) * (1 - 1e-10))) return undefined;
  let low = target;
  for (let k = 0; k < 100; k++) {
    const middle = (low + high) / 2;
    if (f(middle) > target * (1 + 1e-10)) high = middle;
    else low = middle;
  }
  return high;
}

/** ||row j||_2 of a matrix. */
function rowLengths({ rows, cols, data, offset, rowStride, colStride }: Dense): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < cols; j++) sum += data[offset + i * rowStride + j * colStride]! ** 2;
    return Math.sqrt(sum);
  });
}

/** sum_j |a_ij| lengths_j / |s_i|: a bound of || |a_i| |Z| || / |s_i| for lengths of the rows of Z. */
function rowSizes(engine: Engine, { slack }: Evaluation, lengths: Float64Array): Float64Array {
  const d = engine.cols;
  const sizes = new Float64Array(engine.rows);
  engine.visitRows((rows, first, count) => {
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += Math.abs(rows[i * d + j]!) * lengths[j]!;
      sizes[first + i] = (1.0001 * sum) / Math.abs(slack[first + i]!);
    }
  });
  return sizes;
}
