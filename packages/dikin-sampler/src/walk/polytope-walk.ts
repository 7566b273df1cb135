import { ArgumentError, type Rng } from '@x/linalg';
import { logBarrier } from '../barrier/log.ts';
import { checkLength } from '../check.ts';
import type { Frame } from '../frame.ts';
import { choleskyInPlace } from '../kernel/cholesky.ts';
import { type Kernel, newKernel } from '../kernel/instance.ts';
import { float64Region } from '../kernel/memory.ts';
import { FACTORED, loadBody, loadPoint, loadStream, record, STREAM_FIELDS, type Use } from './loaded.ts';
import { structuredSize } from './structure/loaded.ts';
import { structureOf } from './structure/structure.ts';
import type { DikinWalk } from './walk.ts';

/** Steps that the kernel makes; the numbers are those of assembly/polytope/chain.ts. */
const STEP = { dikin: 0, cdhr: 1, hitAndRun: 2, auto: 3 } as const;
export type StepKind = keyof typeof STEP;

/** A walk in a polytope. Those along chords have no metric: their `propose`, `factor` and `dikinSteps` throw ArgumentError. */
export interface PolytopeWalk extends DikinWalk {
  readonly kind: StepKind;
  /** The factor U of the metric U^T U at the position, upper triangular, d x d row-major; below the diagonal anything. */
  factor(): Float64Array;
  /** Makes Dikin steps alone, whatever the walk is; returns how many moved. */
  dikinSteps(steps: number): number;
  /** Dikin proposals made, metrics factored for them, and multiplications done in their leading terms, since the walk was made. */
  readonly counts: { readonly proposals: number; readonly metrics: number; readonly multiplications: number };
}

export interface PolytopeWalkSetup extends Pick<Use, 'weighting' | 'hessian' | 'bucket' | 'samples'> {
  readonly kind: StepKind;
  readonly structured: boolean | undefined;
  /** `auto`: the probability of a Dikin step. */
  readonly share: number;
  /** The kernel to run in; default a new one. */
  readonly makeKernel?: typeof newKernel;
}

/** Indices of the chain's record after its two f64. */
const HERE = 2;
const DRIFT = 6;

/** A chain in a kernel of its own: one call makes any number of steps. */
export function polytopeWalk(frame: Frame, rng: Rng, setup: PolytopeWalkSetup): PolytopeWalk {
  const { kind, weighting, hessian, bucket, samples, structured, share, makeKernel = newKernel } = setup;
  const d = frame.dimension;
  const n = frame.A.rows;
  const metric = kind === 'dikin' || kind === 'auto';
  const structure =
    metric && structured !== false && hessian === 'exact' && weighting.rounds === 0 ? structureOf(frame, structured === true) : undefined;
  const normals = d + (structure?.few.length ?? 0);
  const k: Kernel = makeKernel(frame.energy && hosted(frame.energy, d, () => k));
  const body = loadBody(k, frame, { weighting, hessian, bucket, samples, structure, metric });
  const size = !metric ? 0 : structure === undefined ? d * d : structuredSize(structure);
  const points = [loadPoint(k, n, d, hessian, size), loadPoint(k, n, d, hessian, size)] as const;
  const stream = loadStream(k, rng);
  const step = float64Region(k, normals);
  const image = float64Region(k, Math.max(n, d));
  const chain = record(
    k,
    [1, share],
    [body, stream.pointer, points[0].pointer, points[1].pointer, step.pointer, image.pointer, 0, 0, 0, normals],
  );
  const here = () => (chain.fields.view()[HERE] === points[0].pointer ? points[0] : points[1]);
  const there = () => (here() === points[0] ? points[1] : points[0]);
  const needsMetric = () => {
    if (!metric) throw new ArgumentError(`walk: ${kind} has no metric; walks of kind dikin and auto have one`, 'kind');
  };
  const factored = () => here().fields.view()[FACTORED] === 1;

  /** What a save copies, in order. A factor is a function of the slacks, except that bucketing updates it. */
  const parts = () => {
    const { w, slack, gradient, H, buckets, factor, values } = here();
    return [w, slack, gradient, ...(hessian === 'bucketed' ? [H, buckets, factor] : [])]
      .map((region) => region.view())
      .concat(values.view().subarray(0, 2));
  };
  const HEADER = 3 + STREAM_FIELDS.count;

  return {
    kind,
    get radius() {
      return chain.values.view()[0]!;
    },
    set radius(r) {
      chain.values.view()[0] = r;
      // The soft threshold depends on it.
      if (frame.soft !== undefined) here().fields.view()[FACTORED] = 0;
    },
    get position() {
      return here().w.view();
    },
    get proposal() {
      return there().w.view();
    },
    get energy() {
      return frame.energy === undefined ? k.polytopeEnergy(chain.pointer) : here().values.view()[0]!;
    },
    get minSlack() {
      return smallest(here().slack.view());
    },
    get counts() {
      const [proposals, metrics] = chain.fields.view().subarray(DRIFT + 1, DRIFT + 3);
      return { proposals: proposals!, metrics: metrics!, multiplications: k.operations() };
    },
    place(w) {
      here().w.view().set(w);
      k.polytopePlace(chain.pointer);
      if (metric && !k.polytopeFactor(chain.pointer)) {
        throw new ArgumentError(
          'walk: the metric has no Cholesky factor there; the point must lie inside a body whose rows span the space',
          'w',
        );
      }
    },
    propose(noise) {
      needsMetric();
      checkLength('propose', 'noise', noise, normals);
      step.view().set(noise);
      return k.polytopePropose(chain.pointer);
    },
    accept() {
      k.polytopeAccept(chain.pointer);
    },
    advance(count) {
      return k.polytopeAdvance(chain.pointer, STEP[kind], count);
    },
    normals,
    factor() {
      needsMetric();
      if (structure !== undefined) return denseFactor(frame, here().slack.view(), this.radius);
      if (!factored()) k.polytopeFactor(chain.pointer);
      return here().factor.view().slice();
    },
    dikinSteps(count) {
      needsMetric();
      return k.polytopeAdvance(chain.pointer, STEP.dikin, count);
    },
    save() {
      const numbers = parts();
      const state = new Float64Array(HEADER + numbers.reduce((sum, { length }) => sum + length, 0));
      state.set([chain.fields.view()[DRIFT]!, chain.values.view()[0]!, Number(factored())]);
      state.set(stream.words.view().subarray(STREAM_FIELDS.from, STREAM_FIELDS.from + STREAM_FIELDS.count), 3);
      let at = HEADER;
      for (const part of numbers) {
        state.set(part, at);
        at += part.length;
      }
      return state;
    },
    restore(state) {
      const numbers = parts();
      checkLength('restore', 'state', state, HEADER + numbers.reduce((sum, { length }) => sum + length, 0));
      chain.fields.view()[DRIFT] = state[0]!;
      chain.values.view()[0] = state[1]!;
      stream.words.view().set(state.subarray(3, HEADER), STREAM_FIELDS.from);
      k.polytopeStream(stream.pointer);
      let at = HEADER;
      for (const part of numbers) {
        part.set(state.subarray(at, at + part.length));
        at += part.length;
      }
      here().fields.view()[FACTORED] = hessian === 'bucketed' ? state[2]! : 0;
    },
  };
}

/** The user's part of f as the kernel calls it: with an address. */
export function hosted(energy: (w: Float64Array) => number, d: number, kernel: () => Kernel): (at: number) => number {
  const w = new Float64Array(d);
  return (at) => {
    w.set(new Float64Array(kernel().memory.buffer, at >>> 0, d));
    return energy(w);
  };
}

/** The smallest entry. */
function smallest(values: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < values.length; i++) if (values[i]! < least) least = values[i]!;
  return least;
}

/** The factor that a structured walk never makes: of A^T S^{-2} A + P + r^2 M, upper triangular. */
function denseFactor({ A, dimension: d, quadratic, soft }: Frame, slack: Float64Array, radius: number): Float64Array {
  const U = new Float64Array(d * d);
  for (let i = 0; i < d * d; i++) U[i] = (quadratic?.P[i] ?? 0) + radius * radius * (soft?.[i] ?? 0);
  logBarrier(A).addHessian(slack, U);
  choleskyInPlace(U, d);
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) U[j * d + i] = U[i * d + j]!;
  return U;
}
