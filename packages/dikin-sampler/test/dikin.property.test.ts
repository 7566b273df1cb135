import { philox } from '@x/linalg';
import { effort, expectPass, mustFail, zTest } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logBarrier } from '../src/barrier/log.ts';
import type { Frame } from '../src/frame.ts';
import { dikinWalk } from '../src/walk/dikin.ts';
import { frame, orthogonal, randomFrame, randomQuadratic } from './bodies.ts';
import { type Fault, referenceStep, type Step } from './mutants.ts';
import {
  apply,
  dot,
  eigen,
  energy,
  logDeterminant,
  logProposal,
  lowerFactor,
  metric,
  rowsOf,
  slacks,
  solve,
  transposeOf,
} from './reference.ts';

type MakeStep = (frame: Frame) => Step;
const ours: MakeStep = (f) => dikinWalk(f, philox(0));
const broken =
  (fault: Fault): MakeStep =>
  (f) =>
    referenceStep(f, fault);

/** A random body, with or without a Gaussian on it, a point in it that a few steps reach, and a radius. */
const cases = fc.record({
  seed: fc.nat(1e6),
  d: fc.integer({ min: 1, max: 9 }),
  n: fc.integer({ min: 1, max: 20 }),
  gaussian: fc.boolean(),
  radius: fc.double({ min: 0.3, max: 1.5, noNaN: true }),
});

function setUp({ seed, d, n, gaussian }: { seed: number; d: number; n: number; gaussian: boolean }) {
  const rng = philox(seed);
  const plain = randomFrame(n, d, rng);
  const body: Frame = gaussian ? { ...plain, quadratic: randomQuadratic(d, rng) } : plain;
  const walk = dikinWalk(body, rng);
  walk.place(new Float64Array(d));
  walk.advance(30);
  return { rng, body, start: walk.position.slice() };
}

/** |a - b| within 1e-9 of the magnitudes that were added to make them. */
function close(a: number, b: number, magnitude: number): void {
  expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * (1 + magnitude));
}

describe('P1: detailed balance, pi(x) T(x -> z) = pi(z) T(z -> x)', () => {
  const property = (make: MakeStep) =>
    fc.assert(
      fc.property(cases, (c) => {
        const { rng, body, start } = setUp(c);
        const step = make(body);
        step.radius = c.radius;
        step.place(start);
        const noise = rng.fillNormal(new Float64Array(c.d));
        const forward = step.propose(noise);
        if (forward === Number.NEGATIVE_INFINITY) return;
        const x = [...start];
        const z = Array.from(step.proposal);
        // The noise that leads back, L_z^T (x - z) / scale.
        const scale = c.radius / Math.sqrt(c.d);
        const back = apply(
          transposeOf(lowerFactor(metric(body, z))),
          x.map((v, i) => (v - z[i]!) / scale),
        );
        step.place(Float64Array.from(z));
        const backward = step.propose(Float64Array.from(back));

        const out = -energy(body, x) + logProposal(body, c.radius, x, z) + Math.min(0, forward);
        const home = -energy(body, z) + logProposal(body, c.radius, z, x) + Math.min(0, backward);
        close(out, home, Math.abs(out) + Math.abs(home) + dot(back, back));
      }),
      { seed: 11, numRuns: effort(400) },
    );

  it('holds for the Dikin walk with the log barrier, uniform and Gaussian', () => property(ours));
  it('holds for the slow reference, which the mutants are made of', () => property(broken('none')));
  it.each(['untransposed solve', 'no determinant', 'wrong sign', 'no 1/alpha'] as const)('fails with %s', (fault) => {
    mustFail(() => property(broken(fault)));
  });
});

describe('P2: the proposal is N(x, Phi(x)^{-1})', () => {
  const DRAWS = 200_000;

  /** Empirical covariance of proposals, whitened by an independently computed Phi, against the identity. */
  const property = (make: MakeStep, draws: number) => {
    const d = 4;
    const { rng, body, start } = setUp({ seed: 5, d, n: 12, gaussian: true });
    const x = [...start];
    const G = metric(body, x);
    const L = lowerFactor(G);
    // On axis-aligned bodies L = L^T and the property would be vacuous.
    const asymmetry = Math.max(...L.flatMap((row, i) => row.map((_, j) => Math.abs(dot(row, L[j]!) - columnDot(L, i, j)))));
    expect(asymmetry / Math.max(...G.flat())).toBeGreaterThan(0.1);
    const step = make(body);
    // So small that no proposal leaves the body.
    step.radius = 0.01;
    step.place(start);
    const scale = step.radius / Math.sqrt(d);
    const sums = new Float64Array(d * d);
    const noise = new Float64Array(d);
    const whitening = transposeOf(L);
    for (let t = 0; t < draws; t++) {
      rng.fillNormal(noise);
      step.propose(noise);
      const white = apply(
        whitening,
        x.map((v, j) => (step.proposal[j]! - v) / scale),
      );
      for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) sums[i * d + j] = sums[i * d + j]! + white[i]! * white[j]!;
    }
    const entries = Array.from({ length: d }, (_, i) => Array.from({ length: i + 1 }, (_, j) => [i, j] as const)).flat();
    expectPass(
      zTest(
        entries.map(([i, j]) => sums[i * d + j]! / draws),
        entries.map(([i, j]) => Math.sqrt((i === j ? 2 : 1) / draws)),
        entries.map(([i, j]) => (i === j ? 1 : 0)),
        1e-6,
      ),
    );
  };

  it('holds', () => property(ours, DRAWS));
  it('fails for the untransposed solve', () => mustFail(() => property(broken('untransposed solve'), 20_000)));
});

function columnDot(L: readonly (readonly number[])[], i: number, j: number): number {
  return L.reduce((sum, row) => sum + row[i]! * row[j]!, 0);
}

describe('P4: affine equivariance', () => {
  /**
   * The image of a body under w' = T w, with the noise turned by the orthogonal matrix that joins the two Cholesky frames, makes the same
   * proposals and the same acceptance ratios.
   */
  const property = (make: MakeStep) =>
    fc.assert(
      fc.property(cases, fc.double({ min: 1, max: 1e3, noNaN: true }), (c, condition) => {
        const { rng, body, start } = setUp(c);
        const { d } = c;
        const U = orthogonal(d, rng);
        const V = orthogonal(d, rng);
        const singular = Array.from({ length: d }, (_, k) => condition ** (d === 1 ? 0 : -k / (d - 1)));
        const T = Array.from({ length: d }, (_, i) =>
          Array.from({ length: d }, (_, j) => singular.reduce((sum, s, k) => sum + U[i * d + k]! * s * V[j * d + k]!, 0)),
        );
        const inverse = Array.from({ length: d }, (_, i) =>
          Array.from({ length: d }, (_, j) => singular.reduce((sum, s, k) => sum + (V[i * d + k]! / s) * U[j * d + k]!, 0)),
        );
        const image = frame(
          Float64Array.from(rowsOf(body).flatMap((row) => apply(transposeOf(inverse), row))),
          body.slack,
          body.quadratic === undefined ? undefined : pushForward(body.quadratic, inverse, d),
        );
        const noise = rng.fillNormal(new Float64Array(d));
        const here = make(body);
        const there = make(image);
        here.radius = there.radius = c.radius;
        const startThere = apply(T, [...start]);
        here.place(start);
        there.place(Float64Array.from(startThere));
        // L'^{-T} noise' = T L^{-T} noise.
        const delta = solve(transposeOf(lowerFactor(metric(body, [...start]))), [...noise]);
        const turned = apply(transposeOf(lowerFactor(metric(image, startThere))), apply(T, delta));
        const a = here.propose(noise);
        const b = there.propose(Float64Array.from(turned));
        const tolerance = 1e-9 * condition ** 2;
        // A proposal within rounding of a facet may fall on either side.
        const nearFacet = slacks(
          body,
          [...start].map((v, j) => v + (c.radius / Math.sqrt(d)) * delta[j]!),
        ).some((s) => Math.abs(s) < tolerance);
        if (nearFacet) return;
        if (a === Number.NEGATIVE_INFINITY) {
          expect(b).toBe(a);
          return;
        }
        expect(Math.abs(a - b)).toBeLessThanOrEqual(tolerance * (1 + Math.abs(a) + dot(turned, turned)));
        const mapped = apply(T, Array.from(here.proposal));
        for (let j = 0; j < d; j++) expect(Math.abs(mapped[j]! - there.proposal[j]!)).toBeLessThanOrEqual(tolerance);
      }),
      { seed: 12, numRuns: effort(300) },
    );

  it('holds', () => property(ours));
  it('fails when an identity strays into the metric', () => mustFail(() => property(broken('stray identity'))));
});

/** f(T^{-1} w') as a quadratic in w'. */
function pushForward({ P, g }: NonNullable<Frame['quadratic']>, inverse: readonly (readonly number[])[], d: number) {
  const columns = transposeOf(inverse);
  const PI = columns.map((column) => Array.from({ length: d }, (_, i) => dot([...P.subarray(i * d, (i + 1) * d)], column)));
  return {
    P: Float64Array.from(columns.flatMap((column) => PI.map((other) => dot(column, other)))),
    g: Float64Array.from(columns, (column) => dot(column, [...g])),
  };
}

describe('P5: the log barrier', () => {
  /** A chord through a point of a random body, which may lie very near a facet. */
  const chords = fc.record({
    seed: fc.nat(1e6),
    d: fc.integer({ min: 2, max: 5 }),
    n: fc.integer({ min: 1, max: 30 }),
    depth: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  /** At least 1e-3 of the way from the facet: where the slow formulas solve with H, its condition must leave them digits. */
  const moderate = <C extends { depth: number }>(c: C): C => ({ ...c, depth: (2 + c.depth) / 3 });

  function chord({ seed, d, n, depth }: { seed: number; d: number; n: number; depth: number }) {
    const rng = philox(seed, 1);
    const body = randomFrame(n, d, rng);
    const direction = [...rng.fillNormal(new Float64Array(d))];
    const towards = rowsOf(body).map((row) => dot(row, direction));
    const reach = Math.min(...towards.map((v, i) => (v > 0 ? body.slack[i]! / v : Number.POSITIVE_INFINITY)));
    // depth 0 is at 1e-9 of the way from a facet, depth 1 at the centre.
    const x = direction.map((v) => v * reach * (1 - 10 ** (-9 * (1 - depth))));
    const along = [...rng.fillNormal(new Float64Array(d))];
    const s = slacks(body, x);
    const steps = rowsOf(body).map((row, i) => s[i]! / dot(row, along));
    const ahead = Math.min(...steps.filter((t) => t > 0));
    const behind = Math.max(...steps.filter((t) => t < 0));
    const barrier = logBarrier(body.A);
    const normAt = (v: readonly number[]) => {
      const image = new Float64Array(barrier.rows);
      barrier.apply(Float64Array.from(v), image);
      return barrier.squaredNorm(image, Float64Array.from(s));
    };
    return { body, x, along, ahead, behind, normAt, nu: barrier.rows };
  }

  const symmetry = (choose: (ahead: number, behind: number) => number) =>
    fc.assert(
      fc.property(chords, (c) => {
        const { along, ahead, behind, normAt, nu } = chord(c);
        const t = choose(ahead, behind);
        expect(normAt(along.map((v) => v * t))).toBeLessThanOrEqual(nu * (1 + 1e-6));
      }),
      { seed: 13, numRuns: effort(1000) },
    );

  it('nu-symmetry: the nearer end of a chord lies within sqrt(nu) in the local norm, nu = n', () => {
    symmetry((ahead, behind) => (ahead < -behind ? ahead : behind));
  });
  it('the farther end does not', () => mustFail(() => symmetry((ahead, behind) => (ahead > -behind ? ahead : behind))));

  const inside = (length: number) =>
    fc.assert(
      fc.property(chords, (c) => {
        const { body, x } = chord(moderate(c));
        const s = slacks(body, x);
        const G = metric(body, x);
        for (const [i, row] of rowsOf(body).entries()) {
          // The worst direction for facet i, H^{-1} a_i, has local norm sqrt(a_i^T H^{-1} a_i).
          const worst = solve(G, row);
          const norm = Math.sqrt(dot(row, worst));
          expect(
            dot(
              row,
              worst.map((v) => (v * length) / norm),
            ),
          ).toBeLessThanOrEqual(s[i]! * (1 + 1e-6));
        }
      }),
      { seed: 14, numRuns: effort(200) },
    );

  it('the ellipsoid of radius 1 in the local norm lies inside', () => inside(0.999));
  it('one of radius 3 does not always', () => mustFail(() => inside(3)));

  it('addHessian is the sum of a_i a_i^T / s_i^2, dense and sparse', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 20 }), fc.boolean(), (seed, d, n, sparse) => {
        const rng = philox(seed, 2);
        const full = randomFrame(n, d, rng);
        const body = sparse
          ? frame(
              Float64Array.from(rowsOf(full).flat(), (v) => (rng.uniform() < 0.2 ? v : 0)),
              full.slack,
            )
          : full;
        const H = new Float64Array(d * d);
        logBarrier(body.A).addHessian(body.slack, H);
        const expected = metric(body, new Array<number>(d).fill(0));
        // Sums of n products: n roundings of their magnitude.
        const bound = 2 ** -52 * (body.slack.length + 3) * Math.max(...expected.map((row, i) => row[i]!), 1e-300);
        for (let i = 0; i < d; i++)
          for (let j = 0; j <= i; j++) expect(Math.abs(H[i * d + j]! - expected[i]![j]!)).toBeLessThanOrEqual(bound);
      }),
      { seed: 15, numRuns: effort(300) },
    );
  });

  it('||H^{-1/2} grad log det H||^2 <= 4 d, by differences and by 4 ||sigma||^2', () => {
    fc.assert(
      fc.property(chords, (c) => {
        const { body, x } = chord(moderate(c));
        const d = body.dimension;
        const H = metric(body, x);
        const s = slacks(body, x);
        const scaled = rowsOf(body).map((row, i) => row.map((v) => v / s[i]!));
        const leverage = scaled.map((row) => dot(row, solve(H, row)));
        const gradient = Array.from({ length: d }, (_, j) => 2 * scaled.reduce((sum, row, i) => sum + leverage[i]! * row[j]!, 0));
        // Central differences with a step of 1e-5 of the distance to the nearest facet: relative error about 1e-8.
        const h = 1e-5 * Math.min(...s);
        const difference = Array.from({ length: d }, (_, j) => {
          const moved = (sign: number) =>
            logDeterminant(
              metric(
                body,
                x.map((v, k) => (k === j ? v + sign * h : v)),
              ),
            );
          return (moved(1) - moved(-1)) / (2 * h);
        });
        const size = Math.sqrt(dot(gradient, gradient));
        // A determinant's logarithm is known to d u cond(H), which the step divides; a condition number is at most this product of traces.
        const inverse = H.map(
          (_, j) =>
            solve(
              H,
              Array.from({ length: d }, (_, k) => Number(k === j)),
            )[j]!,
        );
        const condition = H.reduce((sum, row, j) => sum + row[j]!, 0) * inverse.reduce((sum, v) => sum + v, 0);
        const tolerance = 1e-5 * (size + 1 / Math.min(...s)) + (d * 2 ** -52 * condition) / h;
        for (let j = 0; j < d; j++) expect(Math.abs(difference[j]! - gradient[j]!)).toBeLessThanOrEqual(tolerance);
        const squared = dot(gradient, solve(H, gradient));
        expect(squared).toBeLessThanOrEqual(4 * dot(leverage, leverage) * (1 + 1e-9));
        expect(squared).toBeLessThanOrEqual(4 * d * (1 + 1e-9));
      }),
      { seed: 16, numRuns: effort(100) },
    );
  });

  it('log det (H + lambda I) is convex along chords', () => {
    fc.assert(
      fc.property(chords, fc.constantFrom(0, 0.1, 1, 100), (c, lambda) => {
        const { body, x, along, ahead, behind } = chord(moderate(c));
        const value = (t: number) => {
          const G = metric(
            body,
            x.map((v, j) => v + t * along[j]!),
          );
          G.forEach((row, i) => {
            row[i] = row[i]! + lambda;
          });
          return logDeterminant(G);
        };
        const [low, high] = [0.9 * behind, 0.9 * ahead];
        const middle = value((low + high) / 2);
        expect(middle).toBeLessThanOrEqual((value(low) + value(high)) / 2 + 1e-8 * (1 + Math.abs(middle)));
      }),
      { seed: 17, numRuns: effort(300) },
    );
  });

  it('eigen of the reference is right', () => {
    const G = metric(randomFrame(10, 4, philox(3)), [0, 0, 0, 0]);
    const { values, vectors } = eigen(G);
    values.forEach((value, k) => {
      const image = apply(G, vectors[k]!);
      for (let i = 0; i < 4; i++) expect(image[i]).toBeCloseTo(value * vectors[k]![i]!, 8);
    });
  });
});
