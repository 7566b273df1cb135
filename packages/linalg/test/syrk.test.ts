import { effort, ensemble, mustFail, toFloat32, views } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ArgumentError,
  at,
  type Dense,
  dense,
  type Float,
  gram,
  ShapeError,
  type SyrkOptions,
  syrk,
  toRows,
  transpose,
  zeros,
} from '../src/index.ts';
import { allocate, withWorkspace } from '../src/kernel/workspace.ts';
import { matricesOf } from './matrices.ts';
import { add, gamma, minus, productEntry, roundoff, times, tiniest } from './reference.ts';

type Symmetric = (options: SyrkOptions<Float>) => Dense<Float>;

const ORDER = fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 0, max: 20 }) }, fc.integer({ min: 21, max: 110 }));
const DEPTH = fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 0, max: 20 }) }, fc.integer({ min: 250, max: 540 }));

const problemsOf = (order: fc.Arbitrary<number>, depth: fc.Arbitrary<number>) =>
  fc
    .tuple(order, depth, fc.boolean(), fc.boolean(), fc.constantFrom(0, 1, -0.75), fc.constantFrom(0, 1, 1.5))
    .chain(([n, k, weighted, single, alpha, beta]) =>
      fc.record({ A: matricesOf(n, k), W: matricesOf(1, k), G: matricesOf(n, n) }).map(({ A, W, G }) => {
        const cast = <M extends Dense<Float>>(M: M): Dense<Float> => (single ? { ...M, data: Float32Array.from(M.data) } : M);
        const C = cast(G);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < i; j++) C.data[C.offset + j * C.rowStride + i * C.colStride] = at(C, i, j);
        }
        const w = cast(
          dense(
            1,
            k,
            Float64Array.from({ length: k }, (_, p) => at(W, 0, p)),
          ),
        ).data;
        return { A: cast(A), C, alpha, beta, ...(weighted ? { weights: w } : {}) } satisfies SyrkOptions<Float>;
      }),
    );
const problems = problemsOf(ORDER, DEPTH);
/** Sums of three blocks and more. */
const deep = problemsOf(fc.integer({ min: 1, max: 9 }), fc.constantFrom(768, 769, 1153, 1537));

/** Every entry within gamma_(k+4) (|alpha| |A| |D| |A|^T + |beta| |C|), symmetric to the last bit. */
function meetsComponentBound(product: Symmetric, given: typeof problems = problems, runs = effort(100)): void {
  fc.assert(
    fc.property(given, (problem) => {
      const { A, weights, alpha = 1, beta = 0 } = problem;
      const C = problem.C as Dense<Float>;
      const before = { ...C, data: C.data.slice() };
      expect(product(problem)).toBe(C);
      const u = roundoff(A);
      // D A^T in f64; its rounding is part of the bound (f64) or far below it (f32).
      const DAt = dense(
        A.cols,
        A.rows,
        Float64Array.from({ length: A.rows * A.cols }, (_, q) => {
          const [p, j] = [Math.floor(q / A.rows), q % A.rows];
          return (weights === undefined ? 1 : (weights[p] as number)) * at(A, j, p);
        }),
      );
      for (let i = 0; i < C.rows; i++) {
        for (let j = 0; j < C.cols; j++) {
          const { value, magnitude } = productEntry(A, DAt, i, j);
          const old = beta === 0 ? 0 : at(before, i, j);
          const exact = add(times(alpha, value), times(beta, [old, 0]));
          const scale = Math.abs(alpha) * magnitude + Math.abs(beta * old);
          const bound = gamma(A.cols + 5, u) * scale + (A.cols + 5) * tiniest(A) * (1 + largest(A));
          expect(Math.abs(minus(at(C, i, j), exact))).toBeLessThanOrEqual(bound);
          expect(at(C, j, i)).toBe(at(C, i, j));
        }
      }
    }),
    { numRuns: runs },
  );
}

/** An underflow of a_ip w_p is multiplied by a_jp. */
function largest(A: Dense<Float>): number {
  return (A.data as Float64Array).reduce((most: number, x: number) => Math.max(most, Number.isNaN(x) ? 0 : Math.abs(x)), 0);
}

describe('P1 for symmetric products: |C^ - C| <= gamma_(k+5) (|alpha| |A| |D| |A|^T + |beta| |C|)', () => {
  it('holds for syrk', () => meetsComponentBound(syrk));
  it('holds for sums of many blocks', () => meetsComponentBound(syrk, deep, effort(30)));
  it('holds for orders beyond the block of columns (4096), on rows that border it', () => {
    const n = 4100;
    const A = toFloat32(ensemble('gaussian', n, 2, 1));
    const G = syrk({ A });
    for (const i of [0, 1, 2047, 4095, 4096, 4099]) {
      for (let j = 0; j < n; j++) {
        const { value, magnitude } = productEntry(A, transpose(A), i, j);
        const error = Math.abs(minus(at(G, i, j), value));
        if (!(error <= gamma(5, roundoff(A)) * magnitude)) expect(error, `${i}, ${j}`).toBe(0);
        if (at(G, j, i) !== at(G, i, j)) expect(at(G, j, i), `${j}, ${i}`).toBe(at(G, i, j));
      }
    }
  });

  it('fails when the weights enter squared, by their absolute value, or not at all', () => {
    mustFail(() => meetsComponentBound(({ weights, ...rest }) => syrk(weights ? { ...rest, weights: weights.map((w) => w * w) } : rest)));
    mustFail(() => meetsComponentBound(({ weights, ...rest }) => syrk(weights ? { ...rest, weights: weights.map(Math.abs) } : rest)));
    mustFail(() => meetsComponentBound(({ weights: _, ...rest }) => syrk(rest)));
  });

  it('fails when the upper triangle is left as it was', () => {
    mustFail(() =>
      meetsComponentBound((options) => {
        const C = options.C as Dense<Float>;
        const before = { ...C, data: C.data.slice() };
        syrk(options);
        for (let i = 0; i < C.rows; i++) {
          for (let j = i + 1; j < C.cols; j++) C.data[C.offset + i * C.rowStride + j * C.colStride] = at(before, i, j);
        }
        return C;
      }),
    );
  });
});

describe('the kernel', () => {
  it.each([1, 9, 100, 4100])('touches one triangle only, order %d', (n) => {
    withWorkspace((k) => {
      const a = allocate(k, 4 * n);
      const c = allocate(k, 4 * n * n);
      const C = new Float32Array(k.memory.buffer, c >>> 0, n * n);
      new Float32Array(k.memory.buffer, a >>> 0, n).fill(1);
      for (const upper of [false, true]) {
        C.fill(7);
        k.ssyrk(n, 1, 1, a, 1, 1, 0, 0, c, n, 1, upper);
        // In the triangle 1, outside what was there.
        const wrong = C.findIndex((x, p) => {
          const [i, j] = [Math.floor(p / n), p % n];
          return x !== (i === j || j > i === upper ? 1 : 7);
        });
        expect(wrong).toBe(-1);
      }
    });
  });
});

describe('syrk and gram', () => {
  it('gram(A, w) is A^T diag(w) A', () => {
    const A = dense(3, 2, new Float64Array([1, 2, 3, 4, 5, 6]));
    expect(toRows(gram(A))).toEqual([
      [35, 44],
      [44, 56],
    ]);
    expect(toRows(gram(A, new Float64Array([1, -1, 0])))).toEqual([
      [-8, -10],
      [-10, -12],
    ]);
  });

  it('reads the lower triangle of C only', () => {
    const C = dense(2, 2, new Float64Array([1, Number.NaN, 2, 3]));
    expect([...syrk({ A: zeros(2, 1), beta: 1, C }).data]).toEqual([1, 2, 2, 3]);
  });

  it('gives the Gram matrix of a view and of its transpose', () => {
    fc.assert(
      fc.property(views(matricesOf(9, 30)), (A) => {
        expect(gram(transpose(A))).toEqual(syrk({ A }));
      }),
    );
  });

  it('gives zeros for no rows, and an empty matrix for no columns', () => {
    expect(gram(zeros(0, 3))).toEqual(zeros(3, 3));
    expect(gram(zeros(3, 0))).toEqual(zeros(0, 0));
  });

  it('refuses shapes and types that do not fit', () => {
    expect(() => gram(zeros(3, 2), new Float64Array(2))).toThrow(ShapeError);
    expect(() => syrk<Float>({ A: zeros(3, 2), weights: new Float32Array(2) })).toThrow(ArgumentError);
    expect(() => syrk({ A: zeros(3, 2), beta: 1 })).toThrow(ShapeError);
    expect(() => syrk({ A: zeros(3, 2), C: zeros(2, 2) })).toThrow(ShapeError);
  });
});
