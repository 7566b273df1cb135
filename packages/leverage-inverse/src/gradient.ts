import { type Dense, dense, gemm, gemv } from '@x/linalg';
import { checkChoice, checkVector, checkWhole } from './check.ts';
import { gradientOf } from './coordinates.ts';
import type { Design } from './design.ts';
import type { Engine, Evaluation } from './engine.ts';
import { whitenedDerivative, whitenedQ, whitenedQTimes } from './hessian.ts';
import { symmetrized } from './matrix.ts';
import { checkOnce, engineOf } from './resident.ts';
import { defaultSampleSize, sampleByScores, sampledQhat } from './solve/sample.ts';

export interface LeverageGradient {
  /** The target's vector: g = A_x^T sigma, or the gradient of <v, sigma>. */
  readonly gradient: Float64Array;
  /** sigma: leverage scores of the rows of A_x = diag(1 / s) A, which sum to d. */
  readonly scores: Float64Array;
  /** s = A x - b. */
  readonly slack: Float64Array;
  /** V = log det(A_x^T A_x) / 2; the 'volumetric' gradient is -grad V. */
  readonly potential: number;
  /** Upper estimate of the condition number of A_x with unit columns. */
  readonly condition: number;
}

export interface GradientOptions {
  /**
   * 'volumetric' (default): g(x) = A_x^T sigma = -grad V(x), minus the Jeffreys/Firth score where V is the penalty. 'weighted': the gradient of
   * <v, sigma(x)>, which is zero for constant v, as scores sum to d. The scores themselves are in `scores`, their Jacobian is
   * `leverageJacobian`.
   */
  readonly target?: 'volumetric' | 'weighted';
  /** n numbers, for 'weighted'. */
  readonly v?: Float64Array;
}

/**
 * Leverage scores of the design scaled by its slacks, and a gradient of them.
 *
 * @param x - d numbers with no slack a_i^T x - b_i zero.
 * @throws ShapeError, ArgumentError, NonFiniteError for arguments; SlackZeroError naming a row; RankDeficientError.
 * Cost: n d^2 multiply-adds; 'weighted' 3 n d^2. Memory: 2 n + O(d^2) numbers beside A; nothing n x d is formed.
 * Accuracy: as if A_x were known up to a few roundings: by its Gram matrix below condition 1e6, by QR beyond.
 */
export function leverageGradient(design: Design, x: Float64Array, options: GradientOptions = {}): LeverageGradient {
  const { target = 'volumetric', v } = options;
  checkChoice('leverageGradient', 'target', target, ['volumetric', 'weighted']);
  const { engine, at } = evaluated('leverageGradient', design, x);
  const { scores, slack, potential, condition } = at;
  const gradient = target === 'volumetric' ? gradientOf(at) : transposedJacobian(engine, at, weightsOf(v, engine.rows));
  return { gradient, scores, slack, potential, condition };
}

function weightsOf(v: Float64Array | undefined, n: number): Float64Array {
  checkVector('leverageGradient', 'v', v as Float64Array, n);
  return v as Float64Array;
}

/** A linear map by its products. */
export interface LinearOperator {
  readonly rows: number;
  readonly cols: number;
  apply(h: Float64Array): Float64Array;
  applyTransposed(v: Float64Array): Float64Array;
  toDense(): Dense;
}

/**
 * The Jacobian d sigma / dx = -2 (Sigma - P o P) A_x, n x d, P = A_x H^-1 A_x^T never formed.
 *
 * @throws as `leverageGradient`; products check their vectors.
 * Cost: n d^2 once; a product with it 2 n d^2, with its transpose 2.5 n d^2, `toDense` d products.
 */
export function leverageJacobian(design: Design, x: Float64Array): LinearOperator {
  const { engine, at } = evaluated('leverageJacobian', design, x);
  const { rows, cols } = engine;
  const apply = (h: Float64Array): Float64Array => {
    checkVector('leverageJacobian', 'h', h, cols);
    return laplacian(engine, at, move(engine, at, h)).map((value) => -2 * value);
  };
  return {
    rows,
    cols,
    apply,
    applyTransposed(v) {
      checkVector('leverageJacobian', 'v', v, rows);
      return transposedJacobian(engine, at, v);
    },
    toDense() {
      const J = new Float64Array(rows * cols);
      for (let j = 0; j < cols; j++) {
        const column = apply(unitVector(cols, j));
        for (let i = 0; i < rows; i++) J[i * cols + j] = column[i]!;
      }
      return dense(rows, cols, J);
    },
  };
}

export interface HessianOptions {
  /**
   * 'exact' (default): Q = A_x^T (3 Sigma - 2 P o P) A_x = -Dg, the Hessian of V, positive definite. 'qhat': Qhat = A_x^T Sigma A_x, for which
   * Qhat <= Q <= 3 Qhat. 'sampled': an unbiased estimate of Qhat from rows drawn by their scores.
   */
  readonly mode?: 'exact' | 'qhat' | 'sampled';
  /** Rows drawn by 'sampled'; default 20 d ln d. */
  readonly sampleSize?: number;
  /** Default 0. */
  readonly seed?: number;
}

/**
 * The Hessian of V at x, or a matrix close to it, d x d and symmetric.
 *
 * @throws as `leverageGradient`.
 * Cost beyond that of the gradient, n d^2: exact n d^3 / 6 + d^4 / 2 multiply-adds, qhat n d^2 / 2, sampled m d^2.
 */
export function leverageHessian(design: Design, x: Float64Array, options: HessianOptions = {}): Dense {
  const { mode = 'exact', sampleSize = defaultSampleSize(design.A.cols), seed = 0 } = options;
  checkChoice('leverageHessian', 'mode', mode, ['exact', 'qhat', 'sampled']);
  checkWhole('leverageHessian', 'sampleSize', sampleSize, 1);
  checkWhole('leverageHessian', 'seed', seed, 0);
  const { engine, at } = evaluated('leverageHessian', design, x, { qhat: mode !== 'sampled', third: mode === 'exact', reuse: 'own' });
  if (mode === 'exact') return unwhiten(at, whitenedQ(at));
  return unwhiten(at, mode === 'qhat' ? (at.qhat as Dense) : sampledQhat(engine, at, sampleByScores(at.scores, sampleSize, seed, 0)));
}

/** Q by its products: n d^2 once and 2.5 n d^2 for each, without its n d^3 / 6. @throws as `leverageGradient`. */
export function leverageHessianOperator(design: Design, x: Float64Array): LinearOperator {
  const { engine, at } = evaluated('leverageHessianOperator', design, x);
  const d = engine.cols;
  const apply = (h: Float64Array): Float64Array => {
    checkVector('leverageHessianOperator', 'h', h, d);
    return gemv({ A: at.L, x: whitenedQTimes(engine, at, move(engine, at, h)) });
  };
  return {
    rows: d,
    cols: d,
    apply,
    applyTransposed: apply,
    toDense() {
      const columns = Array.from({ length: d }, (_, j) => apply(unitVector(d, j)));
      return symmetrized(
        dense(
          d,
          d,
          Float64Array.from({ length: d * d }, (_, p) => columns[p % d]![Math.floor(p / d)]!),
        ),
      );
    },
  };
}

/**
 * The derivative of Q along h, d x d and symmetric: what the Hessian of ||g - c||^2 / 2, Q^2 - DQ[g - c], holds beside Q^2.
 *
 * @throws as `leverageGradient`.
 * Cost: n d^3 / 2 multiply-adds.
 */
export function leverageHessianDerivative(design: Design, x: Float64Array, h: Float64Array): Dense {
  const { engine, at } = evaluated('leverageHessianDerivative', design, x, { third: true });
  checkVector('leverageHessianDerivative', 'h', h, engine.cols);
  return unwhiten(at, whitenedDerivative(engine, at, move(engine, at, h)));
}

export function evaluated(operation: string, design: Design, x: Float64Array, wanted = {}): { engine: Engine; at: Evaluation } {
  checkOnce(operation, design);
  checkVector(operation, 'x', x, design.A.cols);
  const engine = engineOf(design);
  return { engine, at: engine.evaluate(operation, x, wanted) as Evaluation };
}

/** S^-1 A h. */
function move(engine: Engine, at: Evaluation, h: Float64Array): Float64Array {
  return engine.times(h).map((value, i) => value / at.slack[i]!);
}

/** (Sigma - P o P) u. */
function laplacian(engine: Engine, at: Evaluation, u: Float64Array): Float64Array {
  const squared = engine.squaredProjection(at, u);
  return u.map((value, i) => at.scores[i]! * value - squared[i]!);
}

/** -2 A_x^T (Sigma - P o P) v. */
function transposedJacobian(engine: Engine, at: Evaluation, v: Float64Array): Float64Array {
  return gemv({ A: at.L, x: engine.project(at, laplacian(engine, at, v)), alpha: -2 });
}

function unwhiten({ L }: Evaluation, M: Dense): Dense {
  const LM = gemm({ A: L, B: M });
  return symmetrized(gemm({ A: LM, B: { ...L, rowStride: L.colStride, colStride: L.rowStride } }));
}

function unitVector(d: number, j: number): Float64Array {
  const e = new Float64Array(d);
  e[j] = 1;
  return e;
}
