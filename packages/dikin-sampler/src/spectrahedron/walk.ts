import { ArgumentError, type Rng } from '@x/linalg';
import { checkLength } from '../check.ts';
import { type Kernel, newKernel } from '../kernel/instance.ts';
import { float64Copy, float64Region, type Region } from '../kernel/memory.ts';
import { loadStream, type Record, record, STREAM_FIELDS } from '../walk/loaded.ts';
import { hosted } from '../walk/polytope-walk.ts';
import type { DikinWalk } from '../walk/walk.ts';
import type { SpectralFrame } from './frame.ts';
import { smallestEigenvalue } from './interior.ts';
import { loadPencil } from './loaded.ts';
import { type SketchOptions, sketchRegions } from './sketch.ts';

/** Steps that the kernel makes; the numbers are those of assembly/spectrahedron/chain.ts. */
const STEP = { dikin: 0, hitAndRun: 1 } as const;
export type SpectralStep = keyof typeof STEP;

/** What every walk in a spectrahedron can do: of hit-and-run the proposals are a Dikin walk's all the same. */
export interface SpectralWalk extends DikinWalk {
  readonly kind: SpectralStep;
  /** Multiplications done in the leading terms of Dikin steps, since the walk was made. */
  readonly multiplications: number;
}

export interface SpectralWalkOptions {
  /** Makes the Dikin walk's Hessian from a sketch; default exact. */
  readonly sketch?: SketchOptions;
  /** The kernel to run in, for tests; default the best there is. */
  readonly makeKernel?: typeof newKernel;
}

/**
 * The Dikin walk in a spectrahedron, with the metric G(w) = H(w) + P + (r^2 / min(n, d)) M of the barrier -log det S(w), of f, and of the soft
 * threshold, as in walk/dikin.ts, and
 *
 *   Phi = G / alpha,   alpha = r^2 / (d min(n, d)).
 *
 * The source takes alpha of the order of 1 / d, for which its lemma G.9 would have to bound ||H^{-1/2} grad log det H||^2 by O(d); what it
 * bounds is the norm by 2 d, and on the cone of positive semidefinite matrices the square is n (n + 1)^2 = 2 d (n + 1). It is at most 4 d
 * min(d, (n + 1) / 2) (README), and with alpha as here the acceptance does not fall as n grows (experiments/spectrahedron-step.ts).
 *
 * @throws ArgumentError for a sketch of fewer samples than dimensions.
 * Cost of a step that stays inside: one Hessian (`fastestWay`) and d^3 / 3 flops; of one that leaves: n^3 / 3 + d^2 and the entries of the
 * matrices.
 * Source: Gu, Kuang, Ma, Song, Zhang 2024, arXiv 2410.05700, algorithm 2 and theorem 1.3.
 */
export function spectralDikinWalk(frame: SpectralFrame, rng: Rng, options: SpectralWalkOptions = {}): SpectralWalk {
  return spectralWalk(frame, rng, 'dikin', options);
}

/**
 * Hit-and-run with exact chords: a step draws a direction v from N(0, H^{-1}), H the metric at the centre, which is the uniform direction of the
 * coordinates in which the body is round there, and the new point from the density restricted to the chord through the old one, for a
 * user's density by slice sampling. The directions do not depend on the point and the draw leaves the conditional as it is, so the density is
 * kept. The chord's ends are the extreme generalised eigenvalues of the direction and S(w): one eigenproblem a step.
 *
 * Cost of a step: 11 n^3 / 3 + d^2 flops and twice the entries of the matrices.
 * Source: Smith 1984; Chalkis, Emiris, Fisikopoulos, Repouskos, Tsigaridas 2020, arXiv 2010.03817 (spectrahedra).
 */
export function spectralHitAndRun(frame: SpectralFrame, rng: Rng, options: Omit<SpectralWalkOptions, 'sketch'> = {}): SpectralWalk {
  return spectralWalk(frame, rng, 'hitAndRun', options);
}

interface State extends Record {
  readonly y: Region<Float64Array>;
}

/** Index of `here` among the words of the chain's record. */
const HERE = 2;

function spectralWalk(frame: SpectralFrame, rng: Rng, kind: SpectralStep, options: SpectralWalkOptions): SpectralWalk {
  const { sketch, makeKernel = newKernel } = options;
  const { pencil, quadratic, energy, soft, factor } = frame;
  const { order: n, dimension: d } = pencil;
  const k: Kernel = makeKernel(energy && hosted(energy, d, () => k));
  const way = kind === 'dikin' ? undefined : 'sparse';
  const loaded = loadPencil(k, pencil, way, sketch && sketchRegions(k, pencil, sketch));
  const states = [state(), state()] as const;
  const stream = loadStream(k, rng);
  const step = float64Region(k, d);
  const pointer = (values: Float64Array | undefined) => (values === undefined ? 0 : float64Copy(k, values).pointer);
  const P = pointer(quadratic?.P);
  const chain = record(
    k,
    [1],
    [
      loaded,
      stream.pointer,
      states[0].pointer,
      states[1].pointer,
      P,
      pointer(quadratic?.g),
      Number(energy !== undefined),
      pointer(soft),
      soft === undefined ? P : float64Region(k, d * d).pointer,
      pointer(factor),
      step.pointer,
      float64Region(k, d).pointer,
      float64Region(k, n * n).pointer,
    ],
  );
  const here = () => (chain.fields.view()[HERE] === states[0].pointer ? states[0] : states[1]);
  const there = () => (here() === states[0] ? states[1] : states[0]);
  const length = 1 + STREAM_FIELDS.count + d;

  function state(): State {
    const y = float64Region(k, d);
    const L = float64Region(k, n * n);
    // Hit-and-run makes no metric; proposals of it do.
    const G = float64Region(k, d * d);
    return { ...record(k, [0, 0], [y.pointer, L.pointer, G.pointer, 0]), y };
  }

  function place(w: Float64Array): void {
    here().y.view().set(w);
    if (!k.spectraPlace(chain.pointer)) throw new ArgumentError('walk: S is not positive definite there; the point must lie inside', 'w');
  }

  return {
    kind,
    get radius() {
      return chain.values.view()[0]!;
    },
    set radius(r) {
      chain.values.view()[0] = r;
      k.spectraSoften(chain.pointer);
    },
    get position() {
      return here().y.view();
    },
    get proposal() {
      return there().y.view();
    },
    get energy() {
      return energy === undefined ? k.spectraEnergy(chain.pointer) : here().values.view()[0]!;
    },
    get minSlack() {
      return smallestEigenvalue(pencil, here().y.view());
    },
    place,
    normals: d,
    get multiplications() {
      return k.operations();
    },
    propose(noise) {
      checkLength('propose', 'noise', noise, d);
      step.view().set(noise);
      return k.spectraPropose(chain.pointer);
    },
    accept() {
      k.spectraAccept(chain.pointer);
    },
    advance: (count) => k.spectraAdvance(chain.pointer, STEP[kind], count),
    save() {
      const saved = new Float64Array(length);
      saved[0] = chain.values.view()[0]!;
      saved.set(stream.words.view().subarray(STREAM_FIELDS.from, STREAM_FIELDS.from + STREAM_FIELDS.count), 1);
      saved.set(here().y.view(), 1 + STREAM_FIELDS.count);
      return saved;
    },
    restore(saved) {
      checkLength('restore', 'state', saved, length);
      chain.values.view()[0] = saved[0]!;
      stream.words.view().set(saved.subarray(1, 1 + STREAM_FIELDS.count), STREAM_FIELDS.from);
      k.polytopeStream(stream.pointer);
      place(saved.subarray(1 + STREAM_FIELDS.count));
    },
  };
}
