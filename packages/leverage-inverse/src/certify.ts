import { type Dense, NotPositiveDefiniteError, norm2 } from '@x/linalg';
import { type Share, shareOf } from './certificate/part.ts';
import { rowLengths, U } from './certificate/rounding.ts';
import { scoreErrors } from './certificate/scores.ts';
import { leastDelta } from './certificate/step.ts';
import { checkRange, checkVector, checkWeights } from './check.ts';
import { upperProduct } from './coordinates.ts';
import type { Design } from './design.ts';
import type { Engine, Evaluation } from './engine.ts';
import { SlackZeroError } from './errors.ts';
import { combine, inverseRoot, norm } from './matrix.ts';
import { checkOnce, engineOf } from './resident.ts';
import { type ExactProducts, exactSlacks } from './slacks.ts';

/** Why the certificate holds: README, "The certificate". M(x) = sum_k weight_k Qhat_k(x) + A^T W^2 A: Qhat(x) for a single gradient. */
export interface Certificate {
  /**
   * What x* is. 'gradient': the x in the cell of x with g(x*) = c, noise aside; of several gradients, the one that minimises the sum of their
   * objectives, which has all of them if any x has. 'regularised': the minimiser of V + <c, x> + ||W A x||^2 / 2, which is not the x behind c.
   */
  readonly of: 'gradient' | 'regularised';
  /** x* lies in the cell of x, and ||x - x*|| in the norm of M(x) is at most this. */
  readonly radius: number;
  /** Every slack of x is that of x* within this relative error. */
  readonly slackError: number;
  /** |x_j - x*_j| is at most componentBound[j]. */
  readonly componentBound: Float64Array;
  /** The residual in the norm of M^-1: what was computed, what rounding may hide, what the noise may add. */
  readonly residual: number;
  readonly rounding: number;
  readonly noise: number;
}

export interface CertifyOptions {
  /** ||c - g(x*)||_2 is at most this; default 0. */
  readonly noiseBound?: number;
  /** w >= 0, n numbers: the certificate then is that of the regularised objective V + <c, x> + ||W A x||^2 / 2. */
  readonly w?: Float64Array;
}

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
  const { noiseBound = 0, w } = options;
  checkRange('certify', 'noiseBound', noiseBound, 0);
  if (w !== undefined) checkWeights('certify', 'w', w, design.A.rows);
  return certificateOf([{ engine: engineOf(design), c, weight: 1, noiseBound }], x, w);
}

export interface CertifiedPart {
  readonly engine: Engine;
  readonly c: Float64Array;
  readonly weight: number;
  readonly noiseBound: number;
}

/** @param w - the regulariser, of the rows of the first part. */
export function certificateOf(parts: readonly CertifiedPart[], x: Float64Array, w?: Float64Array): Certificate | undefined {
  const slacks = parts.map(({ engine }) => slacksAt(engine, x));
  const points = parts.map(
    ({ engine }, k) => engine.evaluate('certify', x, { slacks: slacks[k]!.values, qhat: k === 0 && w === undefined }) as Evaluation,
  );
  const squares = w?.map((value) => value ** 2);
  const Z = coordinates(parts, points, squares);
  if (Z === undefined) return undefined;
  const shares: Share[] = [];
  for (const [k, { engine, c, weight }] of parts.entries()) {
    const slackErrors = slacks[k]!.errors;
    const errors = scoreErrors(engine, points[k]!, slackErrors);
    if (errors === undefined) return undefined;
    const { slack, scores } = points[k]!;
    shares.push(
      shareOf({
        engine,
        weight,
        c,
        frame: { Z, slack },
        slackErrors,
        scores,
        scoreErrors: errors,
        penalty: k === 0 ? penaltyAt(engine, x, squares) : undefined,
      }),
    );
  }
  const noise = parts.reduce((sum, { weight, noiseBound }) => sum + weight * noiseBound, 0) * norm2(Z);
  return fromShares(shares, Z, noise, w === undefined ? 'gradient' : 'regularised');
}

/** The theorem, in coordinates in which M is I up to `drift`. */
function fromShares(shares: readonly Share[], Z: Dense, noiseNorm: number, of: Certificate['of']): Certificate | undefined {
  const d = Z.rows;
  const add = (pick: (share: Share) => number) => shares.reduce((sum, share) => sum + pick(share), 0);
  const off = new Float64Array(d * d);
  const residual = new Float64Array(d);
  for (const share of shares) {
    for (let p = 0; p < d * d; p++) off[p]! += share.matrix.data[p]!;
    for (let j = 0; j < d; j++) residual[j]! += share.residual[j]!;
  }
  for (let j = 0; j < d; j++) off[j * (d + 1)]! -= 1;
  const sums = 2 * U * shares.length;
  const drift = 1.01 * (norm(off) + add(({ matrixError }) => matrixError) + sums * add(({ matrix }) => norm(matrix.data)));
  if (!(drift < 0.1)) return undefined;
  // ||v|| in the norm of M^-1 is at most inflate ||v||.
  const inflate = 1.0001 / Math.sqrt(1 - drift);
  const white = inflate * norm(residual);
  const rounding =
    inflate * (add(({ residualError }) => residualError) + sums * add((share) => norm(share.residual))) +
    1.0001 * Math.sqrt(add(({ scoreSquare }) => scoreSquare));
  const noise = inflate * noiseNorm * (1 + 1e-10);
  const mu = inflate * Math.max(...shares.map(({ longest }) => longest));
  const delta = leastDelta(mu * (white + rounding + noise) * (1 + 1e-10));
  if (delta === undefined) return undefined;
  const radius = (delta / mu) * (1 + 1e-10);
  const componentBound = rowLengths(Z).map((length) => radius * inflate * length);
  return { of, radius, slackError: delta * (1 + 1e-10), componentBound, residual: white, rounding, noise };
}

function slacksAt(engine: Engine, x: Float64Array): ExactProducts {
  const slacks = exactSlacks(engine, x);
  const zero = slacks.values.indexOf(0);
  if (zero >= 0) throw new SlackZeroError(`certify: the slack of row ${zero} is zero`, zero);
  return slacks;
}

function penaltyAt(engine: Engine, x: Float64Array, squares: Float64Array | undefined) {
  if (squares === undefined) return undefined;
  const { values: products, errors } = exactSlacks(engine, x, new Float64Array(engine.rows));
  return { squares, products, errors };
}

/** An upper triangular Z with Z^T M Z = I up to rounding, or undefined where M is not positive definite to working precision. */
function coordinates(parts: readonly CertifiedPart[], points: readonly Evaluation[], squares: Float64Array | undefined): Dense | undefined {
  const { Z } = points[0]!;
  let M: Dense | undefined;
  for (const [k, { engine, weight }] of parts.entries()) {
    const { slack, scores, qhat } = points[k]!;
    if (qhat !== undefined) {
      M = combine(weight, qhat, 0, qhat);
      continue;
    }
    const u = scores.map((sigma, i) => weight * sigma + (k === 0 && squares ? squares[i]! * slack[i]! ** 2 : 0));
    const own = engine.weighted({ Z, slack }, u);
    M = M === undefined ? own : combine(1, M, 1, own);
  }
  try {
    return upperProduct(Z, inverseRoot(M!));
  } catch (error) {
    if (error instanceof NotPositiveDefiniteError) return undefined;
    throw error;
  }
}
