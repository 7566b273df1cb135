import { mustFail, random, seeds, strided } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ArgumentError,
  at,
  type Dense,
  dense,
  type Float,
  NonFiniteError,
  ShapeError,
  SingularError,
  type TrsmOptions,
  toRows,
  transpose,
  trsm,
  zeros,
} from '../src/index.ts';
import { gamma, minus, productEntry, roundoff, tiniest } from './reference.ts';

type Solver = (options: TrsmOptions<Float>) => Dense<Float>;

/** On both sides of the base case of 32 rows and of the strips of 8 and 16 columns. */
const SIZE = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 0, max: 20 }) }, fc.integer({ min: 21, max: 140 }));

const problems = fc
  .record({
    m: SIZE,
    n: SIZE,
    seed: seeds(),
    triangle: fc.constantFrom('lower' as const, 'upper' as const),
    side: fc.constantFrom('left' as const, 'right' as const),
    transposed: fc.boolean(),
    unitDiagonal: fc.boolean(),
    single: fc.boolean(),
    view: fc.boolean(),
  })
  .map(({ m, n, seed, single, view, ...options }) => {
    const r = random(seed);
    const order = options.side === 'left' ? m : n;
    // What must not be read is NaN. The row sums stay near 1, so that the solution does not grow beyond all bounds.
    const inTriangle = (i: number, j: number) => (options.triangle === 'upper' ? j >= i : j <= i);
    const entry = (i: number, j: number) =>
      i === j ? (options.unitDiagonal ? Number.NaN : 0.5 + r.uniform()) : r.normal() / Math.sqrt(order);
    const A = dense(
      order,
      order,
      Float64Array.from({ length: order * order }, (_, p) => {
        const [i, j] = [Math.floor(p / order), p % order];
        return inTriangle(i, j) ? entry(i, j) : Number.NaN;
      }),
    );
    const B = dense(
      m,
      n,
      Float64Array.from({ length: m * n }, () => r.normal()),
    );
    const shape = (M: Dense): Dense<Float> => {
      const laid = view ? strided(M, seed) : M;
      return single ? { ...laid, data: Float32Array.from(laid.data) } : laid;
    };
    return { A: shape(A), B: shape(B), ...options } satisfies TrsmOptions<Float>;
  });

/** The residual bound |op(A) X - B| <= gamma_m |op(A)| |X| that the backward error of theorem 8.5 gives, entry by entry. */
function meetsResidualBound(solver: Solver): void {
  fc.assert(
    fc.property(problems, (problem) => {
      const { A, B, triangle, side, transposed, unitDiagonal } = problem;
      const X = solver(problem);
      const n = A.rows;
      const full = dense(
        n,
        n,
        Float64Array.from({ length: n * n }, (_, p) => {
          const [i, j] = [Math.floor(p / n), p % n];
          if (i === j) return unitDiagonal ? 1 : at(A, i, i);
          return (triangle === 'upper') === j > i ? at(A, i, j) : 0;
        }),
      );
      const op = transposed ? transpose(full) : full;
      for (let i = 0; i < B.rows; i++) {
        for (let j = 0; j < B.cols; j++) {
          const { value, magnitude } = side === 'left' ? productEntry(op, X, i, j) : productEntry(X, op, i, j);
          const bound = gamma(n, roundoff(A)) * magnitude + 2 * n * tiniest(A) + 2 ** -100 * magnitude;
          expect(Math.abs(minus(at(B, i, j), value))).toBeLessThanOrEqual(bound);
        }
      }
    }),
  );
}

describe('Higham, theorem 8.5: (T + E) x = b with |E| <= gamma_m |T|, for every side, triangle, transposition and diagonal', () => {
  it('holds for trsm', () => meetsResidualBound(trsm));

  it('fails when one option is ignored', () => {
    const lower = (options: TrsmOptions<Float>) => ({ ...options, A: symmetrized(options.A) });
    mustFail(() => meetsResidualBound((options) => trsm({ ...lower(options), transposed: false })));
    mustFail(() => meetsResidualBound((options) => trsm({ ...lower(options), triangle: 'lower', transposed: true })));
    mustFail(() => meetsResidualBound((options) => trsm({ ...lower(options), unitDiagonal: true })));
  });

  it('fails when the solution is rounded to f32', () => {
    mustFail(() =>
      meetsResidualBound((options) => {
        const X = trsm(options);
        return { ...X, data: X.data.map(Math.fround) as Float };
      }),
    );
  });

  it('fails when only the last entry of the solution is off by 64 u n', () => {
    mustFail(() =>
      meetsResidualBound((options) => {
        const X = trsm(options);
        const last = X.data.length - 1;
        if (last >= 0) X.data[last] = (X.data[last] as number) * (1 + 64 * options.A.rows * roundoff(X));
        return X;
      }),
    );
  });
});

/** Mutants that read the wrong triangle or diagonal must find numbers there, or they would be refused instead of wrong. */
function symmetrized(A: Dense<Float>): Dense<Float> {
  const copied = { ...A, data: A.data.slice() as Float };
  for (let i = 0; i < A.rows; i++) {
    for (let j = 0; j < A.cols; j++) {
      if (Number.isNaN(at(A, i, j))) copied.data[A.offset + i * A.rowStride + j * A.colStride] = i === j ? 1 : at(A, j, i);
    }
  }
  return copied;
}

describe('trsm', () => {
  it('solves', () => {
    const A = dense(2, 2, new Float64Array([2, 0, 1, 4]));
    expect(toRows(trsm({ A, B: dense(2, 1, new Float64Array([2, 9])), triangle: 'lower' }))).toEqual([[1], [2]]);
  });

  it('refuses NaN in what it reads, a zero pivot and shapes that do not fit', () => {
    const A = dense(2, 2, new Float64Array([1, 2, 0, 0]));
    const B = zeros(2, 1);
    expect(() => trsm({ A, B, triangle: 'upper' })).toThrow(expect.objectContaining({ name: SingularError.name, pivot: 1 }));
    expect(trsm({ A, B, triangle: 'upper', unitDiagonal: true })).toEqual(B);
    const nan = dense(2, 2, new Float64Array([1, Number.NaN, 0, 1]));
    expect(() => trsm({ A: nan, B, triangle: 'upper' })).toThrow(expect.objectContaining({ name: NonFiniteError.name, index: [0, 1] }));
    expect(trsm({ A: nan, B, triangle: 'lower' })).toEqual(B);
    expect(() => trsm({ A, B: dense(2, 1, new Float64Array([1, Infinity])), triangle: 'upper', unitDiagonal: true })).toThrow(
      NonFiniteError,
    );
    expect(() => trsm({ A: zeros(2, 3), B, triangle: 'upper' })).toThrow(ShapeError);
    expect(() => trsm({ A, B, triangle: 'upper', side: 'right' })).toThrow(ShapeError);
    expect(() => trsm<Float>({ A, B: dense(2, 1, new Float32Array(2)), triangle: 'upper' })).toThrow(ArgumentError);
  });
});
