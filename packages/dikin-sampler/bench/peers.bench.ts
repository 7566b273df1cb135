import type { Contender, Suite } from '@x/bench';
import {
  autoWalk,
  box,
  cdhrWalk,
  type DikinOptions,
  dikinWalk,
  essMean,
  type Frame,
  type FrameKind,
  frameOf,
  type PolytopeWalk,
  prepare,
  readMps,
  uniform,
} from '@x/dikin-sampler';
import { highs } from '@x/dikin-sampler/highs';
import { findInput, readInput } from '@x/inputs';
import { philox } from '@x/linalg';
import { type Body, birkhoff, cube, random, simplex, skewedSimplex } from './shared/bodies.ts';
import { nativeChords, nativeDikin } from './shared/native.ts';

/** Steps of one run. */
const STEPS = 100;

/** A body, and what peers take for a step on it: microseconds, as the reference took `native` on the same machine. */
interface Case {
  readonly body: Body;
  readonly radius: number;
  /** Times of the reference for this body, or for another one. */
  readonly native: number;
  readonly on?: Body;
  /** polytopewalk e2c81f8 as shipped (-O2), and built with -O3 -march=native. */
  readonly peer: number;
  readonly peerNative?: number;
  readonly f32?: boolean;
  /** Steps of polytopewalk's hit-and-run for an effective draw, and the time of a step. */
  readonly chords?: { readonly steps: number; readonly microseconds: number };
}

const frames = new Map<Body, Map<FrameKind, Promise<Frame>>>();

/** Frames are made once for all contenders. */
function framed(body: Body, kind: FrameKind): Promise<Frame> {
  const known = frames.get(body) ?? new Map<FrameKind, Promise<Frame>>();
  frames.set(body, known);
  const make = async () => frameOf(await prepare(body(), { solver: await highs(), removeRedundant: false }), uniform, kind);
  const frame = known.get(kind) ?? make();
  known.set(kind, frame);
  return frame;
}

function placed<W extends PolytopeWalk>(walk: W, frame: Frame, radius: number): W {
  walk.radius = radius;
  walk.place(new Float64Array(frame.dimension));
  return walk;
}

const dikin = (name: string, options: DikinOptions = {}): Contender<Case> => ({
  name,
  async setup({ body, radius, f32 }) {
    if (options.hessian === 'f32' && !f32) return;
    const frame = await framed(body, 'axes');
    const walk = placed(dikinWalk(frame, philox(2), options), frame, radius);
    return () => walk.advance(STEPS);
  },
});

/** The native reference's Dikin step, or that of a peer whose time is so many times it. */
const native = (name: string, times: (c: Case) => number | undefined): Contender<Case> => ({
  name,
  outside: true,
  async setup(c) {
    const ratio = times(c);
    if (ratio === undefined) return;
    const { A, slack } = await framed(c.on ?? c.body, 'axes');
    const run = nativeDikin({ A, b: slack }, c.on ? 1 : c.radius, STEPS);
    return () => ratio * run();
  },
});

const POLYTOPEWALK = 'polytopewalk*';
const POLYTOPEWALK_NATIVE = 'polytopewalk, -march=native*';

const dense = ['random, 200 x 50', 'random, 1000 x 50'];
const structured = ['cube, d = 100', 'simplex, d = 100', 'Birkhoff, 11 x 11'];

/** Times are those of our notes: the reference's 128-bit build and polytopewalk on one machine. */
const steps: Suite<Case> = {
  id: 'dikin-peers',
  title: `Time of ${STEPS} Dikin steps with the log barrier`,
  cases: [
    { label: dense[0]!, parameters: { body: random(200, 50), radius: 1, native: 50.6, peer: 203, peerNative: 111, f32: true } },
    { label: dense[1]!, parameters: { body: random(1000, 50), radius: 1, native: 219, peer: 850, peerNative: 361, f32: true } },
    { label: structured[0]!, parameters: { body: cube(100), radius: 1, native: 170, peer: 949, peerNative: 586 } },
    { label: structured[1]!, parameters: { body: simplex(100), radius: 1, native: 104, peer: 696, peerNative: 481 } },
    { label: structured[2]!, parameters: { body: birkhoff(11), radius: 1, native: 116, peer: 727, peerNative: 502 } },
  ],
  contenders: [
    dikin('Dikin'),
    dikin('Dikin, f32', { hessian: 'f32' }),
    native('native reference', (c) => (c.on ? undefined : 1)),
    native(POLYTOPEWALK, ({ peer, native: own }) => peer / own),
    native(POLYTOPEWALK_NATIVE, ({ peerNative, native: own }) => peerNative && peerNative / own),
  ],
  bars: [
    { of: 'Dikin', over: POLYTOPEWALK, atLeast: 4, cases: dense },
    { of: 'Dikin', over: POLYTOPEWALK_NATIVE, atLeast: 1.6, cases: dense },
    { of: 'Dikin, f32', over: POLYTOPEWALK, atLeast: 6, cases: dense },
    { of: 'Dikin, f32', over: POLYTOPEWALK_NATIVE, atLeast: 2.5, cases: dense },
    { of: 'Dikin', over: POLYTOPEWALK, atLeast: 50, cases: structured },
  ],
};

/** Netlib problems as they stand are unbounded but for a box. */
const netlib =
  (name: string): Body =>
  () => {
    const path = findInput(`netlib/${name}.mps.gz`, import.meta.url);
    if (path === undefined) throw new Error(`netlib/${name}.mps.gz is missing`);
    return box(readMps(readInput(path).toString()), 1e6);
  };

const unit = random(200, 50);
const sparse: Suite<Case> = {
  id: 'dikin-sparse',
  title: `Time of ${STEPS} Dikin steps on Netlib problems in the box |x| <= 1e6`,
  cases: [
    { label: 'ADLITTLE', parameters: { body: netlib('adlittle'), radius: 0.5, native: 50.6, on: unit, peer: 165 } },
    { label: 'ISRAEL', parameters: { body: netlib('israel'), radius: 0.5, native: 50.6, on: unit, peer: 3165 } },
    { label: 'SCTAP1', parameters: { body: netlib('sctap1'), radius: 0.5, native: 50.6, on: unit, peer: 838 } },
  ],
  contenders: [dikin('Dikin'), native(POLYTOPEWALK, ({ peer, native: own }) => peer / own)],
  bars: [{ of: 'Dikin', over: POLYTOPEWALK, atLeast: 4 }],
};

const leeSidford: Suite<Case> = {
  id: 'lee-sidford',
  title: `Time of ${STEPS} Dikin steps with the Lee-Sidford barrier`,
  cases: [
    { label: 'cube, d = 50', parameters: { body: cube(50), radius: 1, native: 30.2, peer: 62355, f32: true } },
    { label: 'random, 200 x 50', parameters: { body: unit, radius: 1, native: 50.6, peer: 19496, f32: true } },
  ],
  contenders: [
    dikin('Lee-Sidford', { barrier: 'leeSidford' }),
    dikin('Lee-Sidford, 2 rounds', { barrier: 'leeSidford', rounds: 2 }),
    dikin('Dikin, log barrier'),
    native(POLYTOPEWALK, ({ peer, native: own }) => peer / own),
  ],
  bars: [
    { of: 'Lee-Sidford', over: POLYTOPEWALK, atLeast: 100 },
    { of: 'Lee-Sidford, 2 rounds', over: POLYTOPEWALK, atLeast: 100 },
  ],
};

/** Steps for an effective draw of the slowest coordinate's mean, by a long chain at the start. */
function stepsPerDraw(walk: PolytopeWalk, d: number, stride: number, records: number): number {
  walk.advance(20 * stride);
  const chains = Array.from({ length: d }, () => new Float64Array(records));
  for (let t = 0; t < records; t++) {
    walk.advance(stride);
    for (let j = 0; j < d; j++) chains[j]![t] = walk.position[j]!;
  }
  return Math.max(1, Math.round(Math.max(...chains.map((chain) => (records / essMean([chain])) * stride))));
}

const effective = (name: string, make: typeof autoWalk, kind: FrameKind, stride: number, radius: number): Contender<Case> => ({
  name,
  async setup({ body }) {
    const frame = await framed(body, kind);
    const walk = placed(make(frame, philox(3)), frame, radius);
    const count = stepsPerDraw(walk, frame.dimension, stride, 20_000);
    return () => walk.advance(count);
  },
});

const draws: Suite<Case> = {
  id: 'effective-draws',
  title: 'Time of one effective draw of the slowest coordinate',
  cases: [
    {
      label: 'cube, d = 50',
      parameters: { body: cube(50), radius: 1, native: 30.2, peer: 137.8, chords: { steps: 642, microseconds: 33.3 } },
    },
    {
      label: 'simplex, d = 50',
      parameters: { body: simplex(50), radius: 1, native: 20.7, peer: 108.5, chords: { steps: 1996, microseconds: 21.6 } },
    },
  ],
  contenders: [
    effective('auto', autoWalk, 'scaled', 20, 1),
    effective('coordinate hit-and-run', cdhrWalk, 'axes', 20, 1),
    effective('Dikin', dikinWalk, 'axes', 20, 1),
    native('hit-and-run of polytopewalk*', ({ chords, native: own }) => chords && (chords.steps * chords.microseconds) / (own * STEPS)),
  ],
  bars: [{ of: 'auto', over: 'hit-and-run of polytopewalk*', atLeast: 1000 }],
};

const skewed: Suite<Case> = {
  id: 'skewed',
  title: 'Time of one effective draw of the slowest coordinate of a simplex under a map of condition 1e4, d = 10',
  cases: [{ label: 'condition 1e4', parameters: { body: skewedSimplex(10, 1e4), radius: 1, native: 1.2, peer: 3.6 } }],
  contenders: [
    effective('Dikin', dikinWalk, 'axes', 5, 1),
    effective('coordinate hit-and-run, axes', cdhrWalk, 'axes', 2000, 1),
    effective('auto', autoWalk, 'rounded', 5, 1),
  ],
  bars: [{ of: 'Dikin', over: 'coordinate hit-and-run, axes', atLeast: 50 }],
};

/** A chord's step is short: many a run. */
const MANY = 10_000;

const chords: Suite<Case> = {
  id: 'chords',
  title: `Time of ${MANY} steps of coordinate hit-and-run`,
  cases: [
    { label: 'cube, d = 50', parameters: { body: cube(50), radius: 1, native: 0.015, peer: 0 } },
    { label: 'simplex, d = 50', parameters: { body: simplex(50), radius: 1, native: 0.015, peer: 0 } },
    { label: 'random, 200 x 50', parameters: { body: unit, radius: 1, native: 0.2, peer: 0 } },
  ],
  contenders: [
    {
      name: 'coordinate hit-and-run',
      async setup({ body }) {
        const frame = await framed(body, 'axes');
        const walk = placed(cdhrWalk(frame, philox(2)), frame, 1);
        return () => walk.advance(MANY);
      },
    },
    {
      name: 'native reference',
      outside: true,
      async setup({ body }) {
        const { A, slack } = await framed(body, 'axes');
        return nativeChords({ A, b: slack }, MANY);
      },
    },
  ],
  bars: [{ of: 'coordinate hit-and-run', over: 'native reference', atLeast: 1 / 3 }],
};

export const suites: readonly Suite<Case>[] = [steps, sparse, leeSidford, draws, skewed, chords];
