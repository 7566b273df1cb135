import type { Contender, Suite } from '@x/bench';
import { cdhrWalk, dikinWalk, type FrameKind, frameOf, prepare, uniform } from '@x/dikin-sampler';
import { highs } from '@x/dikin-sampler/highs';
import { philox } from '@x/linalg';
import { type Body, cube, random, simplex } from './shared/bodies.ts';

/** Steps of one run. */
const STEPS = 200;

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
