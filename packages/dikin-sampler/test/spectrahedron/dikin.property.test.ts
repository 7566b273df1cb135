import { philox, type Rng } from '@x/linalg';
import { effort, expectPass, mustFail, zTest } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Density,
  elliptope,
  exponential,
  gaussian,
  logConcave,
  prepareSpectrahedron,
  type Spectrahedron,
  spectraplex,
  uniform,
} from '../../src/index.ts';
import { type SpectralFrame, spectralFrameOf } from '../../src/spectrahedron/frame.ts';
import { spectralDikinWalk } from '../../src/spectrahedron/walk.ts';
import type { Step } from '../mutants.ts';
import { apply, dot, eigen, logDeterminant, lowerFactor, solve, transposeOf } from '../reference.ts';
import { randomSpectrahedron, square } from './bodies.ts';
import { energyAt, metricAt, type SpectralFault, scaleOf, spectralReferenceStep } from './mutants.ts';
import { inverseOf, logDetMetric, matrixOf, multiply, pencilAt, traceOf } from './reference.ts';

type MakeStep = (frame: SpectralFrame) => Step;
const ours: MakeStep = (frame) => spectralDikinWalk(frame, philox(0));
const broken =
  (fault: SpectralFault): MakeStep =>
  (frame) =>
    spectralReferenceStep(frame, fault);

interface Case {
  readonly seed: number;
  readonly n: number;
  readonly d: number;
  readonly kind: 'random' | 'elliptope' | 'spectraplex';
  readonly density: 'uniform' | 'gaussian' | 'exponential' | 'user';
  readonly radius: number;
}

const cases = fc.record({
  seed: fc.nat(1e6),
  n: fc.integer({ min: 2, max: 5 }),
  d: fc.integer({ min: 1, max: 7 }),
  kind: fc.constantFrom('random', 'random', 'elliptope', 'spectraplex'),
  density: fc.constantFrom('uniform', 'gaussian', 'exponential', 'user'),
  radius: fc.double({ min: 0.3, max: 2, noNaN: true }),
}) as fc.Arbitrary<Case>;

function bodyOf({ n, d, kind }: Pick<Case, 'n' | 'd' | 'kind'>, rng: Rng): Spectrahedron {
  if (kind === 'elliptope') return elliptope(Math.min(n, 4));
  if (kind === 'spectraplex') return spectraplex(Math.min(n, 3));
  return randomSpectrahedron(n, Math.min(d, (n * (n + 1)) / 2 - 1), rng);
}

function densityOn(body: Spectrahedron, kind: Case['density'], rng: Rng): Density {
  if (kind === 'uniform') return uniform;
  const m = body.variables;
  const mean = rng.fillNormal(new Float64Array(m));
  if (kind === 'exponential') return exponential(mean);
  // Any density is sampled, also one that is not log-concave.
  if (kind === 'user') return logConcave((x) => Math.sin(3 * x[0]!) - Math.abs(x[m - 1]!), 3.2);
  return gaussian({ mean, precision: Float64Array.from({ length: m }, () => 0.2 + 3 * rng.uniform()) });
}

async function setUp(c: Pick<Case, 'seed' | 'n' | 'd' | 'kind' | 'density'>) {
  const rng = philox(c.seed, 6);
  const body = bodyOf(c, rng);
  const frame = spectralFrameOf(await prepareSpectrahedron(body), densityOn(body, c.density, rng));
  const walk = spectralDikinWalk(frame, rng);
  walk.place(new Float64Array(frame.pencil.dimension));
  walk.advance(30);
  return { rng, frame, start: walk.position.slice() };
}

/** log N(z; w, Phi(w)^{-1}) by the eigenvalues of Phi. */
function logProposal(frame: SpectralFrame, radius: number, w: readonly number[], z: readonly number[]): number {
  const scale = 1 / scaleOf(frame, radius) ** 2;
  const { values, vectors } = eigen(metricAt(frame, radius, w));
  const move = z.map((v, i) => v - w[i]!);
  return values.reduce(
    (log, value, k) => log + 0.5 * Math.log(scale * value) - 0.5 * scale * value * dot(vectors[k]!, move) ** 2,
    (-w.length / 2) * Math.log(2 * Math.PI),
  );
}

describe('P1: detailed balance in spectrahedra, pi(x) T(x -> z) = pi(z) T(z -> x)', () => {
  const property = (make: MakeStep, runs: number) =>
    fc.assert(
      fc.asyncProperty(cases, async (c) => {
        const { rng, frame, start } = await setUp(c);
        const step = make(frame);
        step.radius = c.radius;
        step.place(start);
        const forward = step.propose(rng.fillNormal(new Float64Array(start.length)));
        if (forward === Number.NEGATIVE_INFINITY) return;
        const x = [...start];
        const z = Array.from(step.proposal);
        // The noise that leads back, L_z^T (x - z) / scale.
        const scale = scaleOf(frame, c.radius);
        const back = apply(
          transposeOf(lowerFactor(metricAt(frame, c.radius, z))),
          x.map((v, i) => (v - z[i]!) / scale),
        );
        step.place(Float64Array.from(z));
        const backward = step.propose(Float64Array.from(back));
        const out = -energyAt(frame, x) + logProposal(frame, c.radius, x, z) + Math.min(0, forward);
        const home = -energyAt(frame, z) + logProposal(frame, c.radius, z, x) + Math.min(0, backward);
        expect(Math.abs(out - home)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(out) + Math.abs(home) + dot(back, back)));
      }),
      { seed: 51, numRuns: runs },
    );

  it('holds for the walk, with every kind of density', () => property(ours, effort(200)));
  it('holds for the slow reference, which the mutants are made of', () => property(broken('none'), effort(40)));
  it.each(['untransposed solve', 'no determinant', 'wrong sign', 'no 1/alpha'] as const)('fails with %s', async (fault) => {
    await mustFail(() => property(broken(fault), 100));
  });
  it('holds for the sketched metric, with its own determinants on both sides', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (c) => {
        const { rng, frame, start } = await setUp(c);
        const d = start.length;
        const step = spectralDikinWalk(frame, rng, { sketch: { samples: 3 * d, seed: c.seed } });
        step.radius = c.radius;
        step.place(start);
        const noise = rng.fillNormal(new Float64Array(d));
        const forward = step.propose(noise);
        if (forward === Number.NEGATIVE_INFINITY) return;
        const z = step.proposal.slice();
        // Forth and back again: the ratios are each other's inverse when the noise back is that of the metric at z, whose factor
        // is found from proposals of unit noise.
        step.place(z);
        const scale = scaleOf(frame, c.radius);
        const columns = Array.from({ length: d }, (_, j) => {
          step.propose(Float64Array.from({ length: d }, (__, k) => (k === j ? 1e-6 : 0)));
          return Array.from(step.proposal, (v, k) => (v - z[k]!) / (1e-6 * scale));
        });
        const back = solve(
          transposeOf(columns),
          Array.from(start, (v, k) => (v - z[k]!) / scale),
        );
        const backward = step.propose(Float64Array.from(back));
        // Differences of 1e-6 keep nine digits.
        expect(Math.abs(forward + backward)).toBeLessThanOrEqual(1e-6 * (1 + Math.abs(forward) + dot(back, back)));
      }),
      { seed: 52, numRuns: effort(40) },
    );
  });
});

describe('P2: the proposal is N(x, Phi(x)^{-1}) in spectrahedra', () => {
  const property = async (make: MakeStep, draws: number) => {
    const { rng, frame, start } = await setUp({ seed: 3, n: 4, d: 4, kind: 'random', density: 'uniform' });
    const d = start.length;
    const step = make(frame);
    // So small that no proposal leaves the body.
    step.radius = 0.01;
    const L = lowerFactor(metricAt(frame, step.radius, [...start]));
    step.place(start);
    const scale = scaleOf(frame, step.radius);
    const sums = new Float64Array(d * d);
    const noise = new Float64Array(d);
    for (let t = 0; t < draws; t++) {
      step.propose(rng.fillNormal(noise));
      const white = apply(
        transposeOf(L),
        Array.from(start, (v, j) => (step.proposal[j]! - v) / scale),
      );
      for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) sums[i * d + j] = sums[i * d + j]! + white[i]! * white[j]!;
    }
    const entries = Array.from({ length: d }, (_, i) => Array.from({ length: i + 1 }, (__, j) => [i, j] as const)).flat();
    expectPass(
      zTest(
        entries.map(([i, j]) => sums[i * d + j]! / draws),
        entries.map(([i, j]) => Math.sqrt((i === j ? 2 : 1) / draws)),
        entries.map(([i, j]) => (i === j ? 1 : 0)),
        1e-6,
      ),
    );
  };

  it('holds', () => property(ours, effort(50_000)));
  it('fails for the untransposed solve', async () => {
    await mustFail(() => property(broken('untransposed solve'), 3_000));
  });
});

/** A point of a random pencil: depth 0 is at 1e-3 of the way from the boundary, depth 1 at the centre. */
const points = fc.record({
  seed: fc.nat(1e6),
  n: fc.integer({ min: 2, max: 6 }),
  d: fc.integer({ min: 1, max: 6 }),
  depth: fc.double({ min: 0, max: 1, noNaN: true }),
});

async function pointOf({ seed, n, d, depth }: { seed: number; n: number; d: number; depth: number }) {
  const rng = philox(seed, 7);
  const body = randomSpectrahedron(n, Math.min(d, (n * (n + 1)) / 2 - 1), rng);
  const { pencil } = spectralFrameOf(await prepareSpectrahedron(body), uniform);
  const direction = [...rng.fillNormal(new Float64Array(pencil.dimension))];
  const { behind, ahead } = chordThrough(pencil, new Array<number>(pencil.dimension).fill(0), direction);
  expect(behind).toBeLessThan(0);
  const x = direction.map((v) => v * ahead * (1 - 10 ** (-3 * (1 - depth))));
  return { rng, pencil, x };
}

/** The ends of the chord x + t v: with S = R R^T, -1 / eigenvalues of R^{-1} B(v) R^{-T}. */
function chordThrough(pencil: SpectralFrame['pencil'], x: readonly number[], v: readonly number[]) {
  const n = pencil.order;
  const { values, vectors } = eigen(pencilAt(pencil, x));
  const root = square(n, (i, j) => vectors[i]![j]! / Math.sqrt(values[i]!));
  const B = square(n, (i, j) => v.reduce((sum, factor, k) => sum + factor * matrixOf(pencil, k)[i]![j]!, 0));
  const spectrum = eigen(multiply(multiply(root, B), transposeOf(root))).values;
  return { ahead: -1 / Math.min(...spectrum), behind: -1 / Math.max(...spectrum) };
}

describe('P5: the barrier -log det', () => {
  const symmetry = (choose: (ahead: number, behind: number) => number) =>
    fc.assert(
      fc.asyncProperty(points, async (c) => {
        const { rng, pencil, x } = await pointOf(c);
        const v = [...rng.fillNormal(new Float64Array(x.length))];
        const { ahead, behind } = chordThrough(pencil, x, v);
        const t = choose(ahead, behind);
        expect(t * t * dot(v, apply(logDetMetric(pencil, x), v))).toBeLessThanOrEqual(pencil.order * (1 + 1e-6));
      }),
      { seed: 53, numRuns: effort(200) },
    );

  it('nu-symmetry: the nearer end of a chord lies within sqrt(n) in the local norm', () =>
    symmetry((ahead, behind) => (ahead < -behind ? ahead : behind)));
  it('the farther end does not', async () => {
    await mustFail(() => symmetry((ahead, behind) => (ahead > -behind ? ahead : behind)));
  });

  const inside = (length: number) =>
    fc.assert(
      fc.asyncProperty(points, async (c) => {
        const { rng, pencil, x } = await pointOf(c);
        const v = [...rng.fillNormal(new Float64Array(x.length))];
        const norm = Math.sqrt(dot(v, apply(logDetMetric(pencil, x), v)));
        const z = x.map((value, j) => value + (length / norm) * v[j]!);
        expect(Math.min(...eigen(pencilAt(pencil, z)).values)).toBeGreaterThan(0);
      }),
      { seed: 54, numRuns: effort(200) },
    );
  it('the ellipsoid of radius 1 in the local norm lies inside', () => inside(0.999));
  it('one of radius 3 does not always', async () => {
    await mustFail(() => inside(3));
  });

  it('||H^{-1/2} grad log det H||^2 <= 4 d min(d, (n + 1) / 2), by differences and by traces', async () => {
    await fc.assert(
      fc.asyncProperty(points, async (c) => {
        const { pencil, x } = await pointOf({ ...c, depth: (1 + c.depth) / 2 });
        const d = x.length;
        const H = logDetMetric(pencil, x);
        const gradient = logDetGradient(pencil, x);
        // Central differences along the gradient in the metric, with a step of 1e-4 of the unit ball: error of the order of 1e-8 of the third
        // derivative, and 1e-12 over the step from the determinants.
        const along = solve(H, gradient);
        const squared = dot(gradient, along);
        expect(squared).toBeLessThanOrEqual(4 * d * Math.min((pencil.order + 1) / 2, d) * (1 + 1e-9));
        const h = 1e-4 / Math.max(1e-12, Math.sqrt(squared));
        const moved = (sign: number) =>
          logDeterminant(
            logDetMetric(
              pencil,
              x.map((v, k) => v + sign * h * along[k]!),
            ),
          );
        expect(Math.abs((moved(1) - moved(-1)) / (2 * h) - squared)).toBeLessThanOrEqual(1e-5 * (1 + squared));
      }),
      { seed: 55, numRuns: effort(100) },
    );
  });

  it('log det(H + lambda I) is convex', async () => {
    await fc.assert(
      fc.asyncProperty(points, fc.double({ min: 0, max: 10, noNaN: true }), async (c, lambda) => {
        const { pencil, x } = await pointOf(c);
        const F = (y: readonly number[]) =>
          logDeterminant(logDetMetric(pencil, y).map((row, i) => row.map((v, j) => v + (i === j ? lambda : 0))));
        const ends = [F(x), F(x.map((v) => -0.5 * v))];
        if (
          Math.min(
            ...eigen(
              pencilAt(
                pencil,
                x.map((v) => -0.5 * v),
              ),
            ).values,
          ) <= 0
        )
          return;
        expect(F(x.map((v) => 0.25 * v))).toBeLessThanOrEqual(
          (ends[0]! + ends[1]!) / 2 + 1e-9 * (1 + Math.abs(ends[0]!) + Math.abs(ends[1]!)),
        );
      }),
      { seed: 56, numRuns: effort(100) },
    );
  });
});

/** d/dx_k log det H = -2 sum_ij (H^{-1})_ij tr(S^{-1} B_k S^{-1} B_i S^{-1} B_j). */
function logDetGradient(pencil: SpectralFrame['pencil'], x: readonly number[]): number[] {
  const d = x.length;
  const inverse = inverseOf(pencilAt(pencil, x));
  const M = Array.from({ length: d }, (_, j) => multiply(inverse, matrixOf(pencil, j)));
  const W = inverseOf(logDetMetric(pencil, x));
  return M.map((Mk) => {
    let sum = 0;
    for (let i = 0; i < d; i++) {
      const MkMi = multiply(Mk, M[i]!);
      for (let j = 0; j < d; j++) sum += W[i]![j]! * traceOf(multiply(MkMi, M[j]!));
    }
    return -2 * sum;
  });
}

describe('gap 1 of theorem 1.3: the cone of positive semidefinite matrices', () => {
  // All symmetric matrices near I: S(y) = I + sum y_j E_j, the cone itself.
  const cone = (n: number): SpectralFrame['pencil'] => {
    const places = Array.from({ length: n }, (_, i) => Array.from({ length: i + 1 }, (__, j) => [i, j] as const)).flat();
    return {
      order: n,
      dimension: places.length,
      constant: Float64Array.from({ length: n * n }, (_, p) => (p % (n + 1) === 0 ? 1 : 0)),
      entries: {
        start: Int32Array.from({ length: places.length + 1 }, (_, j) => j),
        row: Int32Array.from(places, ([i]) => i),
        col: Int32Array.from(places, ([, j]) => j),
        value: Float64Array.from(places, ([i, j]) => (i === j ? 1 : Math.SQRT1_2)),
      },
      factors: undefined,
    };
  };

  it.each([1, 2, 3, 4])('||H^{-1/2} grad log det H||^2 = n (n + 1)^2 at I, n = %i: more than any multiple of d', (n) => {
    const pencil = cone(n);
    const x = new Array<number>(pencil.dimension).fill(0);
    const gradient = logDetGradient(pencil, x);
    const squared = dot(gradient, solve(logDetMetric(pencil, x), gradient));
    expect(squared).toBeCloseTo(n * (n + 1) ** 2, 9);
    // The bound of P5 is met with equality.
    expect(squared).toBeCloseTo(4 * pencil.dimension * Math.min((n + 1) / 2, pencil.dimension), 9);
  });

  /** Mean acceptance of the first step at I, alpha = size. */
  const acceptance = (n: number, size: number, trials: number) => {
    const pencil = cone(n);
    const d = pencil.dimension;
    const frame: SpectralFrame = {
      pencil,
      quadratic: undefined,
      factor: new Float64Array(d * d),
      origin: new Float64Array(d),
      map: undefined as never,
    };
    const rng = philox(n, 8);
    const walk = spectralDikinWalk(frame, rng);
    walk.radius = Math.sqrt(size * d * Math.min(n, d));
    walk.place(new Float64Array(d));
    const noise = new Float64Array(d);
    let sum = 0;
    for (let t = 0; t < trials; t++) sum += Math.min(1, Math.exp(walk.propose(rng.fillNormal(noise))));
    return sum / trials;
  };
  const dOf = (n: number) => (n * (n + 1)) / 2;

  // Means of 400 numbers in [0, 1] are within 0.14 of the truth but for 2 exp(-2 400 0.14^2) = 3e-7 (Hoeffding).
  const flat = (size: (n: number) => number) => {
    for (const n of [4, 8, 12]) expect(acceptance(n, size(n), 400)).toBeGreaterThan(0.25);
  };
  it('steps of alpha = 1 / (d n) are accepted at every n', () => flat((n) => 1 / (dOf(n) * n)));
  it('steps of alpha = 1 / d are not', () => mustFail(() => flat((n) => 1 / dOf(n))));
});

describe('P6: self-concordance of -log det', () => {
  const property = (limits: (t: number) => readonly [number, number]) =>
    fc.assert(
      fc.asyncProperty(points, fc.double({ min: 0.05, max: 0.95, noNaN: true }), async (c, t) => {
        const { rng, pencil, x } = await pointOf(c);
        const v = [...rng.fillNormal(new Float64Array(x.length))];
        const H = logDetMetric(pencil, x);
        const norm = Math.sqrt(dot(v, apply(H, v)));
        const z = x.map((value, j) => value + (t / norm) * v[j]!);
        const { values, vectors } = eigen(H);
        const root = square(x.length, (i, j) => vectors[i]![j]! / Math.sqrt(values[i]!));
        const relative = eigen(multiply(multiply(root, logDetMetric(pencil, z)), transposeOf(root))).values;
        const [least, most] = limits(t);
        for (const value of relative) {
          expect(value).toBeGreaterThanOrEqual(least * (1 - 1e-6));
          expect(value).toBeLessThanOrEqual(most * (1 + 1e-6));
        }
      }),
      { seed: 57, numRuns: effort(150) },
    );

  it('eigenvalues of H(v)^{-1/2} H(u) H(v)^{-1/2} lie in [(1 - t)^2, (1 - t)^-2] for t = ||u - v|| < 1', () =>
    property((t) => [(1 - t) ** 2, (1 - t) ** -2]));
  it('and not in [1 - t, 1 / (1 - t)]', async () => {
    await mustFail(() => property((t) => [1 - t, 1 / (1 - t)]));
  });
});
