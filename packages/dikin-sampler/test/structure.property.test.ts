/** The metric made from the nonzeros of A against the dense one and against slow formulas. */
import { philox, type Rng } from '@x/linalg';
import { effort, expectPass, mustFail, zTest } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../src/frame.ts';
import { plainKernel } from '../src/kernel/instance.ts';
import { dikinWalk } from '../src/walk/dikin.ts';
import { structureOf } from '../src/walk/structure/structure.ts';
import { frame } from './bodies.ts';
import { apply, dot, eigen, energy, logProposal, lowerFactor, metric, slacks, transposeOf } from './reference.ts';

/** Bounds on all coordinates or most, sparse rows, and a few full ones; and perhaps a Gaussian with a sparse precision. */
interface Case {
  readonly seed: number;
  readonly d: number;
  readonly sparse: number;
  readonly full: number;
  readonly free: boolean;
  readonly gaussian: boolean;
}

const cases = fc.record({
  seed: fc.nat(1e6),
  d: fc.integer({ min: 1, max: 24 }),
  sparse: fc.integer({ min: 0, max: 30 }),
  full: fc.integer({ min: 0, max: 3 }),
  free: fc.boolean(),
  gaussian: fc.boolean(),
});

function sparseFrame({ d, sparse, full, free, gaussian }: Case, rng: Rng): Frame {
  const rows: number[][] = [];
  for (let j = 0; j < d; j++) {
    // A coordinate without bounds is held by rows of two entries.
    if (free && j % 5 === 4) {
      rows.push(unit(d, [j, 1], [j - 1, 0.3]), unit(d, [j, -1], [j - 1, 0.2]));
    } else rows.push(unit(d, [j, 1]), ...(rng.uniform() < 0.7 ? [unit(d, [j, -1])] : [unit(d, [j, -0.5])]));
  }
  for (let i = 0; i < sparse; i++) rows.push(unit(d, [rng.integer(d), 1 + rng.uniform()], [rng.integer(d), rng.normal()]));
  for (let i = 0; i < full; i++) rows.push(Array.from({ length: d }, () => rng.normal()));
  const P = new Float64Array(d * d);
  for (let j = 0; j < d; j++) {
    P[j * d + j] = 2 + j;
    if (j > 0) P[j * d + j - 1] = P[(j - 1) * d + j] = 0.5;
  }
  const slack = Float64Array.from(rows, () => 0.5 + rng.uniform());
  return frame(Float64Array.from(rows.flat()), slack, gaussian ? { P, g: rng.fillNormal(new Float64Array(d)) } : undefined);
}

function unit(d: number, ...entries: readonly (readonly [number, number])[]): number[] {
  const row = new Array<number>(d).fill(0);
  for (const [j, value] of entries) row[j] = row[j]! + value;
  return row;
}

/** Log tau and the densities that it must consist of, by eigenvalues. */
function logTau(body: Frame, radius: number, x: number[], z: number[]): number {
  return energy(body, x) - energy(body, z) + logProposal(body, radius, z, x) - logProposal(body, radius, x, z);
}

describe('P1, P10: the structured walk', () => {
  const property = (formula: typeof logTau) =>
    fc.assert(
      fc.property(cases, (c) => {
        const rng = philox(c.seed, 3);
        const body = sparseFrame(c, rng);
        const walk = dikinWalk(body, rng, { structured: true });
        walk.place(new Float64Array(c.d));
        walk.radius = 0.8;
        // From somewhere in the body, with the history of getting there.
        walk.advance(30);
        const x = [...walk.position];
        const tau = walk.propose(rng.fillNormal(new Float64Array(walk.normals)));
        if (tau === Number.NEGATIVE_INFINITY) return;
        const z = [...walk.proposal];
        const expected = formula(body, 0.8, x, z);
        expect(Math.abs(tau - expected)).toBeLessThanOrEqual(1e-9 * (c.d + Math.abs(expected)));
      }),
      { seed: 21, numRuns: effort(200) },
    );
  it('log tau is log pi(z) q(z, x) - log pi(x) q(x, z) with q by eigenvalues, to 1e-9', () => property(logTau));
  it('fails for the determinant of the sparse part alone', () => {
    const withoutFull = (body: Frame) => {
      const rows = Array.from({ length: body.A.rows }, (_, i) => i).filter((i) => body.A.indptr[i + 1]! - body.A.indptr[i]! < 3);
      const A = { ...body.A };
      const data = A.data.slice();
      for (let i = 0; i < A.rows; i++) if (!rows.includes(i)) data.fill(0, A.indptr[i]!, A.indptr[i + 1]!);
      return { ...body, A: { ...A, data } };
    };
    mustFail(() =>
      property((body, radius, x, z) => {
        const G = (w: number[]) => eigen(metric(withoutFull(body), w)).values.reduce((sum, v) => sum + Math.log(v), 0);
        const all = (w: number[]) => eigen(metric(body, w)).values.reduce((sum, v) => sum + Math.log(v), 0);
        return logTau(body, radius, x, z) + (G(z) - G(x) - all(z) + all(x)) / 2;
      }),
    );
  });

  it('the metric is a function of the point: where the chain has been does not matter', () => {
    const rng = philox(5);
    const body = sparseFrame({ seed: 5, d: 20, sparse: 20, full: 2, free: true, gaussian: true }, rng);
    const moved = dikinWalk(body, philox(6), { structured: true });
    moved.place(new Float64Array(20));
    moved.advance(500);
    const at = moved.position.slice();
    const fresh = dikinWalk(body, philox(6), { structured: true });
    moved.place(at);
    fresh.place(at);
    const noise = philox(7).fillNormal(new Float64Array(moved.normals));
    expect(moved.propose(noise)).toBe(fresh.propose(noise));
  });

  it('the plain kernel makes the same bits', () => {
    const body = sparseFrame({ seed: 8, d: 23, sparse: 25, full: 3, free: true, gaussian: true }, philox(8));
    const [a, b] = [{}, { makeKernel: plainKernel }].map((kernel) => {
      const walk = dikinWalk(body, philox(9), { structured: true, ...kernel });
      walk.place(new Float64Array(23));
      walk.advance(200);
      return [...walk.position];
    });
    expect(a).toEqual(b);
  });

  it('goes on from a save, bit for bit', () => {
    const body = sparseFrame({ seed: 8, d: 12, sparse: 12, full: 1, free: false, gaussian: false }, philox(8));
    const make = () => dikinWalk(body, philox(9), { structured: true });
    const one = make();
    one.place(new Float64Array(12));
    one.advance(77);
    const other = make();
    other.restore(one.save());
    one.advance(100);
    other.advance(100);
    expect([...other.position]).toEqual([...one.position]);
  });
});

describe('P2: proposals of the structured walk have covariance Phi^{-1}', () => {
  const property = (twist: (white: number[]) => number[]) => {
    const draws = 40_000;
    const c = { seed: 3, d: 5, sparse: 4, full: 2, free: true, gaussian: true };
    const rng = philox(c.seed);
    const body = sparseFrame(c, rng);
    expect(structureOf(body, true)!.few.length).toBeGreaterThan(0);
    const walk = dikinWalk(body, rng, { structured: true });
    walk.radius = 0.01;
    walk.place(new Float64Array(5));
    const scale = 0.01 / Math.sqrt(5);
    const whitening = transposeOf(lowerFactor(metric(body, [0, 0, 0, 0, 0])));
    const sums = new Float64Array(25);
    const noise = new Float64Array(walk.normals);
    for (let t = 0; t < draws; t++) {
      walk.propose(rng.fillNormal(noise));
      const white = apply(whitening, twist(Array.from(walk.proposal, (v) => v / scale)));
      for (let i = 0; i < 5; i++) for (let j = 0; j <= i; j++) sums[i * 5 + j] = sums[i * 5 + j]! + white[i]! * white[j]!;
    }
    const entries = Array.from({ length: 5 }, (_, i) => Array.from({ length: i + 1 }, (_, j) => [i, j] as const)).flat();
    expectPass(
      zTest(
        entries.map(([i, j]) => sums[i * 5 + j]! / draws),
        entries.map(([i, j]) => Math.sqrt((i === j ? 2 : 1) / draws)),
        entries.map(([i, j]) => (i === j ? 1 : 0)),
        1e-6,
      ),
    );
  };
  it('holds', () => property((delta) => delta));
  it('fails for the untransposed factor', () => {
    const rng = philox(3);
    const body = sparseFrame({ seed: 3, d: 5, sparse: 4, full: 2, free: true, gaussian: true }, rng);
    const L = lowerFactor(metric(body, [0, 0, 0, 0, 0]));
    // delta = L^{-T} xi made into L^{-1} xi.
    mustFail(() =>
      property((delta) => {
        const xi = apply(transposeOf(L), delta);
        const out: number[] = [];
        for (const [i, row] of L.entries()) out.push((xi[i]! - dot(row.slice(0, i), out)) / row[i]!);
        return out;
      }),
    );
  });
});

describe('which way is taken', () => {
  it('bounds alone are a diagonal, a full row more is Woodbury, full bodies are dense', () => {
    const rng = philox(1);
    const bounds = sparseFrame({ seed: 1, d: 40, sparse: 0, full: 0, free: false, gaussian: false }, rng);
    expect(structureOf(bounds, false)).toMatchObject({ few: [], nodes: { count: 40, size: 40 } });
    const more = sparseFrame({ seed: 1, d: 40, sparse: 0, full: 1, free: false, gaussian: false }, rng);
    expect(structureOf(more, false)).toMatchObject({ few: [80], nodes: { count: 40 } });
    const full = frame(rng.fillNormal(new Float64Array(120 * 40)), new Float64Array(120).fill(1));
    expect(structureOf(full, false)).toBeUndefined();
  });

  it('the order of elimination leaves little fill: a star and a grid', () => {
    const star = frame(
      Float64Array.from(Array.from({ length: 30 }, (_, j) => unit(30, [j, 1], [0, 1])).flat()),
      new Float64Array(30).fill(1),
    );
    // An arrow that is eliminated from its tip outwards fills the whole matrix; from its feathers nothing.
    expect(structureOf(star, true)!.nodes.work).toBeLessThanOrEqual(4 * 30);
    const side = 20;
    const rows: number[][] = [];
    const at = (i: number, j: number) => i * side + j;
    for (let i = 0; i < side; i++) {
      for (let j = 0; j < side; j++) {
        rows.push(unit(side * side, [at(i, j), 1]));
        if (i > 0) rows.push(unit(side * side, [at(i, j), 1], [at(i - 1, j), -1]));
        if (j > 0) rows.push(unit(side * side, [at(i, j), 1], [at(i, j - 1), -1]));
      }
    }
    const grid = structureOf(frame(Float64Array.from(rows.flat()), new Float64Array(rows.length).fill(1)), true)!;
    // Row by row it would have 20 entries in each of 400 rows, and 400 * 210 products.
    expect(grid.nodes.work).toBeLessThan(0.6 * 400 * 210);
    expect(slacks(star, new Array<number>(30).fill(0)).length).toBe(30);
  });
});
