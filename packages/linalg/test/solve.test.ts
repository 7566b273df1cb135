/** Systems and least squares. */
import { conditioned, effort, matrices, mustFail, rankDeficient, seeds, views } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  at,
  cholesky,
  choleskySolve,
  type Dense,
  dense,
  fromRows,
  identity,
  type LeastSquares,
  leastSquares,
  norm2,
  pseudoInverse,
  ShapeError,
  SingularError,
  solve,
  toRows,
  transpose,
  zeros,
} from '../src/index.ts';
import { LARGE_SHAPES } from './matrices.ts';
import { caught, columnNorm, expectSameBits, map, maxAbs, minus, product, U } from './residuals.ts';

const sizes = fc.constantFrom([0, 20] as const, [0, 20] as const, [30, 80] as const);

describe('solve', () => {
  it('takes matrices and vectors, of orders 0 and 1 too', () => {
    expect(Array.from(solve(fromRows([[2]]), new Float64Array([4])))).toEqual([2]);
    expect(
      toRows(
        solve(
          fromRows([
            [0, 2],
            [4, 0],
          ]),
          fromRows([
            [2, 4],
            [4, 8],
          ]),
        ),
      ),
    ).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(solve(identity(0), new Float64Array(0)).length).toBe(0);
    expect(solve(identity(3), zeros(3, 0)).cols).toBe(0);
  });

  it('names the zero pivot, wrong shapes and bad entries', () => {
    const error = caught(() =>
      solve(
        fromRows([
          [1, 2],
          [2, 4],
        ]),
        new Float64Array(2),
      ),
    );
    expect(error).toBeInstanceOf(SingularError);
    expect(error).toMatchObject({ pivot: 1 });
    expect(() => solve(identity(2), new Float64Array(3))).toThrow(ShapeError);
    expect(() => solve(zeros(2, 3), new Float64Array(2))).toThrow(ShapeError);
    expect(caught(() => solve(identity(2), new Float64Array([0, Number.NaN])))).toMatchObject({ argument: 'B', index: [1, 0] });
    expect(
      caught(() =>
        solve(
          fromRows([
            [1, Number.NaN],
            [0, 1],
          ]),
          new Float64Array(2),
        ),
      ),
    ).toMatchObject({ argument: 'A', index: [0, 1] });
  });
});

type Solver = (A: Dense, B: Dense) => LeastSquares<Dense>;

describe('Theorem (normal equations characterise the minimiser): A^T (B - A X) = 0, backward stably', () => {
  /**
   * A backward stable X minimises for A + E, |E|_2 <= c u |A|_2, so |A^T r|_2 <= |E| (|r| + |A| |x|) to first order; c is
   * linear in m and n for Householder QR (Higham 20.3), and computing A^T r adds gamma_(m+n) of the same sizes.
   * |A|_2 = 1 here.
   */
  const sized = sizes.chain((range) => views(conditioned({ rows: range, cols: range, tall: true }, [1, 1e12])));
  const claim = (solver: Solver, given: fc.Arbitrary<Dense> = sized, runs = effort(100)) =>
    fc.assert(
      fc.property(given, seeds(), (A, seed) => {
        const B = map(A.rows, 2, (i, j) => Math.sin(seed + i * i + 5 * j));
        const { X, residualNorms, rank } = solver(A, B);
        expect(rank).toBe(Math.min(A.rows, A.cols));
        const R = minus(B, product(A, X));
        const gradient = product(transpose(A), R);
        const c = 4 * (A.rows + A.cols + 4) * Math.sqrt(A.cols + 1);
        for (let j = 0; j < 2; j++) {
          const size = columnNorm(R, j) + columnNorm(X, j);
          expect(columnNorm(gradient, j)).toBeLessThanOrEqual(c * U * size);
          expect(Math.abs((residualNorms[j] as number) - columnNorm(R, j))).toBeLessThanOrEqual(c * U * (size + columnNorm(B, j)));
        }
      }),
      { numRuns: runs },
    );
  it('holds', () => claim(leastSquares));
  it.each(LARGE_SHAPES.filter(([m, n]) => m >= n))('holds for %d x %d', (m, n) =>
    claim(leastSquares, views(conditioned({ rows: [m, m], cols: [n, n] }, [1, 1e12])), effort(1)),
  );
  it('fails for the normal equations, whose error grows with the square of the condition', () => {
    mustFail(() =>
      claim((A, B) => {
        const gram = product(transpose(A), A);
        for (let i = 0; i < gram.rows; i++) gram.data[i * (gram.rows + 1)]! *= 1 + 1e-12;
        try {
          const X = choleskySolve(cholesky(gram), product(transpose(A), B));
          const R = minus(B, product(A, X));
          return { X, residualNorms: Float64Array.from([0, 1], (j) => columnNorm(R, j)), rank: A.cols };
        } catch {
          return leastSquares(A, B);
        }
      }),
    );
  });
});

describe('the minimiser of least norm of rank-deficient and wide systems', () => {
  const claim = (solver: Solver) =>
    fc.assert(
      fc.property(
        sizes.chain((range) => views(rankDeficient({ rows: range, cols: range }))),
        seeds(),
        (A, seed) => {
          const B = map(A.rows, 2, (i, j) => Math.sin(seed + i * i + 5 * j));
          const { X, rank } = solver(A, B);
          expect(rank).toBe(A.rank);
          const inverse = pseudoInverse(A);
          // Both are stable; X = A^+ B has condition number |A|^2 |A^+|^2 at worst (Higham 20.1).
          const condition = norm2(A) * norm2(inverse) + 1;
          const bound = 100 * (A.rows + A.cols) * U * condition ** 2 * (norm2(inverse) * norm2(B) + 1);
          expect(maxAbs(minus(X, product(inverse, B)))).toBeLessThanOrEqual(bound);
        },
      ),
    );
  it('is found', () => claim(leastSquares));
  it('is not a solution with another part in the null space', () => {
    mustFail(() =>
      claim((A, B) => {
        const { X, residualNorms, rank } = leastSquares(A, B);
        const projector = minus(identity(A.cols), product(pseudoInverse(A), A));
        return {
          X: minus(
            X,
            product(
              projector,
              map(A.cols, 2, () => 1),
            ),
          ),
          residualNorms,
          rank,
        };
      }),
    );
  });
});

describe('leastSquares', () => {
  it('solves wide systems exactly, with least norm', () => {
    const { X, rank, residualNorms } = leastSquares(fromRows([[1, 1, 1, 1]]), new Float64Array([4]));
    expect(rank).toBe(1);
    // One reflector and one division: a few u.
    for (const x of X) expect(Math.abs(x - 1)).toBeLessThanOrEqual(8 * U);
    expect(residualNorms[0]).toBe(0);
  });

  it('scales with A and B to the ends of the range', () => {
    for (const scale of [2 ** 990, 2 ** -990]) {
      const A = map(12, 4, (i, j) => scale * Math.sin(1 + i * 4 + j));
      const b = Float64Array.from({ length: 12 }, (_, i) => scale * Math.cos(i));
      const plain = leastSquares(
        map(12, 4, (i, j) => at(A, i, j) / scale),
        b.map((x) => x / scale),
      );
      const { X, residualNorms } = leastSquares(A, b);
      expect(maxAbs(minus(dense(4, 1, X), dense(4, 1, plain.X)))).toBeLessThanOrEqual(1000 * U * maxAbs(dense(4, 1, plain.X)));
      expect(Math.abs((residualNorms[0] as number) / scale - (plain.residualNorms[0] as number))).toBeLessThanOrEqual(1000 * U);
    }
  });

  it('handles empty systems', () => {
    expect(leastSquares(zeros(0, 3), new Float64Array(0))).toEqual({ X: new Float64Array(3), residualNorms: new Float64Array(1), rank: 0 });
    expect(leastSquares(zeros(3, 0), new Float64Array([3, 0, 4]))).toEqual({
      X: new Float64Array(0),
      residualNorms: new Float64Array([5]),
      rank: 0,
    });
    expect(leastSquares(zeros(4, 2), new Float64Array(4)).rank).toBe(0);
  });

  it('refuses bad input', () => {
    expect(() => leastSquares(zeros(3, 2), new Float64Array(2))).toThrow(ShapeError);
    expect(() => leastSquares(identity(2), new Float64Array(2), { tolerance: -1 })).toThrow('tolerance');
    expect(caught(() => leastSquares(identity(2), new Float64Array([0, Number.NaN])))).toMatchObject({ argument: 'B' });
  });

  it('obeys the tolerance, by default max(m, n) 2^-52', () => {
    const A = (small: number): Dense => map(4096, 2, (i, j) => (i !== j ? 0 : j === 0 ? 1 : small));
    const b = new Float64Array(4096).fill(1);
    for (const [small, tolerance, rank] of [
      [2 ** -41, undefined, 1],
      [2 ** -39, undefined, 2],
      [1e-6, 1e-5, 1],
      [1e-6, 1e-7, 2],
      [2 ** -41, 0, 2],
    ] as const) {
      const { X, rank: found } = leastSquares(A(small), b, tolerance === undefined ? {} : { tolerance });
      expect(found).toBe(rank);
      expect([X[0], X[1]! * small]).toEqual([1, rank - 1]);
    }
  });

  it('gives the same bits without SIMD', () => {
    fc.assert(
      fc.property(
        sizes.chain((range) => matrices({ rows: range, cols: range })),
        ({ rows: m, cols: n, data }) => {
          const B = map(m, 3, (i, j) => Math.sin(i + j));
          expectSameBits(B.data, [m * n, n * 3, 3], (k, b, a = 0, x = 0, norms = 0) => {
            new Float64Array(k.memory.buffer).set(data, a / 8);
            return k.dleastSquares(m, n, 3, a, b, 1e-13, x, norms);
          });
        },
      ),
      { numRuns: effort(40) },
    );
  });
});
