import { ensemble, mustFail, seeds, toFloat32, views } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, type Dense, dense, type Float, fromRows, identity, kron, multiply, toRows, transpose, zeros } from '../src/index.ts';

it('a transpose is a view with swapped strides', () => {
  const A = dense(2, 3, new Float64Array([1, 2, 3, 4, 5, 6]));
  expect(toRows(transpose(A))).toEqual([
    [1, 4],
    [2, 5],
    [3, 6],
  ]);
});

describe('element types', () => {
  it('f64 by default, f32 where asked, each fit for products', () => {
    for (const type of [Float64Array, Float32Array]) {
      const made: Dense<Float>[] = [zeros<Float>(2, 3, type), identity<Float>(3, type), fromRows<Float>([[1, 0.1]], type)];
      for (const A of made) expect(A.data).toBeInstanceOf(type);
      expect(toRows(made[0]!)).toEqual([
        [0, 0, 0],
        [0, 0, 0],
      ]);
      expect(at(made[2]!, 0, 1)).toBe(type === Float32Array ? Math.fround(0.1) : 0.1);
    }
    for (const A of [zeros(1, 1), identity(1), fromRows([[1]])]) expect(A.data).toBeInstanceOf(Float64Array);
    const A: Dense<Float32Array> = fromRows([[1, 2]], Float32Array);
    expect(toRows(multiply(A, identity(2, Float32Array)))).toEqual([[1, 2]]);
  });
});

describe('kron', () => {
  const sized = (rows: number, cols: number) => views(seeds().map((seed) => ensemble('integer', rows, cols, seed)));
  const shape = fc.tuple(fc.nat(4), fc.nat(4));
  it('is made of the blocks a_ij B, in f64 and f32', () => {
    fc.assert(
      fc.property(
        fc.tuple(shape, shape).chain(([[m, n], [p, q]]) => fc.tuple(sized(m, n), sized(p, q))),
        ([A, B]) => {
          const expected = Array.from({ length: A.rows * B.rows }, (_, i) =>
            Array.from(
              { length: A.cols * B.cols },
              (_value, j) => at(A, Math.floor(i / B.rows), Math.floor(j / B.cols)) * at(B, i % B.rows, j % B.cols),
            ),
          );
          expect(toRows(kron(A, B))).toEqual(expected);
          const single = kron(toFloat32(A), toFloat32(B));
          expect(single.data).toBeInstanceOf(Float32Array);
          expect(toRows(single)).toEqual(expected);
        },
      ),
    );
  });
  /** Whole numbers: exact. */
  const claim = (product: typeof kron): void =>
    fc.assert(
      fc.property(sized(2, 3), sized(3, 2), sized(3, 2), sized(2, 4), (A, B, C, D) => {
        const [left, right] = [multiply(product(A, B), product(C, D)), product(multiply(A, C), multiply(B, D))];
        // Zeros may differ in sign.
        expect(left.data.map((x) => x + 0)).toEqual(right.data.map((x) => x + 0));
      }),
    );
  it('the mixed product: (A x B)(C x D) = A C x B D', () => claim(kron));
  it('fails for a product that lays out rows of A fastest on one side', () =>
    mustFail(() => claim((A, B) => (A.rows === 2 && B.rows === 3 ? kron(B, A) : kron(A, B)) as never)));
});
