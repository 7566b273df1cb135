import { AbortedError, type Csr, csrMultiply } from '@x/linalg';
import type { Quadratic } from '../center.ts';
import { checkRange } from '../check.ts';
import { EmptyInteriorError, InfeasibleBodyError, UnboundedBodyError } from '../errors.ts';
import { pause } from '../pause.ts';
import { type SolutionSpace, solutionSpace } from '../prepare/solutions.ts';
import { clean, slackAt } from '../prepare/system.ts';
import { DependentMatricesError } from './errors.ts';
import { dependence } from './independent.ts';
import { interiorPoint, smallestEigenvalue } from './interior.ts';
import { logDet } from './log-det.ts';
import { type LogDetCenter, minimizeLogDet } from './newton.ts';
import { type Pencil, pencilOf } from './pencil.ts';
import { findSpectralRay } from './recession.ts';
import type { Spectrahedron } from './spectrahedron.ts';

export interface SpectrahedronPrepareOptions {
  /** Smallest eigenvalues of S(x) within this of 0, relative to the largest entry of S, count as 0. Default 1e-7. */
  readonly tolerance?: number;
  /** Accept an unbounded body. A uniform density does not exist on it, a Gaussian does. Default false. */
  readonly allowUnbounded?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * A spectrahedron in the form that can be walked in: {y in R^d : S0 + sum_j y_j B_j positive semidefinite} with an interior, and
 * x = origin + basis y, where the basis has orthonormal columns.
 */
export interface PreparedSpectrahedron {
  readonly kind: 'spectrahedron';
  readonly body: Spectrahedron;
  readonly dimension: number;
  readonly pencil: Pencil;
  readonly origin: Float64Array;
  readonly basis: Csr;
  /** The analytic centre, the maximiser of det S; for an unbounded body, with a quadratic pull towards an interior point. */
  readonly center: Float64Array;
  /** Lower Cholesky factor of the Hessian there, d x d row-major. */
  readonly factor: Float64Array;
  readonly bounded: boolean;
  /** A direction, in the body's own coordinates, along which it never ends; undefined where it is bounded. */
  readonly ray: Float64Array | undefined;
  /** Variables that the equations fix. */
  readonly fixedVariables: readonly string[];
  readonly equationRank: number;
}

/**
 * Preprocesses a spectrahedron: solves the equations, tests the matrices for independence and the recession cone for rays, finds an interior
 * point and the analytic centre, all by Newton's method on log-determinants; no solver is needed. Where S(x) is singular on the whole body
 * there is no facial reduction: that is an EmptyInteriorError.
 *
 * @throws InfeasibleBodyError for contradicting equations; InfeasibleSpectrahedronError with a dual certificate; DependentMatricesError;
 * UnboundedBodyError with a ray, unless `allowUnbounded`; EmptyInteriorError; AbortedError.
 * Cost: some tens of Newton steps, each of 2 d n^3 + d^2 n^2 / 2 + d^3 / 3 flops, and O(n^2 d^2) for the independence.
 */
export async function prepareSpectrahedron(body: Spectrahedron, options: SpectrahedronPrepareOptions = {}): Promise<PreparedSpectrahedron> {
  const { tolerance = 1e-7, allowUnbounded = false, signal } = options;
  checkRange('prepareSpectrahedron', 'tolerance', tolerance, 1e-10, 1e-2);
  const breathe = async () => {
    await pause();
    if (signal?.aborted) throw new AbortedError('prepareSpectrahedron: aborted');
  };
  await breathe();
  const space = solve(body);
  const pencil = pencilOf(body, space);
  const d = pencil.dimension;
  if (d === 0) throw singlePoint(pencil, space.point);
  const combination = dependence(pencil);
  if (combination !== undefined) throw dependent(body, csrMultiply(space.basis, combination));
  await breathe();

  const direction = findSpectralRay(pencil);
  const ray = direction === undefined ? undefined : csrMultiply(space.basis, direction);
  await breathe();
  const inside = interiorPoint(pencil, ray === undefined, tolerance);
  if (ray !== undefined && !allowUnbounded) throw unbounded(body, ray);
  await breathe();

  const f = ray === undefined ? {} : { f: pullTowards(pencil, inside) };
  const { point: center, factor } = minimizeLogDet(logDet(pencil), pencil, inside, f) as LogDetCenter;
  return {
    kind: 'spectrahedron',
    body,
    dimension: d,
    pencil,
    origin: space.point,
    basis: space.basis,
    center,
    factor,
    bounded: ray === undefined,
    ray,
    fixedVariables: body.names.filter((_, i) => space.basis.indptr[i] === space.basis.indptr[i + 1]),
    equationRank: space.rank,
  };
}

/** Residuals of unit equations above this, relative to their bounds, contradict each other. */
const CONTRADICTION = 1e-9;

function solve({ equations, variables }: Spectrahedron): SolutionSpace {
  const { system } = clean(equations);
  const space = solutionSpace(variables, system.equations, new Float64Array(variables));
  const violated = system.equations.filter((e) => Math.abs(slackAt(e, space.point)) > CONTRADICTION * Math.max(1, Math.abs(e.bound)));
  if (violated.length > 0) {
    const labels = system.equations.map(({ label }) => label);
    throw new InfeasibleBodyError('prepareSpectrahedron: the equations contradict each other', labels);
  }
  return space;
}

function singlePoint(pencil: Pencil, point: Float64Array): EmptyInteriorError | InfeasibleBodyError {
  const least = smallestEigenvalue(pencil, new Float64Array(0));
  return least < 0
    ? new InfeasibleBodyError(`prepareSpectrahedron: the equations leave one point, where the smallest eigenvalue of S(x) is ${least}`, [
        'S(x) >= 0',
      ])
    : new EmptyInteriorError('prepareSpectrahedron: the body is a single point: the equations fix every variable', 0, point);
}

function dependent(body: Spectrahedron, combination: Float64Array): DependentMatricesError {
  return new DependentMatricesError(
    `prepareSpectrahedron: the matrices are dependent: a combination that the equations allow (${largest(body, combination)}) is zero; leave out one of them`,
    combination,
  );
}

function unbounded(body: Spectrahedron, ray: Float64Array): UnboundedBodyError {
  return new UnboundedBodyError(
    `prepareSpectrahedron: the body is unbounded (${largest(body, ray)}); add an equation or a bound, or allow it and sample a Gaussian`,
    ray,
  );
}

/** The three largest components, by name. */
function largest({ names }: Spectrahedron, v: Float64Array): string {
  const order = [...v.keys()].sort((i, j) => Math.abs(v[j]!) - Math.abs(v[i]!)).slice(0, 3);
  return order
    .filter((j) => v[j] !== 0)
    .map((j) => `${names[j]} ${v[j]! > 0 ? 'up' : 'down'}`)
    .join(', ');
}

/** (y - at)^T H(at) (y - at) / 2, up to a constant. */
function pullTowards(pencil: Pencil, at: Float64Array): Quadratic {
  const { order: n, dimension: d } = pencil;
  const barrier = logDet(pencil);
  const L = new Float64Array(n * n);
  const P = new Float64Array(d * d);
  barrier.factor(at, L);
  barrier.derivatives(L, new Float64Array(d), P);
  const g = Float64Array.from({ length: d }, (_, i) => -at.reduce((sum, v, j) => sum + P[i * d + j]! * v, 0));
  return { P, g };
}
