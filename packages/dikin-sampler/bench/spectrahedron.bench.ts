import type { Suite } from '@x/bench';
import {
  elliptope,
  prepareSpectrahedron,
  type Spectrahedron,
  spectrahedron,
  spectralDikinWalk,
  spectralFrameOf,
  spectralHitAndRun,
  uniform,
} from '@x/dikin-sampler';
import { type Dense, dense, philox, type Rng } from '@x/linalg';

type Make = () => Spectrahedron;

/** d random dense matrices of order n, of trace 0, around the identity: so the body is bounded. */
const random =
  (n: number, d: number): Make =>
  () => {
    const rng = philox(1);
    return spectrahedron({ A: Array.from({ length: d }, () => traceless(n, rng)), C: scaledIdentity(n, -1) });
  };

/** The same with u u^T - v v^T in the place of each. */
const lowRank =
  (n: number, d: number): Make =>
  () => {
    const rng = philox(1);
    const A = Array.from({ length: d }, () => {
      const vectors = rng.fillNormal(new Float64Array(2 * n));
      for (let k = 0; k < 2; k++) {
        const u = vectors.subarray(k * n, (k + 1) * n);
        const norm = Math.sqrt(u.reduce((sum, v) => sum + v * v, 0));
        u.forEach((v, i) => {
          u[i] = v / norm;
        });
      }
      return { vectors: dense(2, n, vectors), weights: [1, -1] };
    });
    return spectrahedron({ A, C: scaledIdentity(n, -1) });
  };

function traceless(n: number, rng: Rng): Dense {
  const G = rng.fillNormal(new Float64Array(n * n));
  const S = Float64Array.from({ length: n * n }, (_, p) => (G[p]! + G[(p % n) * n + Math.floor(p / n)]!) / 2);
  const mean = Array.from({ length: n }, (_, i) => S[i * (n + 1)]!).reduce((a, b) => a + b, 0) / n;
  for (let i = 0; i < n; i++) S[i * (n + 1)] = S[i * (n + 1)]! - mean;
  return dense(n, n, S);
}

function scaledIdentity(n: number, factor: number): Dense {
  return dense(
    n,
    n,
    Float64Array.from({ length: n * n }, (_, p) => (p % (n + 1) === 0 ? factor : 0)),
  );
}

async function walkIn(make: Make, kind: 'dikin' | 'hitAndRun', steps: number) {
  const prepared = await prepareSpectrahedron(make());
  const frame = spectralFrameOf(prepared, uniform);
  const walk = kind === 'dikin' ? spectralDikinWalk(frame, philox(2)) : spectralHitAndRun(frame, philox(2));
  walk.place(new Float64Array(prepared.dimension));
  return () => walk.advance(steps);
}

const contenders = [
  { name: 'hit-and-run', setup: (make: Make) => walkIn(make, 'hitAndRun', STEPS) },
  { name: 'Dikin', setup: (make: Make) => walkIn(make, 'dikin', STEPS) },
];

/** Steps of one run. */
const STEPS = 20;

const kinds: Suite<Make> = {
  id: 'spectrahedra',
  title: `Time of ${STEPS} steps in spectrahedra of order n and dimension d`,
  cases: [
    { label: 'elliptope, n = 8, d = 28', parameters: () => elliptope(8) },
    { label: 'elliptope, n = 16, d = 120', parameters: () => elliptope(16) },
    { label: 'dense, n = 32, d = 32', parameters: random(32, 32) },
    { label: 'rank 2, n = 32, d = 32', parameters: lowRank(32, 32) },
  ],
  contenders,
};

/** 2 d n^3 dominates where d is fixed; d^2 n^2 / 2 and d^3 / 3 where n is. */
const inOrder: Suite<Make> = {
  id: 'spectrahedra-n',
  title: `Time of ${STEPS} steps with 8 dense matrices against their order n`,
  cases: [16, 32, 64, 128].map((n) => ({ label: `n = ${n}`, parameters: random(n, 8), size: n })),
  contenders,
  exponents: [
    { of: 'Dikin', atMost: 3 },
    { of: 'hit-and-run', atMost: 3 },
  ],
};

const inDimension: Suite<Make> = {
  id: 'spectrahedra-d',
  title: `Time of ${STEPS} steps with dense matrices of order 24 against their number d`,
  cases: [16, 32, 64, 128].map((d) => ({ label: `d = ${d}`, parameters: random(24, d), size: d })),
  contenders,
  exponents: [
    { of: 'Dikin', atMost: 2 },
    { of: 'hit-and-run', atMost: 1 },
  ],
};

export const suites: readonly Suite<Make>[] = [kinds, inOrder, inDimension];
