import { csrMultiply, exp, log, type Rng } from '@x/linalg';
import { longestStep } from './center.ts';
import { checkChoice, checkLength } from './check.ts';
import { sparseCoordinates, tightness, widthsOf } from './coordinates.ts';
import { type Density, uniform } from './density.ts';
import { UnboundedBodyError } from './errors.ts';
import { type Frame, type FrameKind, frameOf } from './frame.ts';
import { multiplySquare } from './kernel/cholesky.ts';
import type { Prepared } from './prepare/prepare.ts';
import { dotRow, normOf, rowOf } from './sparse.ts';
import type { Target, Violation } from './target.ts';
import { makeWalk, type WalkChoice, walkKind } from './walk/choice.ts';
import type { StepKind } from './walk/polytope-walk.ts';

/** How to walk in a polytope. */
export interface PolytopeOptions {
  /** Default uniform. */
  readonly density?: Density;
  /** Default `cdhr`, coordinate hit-and-run. An object chooses the Dikin walk's barrier and how its Hessians are made. */
  readonly walk?: WalkChoice;
  /**
   * Coordinates the walk runs in. Default for coordinate hit-and-run and `auto`, whose speed depends on them: `scaled` where its axes touch few constraints
   * and none is tight, else `rounded`; for the Dikin walk, whose speed does not, `axes` where the constraints are sparse, because that
   * keeps them so, and `rounded` elsewhere.
   */
  readonly frame?: FrameKind;
}

/**
 * A density on a prepared polytope.
 *
 * @throws ArgumentError; ShapeError when the density has another dimension than the body; UnboundedBodyError for a uniform density on
 * an unbounded body; NotConvergedError for a Gaussian whose mass on the body lies within rounding of a facet.
 */
export function polytopeTarget(prepared: Prepared, options: PolytopeOptions = {}): Target {
  const { density = uniform, walk: choice = 'cdhr' } = options;
  const walk = walkKind(choice);
  check(prepared, density, options);
  const kind = options.frame ?? defaultFrame(prepared, walk, density);
  const frame = frameOf(prepared, density, kind);
  const { map, origin } = frame;
  // f of a uniform density is constant, and a body without facets has no slack.
  const quantities = [...(density.kind === 'uniform' ? [] : ['f']), ...(prepared.A.rows > 0 ? ['min slack'] : [])];
  return {
    walk,
    frame: kind,
    dimension: frame.dimension,
    names: prepared.body.names,
    fixed: prepared.report.fixedVariables,
    quantities,
    identity: [
      JSON.stringify(choice),
      density.kind,
      frame.A.data,
      frame.slack,
      ...(frame.quadratic ? [frame.quadratic.P, frame.quadratic.g] : []),
    ],
    makeWalk: (rng) => makeWalk(choice, frame, rng),
    start: (rng) => scattered(frame, rng),
    unfold(w, x) {
      for (let i = 0; i < x.length; i++) {
        let sum = origin[i]!;
        for (let p = map.indptr[i]!; p < map.indptr[i + 1]!; p++) sum += map.data[p]! * w[map.indices[p]!]!;
        x[i] = sum;
      }
    },
    measure(at, out) {
      let k = 0;
      if (density.kind !== 'uniform') out[k++] = at.energy;
      if (prepared.A.rows > 0) out[k] = at.minSlack;
    },
    violation: (samples) => violationOf(prepared, samples),
  };
}

function check(prepared: Prepared, density: Density, { frame }: PolytopeOptions): void {
  if (frame !== undefined) checkChoice('sample', 'frame', frame, ['axes', 'rounded', 'scaled']);
  checkChoice('sample', 'density.kind', density.kind, ['uniform', 'gaussian', 'exponential', 'logConcave']);
  const n = prepared.body.variables;
  if (density.kind === 'gaussian') {
    checkLength('sample', 'density.mean', density.mean, n);
    checkLength('sample', 'density.precision', density.precision, n * n);
  } else if (density.kind === 'exponential') {
    checkLength('sample', 'density.rate', density.rate, n);
  } else if (!prepared.bounded) {
    throw new UnboundedBodyError(
      `sample: the body is unbounded and the density ${density.kind}; give it bounds, or a Gaussian or exponential density`,
      prepared.ray ?? new Float64Array(),
    );
  }
}

/**
 * Steps along an axis are that much better than their cost and tightness say where they touch few constraints only: chords then end at few
 * of them. On e_coli_core and on the Netlib problems AFIRO, BANDM, DEGEN2, SC105 and SCFXM1 the rule with this factor picks the faster frame.
 */
const FEW_TOUCHED = 4;

function defaultFrame(prepared: Prepared, kind: StepKind, density: Density): FrameKind {
  const { A, b, center, factor } = prepared;
  const full = A.rows * A.cols;
  if (kind === 'dikin') return sparseCoordinates(prepared).A.data.length < 0.4 * full ? 'axes' : 'rounded';
  // Of a Gaussian all coordinates depend on each other, sparse or not; and a random direction touches everything.
  if (kind === 'hitAndRun' || density.kind === 'gaussian') return 'rounded';
  const widths = widthsOf(prepared, factor);
  const scaled = sparseCoordinates(prepared, widths);
  const image = csrMultiply(A, center);
  const slack = b.map((bound, i) => bound - image[i]!);
  return scaled.A.data.length * tightness(scaled, slack, widths) < FEW_TOUCHED * full ? 'scaled' : 'rounded';
}

/** A random point on a random ray from the centre. */
function scattered(frame: Frame, rng: Rng): Float64Array {
  const d = frame.dimension;
  const direction = rng.fillNormal(new Float64Array(d));
  const move = Float64Array.from({ length: frame.A.rows }, (_, i) => dotRow(rowOf(frame.A, i), direction));
  let reach = 0.95 * longestStep(frame.slack, move);
  if (frame.quadratic !== undefined) {
    // Not further than where f exceeds its minimum by about 2 d, four times its mean excess.
    const curved = new Float64Array(d);
    multiplySquare(frame.quadratic.P, d, direction, curved);
    reach = Math.min(reach, 2 * Math.sqrt(d / direction.reduce((sum, v, j) => sum + v * curved[j]!, 0)));
    reach = Math.min(reach, (2 * d) / Math.abs(direction.reduce((sum, v, j) => sum + v * frame.quadratic!.g[j]!, 0)));
  }
  // Uniform in volume along the ray.
  const t = reach * exp(log(1 - rng.uniform()) / d);
  return direction.map((v) => v * t);
}

/** Checks every draw against the body as it was given, not as it was prepared. */
function violationOf({ body }: Prepared, samples: Float64Array): Violation {
  const n = body.variables;
  const worst = { bounds: 0, inequalities: 0, equations: 0 };
  const rows = Array.from({ length: body.rows.rows }, (_, i) => {
    const row = rowOf(body.rows, i);
    const lower = body.rowLower[i]!;
    const upper = body.rowUpper[i]!;
    return { row, lower, upper, norm: normOf(row) || 1, kind: kindOf(lower, upper) };
  });
  for (let at = 0; at < samples.length; at += n) {
    const x = samples.subarray(at, at + n);
    for (let j = 0; j < n; j++) worst.bounds = Math.max(worst.bounds, body.lower[j]! - x[j]!, x[j]! - body.upper[j]!);
    for (const { row, lower, upper, norm, kind } of rows) {
      const value = dotRow(row, x);
      worst[kind] = Math.max(worst[kind], (lower - value) / norm, (value - upper) / norm);
    }
  }
  return worst;
}

function kindOf(lower: number, upper: number): 'equations' | 'inequalities' {
  return lower === upper ? 'equations' : 'inequalities';
}
