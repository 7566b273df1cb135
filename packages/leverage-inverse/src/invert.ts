import { ArgumentError, type Dense } from '@x/linalg';
import { type Certificate, certificateOf } from './certify.ts';
import { checkChoice, checkRange, checkVector, checkWhole } from './check.ts';
import type { Design } from './design.ts';
import { InfeasibleStartError } from './errors.ts';
import { checkOnce, engineOf } from './resident.ts';
import { type Iteration, minimize } from './solve/minimize.ts';
import type { Part, Point, Problem } from './solve/part.ts';
import { pointAt } from './solve/problem.ts';
import { defaultSampleSize } from './solve/sample.ts';
import { findStart } from './solve/start.ts';
import type { Mode } from './solve/step.ts';

export interface InvertOptions {
  /** A point of the cell to start from; default: one that phase I finds. Its slacks then tell the signs. */
  readonly x0?: Float64Array;
  /** Signs of the slacks at the x that is looked for: they are no part of the gradient. Default 'positive'. */
  readonly signs?: Int8Array | 'positive';
  /** How steps are made; default 'auto': 'exact' while a tensor is cheap (d <= 22), else 'qhat'. */
  readonly mode?: 'auto' | Mode;
  /** w >= 0, n numbers: solves the regularised problem min V + <c, x> + ||W A x||^2 / 2 instead, whose solution is biased. */
  readonly w?: Float64Array;
  /** Rows that 'sampled' and 'newton-cg' draw; default 20 d ln d. */
  readonly sampleSize?: number;
  /** Newton decrement at which the iteration ends; default 1e-12. */
  readonly tolerance?: number;
  /** Default 500. */
  readonly maxIterations?: number;
  /** ||c - g(x*)||_2 is at most this, for the certificate; default 0. */
  readonly noiseBound?: number;
  /** A whole number in [0, 2^53); default 0. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onIteration?: (iteration: Iteration) => void;
}

export interface Inversion {
  readonly x: Float64Array;
  /** 'certified': proven. 'converged': the iteration ended where rounding ends, without a proof. Neither of the others is an answer. */
  readonly status: 'certified' | 'converged' | 'stalled' | 'max-iterations';
  /** Present exactly when certified. */
  readonly certificate: Certificate | undefined;
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
  const { signs, w } = options;
  return invertReleases([signs === undefined ? { design, c } : { design, c, signs }], w, options);
}

/**
 * The same from several gradients at one x, each of rows of its own: minimises the sum of their convex objectives, in the intersection of
 * their cells. Exact data give the same x as each alone; noise averages out. `signs` and `w` belong to each release.
 */
export async function invertLeverageGradients(
  releases: readonly Release[],
  options: Omit<InvertOptions, 'signs' | 'w' | 'noiseBound'> = {},
): Promise<Inversion> {
  if (!Array.isArray(releases) || releases.length === 0)
    throw new ArgumentError(`${NAME}s: releases must be a list of one or more`, 'releases');
  return invertReleases(releases, undefined, options);
}

async function invertReleases(releases: readonly Release[], w: Float64Array | undefined, options: InvertOptions): Promise<Inversion> {
  const { mode: asked = 'auto', tolerance = 1e-12, maxIterations = 500, seed = 0, noiseBound = 0, x0 } = options;
  for (const { design, c, weight = 1 } of releases) {
    checkOnce(NAME, design);
    checkVector(NAME, 'c', c, design.A.cols);
    checkRange(NAME, 'weight', weight, Number.MIN_VALUE);
  }
  const { A } = releases[0]!.design;
  const d = A.cols;
  checkChoice(NAME, 'mode', asked, ['auto', 'exact', 'qhat', 'sampled', 'newton-cg']);
  checkRange(NAME, 'tolerance', tolerance, 0);
  checkRange(NAME, 'noiseBound', noiseBound, 0);
  checkWhole(NAME, 'maxIterations', maxIterations, 1);
  checkWhole(NAME, 'seed', seed, 0);
  const { sampleSize = defaultSampleSize(d) } = options;
  checkWhole(NAME, 'sampleSize', sampleSize, d);
  if (x0 !== undefined) checkVector(NAME, 'x0', x0, d);
  if (w !== undefined) checkVector(NAME, 'w', w, A.rows);
  const mode = asked === 'auto' ? (d <= 22 ? 'exact' : 'qhat') : asked;

  const engines = releases.map(({ design }) => engineOf(design));
  const parts: Part[] = releases.map(({ c, signs, weight = 1 }, k) => {
    const engine = engines[k]!;
    return { engine, c, weight, signs: signsOf(signs ?? 'positive', engine.rows, x0 && engine.times(x0), engine.b, signs !== undefined) };
  });
  const penalty: Dense | undefined = w === undefined ? undefined : engines[0]!.gram(w.map((value) => value ** 2));
  const problem: Problem = { parts, penalty };
  const wanted = { qhat: mode === 'exact' || mode === 'qhat', third: mode === 'exact' };
  const x = x0 ?? (await findStart(problem, options.signal));
  const start = pointAt(problem, x, wanted);
  if (start === undefined) throw new InfeasibleStartError(`${NAME}: x0 has not the signs of slacks that are asked for`, wrongRow(parts, x));
  const { point, iterations, status } = await minimize(problem, start, {
    mode,
    sampleSize,
    seed,
    tolerance,
    maxIterations,
    signal: options.signal,
    onIteration: options.onIteration,
  });
  const certificate = releases.length > 1 || w !== undefined ? undefined : certificateOf(engines[0]!, parts[0]!.c, point.x, noiseBound);
  return {
    x: point.x,
    status: certificate === undefined ? status : 'certified',
    certificate,
    decrement: iterations.at(-1)!.decrement,
    condition: point.parts[0]!.condition,
    iterations,
    warnings: warningsFor(point, w !== undefined, releases.length),
  };
}

function signsOf(signs: Int8Array | 'positive', n: number, products: Float64Array | undefined, b: Float64Array, given: boolean): Int8Array {
  if (products !== undefined && !given) return Int8Array.from(products, (value, i) => Math.sign(value - b[i]!));
  if (signs === 'positive') return new Int8Array(n).fill(1);
  if (!(signs instanceof Int8Array) || signs.length !== n || signs.some((sign) => sign !== 1 && sign !== -1)) {
    throw new ArgumentError(`${NAME}: signs must be 'positive' or an Int8Array of ${n} entries 1 or -1`, 'signs');
  }
  return signs;
}

function wrongRow(parts: readonly Part[], x: Float64Array): number {
  for (const { engine, signs } of parts) {
    const row = engine.times(x).findIndex((value, i) => !((value - engine.b[i]!) * signs[i]! > 0));
    if (row >= 0) return row;
  }
  return -1;
}

function warningsFor(point: Point, regularised: boolean, count: number): string[] {
  const warnings: string[] = [];
  if (regularised) warnings.push('the regulariser moves the answer: it is not the x behind c');
  if (count === 1)
    warnings.push('unique only given the signs of the slacks: other cells have solutions of their own (countAmbiguity, isReachable)');
  const { condition } = point.parts[0]!;
  if (condition > 1e6) warnings.push(`S^-1 A has condition ${condition.toExponential(1)}: small errors of c move x far`);
  return warnings;
}
