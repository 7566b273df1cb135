/** Gram matrices of sparse matrices with entries of any size, against exact arithmetic. */
import { effort, mustFail, random, seeds } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, type Csr, csr, csrFromDense, csrFromTriplets, csrGram, csrGramSparse, csrToDense, type Dense, dense } from '../src/index.ts';
import { exact, size } from './exact.ts';
import { map } from './residuals.ts';

type Gram = (A: Csr, weights: Float64Array) => Csr;

/** Weights times entries stay within 2^1000, and squares alone leave the range at both ends. */
const draw = (m: number, n: number, seed: number): { A: Csr; weights: Float64Array } => {
  const r = random(seed);
  const power = 2 * r.integer(-250, 450);
  const entry = (most: number): number => (r.integer(0, 2) === 0 ? 0 : (r.integer(0, 1) ? 1 : -1) * (1 + r.uniform()) * 2 ** most);
  return {
    A: csrFromDense(map(m, n, () => entry(power + r.integer(-9, 9)))),
    weights: map(m, 1, () => entry(r.integer(-20, 20) - (3 * power) / 2)).data,
  };
};

/** Two roundings a product, and one for each addition; what is denormal is off by half of 2^-1074 in the product, times the rest. */
const claim = (gram: Gram): void =>
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 8 }), seeds(), (m, n, seed) => {
      const { A, weights } = draw(m, n, seed);
      const D = csrToDense(A);
      const G = gram(A, weights);
      csr(G.rows, G.cols, G.indptr, G.indices, G.data);
      const full = csrToDense(G);
      expect(full.data.every(Number.isFinite)).toBe(true);
      const stored = csrToDense({ ...G, data: G.data.map(() => 1) });
      for (let j = 0; j < n; j++) {
        for (let k = 0; k < n; k++) {
          let [sum, sizes, meets] = [0n, 0n, false];
          for (let i = 0; i < m; i++) {
            const product = exact(weights[i]!) * exact(at(D, i, j)) * exact(at(D, i, k));
            sum += product;
            sizes += size(product);
            meets ||= at(D, i, j) !== 0 && at(D, i, k) !== 0;
          }
          // Entries are stored where two columns meet, cancelled sums and weights of 0 among them.
          expect(at(stored, j, k)).toBe(Number(meets));
          expect(at(full, j, k)).toBe(at(full, k, j));
          // At 2^3222 times their size, where the sum itself is far from denormal.
          const error = size((exact(at(full, j, k)) << 2148n) - sum);
          expect(error <= (sizes * BigInt(m + 2)) >> 52n).toBe(true);
        }
      }
    }),
    { numRuns: effort(300) },
  );

/** Each entry by its own sum of terms, stored as `csrGramSparse` does unless it is to be dropped. */
const byTerms =
  (term: (w: number, x: number, y: number) => number, zeros = true): Gram =>
  (A, weights) => {
    const D = csrToDense(A);
    const [rows, cols, values]: number[][] = [[], [], []] as never;
    for (let j = 0; j < A.cols; j++) {
      for (let k = 0; k < A.cols; k++) {
        let sum = 0;
        let meets = false;
        for (let i = 0; i < A.rows; i++) {
          if (at(D, i, j) === 0 || at(D, i, k) === 0) continue;
          meets = true;
          sum += term(weights[i]!, at(D, i, j), at(D, i, k));
        }
        if (!meets || !(zeros || sum !== 0)) continue;
        rows!.push(j);
        cols!.push(k);
        values!.push(sum);
      }
    }
    return csrFromTriplets(A.cols, A.cols, rows!, cols!, values!);
  };

describe('csrGramSparse: exact to (m + 2) 2^-52 of the sizes of the terms, symmetric, one entry where columns meet', () => {
  it('holds', () => claim(csrGramSparse));
  it('fails where entries are multiplied before the weight, which overflows', () =>
    mustFail(() => claim(byTerms((w, x, y) => w * (x * y)))));
  it('fails where the weight always goes to the row, which is not symmetric', () => mustFail(() => claim(byTerms((w, x, y) => w * x * y))));
  it('fails without weights, with their sizes, and without sums of 0', () => {
    mustFail(() => claim((A) => csrGramSparse(A)));
    mustFail(() => claim((A, w) => csrGramSparse(A, w.map(Math.abs))));
    mustFail(() => claim(byTerms((w, x, y) => w * Math.max(x, y) * Math.min(x, y), false)));
  });
  it('has the bits of csrGram', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 8 }), seeds(), (m, n, seed) => {
        const { A, weights } = draw(m, n, seed);
        expect(csrToDense(csrGramSparse(A, weights))).toEqual(csrGram(A, weights));
        expect(csrToDense(csrGramSparse(A))).toEqual(csrGram(A));
      }),
    ));
});

it('a weight of 0 takes a row out, whatever its squares, as in blocks', () => {
  const rows = (n: number): Dense =>
    dense(
      2,
      n,
      new Float64Array(2 * n).map((_, p) => (p < n ? 1e200 : 1)),
    );
  // The second matrix is full, and multiplied in blocks.
  for (const n of [2, 29]) {
    const A = csrFromDense(rows(n));
    const ones = new Float64Array(n * n).fill(1);
    expect(csrGram(A, Float64Array.of(0, 1)).data).toEqual(ones);
    expect(csrToDense(csrGramSparse(A, Float64Array.of(0, 1))).data).toEqual(ones);
  }
});
