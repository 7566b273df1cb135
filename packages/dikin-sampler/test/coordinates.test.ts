import { csrFromDense, csrMultiply, csrToDense, dense, philox } from '@x/linalg';
import { mustFail } from '@x/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { sparseCoordinates, tightness, widthsOf } from '../src/coordinates.ts';
import { highs } from '../src/highs.ts';
import { type LpSolver, type Prepared, polytope, prepare, sample } from '../src/index.ts';
import { birkhoff, cube } from './bodies.ts';
import { expectTruths } from './judge.ts';

let solver: LpSolver;
beforeAll(async () => {
  solver = await highs();
});

/** Moves by random w keep the equations, and reach all of the plane; A is that of the prepared body. */
function check(prepared: Prepared, { A, map } = sparseCoordinates(prepared)): void {
  const { basis, body } = prepared;
  expect([A.cols, map.cols, A.rows]).toEqual([basis.cols, basis.cols, prepared.A.rows]);
  for (let seed = 0; seed < 5; seed++) {
    const w = philox(seed).fillNormal(new Float64Array(map.cols));
    const x = csrMultiply(map, w);
    const size = Math.hypot(...x);
    for (let i = 0; i < body.rows.rows; i++) {
      if (body.rowLower[i] !== body.rowUpper[i]) continue;
      const row = csrToDense(body.rows).data.subarray(i * body.variables, (i + 1) * body.variables);
      expect(Math.abs(row.reduce((sum, v, j) => sum + v * x[j]!, 0))).toBeLessThanOrEqual(1e-12 * size);
    }
    const y = Float64Array.from({ length: basis.cols }, (_, k) =>
      x.reduce((sum, v, j) => sum + v * csrToDense(basis).data[j * basis.cols + k]!, 0),
    );
    csrMultiply(prepared.A, y).forEach((v, i) => {
      expect(Math.abs(v - csrMultiply(A, w)[i]!)).toBeLessThanOrEqual(1e-12 * size);
    });
    // A map that loses a direction would send some w near 0.
    expect(size).toBeGreaterThan(0.1);
  }
}

describe('scaled coordinates', () => {
  /** s = t + u with narrow u: kept as coordinates, s and t block each other; t and u do not. */
  const strip = () => {
    const Aeq = dense(1, 3, Float64Array.of(1, -1, -1));
    return prepare(polytope({ Aeq, beq: [0], lower: [-1000, -1000, -1], upper: [1000, 1000, 1] }), { solver });
  };
  const slackOf = ({ A, b, center }: Prepared) => {
    const image = csrMultiply(A, center);
    return b.map((bound, i) => bound - image[i]!);
  };

  it('keep the narrow variables, so that every axis moves freely', async () => {
    const prepared = await strip();
    const widths = widthsOf(prepared, prepared.factor);
    // The Dikin ellipsoid of [-1, 1] has half-width 1 / sqrt 2; of the wide ones two variables share the bounds.
    expect(widths[2]).toBeCloseTo(Math.SQRT1_2, 4);
    const scaled = sparseCoordinates(prepared, widths);
    check(prepared, scaled);
    expect(tightness(scaled, slackOf(prepared), widths)).toBeLessThan(2);
    // The other choice: s and t kept, and u = s - t.
    const map = csrFromDense(dense(3, 2, Float64Array.of(1, 0, 0, 1, 1, -1)));
    const bounds = csrFromDense(dense(6, 2, Float64Array.of(1, 0, 0, 1, 1, -1, -1, 0, 0, -1, -1, 1)));
    const blocked = tightness({ A: bounds, map }, Float64Array.of(1000, 1000, 1, 1000, 1000, 1), widths);
    expect(blocked).toBeGreaterThan(1e5);
  });

  it('P3: coordinate hit-and-run in them, chosen by itself, has the law of the strip', async () => {
    const prepared = await strip();
    const run = await sample(prepared, { draws: 1500, seed: 2 });
    expect(run.frame).toBe('scaled');
    expectTruths(run, [
      [(x) => x[0]!, 0],
      [(x) => x[2]!, 0],
    ]);
    await expect(sample(prepared, { frame: 'round' as never })).rejects.toThrow(/one of axes, rounded, scaled/);
  });
});

describe('sparseCoordinates', () => {
  it('of doubly stochastic matrices are d of the entries, and a row is a sum of few', async () => {
    const prepared = await prepare(birkhoff(5), { solver });
    const coordinates = sparseCoordinates(prepared);
    check(prepared, coordinates);
    expect(coordinates.A.data.length).toBeLessThanOrEqual(4 * 25);
    expect(prepared.A.data.length).toBe(16 * 25);
  });

  it('fails for a body with another equation', async () => {
    const prepared = await prepare(birkhoff(3), { solver });
    const other = { ...prepared, body: polytope({ Aeq: dense(1, 9, Float64Array.of(1, 0, 0, 0, 2, 0, 0, 0, 0)), beq: [1], lower: 0 }) };
    mustFail(() => check(other, sparseCoordinates(prepared)));
  });

  it('are those of the prepared body where it has no equations, or the equations are implied or full', async () => {
    const plain = await prepare(cube(4), { solver });
    expect(sparseCoordinates(plain).map).toBe(plain.basis);
    // x0 + x1 <= 1 and >= 1 by two rows: an implied equation.
    const A = dense(2, 3, Float64Array.of(1, 1, 0, -1, -1, 0));
    const implied = await prepare(polytope({ A, b: [1, -1], lower: 0, upper: 2 }), { solver });
    check(implied);
    const full = await prepare(polytope({ Aeq: dense(1, 6, Float64Array.of(1, 2, 3, 4, 5, 6)), beq: [6], lower: 0, upper: 1 }), { solver });
    check(full);
  });

  it('dependent and fixed variables take no coordinate', async () => {
    const Aeq = dense(3, 5, Float64Array.of(1, 1, 0, 0, 0, 2, 2, 0, 0, 0, 0, 0, 1, -1, 0));
    check(await prepare(polytope({ Aeq, beq: [1, 2, 0], lower: [0, 0, 0, 0, 3], upper: [1, 1, 1, 1, 3] }), { solver }));
  });

  it('P3: the Dikin walk in them has the means of the Birkhoff polytope, structured and not', async () => {
    const prepared = await prepare(birkhoff(4), { solver });
    for (const structured of [true, false]) {
      const run = await sample(prepared, { walk: { kind: 'dikin', structured }, frame: 'axes', draws: 1500, seed: 3 });
      expectTruths(
        run,
        Array.from({ length: 16 }, (_, j) => [(x) => x[j]!, 1 / 4] as const),
      );
    }
  });
});
