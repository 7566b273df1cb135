import { ArgumentError, exp, log, type Rng } from '@x/linalg';
import { checkChoice, checkLength } from '../check.ts';
import { type Density, uniform } from '../density.ts';
import { UnboundedBodyError } from '../errors.ts';
import { choleskyInPlace, multiplySquare } from '../kernel/cholesky.ts';
import { dotRow, normOf, rowOf } from '../sparse.ts';
import type { Target, Violation } from '../target.ts';
import { type SpectralFrame, spectralFrameOf, unfoldFrom } from './frame.ts';
import { leastEigenvalue } from './interior.ts';
import { logDet } from './log-det.ts';
import { addEntries } from './matrix.ts';
import type { PreparedSpectrahedron } from './prepare.ts';
import type { SketchOptions } from './sketch.ts';
import type { Spectrahedron } from './spectrahedron.ts';
import { type SpectralStep, spectralDikinWalk, spectralHitAndRun } from './walk.ts';

/** How to walk in a spectrahedron. */
export interface SpectrahedronOptions {
  /** Default uniform. */
  readonly density?: Density;
  /** Default `hitAndRun`, with exact chords. */
  readonly walk?: SpectralStep;
  /** Makes the Dikin walk's Hessian from a sketch; default exact. The draws' distribution is the same, the acceptance lower. */
  readonly sketch?: SketchOptions;
}

/**
 * A density on a prepared spectrahedron.
 *
 * @throws ArgumentError; ShapeError when the density has another dimension than the body; UnboundedBodyError for a uniform density on
 * an unbounded body; NotConvergedError for a Gaussian whose mass on the body lies within rounding of the boundary.
 */
export function spectrahedronTarget(prepared: PreparedSpectrahedron, options: SpectrahedronOptions = {}): Target {
  const { density = uniform, walk = 'hitAndRun', sketch } = options;
  check(prepared, density, options);
  const frame = spectralFrameOf(prepared, density);
  return {
    walk,
    frame: walk === 'dikin' ? 'axes' : 'rounded',
    dimension: prepared.dimension,
    names: prepared.body.names,
    fixed: prepared.fixedVariables,
    quantities: [...(density.kind === 'uniform' ? [] : ['f']), 'min eigenvalue'],
    identity: [
      JSON.stringify({ walk, sketch }),
      density.kind,
      frame.pencil.constant,
      frame.pencil.entries.value,
      ...(frame.quadratic ? [frame.quadratic.P, frame.quadratic.g] : []),
    ],
    makeWalk: (rng) => (walk === 'dikin' ? spectralDikinWalk(frame, rng, sketch && { sketch }) : spectralHitAndRun(frame, rng)),
    start: (rng) => scattered(frame, rng),
    unfold: (w, x) => unfoldFrom(frame, w, x),
    measure(at, out) {
      let k = 0;
      if (density.kind !== 'uniform') out[k++] = at.energy;
      out[k] = at.minSlack;
    },
    violation: (samples) => violationOf(prepared.body, samples),
  };
}

function check({ body, ray }: PreparedSpectrahedron, density: Density, options: SpectrahedronOptions): void {
  if (options.walk !== undefined) checkChoice('sample', 'walk', options.walk, ['dikin', 'hitAndRun']);
  if ('frame' in options && options.frame !== undefined) {
    throw new ArgumentError('sample: frame is given; walks in spectrahedra have no choice of coordinates', 'frame');
  }
  checkChoice('sample', 'density.kind', density.kind, ['uniform', 'gaussian', 'exponential', 'logConcave']);
  const m = body.variables;
  if (density.kind === 'gaussian') {
    checkLength('sample', 'density.mean', density.mean, m);
    checkLength('sample', 'density.precision', density.precision, m * m);
  } else if (density.kind === 'exponential') {
    checkLength('sample', 'density.rate', density.rate, m);
  } else if (ray !== undefined) {
    throw new UnboundedBodyError(
      `sample: the body is unbounded and the density ${density.kind}; give it equations, or a Gaussian or exponential density`,
      ray,
    );
  }
}

/** A random point on a random ray from the centre. */
function scattered({ pencil, quadratic }: SpectralFrame, rng: Rng): Float64Array {
  const { order: n, dimension: d } = pencil;
  const barrier = logDet(pencil, 'sparse');
  const L = new Float64Array(n * n);
  barrier.factor(new Float64Array(d), L);
  const direction = rng.fillNormal(new Float64Array(d));
  const least = barrier.spectrumAlong(L, direction)[0]!;
  let reach = least < 0 ? -0.95 / least : Number.POSITIVE_INFINITY;
  if (quadratic !== undefined) {
    // Not further than where f exceeds its minimum by about 2 d, four times its mean excess.
    const curved = new Float64Array(d);
    multiplySquare(quadratic.P, d, direction, curved);
    reach = Math.min(reach, 2 * Math.sqrt(d / direction.reduce((sum, v, j) => sum + v * curved[j]!, 0)));
    reach = Math.min(reach, (2 * d) / Math.abs(direction.reduce((sum, v, j) => sum + v * quadratic.g[j]!, 0)));
  }
  // Uniform in volume along the ray.
  const t = reach * exp(log(1 - rng.uniform()) / d);
  return direction.map((v) => v * t);
}

/** Checks every draw against the body as it was given, not as it was prepared. */
function violationOf(body: Spectrahedron, samples: Float64Array): Violation {
  const { order: n, variables: m, A, C, equations } = body;
  const worst = { 'negative eigenvalue': 0, equations: 0 };
  const S = new Float64Array(n * n);
  const scratch = new Float64Array(n * n);
  for (let from = 0; from < samples.length; from += m) {
    const x = samples.subarray(from, from + m);
    S.fill(0);
    addEntries(S, n, C, -1);
    A.forEach((matrix, i) => {
      addEntries(S, n, matrix, x[i]!);
    });
    scratch.set(S);
    // Nearly all draws are inside, which a Cholesky factor shows; only the others need eigenvalues.
    if (Number.isNaN(choleskyInPlace(scratch, n)))
      worst['negative eigenvalue'] = Math.max(worst['negative eigenvalue'], -leastEigenvalue(S, n));
    for (let i = 0; i < equations.rows.rows; i++) {
      const row = rowOf(equations.rows, i);
      worst.equations = Math.max(worst.equations, Math.abs(dotRow(row, x) - equations.rowUpper[i]!) / (normOf(row) || 1));
    }
  }
  return worst;
}
