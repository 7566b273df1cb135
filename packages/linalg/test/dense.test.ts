import { expect, it } from 'vitest';
import { dense, toRows, transpose } from '../src/index.ts';

it('a transpose is a view with swapped strides', () => {
  const A = dense(2, 3, new Float64Array([1, 2, 3, 4, 5, 6]));
  expect(toRows(transpose(A))).toEqual([
    [1, 4],
    [2, 5],
    [3, 6],
  ]);
});
