import { csrFromTriplets, type Dense, dense, philox } from '@x/linalg';
import { ArgumentError, NonFiniteError, ShapeError } from '@x/linalg/errors';
import { effort } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DependentMatricesError,
  EmptyInteriorError,
  elliptope,
  InfeasibleBodyError,
  InfeasibleSpectrahedronError,
  prepareSpectrahedron,
  type Spectrahedron,
  spectrahedron,
  spectraplex,
  UnboundedBodyError,
} from '../../src/index.ts';
import { dot, eigen } from '../reference.ts';
import { at, randomSpectrahedron, square } from './bodies.ts';

const sym = (...rows: number[][]): Dense => dense(rows.length, rows.length, Float64Array.from(rows.flat()));

async function failure<E extends Error>(body: Spectrahedron, kind: abstract new (...args: never[]) => E): Promise<E> {
  const error = await prepareSpectrahedron(body).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(kind);
  return error as E;
}

describe('spectrahedron', () => {
  it('takes dense matrices with any strides, sparse ones and low-rank ones for the same body', () => {
    const S = sym([0, 2, 0], [2, 5, 0], [0, 0, 0]);
    const strided = dense(3, 3, S.data.slice());
    const reversed: Dense = { ...strided, offset: 8, rowStride: -3, colStride: -1 };
    const sparse = csrFromTriplets(3, 3, [1, 1, 2], [1, 2, 1], [5, 2, 2]);
    const vectors = dense(2, 3, Float64Array.of(0, 1, 2, 0, 2, 1));
    const lowRank = { vectors, weights: [2, -1] };
    const bodies = [reversed, sparse].map((A) => at(spectrahedron({ A: [A] }), [1]));
    expect(bodies[0]).toEqual([
      [0, 0, 0],
      [0, 5, 2],
      [0, 2, 0],
    ]);
    expect(bodies[1]).toEqual(bodies[0]);
    expect(at(spectrahedron({ A: [lowRank] }), [1])).toEqual([
      [0, 0, 0],
      [0, -2, 2],
      [0, 2, 7],
    ]);
  });

  it('refuses what is no symmetric matrix, and says which', () => {
    expect(() => spectrahedron({ A: [] })).toThrow(ArgumentError);
    expect(() => spectrahedron({ A: [3 as never] })).toThrow('A[0] is no matrix');
    expect(() => spectrahedron({ A: [sym([1, 2], [3, 4])] })).toThrow('A[0] is not symmetric: entry (1, 0) is 3, entry (0, 1) is 2');
    expect(() => spectrahedron({ A: [sym([1]), sym([1, 2], [2, 4])] })).toThrow('A[1] is 2 x 2; it must be 1 x 1');
    expect(() => spectrahedron({ A: [sym([1])], C: dense(1, 2, Float64Array.of(1, 2)) })).toThrow(ShapeError);
    expect(() => spectrahedron({ A: [sym([1, 0], [0, Number.NaN])] })).toThrow('A[0][1,1] is NaN');
    expect(() => spectrahedron({ A: [{ vectors: sym([1]), weights: [Number.POSITIVE_INFINITY] }] })).toThrow(NonFiniteError);
    expect(() => spectrahedron({ A: [{ vectors: sym([1]), weights: [1, 2] }] })).toThrow('2 weights for 1 vectors');
    expect(() => spectrahedron({ A: [sym([1]), sym([2])], names: ['a', 'a'] })).toThrow('the name a comes twice');
    expect(() => spectrahedron({ A: [sym([1])], Aeq: dense(1, 2, Float64Array.of(1, 2)), beq: [1] })).toThrow(ShapeError);
    expect(() => elliptope(1)).toThrow(ShapeError);
  });
});

describe('prepareSpectrahedron', () => {
  it('centres the elliptope at the identity and the spectraplex at I / n', async () => {
    const E = await prepareSpectrahedron(elliptope(5));
    expect(E).toMatchObject({ dimension: 10, bounded: true, ray: undefined, equationRank: 0, fixedVariables: [] });
    for (const value of E.center) expect(Math.abs(value)).toBeLessThan(1e-8);
    const X = await prepareSpectrahedron(spectraplex(4));
    expect(X).toMatchObject({ dimension: 9, equationRank: 1 });
    const center = unfold(X, X.center);
    at(X.body, center).forEach((row, i) => {
      row.forEach((v, j) => {
        expect(Math.abs(v - (i === j ? 1 / 4 : 0))).toBeLessThan(1e-8);
      });
    });
  });

  it('finds the maximiser of det S, wherever the body lies', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), async (seed, n, d) => {
        const rng = philox(seed, 3);
        const order = n + 1;
        const body = randomSpectrahedron(order, Math.min(d, (order * (order + 1)) / 2 - 1), rng);
        const prepared = await prepareSpectrahedron(body);
        const x = unfold(prepared, prepared.center);
        const S = at(body, x);
        const { values, vectors } = eigen(S);
        expect(values.every((v) => v > 0)).toBe(true);
        // tr(S^{-1} A_i) = 0: the gradient, against the sizes of its terms and of H^{-1/2}.
        const inverse = square(order, (i, j) => vectors.reduce((sum, v, k) => sum + (v[i]! * v[j]!) / values[k]!, 0));
        for (let i = 0; i < body.variables; i++) {
          const A = direction(body, i);
          const trace = A.reduce((sum, row, k) => sum + dot(row, inverse[k]!), 0);
          const size = A.reduce((sum, row, k) => sum + row.reduce((s, v, l) => s + Math.abs(v * inverse[k]![l]!), 0), 0);
          expect(Math.abs(trace)).toBeLessThanOrEqual(1e-7 * size);
        }
      }),
      { seed: 31, numRuns: effort(60) },
    );
  });

  it('says that there is no point, with a certificate', async () => {
    // x >= 3 and x <= 1.
    const error = await failure(spectrahedron({ A: [sym([1, 0], [0, -1])], C: sym([3, 0], [0, -1]) }), InfeasibleSpectrahedronError);
    const Z = error.certificate;
    const entry = (i: number, j: number) => Z.data[i * 2 + j]!;
    expect(entry(0, 0) + entry(1, 1)).toBeCloseTo(1, 12);
    expect(entry(0, 0) - entry(1, 1)).toBeCloseTo(0, 12);
    expect(error.value).toBeCloseTo(-1, 6);
    await failure(spectrahedron({ A: [sym([1, 0], [0, 0])], C: sym([3, 0], [0, 1]) }), InfeasibleSpectrahedronError);
  });

  it('certificates of random empty bodies hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 4 }), async (seed, n, d) => {
        const rng = philox(seed, 4);
        const bounded = randomSpectrahedron(n, Math.min(d, (n * (n + 1)) / 2 - 1), rng);
        // S(x) - c I, with c above what any S(x) can reach.
        const prepared = await prepareSpectrahedron(bounded);
        const S = at(bounded, unfold(prepared, prepared.center));
        const shift = 2 * n * Math.max(...eigen(S).values);
        const C = square(n, (i, j) => -at(bounded, new Array<number>(bounded.variables).fill(0))[i]![j]! + (i === j ? shift : 0));
        const empty = spectrahedron({ A: bounded.A.map((_, i) => fromSquare(direction(bounded, i))), C: fromSquare(C) });
        const { certificate, value } = await failure(empty, InfeasibleSpectrahedronError);
        const Z = square(n, (i, j) => certificate.data[i * n + j]!);
        expect(Math.min(...eigen(Z).values)).toBeGreaterThan(0);
        const trace = (M: number[][]) => M.reduce((sum, row, i) => sum + dot(row, Z[i]!), 0);
        expect(trace(square(n, (i, j) => Number(i === j)))).toBeCloseTo(1, 9);
        for (let i = 0; i < empty.variables; i++) {
          const A = direction(empty, i);
          expect(Math.abs(trace(A))).toBeLessThanOrEqual(1e-9 * Math.max(...A.flat().map(Math.abs)));
        }
        expect(trace(C.map((row) => row.map((v) => -v)))).toBeCloseTo(value, 9);
        expect(value).toBeLessThan(0);
      }),
      { seed: 32, numRuns: effort(40) },
    );
  });

  it('says that there is no interior', async () => {
    const line = await failure(spectrahedron({ A: [sym([1, 0], [0, -1])], C: sym([1, 0], [0, -1]) }), EmptyInteriorError);
    expect(line.point[0]).toBeCloseTo(1, 6);
    // [[x, y], [y, 0]] is positive semidefinite only for y = 0.
    await failure(spectrahedron({ A: [sym([1, 0], [0, 0]), sym([0, 1], [1, 0])] }), EmptyInteriorError);
    const point = spectrahedron({ A: [sym([1])], Aeq: sym([2]), beq: [6] });
    expect((await failure(point, EmptyInteriorError)).point[0]).toBe(3);
  });

  it('says that the body is unbounded, with a ray', async () => {
    // The inside of a parabola, y^2 <= x: one ray, on the boundary of the cone.
    const parabola = spectrahedron({ A: [sym([1, 0], [0, 0]), sym([0, 1], [1, 0])], C: sym([0, 0], [0, -1]), names: ['x', 'y'] });
    const { ray, message } = await failure(parabola, UnboundedBodyError);
    expect(ray[0]).toBeCloseTo(1, 5);
    expect(ray[1]).toBeCloseTo(0, 5);
    expect(message).toContain('x up');
    const prepared = await prepareSpectrahedron(parabola, { allowUnbounded: true });
    expect(prepared.bounded).toBe(false);
    // 1 x 1: x >= 3.
    expect((await failure(spectrahedron({ A: [sym([2])], C: sym([6]) }), UnboundedBodyError)).ray[0]).toBe(1);
  });

  it('a body that is bounded far out is told from one that is not', async () => {
    // 0 <= x <= 1e7.
    const prepared = await prepareSpectrahedron(spectrahedron({ A: [sym([1, 0], [0, -1])], C: sym([0, 0], [0, -1e7]) }));
    expect(prepared.center[0]! / 1e7).toBeCloseTo(0.5, 9);
  });

  it('names a combination of dependent matrices', async () => {
    const A = [sym([1, 0], [0, -1]), sym([0, 1], [1, 0]), sym([2, -1], [-1, -2])];
    const { combination } = await failure(spectrahedron({ A, C: sym([-1, 0], [0, -1]) }), DependentMatricesError);
    const sum = square(2, (i, j) => A.reduce((s, M, k) => s + combination[k]! * M.data[i * 2 + j]!, 0));
    expect(Math.max(...sum.flat().map(Math.abs))).toBeLessThan(1e-12);
    expect(Math.max(...combination.map(Math.abs))).toBeGreaterThan(0.1);
    await failure(spectrahedron({ A: [sym([1, 0], [0, -1]), sym([0, 0], [0, 0])], C: sym([-1, 0], [0, -1]) }), DependentMatricesError);
  });

  it('names contradicting equations, and fixes variables', async () => {
    const A = [sym([1, 0], [0, -1]), sym([0, 1], [1, 0])];
    const C = sym([-1, 0], [0, -1]);
    const contradiction = spectrahedron({ A, C, Aeq: dense(2, 2, Float64Array.of(1, 1, 2, 2)), beq: [0, 1] });
    await failure(contradiction, InfeasibleBodyError);
    const fixed = await prepareSpectrahedron(spectrahedron({ A, C, Aeq: dense(1, 2, Float64Array.of(0, 2)), beq: [1] }));
    expect(fixed).toMatchObject({ dimension: 1, fixedVariables: ['x1'], equationRank: 1 });
    expect(unfold(fixed, fixed.center)[1]).toBe(0.5);
  });

  it('can be aborted', async () => {
    await expect(prepareSpectrahedron(elliptope(3), { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

function unit(d: number, i: number): number[] {
  return Array.from({ length: d }, (_, j) => Number(i === j));
}

function fromSquare(M: readonly (readonly number[])[]): Dense {
  return dense(M.length, M.length, Float64Array.from(M.flat()));
}

/** A_i. */
function direction(body: Spectrahedron, i: number): number[][] {
  const zero = at(body, new Array<number>(body.variables).fill(0));
  return at(body, unit(body.variables, i)).map((row, k) => row.map((v, l) => v - zero[k]![l]!));
}

function unfold(
  { origin, basis }: { origin: Float64Array; basis: { indptr: Int32Array; indices: Int32Array; data: Float64Array } },
  y: Float64Array,
): number[] {
  return Array.from(origin, (value, i) => {
    let sum = value;
    for (let p = basis.indptr[i]!; p < basis.indptr[i + 1]!; p++) sum += basis.data[p]! * y[basis.indices[p]!]!;
    return sum;
  });
}
