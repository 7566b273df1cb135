import { ArgumentError, type Dense, ShapeError } from '@x/linalg';
import { type Certificate, certificateOf } from './certify.ts';
import { checkChoice, checkFunction, checkRange, checkSigns, checkSquare, checkVector, checkWeights, checkWhole } from './check.ts';
import { covarianceOf } from './covariance.ts';
import type { Design } from './design.ts';
import { InfeasibleStartError } from './errors.ts';
import { checkOnce, engineOf } from './resident.ts';
import { type Iteration, minimize } from './solve/minimize.ts';
import type { Part, Point, Problem } from './solve/part.ts';
import { pointAt } from './solve/problem.ts';
import { defaultSampleSize } from './solve/sample.ts';
import { isIndefinite, minimizeSquares } from './solve/squares.ts';
import { findStart } from './solve/start.ts';
import type { Mode } from './solve/step.ts';

/** What is known of the error of c. */
export interface Noise {
  /** ||c - g(x*)||_2 is at most this: the certificate then holds for the x* of the exact gradient. */
  readonly bound?: number;
  /** d x d: the covariance of the error, which gives that of x to first order. */
  readonly covariance?: Dense;
}

export interface InvertOptions {
  /** A point of the cell to start from; default: one that phase I finds. Its slacks then tell the signs. */
  readonly x0?: Float64Array;
  /** Signs of the slacks at the x that is looked for: they are no part of the gradient. Default 'positive'. */
  readonly signs?: Int8Array | 'positive';
  /**
   * 'convex' (default): min V + <c, x>. 'map' (default with `w`): min V + <c, x> + ||W A x||^2 / 2, convex, its solution biased.
   * 'least-squares': the paper's ||g - c||^2 / 2 + ||W A x||^2 / 2, not convex.
   */
  readonly objective?: 'convex' | 'map' | 'least-squares';
  /**
   * How steps are made; default 'auto': 'exact' while a tensor is cheap (d <= 22), else 'qhat'. For 'least-squares': 'exact' (default, damped
   * Gauss-Newton steps), or 'paper', which samples a diagonal model of the Hessian and is there to be compared with.
   */
  readonly mode?: 'auto' | Mode | 'paper';
  /** w >= 0, n numbers: the regulariser. */
  readonly w?: Float64Array;
  /**
   * Follows c_t = (1 - t) g(x_0) + t c: no step changes a slack by more than half. Default false: on heavy-tailed designs too the long steps
   * need fewer iterations (README, experiment heavy-tails).
   */
  readonly continuation?: boolean;
  /** Rows that 'sampled', 'newton-cg' and 'paper' draw; default 20 d ln d. */
  readonly sampleSize?: number;
  /** Newton decrement at which the iteration ends; default 1e-12. */
  readonly tolerance?: number;
  /** Default 500. */
  readonly maxIterations?: number;
  readonly noise?: Noise;
  /** A whole number in [0, 2^53); default 0. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onIteration?: (iteration: Iteration) => void;
}

export interface Inversion {
  readonly x: Float64Array;
  /**
   * 'certified': proven. 'converged': the decrement fell to the tolerance, or to what rounding explains, without a proof. 'stalled': it
   * stopped falling before that. Neither this nor 'max-iterations' is an answer.
   */
  readonly status: 'certified' | 'converged' | 'stalled' | 'max-iterations';
  /** Present exactly when certified. */
  readonly certificate: Certificate | undefined;
  /** Covariance of x to first order, M^-1 (sum weight^2 cov(e)) M^-1 with M the Hessian at x, where `noise.covariance` was given. */
  readonly covariance: Dense | undefined;
  /** Newton decrement at the end. */
  readonly decrement: number;
  /** Condition number of S^-1 A at x, with unit columns: how errors of c are spread over x. */
  readonly condition: number;
  readonly iterations: readonly Iteration[];
  /** What the result does not say. */
  readonly warnings: readonly string[];
}

/** One of several gradients at the same x, each of rows of its own. */
export interface Release {
  readonly design: Design;
  readonly c: Float64Array;
  readonly signs?: Int8Array | 'positive';
  /** alpha > 0 in sum alpha (V + <c, x>); default 1. */
  readonly weight?: number;
  readonly noise?: Noise;
}

const NAME = 'invertLeverageGradient';

/**
 * The x with g(x) = c, where g(x) = A_x^T sigma(x) is the gradient of leverage scores (minus the gradient of log det(A_x^T A_x) / 2), among
 * those with the given signs of slacks: the minimiser of V(x) + <c, x>, which is strictly convex there, so that it is unique.
 *
 * If c is published as the gradient of V, not as minus it, negate c.
 *
 * @param design - A and b; known to whoever inverts.
 * @param c - d numbers.
 * @throws (rejects) ShapeError, ArgumentError, NonFiniteError; RankDeficientError; InfeasibleStartError when no point has the signs, or none
 * was found, or `x0` has others; AbortedError with `{ x, iterations }` in `partial`.
 * Cost: an iteration is n d^2 multiply-adds and, by mode, n d^3 / 6 (exact), n d^2 / 2 (qhat), m d^2 (sampled) or 2.5 n d^2 a product.
 */
export async function invertLeverageGradient(design: Design, c: Float64Array, options: InvertOptions = {}): Promise<Inversion> {
  const { signs, noise } = options;
  return invertReleases([{ design, c, ...(signs && { signs }), ...(noise && { noise }) }], options);
}

/**
 * The same from several gradients at one x, each of rows of its own: minimises the sum of their convex objectives, in the intersection of
 * their cells. Exact data give the same x as each alone; noise averages out. `signs`, `noise` and `weight` belong to each release.
 */
export async function invertLeverageGradients(
  releases: readonly Release[],
  options: Omit<InvertOptions, 'signs' | 'w' | 'noise' | 'objective'> = {},
): Promise<Inversion> {
  if (!Array.isArray(releases) || releases.length === 0)
    throw new ArgumentError(`${NAME}s: releases must be a list of one or more`, 'releases');
  return invertReleases(releases, options);
}

async function invertReleases(releases: readonly Release[], options: InvertOptions): Promise<Inversion> {
  const { tolerance = 1e-12, maxIterations = 500, seed = 0, x0, w, continuation = false } = options;
  const objective = options.objective ?? (w === undefined ? 'convex' : 'map');
  for (const { design, c, weight = 1, noise = {} } of releases) {
    checkOnce(NAME, design);
    checkVector(NAME, 'c', c, design.A.cols);
    checkRange(NAME, 'weight', weight, Number.MIN_VALUE);
    if (design.A.cols !== releases[0]!.design.A.cols) throw new ShapeError(`${NAME}s: designs must have the same number of columns`);
    if (noise.bound !== undefined) checkRange(NAME, 'noise.bound', noise.bound, 0);
    if (noise.covariance !== undefined) checkSquare(NAME, 'noise.covariance', noise.covariance, c.length);
  }
  const { A } = releases[0]!.design;
  const d = A.cols;
  checkChoice(NAME, 'objective', objective, ['convex', 'map', 'least-squares']);
  checkRange(NAME, 'tolerance', tolerance, 0);
  checkWhole(NAME, 'maxIterations', maxIterations, 1);
  checkWhole(NAME, 'seed', seed, 0);
  const { sampleSize = defaultSampleSize(d) } = options;
  checkWhole(NAME, 'sampleSize', sampleSize, d);
  if (x0 !== undefined) checkVector(NAME, 'x0', x0, d);
  if (w !== undefined) checkWeights(NAME, 'w', w, A.rows);
  checkFunction(NAME, 'onIteration', options.onIteration);
  if ((objective === 'convex') !== (w === undefined) && objective !== 'least-squares')
    throw new ArgumentError(
      `${NAME}: objective is '${objective}' ${w === undefined ? 'without' : 'with'} w; 'map' needs w, 'convex' has none`,
      'objective',
    );
  const squares = objective === 'least-squares';
  checkChoice(
    NAME,
    'mode',
    options.mode ?? 'auto',
    squares ? ['auto', 'exact', 'paper'] : ['auto', 'exact', 'qhat', 'sampled', 'newton-cg'],
  );
  const mode = chosen(options.mode ?? 'auto', squares, d);

  const engines = releases.map(({ design }) => engineOf(design, true));
  const parts: Part[] = releases.map(({ c, signs, weight = 1 }, k) => {
    const engine = engines[k]!;
    return { engine, c, weight, signs: signsOf(signs ?? 'positive', engine.rows, x0 && engine.times(x0), engine.b, signs !== undefined) };
  });
  const squaredWeights = w?.map((value) => value ** 2);
  const penalty: Dense | undefined = squaredWeights && engines[0]!.gram(squaredWeights);
  const problem: Problem = { parts, penalty, squaredWeights };
  const tensor = squares || mode === 'exact';
  const x = x0 ?? (await findStart(problem, options.signal));
  const start = pointAt(problem, x, { qhat: tensor || mode === 'qhat', third: tensor });
  if (start === undefined) throw new InfeasibleStartError(`${NAME}: x0 has not the signs of slacks that are asked for`, wrongRow(parts, x));
  const shared = {
    sampleSize,
    seed,
    tolerance,
    maxIterations,
    // A share t of Newton's step for c is Newton's step for c_t.
    mostChange: continuation ? 0.5 : Number.POSITIVE_INFINITY,
    signal: options.signal,
    onIteration: options.onIteration,
  };
  const { point, iterations, status } = squares
    ? await minimizeSquares(problem, start, { ...shared, mode: mode as 'exact' | 'paper' })
    : await minimize(problem, start, { ...shared, mode: mode as Mode });
  // With a regulariser, that of the squared distance would need its third derivatives: what is certified is how far x is from the x behind c.
  const certificate = certificateOf(
    parts.map((part, k) => ({ ...part, noiseBound: releases[k]!.noise?.bound ?? 0 })),
    point.x,
    squares ? undefined : w,
  );
  return {
    x: point.x,
    status: certificate === undefined ? status : 'certified',
    certificate,
    covariance: releases.some(({ noise }) => noise?.covariance)
      ? covarianceOf(
          problem,
          point.x,
          releases.map(({ noise }) => noise?.covariance),
        )
      : undefined,
    decrement: iterations.at(-1)!.decrement,
    condition: point.parts[0]!.condition,
    iterations,
    warnings: warningsFor(problem, point, squares),
  };
}

function chosen(mode: 'auto' | Mode | 'paper', squares: boolean, d: number): Mode | 'paper' {
  if (mode !== 'auto') return mode;
  return squares || d <= 22 ? 'exact' : 'qhat';
}

function signsOf(signs: Int8Array | 'positive', n: number, products: Float64Array | undefined, b: Float64Array, given: boolean): Int8Array {
  if (products !== undefined && !given) return Int8Array.from(products, (value, i) => Math.sign(value - b[i]!));
  if (signs === 'positive') return new Int8Array(n).fill(1);
  checkSigns(NAME, signs, n);
  return signs;
}

function wrongRow(parts: readonly Part[], x: Float64Array): number {
  for (const { engine, signs } of parts) {
    const row = engine.times(x).findIndex((value, i) => !((value - engine.b[i]!) * signs[i]! > 0));
    if (row >= 0) return row;
  }
  return -1;
}

function warningsFor(problem: Problem, point: Point, squares: boolean): string[] {
  const warnings: string[] = [];
  if (problem.penalty !== undefined) warnings.push('the regulariser moves the answer: it is not the x behind c');
  if (problem.parts.length === 1)
    warnings.push('unique only given the signs of the slacks: other cells have solutions of their own (countAmbiguity, isReachable)');
  const { condition } = point.parts[0]!;
  if (condition > 1e6) warnings.push(`S^-1 A has condition ${condition.toExponential(1)}: small errors of c move x far`);
  if (squares && isIndefinite(problem, point))
    warnings.push('the Hessian of the squared objective is indefinite at x: x is no minimum of it');
  return warnings;
}
