import type { Contender, Suite } from '@x/bench';
import { cdhrWalk, dikinWalk, type FrameKind, frameOf, type Polytope, polytope, prepare, uniform } from '@x/dikin-sampler';
import { highs } from '@x/dikin-sampler/highs';
import { dense, philox } from '@x/linalg';

/** Steps of one run. */
const STEPS = 200;

type Body = () => Polytope;

const cube =
  (d: number): Body =>
  () =>
    polytope({ variables: d, lower: -1, upper: 1 });

const simplex =
  (d: number): Body =>
  () =>
    polytope({ A: dense(1, d, new Float64Array(d).fill(1)), b: [1], lower: 0 });

/** n halfspaces with random unit normals at distance 1: bounded for n >> d. */
const random =
  (n: number, d: number): Body =>
  () => {
    const A = philox(1).fillNormal(new Float64Array(n * d));
    const b = Array.from({ length: n }, (_, i) => Math.hypot(...A.subarray(i * d, (i + 1) * d)));
    return polytope({ A: dense(n, d, A), b });
  };

function contender(name: string, kind: 'cdhr' | 'dikin', frame: FrameKind): Contender<Body> {
  return {
    name,
    async setup(body) {
      const prepared = await prepare(body(), { solver: await highs(), removeRedundant: false });
      const coordinates = frameOf(prepared, uniform, frame);
      const walk = kind === 'cdhr' ? cdhrWalk(coordinates, philox(2)) : dikinWalk(coordinates, philox(2));
      walk.place(new Float64Array(prepared.dimension));
      return () => walk.advance(STEPS);
    },
  };
}

const walks: Suite<Body> = {
  id: 'walks',
  title: `Time of ${STEPS} steps`,
  cases: [
    { label: 'cube, d = 50', parameters: cube(50) },
    { label: 'simplex, d = 50', parameters: simplex(50) },
    { label: 'random, 200 x 50', parameters: random(200, 50) },
  ],
  contenders: [
    contender('hit-and-run, rounded', 'cdhr', 'rounded'),
    contender('hit-and-run, axes', 'cdhr', 'axes'),
    contender('Dikin, axes', 'dikin', 'axes'),
  ],
};

const scaling: Suite<Body> = {
  id: 'scaling',
  title: `Time of ${STEPS} Dikin steps on dense bodies with n = 8 d`,
  cases: [10, 20, 40, 80].map((d) => ({ label: `d = ${d}`, parameters: random(8 * d, d), size: d })),
  contenders: [contender('Dikin', 'dikin', 'axes')],
  exponents: [{ of: 'Dikin', atMost: 3 }],
};

export const suites: readonly Suite<Body>[] = [walks, scaling];
