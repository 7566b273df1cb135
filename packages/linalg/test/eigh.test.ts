import { effort, geometric, mustFail, seeds, symmetric, symmetrics, views, withEigenvalues } from '@x/testkit';
import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import {
  at,
  type Dense,
  dense,
  eigenvalues,
  eigh,
  fromRows,
  identity,
  NonFiniteError,
  ShapeError,
  type SymmetricEigen,
  toRows,
  transpose,
  zeros,
} from '../src/index.ts';
import { LARGE_ORDERS } from './matrices.ts';
import { caught, diagonal, expectSameBits, frobenius, map, maxAbs, minus, orthogonalityError, product, U } from './residuals.ts';

const orders = fc.constantFrom([0, 20] as const, [0, 20] as const, [33, 80] as const);

/** Symmetric matrices: normal, graded, of low rank, with repeated eigenvalues, diagonal, tridiagonal, sparse. */
const hard: fc.Arbitrary<Dense> = fc
  .tuple(
    orders.chain(([min, max]) => fc.integer({ min, max })),
    seeds(),
    fc.integer({ min: 0, max: 6 }),
  )
  .map(([n, seed, kind]) => {
    const S = symmetric(n, seed);
    if (kind === 0) return S;
    if (kind === 1) return map(n, n, (i, j) => at(S, i, j) * 10 ** (-(i + j) / 3));
    if (kind === 2) return map(n, n, (i, j) => Math.sin(seed + i) * Math.sin(seed + j) + Math.cos(i) * Math.cos(j));
    if (kind === 3)
      return withEigenvalues(
        Float64Array.from({ length: n }, (_, i) => (i % 3) - 1),
        seed,
      );
    if (kind === 4) return map(n, n, (i, j) => (i === j ? Math.sin(seed + i) : 0));
    if (kind === 5) return map(n, n, (i, j) => (Math.abs(i - j) <= 1 ? at(S, i, j) : 0));
    return map(n, n, (i, j) => (at(S, i, j) > 1.5 ? at(S, i, j) : 0));
  });
const anySymmetric = views(fc.oneof(hard, orders.chain(symmetrics)));

/** Householder reduction and plane rotations are backward stable with a bound linear in n (Higham 19.4, Parlett 8.15). */
function backwardError(n: number): number {
  return 8 * (n + 4) * U;
}

describe('Theorem (backward stability): |A V - V diag(values)| <= c n u |A|_F, |V^T V - I| <= c n u, values ascending', () => {
  const claim = (decompose: (A: Dense) => SymmetricEigen, given: fc.Arbitrary<Dense> = anySymmetric, runs = effort(100)) =>
    fc.assert(
      fc.property(given, (A) => {
        const n = A.rows;
        const { values, vectors } = decompose(A);
        expect(orthogonalityError(vectors)).toBeLessThanOrEqual(backwardError(n));
        expect(Float64Array.from(values).sort()).toEqual(values);
        const error = minus(product(A, vectors), product(vectors, diagonal(values)));
        expect(frobenius(error)).toBeLessThanOrEqual(2 * backwardError(n) * frobenius(A));
      }),
      { numRuns: runs },
    );
  it('holds', () => claim(eigh));
  it.each(LARGE_ORDERS)('holds for order %d', (n) => claim(eigh, views(symmetrics([n, n])), effort(1)));
  it('fails when eigenvectors are not those of their values', () => {
    mustFail(() =>
      claim((A) => ({ values: eigh(A).values, vectors: map(A.rows, A.rows, (i, j) => at(eigh(A).vectors, i, A.rows - 1 - j)) })),
    );
  });
  it('fails for power iteration with deflation, whose vectors are not orthogonal', () => mustFail(() => claim(powerIteration)));
  it('fails when values come in the order of the iteration', () => {
    mustFail(() =>
      claim((A) => ({ values: eigh(A).values.reverse(), vectors: map(A.rows, A.rows, (i, j) => at(eigh(A).vectors, i, A.rows - 1 - j)) })),
    );
  });
});

describe('seen, not proved: both errors are at most 16 sqrt(2 n) u, a thirtieth of the bound, for large n', () => {
  const n = effort(200, 300);
  const S = symmetric(n, 1);
  const cases: [string, Dense][] = [
    ['normal', S],
    ['graded', map(n, n, (i, j) => at(S, i, j) * 10 ** (-(i + j) / 40))],
    [
      'of three eigenvalues',
      withEigenvalues(
        Float64Array.from({ length: n }, (_, i) => (i % 3) - 1),
        2,
      ),
    ],
    ['of eigenvalues from 1 to 1e-12', withEigenvalues(geometric(n, 1e12), 3)],
    ['of Wilkinson', map(n, n, (i, j) => (i === j ? Math.abs(i - (n - 1) / 2) : Math.abs(i - j) === 1 ? 1 : 0))],
    [
      'of Wilkinson, glued',
      map(n, n, (i, j) => (i === j ? Math.abs((i % 21) - 10) : Math.abs(i - j) > 1 ? 0 : Math.max(i, j) % 21 === 0 ? 1e-8 : 1)),
    ],
    ['of rank 2', map(n, n, (i, j) => Math.sin(i) * Math.sin(j) + Math.cos(i) * Math.cos(j))],
  ];
  const claim = (decompose: (A: Dense) => SymmetricEigen, A: Dense): void => {
    const { values, vectors } = decompose(A);
    const envelope = 16 * Math.sqrt(2 * n) * U;
    expect(orthogonalityError(vectors)).toBeLessThanOrEqual(envelope);
    expect(frobenius(minus(product(A, vectors), product(vectors, diagonal(values))))).toBeLessThanOrEqual(envelope * frobenius(A));
  };
  it.each(cases)('holds for matrices %s', (_, A) => claim(eigh, A));
  it('fails when ten bits of A are lost', () => {
    mustFail(() => claim((A) => eigh(map(n, n, (i, j) => at(A, i, j) * (1 + 1024 * U * Math.cos(i + j)))), S));
  });
});

function powerIteration(A: Dense): SymmetricEigen {
  const n = A.rows;
  const B = map(n, n, (i, j) => at(A, i, j));
  const pairs = Array.from({ length: n }, () => {
    let x = Float64Array.from({ length: n }, (_, i) => 1 + i);
    for (let step = 0; step < 20; step++) {
      const y = product(B, dense(n, 1, x)).data;
      const norm = Math.hypot(...y) || 1;
      x = y.map((value) => value / norm);
    }
    const Bx = product(B, dense(n, 1, x)).data;
    const value = x.reduce((sum, xi, i) => sum + xi * (Bx[i] as number), 0);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) B.data[i * n + j]! -= value * (x[i] as number) * (x[j] as number);
    return { value, x };
  }).sort((p, q) => p.value - q.value);
  return {
    values: Float64Array.from(pairs, ({ value }) => value),
    vectors: map(n, n, (i, j) => (pairs[j] as { x: Float64Array }).x[i] as number),
  };
}

describe('Theorem (Weyl): eigenvalues are those of a matrix within c n u |A| of A', () => {
  const spectra = fc.tuple(
    orders.chain(([min, max]) =>
      fc.array(
        fc.integer({ min: -1000, max: 1000 }).map((k) => k / 1000),
        { minLength: min, maxLength: max },
      ),
    ),
    seeds(),
  );
  const claim = (valuesOf: (A: Dense) => Float64Array) =>
    fc.assert(
      fc.property(spectra, ([spectrum, seed]) => {
        const known = Float64Array.from(spectrum).sort();
        const n = known.length;
        const values = valuesOf(withEigenvalues(known, seed));
        const size = known.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
        // The ensemble is n u size away from its spectrum too.
        const bound = (8 * n * U + backwardError(n)) * Math.sqrt(n) * size + 2 ** -1060;
        expect(maxAbs(minus(dense(n, 1, values), dense(n, 1, known)))).toBeLessThanOrEqual(bound);
      }),
    );
  it('holds with vectors', () => claim((A) => eigh(A).values));
  it('holds for values alone', () => claim(eigenvalues));
  it('fails for square roots of the eigenvalues of A^2', () => {
    mustFail(() => claim((A) => eigenvalues(product(A, A)).map((value) => Math.sqrt(Math.max(0, value)))));
  });
});

describe('eigh', () => {
  it('agrees with ml-matrix', () => {
    const A = symmetric(60, 7);
    const reference = Float64Array.from(
      new EigenvalueDecomposition(new Matrix(toRows(A)), { assumeSymmetric: true }).realEigenvalues,
    ).sort();
    expect(maxAbs(minus(dense(60, 1, eigh(A).values), dense(60, 1, reference)))).toBeLessThanOrEqual(2 * backwardError(60) * frobenius(A));
  });

  it('finds the eigenvalues of the second difference matrix: 2 - 2 cos(k pi / (n + 1))', () => {
    const n = 100;
    const values = eigenvalues(map(n, n, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)));
    values.forEach((value, k) => {
      expect(Math.abs(value - (2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1))))).toBeLessThanOrEqual(4 * backwardError(n));
    });
  });

  it('drops no entry that is larger than rounding', () => {
    // The same matrix shrunk onto the identity: 1 + 2 t cos(k pi / (n + 1)), known to a few u. Without t all would be 1.
    const [n, t] = [60, 32 * U];
    const values = eigenvalues(map(n, n, (i, j) => (i === j ? 1 : Math.abs(i - j) === 1 ? t : 0)));
    values.forEach((value, k) => {
      expect(Math.abs(value - (1 - 2 * t * Math.cos(((k + 1) * Math.PI) / (n + 1))))).toBeLessThanOrEqual(t / 2);
    });
  });

  it('reads only the lower triangle', () => {
    const A = symmetric(50, 4);
    const half = map(50, 50, (i, j) => (i >= j ? at(A, i, j) : Number.NaN));
    expect(eigh(half)).toEqual(eigh(A));
    const error = caught(() => eigh(transpose(half)));
    expect(error).toBeInstanceOf(NonFiniteError);
    expect(error).toMatchObject({ argument: 'A', index: [1, 0] });
  });

  it('keeps its accuracy at the ends of the range', () => {
    const A = symmetric(40, 5);
    const { values } = eigh(A);
    for (const scale of [2 ** 1015, 2 ** 650, 2 ** 300, 2 ** -300, 2 ** -664, 2 ** -900, 2 ** -1000]) {
      const scaled = eigh(map(40, 40, (i, j) => at(A, i, j) * scale));
      // Powers of two: only the entries that become denormal differ.
      expect(
        maxAbs(
          minus(
            dense(
              40,
              1,
              scaled.values.map((value) => value / scale),
            ),
            dense(40, 1, values),
          ),
        ),
      ).toBeLessThanOrEqual(2 * backwardError(40) * frobenius(A));
      expect(orthogonalityError(scaled.vectors)).toBeLessThanOrEqual(backwardError(40));
    }
    const denormal = eigh(map(3, 3, (i, j) => (i === j ? 2 ** -1070 : 2 ** -1074)));
    expect(orthogonalityError(denormal.vectors)).toBeLessThanOrEqual(backwardError(3));
  });

  it('handles orders 0 and 1, zero and identity', () => {
    expect(eigh(zeros(0, 0))).toEqual({ values: new Float64Array(0), vectors: zeros(0, 0) });
    expect(eigh(fromRows([[-5]]))).toEqual({ values: new Float64Array([-5]), vectors: identity(1) });
    expect(eigh(zeros(45, 45)).values).toEqual(new Float64Array(45));
    expect(eigh(identity(45))).toEqual({ values: new Float64Array(45).fill(1), vectors: identity(45) });
  });

  it('refuses bad input', () => {
    expect(() => eigh(zeros(2, 3))).toThrow(ShapeError);
    expect(() => eigenvalues(zeros(2, 3))).toThrow(ShapeError);
    expect(() => eigh(dense(1, 1, new Float32Array(1)) as never)).toThrow('Float32Array');
  });

  it('gives the same bits without SIMD', () => {
    fc.assert(
      fc.property(hard, (A) => {
        const n = A.rows;
        expectSameBits(A.data, [n, n * n], (k, a, values = 0, vectors = 0) => k.deigh(n, a, values, vectors));
      }),
      { numRuns: effort(40) },
    );
  });
});
