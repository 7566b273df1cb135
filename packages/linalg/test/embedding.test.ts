/** The algebra of the sketches; their distortion is tested in embedding-distortion.test.ts. */
import { binomialLimit, ensemble, expectPass, strided, zTest } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ArgumentError,
  at,
  countSketch,
  csrFromDense,
  csrToDense,
  type Dense,
  dense,
  gaussianSketch,
  identity,
  NonFiniteError,
  osnap,
  ShapeError,
  type Sketch,
  srht,
  toRows,
  transpose,
  zeros,
} from '../src/index.ts';
import { kernel } from '../src/kernel/instance.ts';

type Make = (rows: number, cols: number, seed: number, stream?: number) => Sketch;
const KINDS: [string, Make][] = [
  ['gaussian', (rows, cols, seed, stream = 0) => gaussianSketch(rows, cols, { seed, stream })],
  ['countSketch', (rows, cols, seed, stream = 0) => countSketch(rows, cols, { seed, stream })],
  ['osnap', (rows, cols, seed, stream = 0) => osnap(rows, cols, { seed, stream, nonzeros: Math.min(3, rows) })],
  // The padded size is at least cols, and at least 1.
  ['srht', (rows, cols, seed, stream = 0) => srht(Math.min(rows, Math.max(cols, 1)), cols, { seed, stream })],
];
const sizes = { rows: fc.integer({ min: 1, max: 40 }), cols: fc.integer({ min: 0, max: 90 }), d: fc.integer({ min: 0, max: 9 }) };
const seeds = fc.nat({ max: 1e6 });

/** S itself, column by column. */
const matrixOf = (S: Sketch): Dense => S.apply(identity(S.cols));

function product(A: Dense, B: Dense): Dense {
  const C = zeros(A.rows, B.cols);
  for (let i = 0; i < A.rows; i++) {
    for (let k = 0; k < A.cols; k++) for (let j = 0; j < B.cols; j++) C.data[i * B.cols + j]! += at(A, i, k) * at(B, k, j);
  }
  return C;
}

/** |C - A B| <= 2 (n + 2) u |A| |B|: the classical bound for both sides, in any order of summation. */
function expectProduct(C: Dense, A: Dense, B: Dense): void {
  const exact = product(A, B);
  const size = product({ ...A, data: A.data.map(Math.abs) }, { ...B, data: B.data.map(Math.abs) });
  const unit = 2 * (A.cols + 2) * 2 ** -53;
  expect(C.data.findIndex((c, p) => !(Math.abs(c - exact.data[p]!) <= unit * size.data[p]!))).toBe(-1);
}

describe.each(KINDS)('%s', (_, make) => {
  it('applies one linear map, and its transpose', () =>
    fc.assert(
      fc.property(sizes.rows, sizes.cols, sizes.d, seeds, (rows, cols, d, seed) => {
        const sketch = make(rows, cols, seed);
        const S = matrixOf(sketch);
        const A = ensemble('gaussian', cols, d, seed);
        const Y = ensemble('gaussian', sketch.rows, d, seed + 1);
        expectProduct(sketch.apply(A), S, A);
        expectProduct(sketch.applyTranspose(Y), transpose(S), Y);
      }),
    ));

  it('gives the same bits for dense, strided and sparse matrices, and again', () =>
    fc.assert(
      fc.property(sizes.rows, sizes.cols, sizes.d, seeds, (rows, cols, d, seed) => {
        const A = ensemble('sparse', cols, d, seed);
        const first = make(rows, cols, seed).apply(A);
        expect(make(rows, cols, seed).apply(A)).toEqual(first);
        expect(make(rows, cols, seed).apply(csrFromDense(A))).toEqual(first);
        expect(make(rows, cols, seed).apply(strided(A, seed))).toEqual(first);
        const Y = ensemble('gaussian', first.rows, d, seed);
        expect(make(rows, cols, seed).applyTranspose(strided(Y, seed))).toEqual(make(rows, cols, seed).applyTranspose(Y));
      }),
    ));

  it('spans many blocks: column i is the same in tall and in short sketches', () => {
    if (make === KINDS[3]![1]) return; // the Hadamard matrix depends on n
    const d = 1000; // 65 rows in a block
    const tall = make(7, 700, 5);
    const x = zeros(700, d);
    for (const i of [0, 1, 64, 65, 255, 256, 699]) x.data[i * d + (i % d)] = 1;
    const S = matrixOf(tall);
    const Sx = tall.apply(x);
    for (const i of [0, 1, 64, 65, 255, 256, 699]) for (let r = 0; r < 7; r++) expect(at(Sx, r, i % d)).toBe(at(S, r, i));
    const short = matrixOf(make(7, 70, 5));
    for (let i = 0; i < 70; i++) for (let r = 0; r < 7; r++) expect(at(short, r, i)).toBe(at(S, r, i));
  });

  it('depends on seed and stream', () => {
    const draws = [make(20, 60, 1), make(20, 60, 2), make(20, 60, 1, 1), make(20, 60, 1, 2), make(20, 60, 1, 2 ** 32)];
    expect(new Set(draws.map((S) => matrixOf(S).data.join())).size).toBe(draws.length);
  });

  it('has columns of norm 1, whatever the sizes: exactly, or on average', () => {
    for (const [rows, cols] of [
      [1, 3000],
      [2, 1500],
      [3, 1000],
      [5, 700],
      [20, 333],
    ] as const) {
      const S = matrixOf(make(rows, cols, rows));
      const squares = toRows(transpose(S)).map((column) => column.reduce((s, x) => s + x * x, 0));
      // m cols chi-square variables over m; or sums of m equal squares.
      if (make === KINDS[0]![1]) {
        const mean = squares.reduce((s, x) => s + x, 0) / cols;
        expectPass(zTest([mean], [Math.sqrt(2 / (rows * cols))], [1], 1e-6));
      } else {
        expect(Math.max(...squares.map((x) => Math.abs(x - 1)))).toBeLessThanOrEqual(4 * (rows + 1) * 2 ** -53);
      }
    }
  });

  it('accepts f32 and refuses what is wrong', () => {
    const sketch = make(3, 5, 0);
    const A32 = dense(5, 2, new Float32Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    expect(sketch.apply(A32)).toEqual(sketch.apply(dense(5, 2, Float64Array.from(A32.data))));
    const bad = zeros(5, 2);
    bad.data[7] = Number.POSITIVE_INFINITY;
    for (const A of [bad, csrFromDense(bad)]) {
      expect(() => sketch.apply(A)).toThrow(expect.objectContaining({ name: 'NonFiniteError', argument: 'A', index: [3, 1] }));
    }
    expect(() => sketch.applyTranspose(dense(3, 1, new Float64Array([0, Number.NaN, 0])))).toThrow(NonFiniteError);
    expect(() => sketch.apply(zeros(4, 2))).toThrow(ShapeError);
    expect(() => sketch.applyTranspose(zeros(5, 2))).toThrow(ShapeError);
    expect(() => make(0, 5, 0)).toThrow(ShapeError);
    expect(() => make(3, 5, -1)).toThrow(ArgumentError);
  });
});

describe('OSNAP', () => {
  it('has exactly s entries +-1/sqrt(s) in distinct rows of each column, as a matrix and as applied', () =>
    fc.assert(
      fc.property(sizes.rows, sizes.cols, seeds, fc.nat(), (rows, cols, seed, some) => {
        const nonzeros = 1 + (some % rows);
        const S = osnap(rows, cols, { seed, nonzeros });
        const M = csrToDense(S.toCsr());
        expect(M).toEqual(matrixOf(S));
        for (let i = 0; i < cols; i++) {
          const column = toRows(transpose(M))[i]!.filter((x) => x !== 0);
          expect(column).toHaveLength(nonzeros);
          expect(column.every((x) => Math.abs(x) === 1 / Math.sqrt(nonzeros))).toBe(true);
        }
      }),
    ));

  it('draws the entries of different columns independently: neighbours agree as often as chance lets them', () => {
    const [cols, group] = [4000, 16];
    for (const nonzeros of [1, 3, 4, 5]) {
      const M = csrToDense(osnap(nonzeros * group, cols, { seed: 9, nonzeros }).toCsr());
      /** Place in its group, and sign, of entry t of each column. */
      const entries = Array.from({ length: cols }, () => new Array<number>(nonzeros).fill(0));
      for (let r = 0; r < M.rows; r++) {
        for (let i = 0; i < cols; i++)
          if (at(M, r, i) !== 0) entries[i]![Math.floor(r / group)] = Math.sign(at(M, r, i)) * (1 + (r % group));
      }
      const falseAlarm = 1e-6 / (2 * nonzeros ** 2);
      for (let t = 0; t < nonzeros; t++) {
        for (let u = 0; u < nonzeros; u++) {
          for (const lag of [1, 2]) {
            const equal = entries.filter((column, i) => i >= lag && column[t] === entries[i - lag]![u]).length;
            expect(equal).toBeLessThanOrEqual(binomialLimit(cols - lag, 1 / (2 * group), falseAlarm));
          }
        }
      }
    }
  });

  it('does not depend on how rows are split into calls', () => {
    const A = ensemble('gaussian', 50, 3, 1);
    const k = kernel();
    const apply = (splits: number[]): Float64Array => {
      const out = k.allocate(8 * 10 * 3);
      new Float64Array(k.memory.buffer, out, 30).fill(0);
      const a = k.allocate(8 * 150);
      new Float64Array(k.memory.buffer, a, 150).set(A.data);
      splits.forEach((first, i) => {
        k.dosnap((splits[i + 1] ?? 50) - first, 3, a + 24 * first, 0, 0, first, 3, 10, 1, 2, 3, 4, out);
      });
      return new Float64Array(k.memory.buffer, out, 30).slice();
    };
    expect(apply([0, 1, 2, 17, 40])).toEqual(apply([0]));
  });

  it('refuses more entries than rows', () => {
    expect(() => osnap(3, 5, { nonzeros: 4 })).toThrow(ArgumentError);
    expect(() => osnap(3, 5, { nonzeros: 0 })).toThrow(ArgumentError);
  });
});

describe('SRHT', () => {
  it('is orthogonal before rows are left out', () => {
    for (const n of [1, 2, 8, 64, 4096, 2 ** 14, 2 ** 15]) {
      const S = srht(n, n, { seed: n });
      const X = ensemble('gaussian', n, 5, n);
      const back = S.applyTranspose(S.apply(X));
      // Two transforms of log2 n additions each, and two scalings.
      const unit = 2 * (Math.log2(n) + 2) * 2 ** -53;
      const norm = Math.sqrt(X.data.reduce((s, x) => s + x * x, 0));
      const error = Math.sqrt(back.data.reduce((s, x, p) => s + (x - X.data[p]!) ** 2, 0));
      expect(error).toBeLessThanOrEqual(unit * norm);
    }
  });

  it('keeps different rows and refuses more than there are', () => {
    expect(() => srht(9, 5)).toThrow(ArgumentError);
    const S = matrixOf(srht(5, 8, { seed: 3 }));
    // Rows of an orthogonal matrix times sqrt(8 / 5).
    const G = product(S, transpose(S));
    for (let i = 0; i < 5; i++) for (let j = 0; j < 5; j++) expect(at(G, i, j)).toBeCloseTo(i === j ? 8 / 5 : 0, 14);
  });

  it('streams of one seed differ', () => {
    expect(matrixOf(srht(5, 8, { stream: 1 }))).not.toEqual(matrixOf(srht(5, 8, { stream: 2 })));
  });
});
