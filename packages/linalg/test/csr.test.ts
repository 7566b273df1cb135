import { effort, mustFail } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ArgumentError,
  at,
  type Csr,
  csr,
  csrFromDense,
  csrFromTriplets,
  csrGram,
  csrGramSparse,
  csrMultiply,
  csrMultiplyTransposed,
  csrRows,
  csrToDense,
  csrTranspose,
  type Dense,
  NonFiniteError,
  ShapeError,
  toRows,
  transpose,
  zeros,
} from '../src/index.ts';

/** Triplets with small whole values, so that every sum and product below is exact and `toEqual` is the right comparison. */
const triplets = fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 12 })).chain(([rows, cols]) =>
  fc.record({
    rows: fc.constant(rows),
    cols: fc.constant(cols),
    entries: fc.array(
      fc.tuple(fc.nat({ max: Math.max(rows - 1, 0) }), fc.nat({ max: Math.max(cols - 1, 0) }), fc.integer({ min: -3, max: 3 })),
      {
        maxLength: rows && cols ? 60 : 0,
      },
    ),
  }),
);
type Triplets = typeof triplets extends fc.Arbitrary<infer T> ? T : never;

const sparse = ({ rows, cols, entries }: Triplets): Csr =>
  csrFromTriplets(
    rows,
    cols,
    entries.map((e) => e[0]),
    entries.map((e) => e[1]),
    entries.map((e) => e[2]),
  );

function full({ rows, cols, entries }: Triplets): Dense {
  const D = zeros(rows, cols);
  for (const [i, j, x] of entries) D.data[i * cols + j]! += x;
  return D;
}

function product(A: Dense, B: Dense): Dense {
  const C = zeros(A.rows, B.cols);
  for (let i = 0; i < A.rows; i++)
    for (let j = 0; j < B.cols; j++) for (let k = 0; k < A.cols; k++) C.data[i * B.cols + j]! += at(A, i, k) * at(B, k, j);
  return C;
}

const wholes = (length: number, salt: number): Float64Array => Float64Array.from({ length }, (_, i) => ((i * 7 + salt * 5) % 11) - 5);

function property(check: (A: Csr, D: Dense) => void): void {
  fc.assert(
    fc.property(triplets, (t) => check(sparse(t), full(t))),
    { numRuns: effort(300) },
  );
}

describe('Csr agrees with the dense matrix it stands for', () => {
  it('conversions', () =>
    property((A, D) => {
      expect(() => csr(A.rows, A.cols, A.indptr, A.indices, A.data)).not.toThrow();
      expect(csrToDense(A)).toEqual(D);
      expect(csrToDense(csrFromDense(D))).toEqual(D);
      expect(csrFromDense(transpose(D))).toEqual(csrTranspose(csrFromDense(D)));
    }));

  it('transpose', () =>
    property((A, D) => {
      expect(toRows(csrToDense(csrTranspose(A)))).toEqual(toRows(transpose(D)));
      expect(csrTranspose(csrTranspose(A))).toEqual(A);
    }));

  it('rows, in any order and repeated', () =>
    property((A, D) => {
      const rows = Array.from({ length: A.rows ? 5 : 0 }, (_, i) => (i * 3) % A.rows);
      expect(toRows(csrToDense(csrRows(A, rows)))).toEqual(rows.map((i) => toRows(D)[i]));
    }));

  it('products with a vector and a strided matrix', () =>
    property((A, D) => {
      const X = transpose({ ...zeros(3, A.cols), data: wholes(3 * A.cols, 1) });
      const Y = transpose({ ...zeros(2, A.rows), data: wholes(2 * A.rows, 2) });
      expect(csrMultiply(A, X)).toEqual(product(D, X));
      expect(csrMultiplyTransposed(A, Y)).toEqual(product(transpose(D), Y));
      const x = wholes(A.cols, 3);
      const y = wholes(A.rows, 4);
      // v + 0 turns -0 into 0.
      expect(csrMultiply(A, x).map((v) => v + 0)).toEqual(product(D, { ...zeros(A.cols, 1), data: x }).data);
      expect(csrMultiplyTransposed(A, y).map((v) => v + 0)).toEqual(product(transpose(D), { ...zeros(A.rows, 1), data: y }).data);
    }));

  it('weighted Gram matrix, dense and sparse', () =>
    property((A, D) => {
      const weights = wholes(A.rows, 5);
      const weighted = { ...D, data: D.data.map((x, p) => x * weights[Math.floor(p / D.cols)]!) };
      const G = product(transpose(D), weighted);
      expect(csrGram(A, weights).data.map((v) => v + 0)).toEqual(G.data.map((v) => v + 0));
      const S = csrGramSparse(A, weights);
      csr(S.rows, S.cols, S.indptr, S.indices, S.data);
      expect(csrToDense(S)).toEqual(csrGram(A, weights));
      expect(csrToDense(csrGramSparse(A))).toEqual(csrGram(A));
    }));
});

describe('the Gram matrix of full rows, which is made in blocks', () => {
  const [n, d, blockOfRows] = [5000, 29, Math.floor(65536 / 29)];
  const wholes = (length: number, offset: number): Float64Array => Float64Array.from({ length }, (_, p) => ((p * 7 + offset) % 11) - 5);
  const A = csrFromDense({ ...zeros(n, d), data: wholes(n * d, 3) });
  const plus = (G: Dense): Float64Array => G.data.map((v) => v + 0);
  /** Sums of whole numbers: exact in any order. */
  const claim = (gramOf: (M: Csr, w: Float64Array) => Dense): void => {
    for (const w of [wholes(n, 1), new Float64Array(n).fill(1)]) expect(plus(gramOf(A, w))).toEqual(plus(csrToDense(csrGramSparse(A, w))));
  };
  it('is that of sparse rows', () => claim(csrGram));
  it('fails for the weights of the first block in all of them, and without the last block', () => {
    mustFail(() =>
      claim((M, w) =>
        csrGram(
          M,
          w.map((_, i) => w[i % blockOfRows]!),
        ),
      ),
    );
    const whole = Array.from({ length: 2 * blockOfRows }, (_, i) => i);
    mustFail(() => claim((M, w) => csrGram(csrRows(M, whole), w.subarray(0, whole.length))));
  });
  it('keeps what is not finite to the columns that it touches', () => {
    const bad = { ...A, data: A.data.slice() };
    bad.data[0] = Number.NaN;
    const touched = Array.from(A.indices.subarray(0, A.indptr[1]!));
    csrGram(bad).data.forEach((x, p) => {
      const [i, j] = [Math.floor(p / d), p % d];
      const meets = (i === touched[0] && touched.includes(j)) || (j === touched[0] && touched.includes(i));
      expect(Number.isNaN(x)).toBe(meets);
    });
  });
});

describe('csr refuses what is not well formed', () => {
  const i32 = (...x: number[]): Int32Array => Int32Array.from(x);
  const f64 = (...x: number[]): Float64Array => Float64Array.from(x);
  it.each([
    ['a short indptr', () => csr(2, 2, i32(0, 1), i32(0), f64(1)), /indptr has 2 entries/],
    ['lengths that differ', () => csr(1, 2, i32(0, 1), i32(0, 1), f64(1)), /must agree/],
    ['an indptr that does not start at 0', () => csr(1, 2, i32(1, 1), i32(0), f64(1)), /runs from 1/],
    ['an indptr that ends early', () => csr(1, 2, i32(0, 0), i32(0), f64(1)), /must run from 0 to 1/],
    ['an indptr that decreases', () => csr(3, 2, i32(0, 2, 1, 2), i32(0, 1), f64(1, 1)), /decreases at row 1/],
    ['an indptr that leaps beyond the data and back', () => csr(2, 9, i32(0, 5, 1), i32(0), f64(1)), /decreases at row 1/],
    ['a duplicate', () => csr(1, 2, i32(0, 2), i32(1, 1), f64(1, 1)), /increase strictly/],
    ['an unsorted row', () => csr(1, 2, i32(0, 2), i32(1, 0), f64(1, 1)), /increase strictly/],
    ['a column outside', () => csr(1, 2, i32(0, 1), i32(2), f64(1)), /\[0, 2\)/],
    ['a negative column', () => csr(1, 2, i32(0, 1), i32(-1), f64(1)), /\[0, 2\)/],
    ['a size that is not whole', () => csr(0.5, 2, i32(0), i32(), f64()), /whole number/],
    ['a vector of the wrong length', () => csrMultiply(csrFromDense(zeros(2, 3)), f64(1, 2)), /A needs 3/],
    ['too many weights', () => csrGram(csrFromDense(zeros(2, 3)), f64(1, 2, 3)), /must have 2/],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(ShapeError);
    expect(act).toThrow(message);
  });

  it('a triplet or row outside, a non-finite weight', () => {
    expect(() => csrFromTriplets(2, 2, [0, 2], [0, 0], [1, 1])).toThrow(/entry 1 stands at \(2, 0\)/);
    expect(() => csrFromTriplets(2, 2, [0], [-1], [1])).toThrow(ArgumentError);
    expect(() => csrRows(csrFromDense(zeros(2, 2)), [0, 2])).toThrow(ArgumentError);
    expect(() => csrGram(csrFromDense(zeros(2, 2)), f64(1, Number.NaN))).toThrow(NonFiniteError);
  });
});
