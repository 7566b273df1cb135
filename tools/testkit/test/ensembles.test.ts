import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  conditioned,
  ENSEMBLES,
  empties,
  ensemble,
  entry,
  type Matrix,
  matrices,
  mustFail,
  ofRank,
  positiveDefinites,
  rankDeficient,
  rowsOf,
  symmetrics,
  toFloat32,
  triplets,
  vectors,
  views,
  withCondition,
} from '../src/index.ts';

const EPSILON = 2 ** -53;

/** Rank by elimination in whole numbers (Bareiss), so exact. */
function exactRank(A: Matrix): number {
  const M = rowsOf(A).map((row) => row.map(BigInt));
  let rank = 0;
  let previous = 1n;
  for (let j = 0; j < A.cols && rank < A.rows; j++) {
    const pivot = M.findIndex((row, i) => i >= rank && row[j] !== 0n);
    if (pivot < 0) continue;
    [M[rank], M[pivot]] = [M[pivot]!, M[rank]!];
    for (let i = rank + 1; i < A.rows; i++) {
      for (let k = A.cols - 1; k >= j; k--) M[i]![k] = (M[i]![k]! * M[rank]![j]! - M[i]![j]! * M[rank]![k]!) / previous;
    }
    previous = M[rank]![j]!;
    rank++;
  }
  return rank;
}

/** Eigenvalues of a symmetric matrix by cyclic Jacobi rotations, largest first. */
function eigenvalues(S: number[][]): number[] {
  const A = S.map((row) => [...row]);
  const n = A.length;
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (A[p]![q] === 0) continue;
        const theta = (A[q]![q]! - A[p]![p]!) / (2 * A[p]![q]!);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(1, theta));
        const c = 1 / Math.hypot(1, t);
        const s = t * c;
        for (let k = 0; k < n; k++) [A[k]![p], A[k]![q]] = [c * A[k]![p]! - s * A[k]![q]!, s * A[k]![p]! + c * A[k]![q]!];
        for (let k = 0; k < n; k++) [A[p]![k], A[q]![k]] = [c * A[p]![k]! - s * A[q]![k]!, s * A[p]![k]! + c * A[q]![k]!];
      }
    }
  }
  return A.map((row, i) => row[i]!).sort((a, b) => b - a);
}

const gram = (A: Matrix) => {
  const rows = rowsOf(A);
  return Array.from({ length: A.cols }, (_, i) =>
    Array.from({ length: A.cols }, (_, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0)),
  );
};

describe('ensembles', () => {
  it.each(ENSEMBLES)('%s: right shape, finite, same seed same matrix, any size', (name) => {
    for (const [rows, cols] of [
      [0, 3],
      [3, 0],
      [1, 1],
      [7, 5],
      [4, 9],
    ] as const) {
      const A = ensemble(name, rows, cols, 5);
      expect([A.rows, A.cols, A.data.length]).toEqual([rows, cols, rows * cols]);
      expect(A.data.every(Number.isFinite)).toBe(true);
      expect(ensemble(name, rows, cols, 5).data).toEqual(A.data);
      if (rows * cols > 1 && name !== 'sparse') expect(ensemble(name, rows, cols, 6).data).not.toEqual(A.data);
    }
  });

  it.each(['gaussian', 'integer', 'sparse', 'graded'] as const)('%s: a smaller matrix is the leading block of a larger one', (name) => {
    const large = rowsOf(ensemble(name, 6, 5, 1));
    const small = rowsOf(ensemble(name, 3, 2, 1));
    expect(small).toEqual(large.slice(0, 3).map((row) => row.slice(0, 2)));
  });

  it('have what their names say', () => {
    expect(ensemble('integer', 40, 40, 1).data.every((x) => Number.isInteger(x) && Math.abs(x) <= 8)).toBe(true);
    expect(ensemble('denormal', 20, 20, 1).data.every((x) => Math.abs(x) < 2 ** -1022)).toBe(true);
    expect(ensemble('denormal', 20, 20, 1).data.some((x) => x !== 0)).toBe(true);
    const graded = ensemble('graded', 30, 30, 1).data.map(Math.abs).sort();
    expect(graded.at(-1)! / graded[0]!).toBeGreaterThan(1e12);
    const spiked = rowsOf(ensemble('spiked', 30, 5, 1)).map((row) => Math.hypot(...row));
    expect(Math.max(...spiked) / Math.min(...spiked)).toBeGreaterThan(1e3);
    const repeated = rowsOf(ensemble('duplicate-rows', 9, 4, 1));
    expect(repeated[0]).toEqual(repeated[3]);
    const zeroRows = rowsOf(ensemble('zero-rows', 40, 3, 1)).filter((row) => row.every((x) => x === 0)).length;
    expect(zeroRows).toBeGreaterThan(5);
    expect(zeroRows).toBeLessThan(35);
    const stored = ensemble('sparse', 100, 100, 1).data.filter((x) => x !== 0).length;
    expect(stored).toBeGreaterThan(350);
    expect(stored).toBeLessThan(650);
  });
});

describe('arbitraries', () => {
  const prescribed = (make: (A: Matrix) => Matrix) =>
    fc.assert(
      fc.property(conditioned({ rows: [1, 12], cols: [1, 8], tall: true }, [1, 1e6]), (A) => {
        const singular = eigenvalues(gram(make(A))).map((x) => Math.sqrt(Math.max(0, x)));
        // Rounding: 2 k reflections, each within about 8 n EPSILON of the largest singular value 1, and the Gram matrix squares the small.
        const tolerance = 64 * A.rows * A.cols * EPSILON;
        for (let k = 0; k < A.cols; k++) {
          expect(Math.abs(singular[k]! ** 2 - A.singularValues[k]! ** 2)).toBeLessThanOrEqual(tolerance);
        }
      }),
    );
  it('conditioned: the singular values are those announced', () => prescribed((A) => A));
  it('and the check sees a wrong one', () => mustFail(() => prescribed((A) => withCondition(A.rows, A.cols, 50, 1))));

  const ranked = (rankOf: (A: Matrix & { rank: number }) => number) =>
    fc.assert(
      fc.property(rankDeficient({ rows: [0, 10], cols: [0, 10] }), (A) => {
        expect(exactRank(A)).toBe(rankOf(A));
        if (Math.min(A.rows, A.cols) > 0) expect(A.rank).toBeLessThan(Math.min(A.rows, A.cols));
      }),
    );
  it('rankDeficient: the rank is exactly that announced', () => ranked((A) => A.rank));
  it('and the check sees a wrong one', () => mustFail(() => ranked((A) => A.rank + 1)));
  it('ofRank gives full rank too', () => expect(exactRank(ofRank(6, 4, 4, 9))).toBe(4));

  it('positiveDefinites: symmetric, eigenvalues as announced', () => {
    fc.assert(
      fc.property(positiveDefinites([1, 10]), (A) => {
        const rows = rowsOf(A);
        rows.forEach((row, i) => {
          row.forEach((x, j) => {
            expect(x).toBe(rows[j]![i]);
          });
        });
        const found = eigenvalues(rows);
        found.forEach((x, k) => {
          expect(Math.abs(x - A.eigenvalues[k]!)).toBeLessThanOrEqual(64 * A.rows ** 2 * EPSILON);
        });
      }),
    );
  });

  it('symmetrics: symmetric', () => {
    fc.assert(
      fc.property(symmetrics(), (A) => {
        for (let i = 0; i < A.rows; i++) for (let j = 0; j < i; j++) expect(entry(A, i, j)).toBe(entry(A, j, i));
      }),
    );
  });

  it('views: the same entries, NaN between them, every one inside the data', () => {
    let strided = 0;
    fc.assert(
      fc.property(views(matrices()), (A) => {
        for (const x of rowsOf(A).flat()) expect(Number.isFinite(x)).toBe(true);
        if (A.data.length > A.rows * A.cols) {
          strided++;
          expect(A.data.filter(Number.isNaN).length).toBe(A.data.length - A.rows * A.cols);
        }
      }),
    );
    expect(strided).toBeGreaterThan(30);
  });

  it('respect the sizes asked for', () => {
    fc.assert(fc.property(matrices({ rows: [2, 9], cols: [3, 5], tall: true }), (A) => A.rows >= A.cols && A.rows <= 9 && A.cols >= 2));
    fc.assert(fc.property(vectors([1, 4], ['integer']), (v) => v.length >= 1 && v.length <= 4 && v.every(Number.isInteger)));
    fc.assert(fc.property(empties(), (A) => A.rows * A.cols === 0));
  });

  it('triplets: sorted, unique, and the same as the dense one', () => {
    fc.assert(
      fc.property(triplets({}, 0.3), (S) => {
        const dense = new Float64Array(S.rows * S.cols);
        S.value.forEach((x, k) => {
          dense[S.row[k]! * S.cols + S.col[k]!] = x;
          if (k > 0) expect(S.row[k]! * S.cols + S.col[k]!).toBeGreaterThan(S.row[k - 1]! * S.cols + S.col[k - 1]!);
        });
        expect(dense).toEqual(S.dense.data);
      }),
    );
  });

  it('shrink to the smallest size that fails, and print it', () => {
    const check = () => fc.assert(fc.property(matrices({}, ['integer']), (A) => A.rows < 3 || A.cols < 2));
    expect(check).toThrow(/3 x 2 matrix \(integer, seed \d+; strides 2, 1; offset 0\): \[\[/);
  });

  it('round to f32', () => {
    const A = ensemble('gaussian', 3, 4, 1);
    expect(toFloat32(A).data).toEqual(Float32Array.from(A.data));
  });
});
