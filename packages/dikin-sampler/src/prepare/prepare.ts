import { AbortedError, ArgumentError, type Csr, csrMultiply } from '@x/linalg';
import { minimizeBarrier, type Quadratic } from '../center.ts';
import { checkRange } from '../check.ts';
import { EmptyInteriorError, UnboundedBodyError } from '../errors.ts';
import type { LpSolver } from '../lp/solver.ts';
import { pause } from '../pause.ts';
import type { Polytope } from '../polytope.ts';
import { multiplySparse, normOf, packRows, rowOf, type SparseRow } from '../sparse.ts';
import { type Ball, chebyshevCenter } from './chebyshev.ts';
import { displacements } from './displacements.ts';
import { findInterior } from './feasible.ts';
import { findRay } from './recession.ts';
import { needed } from './redundant.ts';
import { solutionSpace } from './solutions.ts';
import { type Cleaning, type Constraint, clean, matrixOf, type System } from './system.ts';

export interface PrepareOptions {
  /** The linear-programming solver, for instance `await highs()` of `@x/dikin-sampler/highs`. */
  readonly solver: LpSolver;
  /** A slack of a unit row that never exceeds this counts as zero. Default 1e-8. */
  readonly tolerance?: number;
  /** Leave out inequalities that the others imply; costs one linear program each. Default true. */
  readonly removeRedundant?: boolean;
  /** Accept an unbounded body. A uniform density does not exist on it, a Gaussian does. Default false. */
  readonly allowUnbounded?: boolean;
  /** Heard between two linear programs, and between the other steps, of which none is longer than the QR factorisation of the equations. */
  readonly signal?: AbortSignal;
  /** Called with the finished fraction in [0, 1], as far as it can be foreseen, and what is being done. */
  readonly onProgress?: (fraction: number, stage: string) => void;
}

/**
 * A body in the form that can be walked in: {y in R^d : A y <= b} with unit rows and an interior, and x = origin + basis y, where the
 * basis has orthonormal columns. Everything about the change is in `report`.
 */
export interface Prepared {
  readonly body: Polytope;
  readonly dimension: number;
  readonly A: Csr;
  readonly b: Float64Array;
  /** Label of each row of A. */
  readonly labels: readonly string[];
  readonly origin: Float64Array;
  readonly basis: Csr;
  /** The analytic centre; for an unbounded body, the minimiser of barrier plus ||(y - ball centre) / radius||^2 / 2. */
  readonly center: Float64Array;
  /** Lower Cholesky factor of the Hessian there, d x d row-major. */
  readonly factor: Float64Array;
  /** A largest inscribed ball; for an unbounded body, of radius at most 1. */
  readonly ball: Ball;
  readonly bounded: boolean;
  /** A direction along which the body never ends; undefined where it is bounded. */
  readonly ray: Float64Array | undefined;
  readonly report: PrepareReport;
}

export interface PrepareReport extends Cleaning {
  /** Variables that have one value on the whole body. */
  readonly fixedVariables: readonly string[];
  /** Inequalities that hold with equality on the whole body. */
  readonly impliedEquations: readonly string[];
  /** Number of independent equations, bounds that fix a variable and implied ones included. */
  readonly equationRank: number;
  /** Inequalities that the others imply, or that are constant on the body. */
  readonly redundant: readonly string[];
}

/**
 * Preprocesses a body: cleans its rows, finds implied equations, solves the equations, removes redundant inequalities and finds the
 * centre. Bounds of 1e20 and more count as none.
 *
 * @throws InfeasibleBodyError with contradicting constraints; UnboundedBodyError with a ray, unless `allowUnbounded`;
 * EmptyInteriorError for a single point or a body thinner than `tolerance`; SolverError; AbortedError.
 * Cost: a few linear programs of the body's size, one an inequality for the redundant ones, and O(n m^2) flops for the equations.
 */
export async function prepare(body: Polytope, options: PrepareOptions): Promise<Prepared> {
  const { solver, tolerance = 1e-8, removeRedundant = true, allowUnbounded = false, signal, onProgress } = options ?? {};
  if (typeof solver?.open !== 'function') {
    throw new ArgumentError('prepare: solver is missing; give a linear-programming solver, such as await highs()', 'solver');
  }
  checkRange('prepare', 'tolerance', tolerance, 1e-9, 1e-2);
  const breathe = async () => {
    await pause();
    if (signal?.aborted) throw new AbortedError('prepare: aborted');
  };
  const stage = async (fraction: number, name: string) => {
    onProgress?.(fraction, name);
    await breathe();
  };
  await stage(0, 'cleaning rows');
  const { system, cleaning } = clean(body);
  await stage(0.01, 'implied equations');

  const { point, implied, strict } = await findInterior(system, solver, tolerance, breathe);
  const equations = [...system.equations, ...implied];
  const impliedEquations = implied.map(({ label }) => label);
  const flat: System = { variables: body.variables, equations, inequalities: strict };
  await stage(0.05, 'rays');

  const ray = await findRay(flat, solver);
  if (ray !== undefined && !allowUnbounded) throw unbounded(body, ray);
  await stage(0.1, 'solving the equations');

  const space = solutionSpace(body.variables, equations, point);
  const { basis, point: origin, rank } = space;
  if (basis.cols === 0) {
    const which = impliedEquations.length > 0 ? `; these hold with equality: ${impliedEquations.slice(0, 10).join(', ')}` : '';
    throw new EmptyInteriorError(
      `prepare: the body is a single point, or of no extent above ${tolerance}; rescale a small one${which}`,
      0,
      origin,
      impliedEquations,
    );
  }
  await stage(REDUNDANCY, 'redundant inequalities');

  const { system: near, moving } = displacements(flat, space);
  const isNeeded = removeRedundant
    ? await needed(near, solver, (share) => stage(Math.min(CENTRE, REDUNDANCY + share * (CENTRE - REDUNDANCY)), 'redundant inequalities'))
    : strict.map(() => true);
  const { rows: kept, lengths, ...reduced } = reduce(strict, isNeeded, basis, origin);
  await stage(CENTRE, 'largest ball');

  const ball = await chebyshevCenter(
    { ...near, inequalities: kept.map((i) => near.inequalities[i]!) },
    lengths,
    packRows(
      basis.cols,
      moving.map((j) => rowOf(basis, j)),
    ),
    solver,
    ray === undefined ? undefined : 1,
  );
  if (!(ball.radius > tolerance)) {
    throw new EmptyInteriorError(
      `prepare: the largest ball inside has radius ${ball.radius}; it must exceed ${tolerance} (rescale the variables, or lower the tolerance)`,
      ball.radius,
      origin,
      impliedEquations,
    );
  }
  await stage(0.95, 'analytic centre');

  const { point: center, factor } = minimizeBarrier(reduced.A, reduced.b, ball.center, ray === undefined ? undefined : pull(ball));
  onProgress?.(1, 'prepared');
  const keptLabels = new Set(reduced.labels);
  return {
    body,
    dimension: basis.cols,
    ...reduced,
    origin,
    basis,
    center,
    factor,
    ball,
    bounded: ray === undefined,
    ray,
    report: {
      ...cleaning,
      fixedVariables: body.names.filter((_, j) => basis.indptr[j] === basis.indptr[j + 1]),
      impliedEquations,
      equationRank: rank,
      redundant: strict.map(({ label }) => label).filter((label) => !keptLabels.has(label)),
    },
  };
}

/** What is done when redundancy is looked for, and when the centre is, of a large body. */
const REDUNDANCY = 0.3;
const CENTRE = 0.9;

/** A row this short in the reduced coordinates is constant on the body but for rounding. */
const CONSTANT = 1e-10;

/** The needed inequalities in the coordinates y of x = origin + basis y, with unit rows; which they are, and how long they were. */
function reduce(inequalities: readonly Constraint[], isNeeded: readonly boolean[], basis: Csr, origin: Float64Array) {
  const { A, b } = matrixOf(inequalities, origin.length);
  const AN = multiplySparse(A, basis);
  const Ax = csrMultiply(A, origin);
  const rows: number[] = [];
  const lengths: number[] = [];
  for (let i = 0; i < A.rows; i++) {
    const length = normOf(rowOf(AN, i));
    if (!isNeeded[i] || length <= CONSTANT) continue;
    rows.push(i);
    lengths.push(length);
  }
  const unit = rows.map((i, k): SparseRow => {
    const { columns, entries } = rowOf(AN, i);
    return { columns, entries: entries.map((entry) => entry / lengths[k]!) };
  });
  return {
    rows,
    lengths,
    A: packRows(basis.cols, unit),
    b: Float64Array.from(rows, (i, k) => (b[i]! - Ax[i]!) / lengths[k]!),
    labels: rows.map((i) => inequalities[i]!.label),
  };
}

/** ||(y - center) / radius||^2 / 2, up to a constant. */
function pull({ center, radius }: Ball): Quadratic {
  const d = center.length;
  const P = new Float64Array(d * d);
  for (let j = 0; j < d; j++) P[j * d + j] = 1 / (radius * radius);
  return { P, g: center.map((c) => -c / (radius * radius)) };
}

function unbounded(body: Polytope, ray: Float64Array): UnboundedBodyError {
  const largest = [...ray.keys()].sort((i, j) => Math.abs(ray[j]!) - Math.abs(ray[i]!)).slice(0, 3);
  const shown = largest.filter((j) => ray[j] !== 0).map((j) => `${body.names[j]} ${ray[j]! > 0 ? 'up' : 'down'}`);
  return new UnboundedBodyError(
    `prepare: the body is unbounded (${shown.join(', ')}); add bounds (a box, say) or a cut, or allow it and sample a Gaussian`,
    ray,
  );
}
