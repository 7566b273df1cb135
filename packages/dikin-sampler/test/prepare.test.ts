import { readInput } from '@x/inputs';
import { describeWithInput } from '@x/inputs/vitest';
import { csrFromDense, csrMultiply, csrToDense, dense, philox, toRows, transpose } from '@x/linalg';
import { InfeasibleError, UnboundedError } from '@x/linalg/errors';
import { effort } from '@x/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { highs } from '../src/highs.ts';
import {
  box,
  cut,
  EmptyInteriorError,
  InfeasibleBodyError,
  type LpSolver,
  type Polytope,
  type Prepared,
  polytope,
  prepare,
  readBiggJson,
  readMps,
  SolverError,
  UnboundedBodyError,
} from '../src/index.ts';
import { solutionSpace } from '../src/prepare/solutions.ts';
import { affine, dotRow, rowOf } from '../src/sparse.ts';
import { birkhoff, cube, simplex, skewedSimplex } from './bodies.ts';

let solver: LpSolver;
beforeAll(async () => {
  solver = await highs();
});

/** Does x satisfy the body as it was given, to a tolerance in units of unit rows? */
function violation(body: Polytope, x: Float64Array): number {
  let worst = 0;
  for (let j = 0; j < body.variables; j++) worst = Math.max(worst, body.lower[j]! - x[j]!, x[j]! - body.upper[j]!);
  for (let i = 0; i < body.rows.rows; i++) {
    const value = dotRow(rowOf(body.rows, i), x);
    worst = Math.max(worst, body.rowLower[i]! - value, value - body.rowUpper[i]!);
  }
  return worst;
}

const toBody = (p: Prepared, y: Float64Array) => affine(p.origin, p.basis, y);

describe('prepare', () => {
  it('leaves a full-dimensional body as it is, with unit rows', async () => {
    const p = await prepare(polytope({ A: dense(3, 2, Float64Array.of(-2, 0, 0, -3, 3, 4)), b: [0, 0, 10] }), { solver });
    expect(p.dimension).toBe(2);
    expect(p.report).toEqual({
      emptyRows: [],
      duplicateRows: [],
      fixedVariables: [],
      impliedEquations: [],
      equationRank: 0,
      redundant: [],
    });
    const rows = toRows(csrToDense(p.A));
    for (const row of rows) expect(Math.hypot(...row)).toBeCloseTo(1, 15);
    // The incircle of the triangle (0,0), (10/3,0), (0,5/2): area / half perimeter.
    const hypotenuse = Math.hypot(10 / 3, 2.5);
    expect(p.ball.radius).toBeCloseTo(((10 / 3) * 2.5) / (10 / 3 + 2.5 + hypotenuse), 9);
  });

  it('finds the analytic centre: of a simplex its centroid, of the cube its middle', async () => {
    const s = await prepare(simplex(5), { solver });
    for (const x of toBody(s, s.center)) expect(x).toBeCloseTo(1 / 6, 9);
    const c = await prepare(cube(3), { solver });
    for (const x of toBody(c, c.center)) expect(x).toBeCloseTo(1 / 2, 12);
    // H = sum of 1 / s^2 = 8 I at the middle of the cube.
    expect(c.factor[0]).toBeCloseTo(Math.sqrt(8), 9);
  });

  it('solves equations: the Birkhoff polytope has (n - 1)^2 dimensions', async () => {
    for (const n of [2, 3, 5]) {
      const p = await prepare(birkhoff(n), { solver });
      expect(p.dimension).toBe((n - 1) ** 2);
      expect(p.report.equationRank).toBe(2 * n - 1);
      // For n = 2 the four inequalities come in two equal pairs.
      expect(p.A.rows).toBe(n === 2 ? 2 : n * n);
      const center = toBody(p, p.center);
      for (const x of center) expect(x).toBeCloseTo(1 / n, 9);
    }
  });

  it('finds equations that inequalities imply, and variables that they fix', async () => {
    // x + y <= 1 and x + y >= 1 as two rows; z <= 0 with z >= 0 only through w + z = w.
    const body = polytope({
      A: dense(4, 3, Float64Array.of(1, 1, 0, -1, -1, 0, 0, 0, 1, 1, 0, -1)),
      b: [1, -1, 0.5, 0.25],
      lower: [0, 0, 0.5],
      upper: [1, 1, 1],
    });
    const p = await prepare(body, { solver });
    // z is 0.5, so x <= 0.75 on the segment x + y = 1.
    expect(p.dimension).toBe(1);
    expect(p.report.fixedVariables).toEqual(['x2']);
    expect(violation(body, toBody(p, p.center))).toBeLessThan(1e-12);
    expect(p.ball.radius).toBeCloseTo((0.75 * Math.SQRT2) / 2, 9);
  });

  it('finds equations that only several inequalities together imply', async () => {
    // x <= y, y <= z, z <= x: all equal, though no row is parallel to another.
    const body = polytope({ A: dense(3, 3, Float64Array.of(1, -1, 0, 0, 1, -1, -1, 0, 1)), b: [0, 0, 0], lower: 0, upper: 1 });
    const p = await prepare(body, { solver });
    expect(p.dimension).toBe(1);
    expect(p.report.impliedEquations).toEqual(['A[0] <= 0', 'A[1] <= 0', 'A[2] <= 0']);
    expect(p.A.rows).toBe(2);
  });

  it('drops empty, parallel and redundant rows, and says so', async () => {
    const body = polytope({
      A: dense(5, 2, Float64Array.of(1, 1, 2, 2, 0, 0, 1, 1, 1, 2)),
      b: [1, 1, 3, 9, 100],
      lower: 0,
    });
    const p = await prepare(body, { solver });
    expect(p.report.emptyRows).toEqual(['A[2]']);
    expect(p.report.duplicateRows).toEqual(['A[1]', 'A[3]']);
    expect(p.report.redundant).toEqual(['A[4] <= 100']);
    // 2 x + 2 y <= 1 is the tightest of the parallel ones.
    expect(p.labels).toContain('A[1] <= 1');
    expect(p.A.rows).toBe(3);
    const kept = await prepare(body, { solver, removeRedundant: false });
    expect(kept.A.rows).toBe(4);
  });

  it('the reduced body is the body: points of one map to points of the other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 3 }), async (seed, d, equations) => {
        const rng = philox(seed);
        const n = d + equations;
        // Equations through the middle of a box, and a few cuts that keep the middle.
        const Aeq = rng.fillNormal(new Float64Array(equations * n));
        const beq = Array.from({ length: equations }, (_, i) => Aeq.subarray(i * n, (i + 1) * n).reduce((sum, v) => sum + v / 2, 0));
        const A = rng.fillNormal(new Float64Array(4 * n));
        const b = Array.from(
          { length: 4 },
          (_, i) => A.subarray(i * n, (i + 1) * n).reduce((sum, v) => sum + v / 2, 0) + 0.1 + rng.uniform(),
        );
        const body = polytope({ A: dense(4, n, A), b, Aeq: dense(equations, n, Aeq), beq, lower: 0, upper: 1 });
        const p = await prepare(body, { solver });
        expect(p.dimension).toBe(d);
        // Along a random ray the last point inside the reduced body is the last point inside the body.
        const direction = rng.fillNormal(new Float64Array(d));
        const along = csrMultiply(p.A, direction);
        const at = csrMultiply(p.A, p.center);
        const reach = Math.min(...[...p.b].map((bi, i) => (along[i]! > 0 ? (bi - at[i]!) / along[i]! : Number.POSITIVE_INFINITY)));
        const point = (t: number) =>
          toBody(
            p,
            p.center.map((c, j) => c + t * direction[j]!),
          );
        expect(violation(body, point(reach * (1 - 1e-7)))).toBeLessThan(1e-12);
        expect(violation(body, point(reach * (1 + 1e-6)))).toBeGreaterThan(1e-9);
      }),
      { seed: 31, numRuns: effort(60) },
    );
  });

  it('leaves out one of two facets that are one but for rounding, not both', async () => {
    const p = await prepare(polytope({ A: dense(2, 2, Float64Array.of(1, 1, 1, 1 + 5e-12)), b: [1, 1], lower: 0 }), { solver });
    expect(p.A.rows).toBe(3);
    expect(p.report.redundant.length).toBe(1);
  });

  it('keeps facets that cut off little, and rows that are nearly parallel to others', async () => {
    const corner = polytope({ A: dense(1, 2, Float64Array.of(1, 1)), b: [2 - 1e-5], lower: 0, upper: 1 });
    expect((await prepare(corner, { solver })).A.rows).toBe(5);
    const tilted = polytope({ A: dense(2, 2, Float64Array.of(1, 1, 1, 1.0001)), b: [1, 1.00005], lower: 0 });
    expect((await prepare(tilted, { solver })).A.rows).toBe(4);
  });

  it('keeps bounds of variables that move little', async () => {
    // y = 1000 x: the bound on x is one on y.
    const body = polytope({ Aeq: dense(1, 2, Float64Array.of(1000, -1)), beq: [0], lower: 0, upper: [5e-4, 1] });
    const p = await prepare(body, { solver });
    expect([p.dimension, p.A.rows]).toEqual([1, 2]);
    expect(p.ball.radius).toBeCloseTo(Math.hypot(0.5, 5e-4) / 2, 9);
  });

  it('merges parallel rows to the tightest interval, whatever their signs and lengths', async () => {
    const A = dense(4, 2, Float64Array.of(1, -1, 2, -2, -1, 1, -3, 3));
    // x - y <= 1, x - y <= 0.5, x - y >= -2, x - y >= -0.25.
    const p = await prepare(polytope({ A, b: [1, 1, 2, 0.75], lower: -10, upper: 10 }), { solver });
    expect(p.report.duplicateRows).toEqual(['A[1]', 'A[2]', 'A[3]']);
    expect(p.labels.filter((label) => label.startsWith('A'))).toEqual(['A[1] <= 1', 'A[3] <= 0.75']);
    expect(violation(p.body, toBody(p, p.center))).toBe(0);
  });

  it('reads a matrix by its strides', async () => {
    const A = transpose(dense(2, 2, Float64Array.of(1, 5, 0, 7)));
    expect(toRows(csrToDense(polytope({ A, b: [1, 1] }).rows))).toEqual([
      [1, 0],
      [5, 7],
    ]);
  });

  it('takes bounds of 1e20 and more for none, and rows of any length for what they say', async () => {
    const body = polytope({ variables: 2, lower: 0, upper: [1, 1e20] });
    await expect(prepare(body, { solver })).rejects.toBeInstanceOf(UnboundedBodyError);
    for (const size of [1e-200, 1e-9, 1, 1e200]) {
      const p = await prepare(polytope({ A: dense(1, 2, Float64Array.of(size, size)), b: [size], lower: 0 }), { solver });
      expect(p.A.rows).toBe(3);
      expect(p.ball.radius).toBeCloseTo(1 - Math.SQRT1_2, 9);
    }
    const nowhere = { ...cube(1), lower: Float64Array.of(Infinity), upper: Float64Array.of(Infinity) };
    await expect(prepare(nowhere, { solver })).rejects.toBeInstanceOf(InfeasibleBodyError);
  });

  it('honours the tolerance: a slit of 1e-5 is thin at 1e-8 and flat at 1e-4', async () => {
    const body = polytope({ variables: 2, lower: 0, upper: [1, 1e-5] });
    expect((await prepare(body, { solver })).dimension).toBe(2);
    expect((await prepare(body, { solver, tolerance: 1e-4 })).dimension).toBe(1);
  });

  it('finds the largest ball of a large body, and of an unbounded one a ball of radius 1', async () => {
    expect((await prepare(polytope({ variables: 3, lower: -50, upper: 50 }), { solver })).ball.radius).toBeCloseTo(50, 9);
    const quadrant = await prepare(polytope({ variables: 2, lower: 0 }), { solver, allowUnbounded: true });
    expect(quadrant.ball.radius).toBeCloseTo(1, 9);
    expect(quadrant.ray?.every((v) => v >= 0)).toBe(true);
  });

  it.each([1e4, 1e6, 1e7])('a simplex skewed by %f is bounded and keeps all its facets', async (condition) => {
    const p = await prepare(skewedSimplex(6, condition, 3).body, { solver });
    expect([p.dimension, p.A.rows, p.bounded]).toEqual([6, 7, true]);
  });

  it("does not take the solver's tolerance for a direction", async () => {
    // The cone of directions lies in a box of half-width 1; this solver leaves the origin of it by a little.
    const sloppy: LpSolver = {
      open(program) {
        const session = solver.open(program);
        const isCone = program.lower.every((v) => v === -1) && program.upper.every((v) => v === 1);
        const x = new Float64Array(program.lower.length).fill(1e-6);
        return isCone ? { ...session, optimise: () => ({ status: 'optimal', x, objective: 1e-6 }) } : session;
      },
    };
    expect((await prepare(simplex(3), { solver: sloppy })).bounded).toBe(true);
  });

  it('box bounds a body, and keeps the bounds that are tighter', async () => {
    const body = box(polytope({ variables: 3, lower: [-1, -1e9, -Infinity], upper: [Infinity, 2, Infinity] }), 100);
    expect([[...body.lower], [...body.upper]]).toEqual([
      [-1, -100, -100],
      [100, 2, 100],
    ]);
    expect((await prepare(body, { solver })).bounded).toBe(true);
    for (const limit of [0, -1, Number.NaN, Infinity]) expect(() => box(body, limit)).toThrow(/limit is/);
  });

  it('a skewed simplex keeps all its facets', async () => {
    const p = await prepare(skewedSimplex(8, 1e4, 3).body, { solver });
    expect(p.dimension).toBe(8);
    expect(p.A.rows).toBe(9);
  });
});

describe('solutionSpace', () => {
  it('moves a point that is off by the tolerance of a solver onto the equations', () => {
    const equation = (columns: number[], entries: number[], bound: number) => ({ columns, entries, bound, label: '' });
    const half = Math.SQRT1_2;
    const equations = [equation([0], [1], 3), equation([0, 1, 2], [0.6, 0, 0.8], 1), equation([1, 3], [half, half], 2)];
    const near = Float64Array.of(3 + 1e-7, 1, -1 + 1e-7, 2 * Math.SQRT2 - 1 - 1e-7);
    const { point, basis, rank } = solutionSpace(4, equations, near);
    expect([rank, basis.cols]).toEqual([3, 1]);
    for (const [i, row] of equations.entries()) expect(dotRow(row, point), `equation ${i}`).toBeCloseTo(row.bound, 14);
    // To the nearest such point: x0 and with it x2 are determined, (x1, x3) moves at right angles to its line.
    for (const [j, x] of [3, 1 + 5e-8, -1, 2 * Math.SQRT2 - 1 - 5e-8].entries()) expect(point[j]).toBeCloseTo(x, 14);
  });
});

describe('solutionSpace of many equations, which sparse elimination picks from', () => {
  /** 300 sparse unit rows in 500 variables and 40 combinations of them, mixed; the rank is 300 almost surely. */
  function many(seed: number, size: (i: number) => number) {
    const rng = philox(seed);
    const rows = Array.from({ length: 300 }, (_, i) => {
      const row = new Map<number, number>([[i, 1]]);
      for (let k = 0; k < 4; k++) row.set(Math.floor(500 * rng.uniform()), size(i) * (rng.uniform() - 0.5));
      return row;
    });
    const combined = Array.from({ length: 40 }, () => {
      const row = new Map<number, number>();
      for (let k = 0; k < 3; k++) {
        const factor = 2 * rng.uniform() - 1;
        for (const [j, value] of rows[Math.floor(300 * rng.uniform())]!) row.set(j, (row.get(j) ?? 0) + factor * value);
      }
      return row;
    });
    return [...combined, ...rows].map((row) => {
      const norm = Math.hypot(...row.values());
      return { columns: [...row.keys()], entries: [...row.values()].map((value) => value / norm), bound: 0, label: '' };
    });
  }

  it.each<[string, (i: number) => number]>([
    ['like a network', () => 2],
    ['whose entries spread over twelve digits, where elimination may lose some', (i) => 10 ** ((i % 13) - 6)],
  ])('%s: the rank is right, and all equations hold on an orthonormal basis', (_, size) => {
    for (let seed = 0; seed < 3; seed++) {
      const equations = many(seed, size);
      const { basis, rank, independent } = solutionSpace(500, equations, new Float64Array(500));
      expect([rank, basis.cols, independent.length]).toEqual([300, 200, 300]);
      for (let k = 1; k <= 5; k++) {
        const w = philox(seed, k).fillNormal(new Float64Array(200));
        const x = csrMultiply(basis, w);
        expect(Math.hypot(...x)).toBeCloseTo(Math.hypot(...w), 10);
        for (const row of equations) expect(Math.abs(dotRow(row, x))).toBeLessThan(1e-9);
      }
    }
  });
});

describe('prepare refuses', () => {
  it('a body without points, naming constraints that contradict each other', async () => {
    const body = polytope({ A: dense(3, 2, Float64Array.of(1, 1, -1, -2, 1, 0)), b: [1, -3, 100], lower: 0 });
    // x + y <= 1 and x + 2 y >= 3 with x, y >= 0.
    const error = await prepare(body, { solver }).catch((e) => e);
    expect(error).toBeInstanceOf(InfeasibleBodyError);
    expect(error).toBeInstanceOf(InfeasibleError);
    expect([...error.constraints].sort()).toEqual(['A[0] <= 1', 'A[1] <= -3', 'x0 >= 0']);
  });

  it('contradicting bounds, parallel rows and impossible empty rows, before any linear program', async () => {
    const unused: LpSolver = {
      open() {
        throw new Error('not to be called');
      },
    };
    await expect(prepare(polytope({ variables: 2, lower: [0, 3], upper: [1, 2] }), { solver: unused })).rejects.toThrow(
      /x1 >= 3 and x1 <= 2/,
    );
    const parallel = polytope({ A: dense(2, 2, Float64Array.of(1, 2, -2, -4)), b: [1, -4] });
    await expect(prepare(parallel, { solver: unused })).rejects.toThrow(InfeasibleBodyError);
    const empty = polytope({ A: dense(1, 2, new Float64Array(2)), b: [-1] });
    await expect(prepare(empty, { solver: unused })).rejects.toThrow(/A\[0\] has no nonzero/);
  });

  it.each([
    ['a half-line', { lower: 0 }, 1],
    ['the other half-line', { upper: 0 }, 1],
    ['a half-strip across the diagonal', { A: dense(3, 2, Float64Array.of(1, 1, -1, -1, 1, 0)), b: [1, 1, 1] }, 2],
    ['a line', { A: dense(2, 2, Float64Array.of(1, 0, -1, 0)), b: [1, 1] }, 2],
    ['all of space', {}, 2],
  ])('%s, with a direction along which it never ends', async (_, input, variables) => {
    const body = polytope({ variables, ...input });
    const error = await prepare(body, { solver }).catch((e) => e);
    expect(error).toBeInstanceOf(UnboundedBodyError);
    expect(error).toBeInstanceOf(UnboundedError);
    expect(Math.max(...error.ray.map(Math.abs))).toBeGreaterThan(1e-7);
    const far = Float64Array.from(error.ray as Float64Array, (v) => v * 1e6);
    expect(violation(body, far)).toBeLessThan(1e-6);
    expect((await prepare(body, { solver, allowUnbounded: true }).catch((e) => e))?.bounded ?? false).toBe(false);
  });

  it('a single point, and a body thinner than the tolerance', async () => {
    const point = polytope({ Aeq: dense(2, 2, Float64Array.of(1, 1, 1, -1)), beq: [1, 0] });
    const error = await prepare(point, { solver }).catch((e) => e);
    expect(error).toBeInstanceOf(EmptyInteriorError);
    expect([...error.point]).toEqual([0.5, 0.5]);
    expect(error.impliedEquations).toEqual([]);
    // x + y <= 1 touches the corner (0.5, 0.5) of the bounds.
    const corner = polytope({ A: dense(1, 2, Float64Array.of(1, 1)), b: [1], lower: 0.5 });
    const touched = await prepare(corner, { solver }).catch((e) => e);
    expect(touched).toBeInstanceOf(EmptyInteriorError);
    expect(touched.impliedEquations).toEqual(['x0 >= 0.5', 'x1 >= 0.5', 'A[0] <= 1']);
    expect(touched.message).toMatch(/these hold with equality: x0 >= 0.5/);
    // A slit of width 1e-9 counts as flat: it is walked as a segment.
    const slit = await prepare(polytope({ variables: 2, lower: [0, 0], upper: [1, 1e-9] }), { solver });
    expect(slit.dimension).toBe(1);
  });

  it('equations that contradict each other', async () => {
    const body = polytope({ Aeq: dense(2, 2, Float64Array.of(1, 1, 2, 2)), beq: [1, 3], lower: 0, upper: 1 });
    await expect(prepare(body, { solver })).rejects.toThrow(InfeasibleBodyError);
  });

  it('to go on when it is aborted, and a tolerance out of range', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(prepare(cube(2), { solver, signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
    await expect(prepare(cube(2), { solver, tolerance: 0 })).rejects.toMatchObject({ name: 'ArgumentError' });
  });

  it('no solver, or no options at all', async () => {
    await expect(prepare(cube(2), {} as never)).rejects.toMatchObject({ name: 'ArgumentError', argument: 'solver' });
    await expect(prepare(cube(2), undefined as never)).rejects.toMatchObject({ name: 'ArgumentError', argument: 'solver' });
  });

  it('tells how far it is, from 0 to 1 without a step back, and what it does', async () => {
    const seen: [number, string][] = [];
    await prepare(simplex(6), { solver, onProgress: (fraction, stage) => void seen.push([fraction, stage]) });
    expect(seen.map(([fraction]) => fraction)).toEqual(seen.map(([fraction]) => fraction).sort((a, b) => a - b));
    expect([seen[0]![0], seen.at(-1)![0]]).toEqual([0, 1]);
    expect(new Set(seen.map(([, stage]) => stage)).size).toBeGreaterThan(5);
  });

  it('to go on when it is aborted between two linear programs, and closes the session', async () => {
    const controller = new AbortController();
    let solved = 0;
    let open = 0;
    const counting: LpSolver = {
      open(program) {
        const session = solver.open(program);
        open++;
        return {
          ...session,
          optimise(sense, cost) {
            if (++solved === 20) controller.abort();
            return session.optimise(sense, cost);
          },
          close() {
            open--;
            session.close();
          },
        };
      },
    };
    await expect(prepare(cube(20), { solver: counting, signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(solved).toBe(20);
    expect(open).toBe(0);
  });

  it("what the solver refuses, as a SolverError that carries the solver's words", () => {
    const one = Float64Array.of(1);
    const rows = csrFromDense(dense(1, 1, one));
    const program = { rows, rowLower: one, rowUpper: Float64Array.of(Number.NaN), lower: one, upper: one };
    expect(() => solver.open(program)).toThrow(SolverError);
  });
});

describe('polytope and cut', () => {
  it('copy what they are given and refuse sizes that disagree and numbers that are none', () => {
    const A = dense(1, 2, Float64Array.of(1, 1));
    const body = polytope({ A, b: [1] });
    A.data[0] = 9;
    expect(body.rows.data[0]).toBe(1);
    expect(() => polytope({})).toThrow(/number of variables/);
    expect(() => polytope({ A, b: [1, 2] })).toThrow(/b has 2 entries; 1 are needed/);
    expect(() => polytope({ A, b: [Number.NaN] })).toThrow(/b\[0\] is NaN/);
    expect(() => polytope({ A: dense(1, 2, Float64Array.of(1, Infinity)), b: [1] })).toThrow(/A\[0\]\[1\] is Infinity/);
    expect(() => polytope({ variables: 1, lower: Infinity })).toThrow(/finite or -Infinity/);
    expect(() => polytope({ A, b: [1], lower: [0] })).toThrow(/lower has 1 entries; 2 are needed/);
    expect(() => polytope({ A, b: [1], names: ['x'] })).toThrow(/1 names for 2 variables/);
    expect(() => polytope({ A, b: [1], names: ['x', 'x'] })).toThrow(/x comes twice/);
    expect(() => polytope({ Aeq: A, beq: [Infinity] })).toThrow(/beq\[0\] is Infinity/);
    const damaged = { rows: 1, cols: 2, indptr: Int32Array.of(0, 1), indices: Int32Array.of(7), data: Float64Array.of(1) };
    expect(() => polytope({ A: damaged, b: [1] })).toThrow(/indices\[0\]/);
    expect([...polytope({ A, b: [Infinity] }).rowUpper]).toEqual([Infinity]);
  });

  it('cut adds a row', () => {
    const body = cut(simplex(2), { coefficients: [0, 1], lower: 0.25, name: 'floor' });
    expect(body.rowNames).toEqual(['A[0]', 'floor']);
    expect(toRows(csrToDense(body.rows))).toEqual([
      [1, 1],
      [0, 1],
    ]);
    expect(() => cut(body, { coefficients: [1, 1] })).toThrow(/neither lower nor upper/);
  });
});

describeWithInput('metabolic/e_coli_core.json', import.meta.url, (path) => {
  it('e_coli_core has full dimension 24', async () => {
    const body = readBiggJson(readInput(path).toString('utf8'));
    expect([body.rows.rows, body.variables]).toEqual([72, 95]);
    const p = await prepare(body, { solver });
    expect(p.dimension).toBe(24);
    expect(p.report.fixedVariables.length).toBe(8);
    expect(violation(body, toBody(p, p.center))).toBeLessThan(1e-9);
  });
});

describeWithInput('netlib/afiro.mps.gz', import.meta.url, (path) => {
  it('AFIRO: 27 rows, 32 columns, bounded, dimension 24', async () => {
    const body = readMps(readInput(path).toString('latin1'));
    expect([body.rows.rows, body.variables]).toEqual([27, 32]);
    const p = await prepare(body, { solver });
    // 8 equations, none dependent.
    expect(p.dimension).toBe(24);
    expect(p.report.equationRank).toBe(8);
    expect(p.bounded).toBe(true);
  });
});

describeWithInput('netlib/degen2.mps.gz', import.meta.url, (path) => {
  it('DEGEN2: degenerate, so that facial reduction has work', async () => {
    const p = await prepare(readMps(readInput(path).toString('latin1')), { solver, removeRedundant: false });
    expect(p.report.impliedEquations.length).toBeGreaterThan(100);
    expect(p.ball.radius).toBeGreaterThan(1e-3);
  });
});
