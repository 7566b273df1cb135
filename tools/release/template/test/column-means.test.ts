import { fromRows, ShapeError, zeros } from '@x/linalg';
import { expect, it } from 'vitest';
import { columnMeans } from '../src/index.ts';

const A = fromRows([
  [1, 2],
  [3, 6],
]);

it('counts rows by their weights', () => {
  expect([...columnMeans(A, { weights: new Float64Array([3, 1]) })]).toEqual([1.5, 3]);
});

it('refuses what has no mean', () => {
  expect(() => columnMeans(zeros(0, 2))).toThrow(ShapeError);
  expect(() => columnMeans(A, { weights: new Float64Array(3) })).toThrow('3 weights; A has 2 rows');
});
