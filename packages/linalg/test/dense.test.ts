import { describe, expect, it } from 'vitest';
import { at, type Dense, dense, type Float, fromRows, identity, multiply, toRows, transpose, zeros } from '../src/index.ts';

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
    // @ts-expect-error: without a type it is f64.
    const B: Dense<Float32Array> = zeros(1, 1);
    // @ts-expect-error
    const C: Dense<Float32Array> = identity(1);
    // @ts-expect-error
    const D: Dense<Float32Array> = fromRows([[1]]);
    for (const { data } of [B, C, D]) expect(data).toBeInstanceOf(Float64Array);
    expect(toRows(multiply(A, identity(2, Float32Array)))).toEqual([[1, 2]]);
  });
});
