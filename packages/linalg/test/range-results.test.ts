import { describe, expect, it } from 'vitest';
import {
  cholesky,
  choleskySolve,
  conditionNumber,
  determinant,
  eigenvalues,
  fromRows,
  inverse,
  leastSquares,
  logDeterminant,
  lu,
  luSolve,
  NonFiniteError,
  norm2,
  nullSpace,
  pivotedQr,
  pseudoInverse,
  qr,
  rank,
  solve,
  trsm,
} from '../src/index.ts';
import { caught, diagonal } from './residuals.ts';

describe('results beyond the range', () => {
  it.each([
    ['qr', () => qr(fromRows([[1.5e308], [1.5e308]]))],
    ['pivotedQr', () => pivotedQr(fromRows([[1.5e308], [1.5e308]]))],
    [
      'lu',
      () =>
        lu(
          fromRows([
            [1e308, 1e308],
            [1e308, -1e308],
          ]),
        ),
    ],
    ['inverse', () => inverse(fromRows([[1e-310]]))],
    ['pseudoInverse', () => pseudoInverse(fromRows([[1e-310]]))],
    ['solve', () => solve(fromRows([[1e-300]]), Float64Array.of(1e300))],
    ['luSolve', () => luSolve(lu(fromRows([[1e-300]])), Float64Array.of(1e300))],
    ['leastSquares', () => leastSquares(fromRows([[1e-300]]), Float64Array.of(1e300))],
    [
      'trsm',
      () =>
        trsm({
          A: fromRows([
            [1e-300, 0],
            [1, 1],
          ]),
          B: fromRows([[1e300], [1]]),
          triangle: 'lower',
        }),
    ],
    [
      'choleskySolve',
      () =>
        choleskySolve(
          cholesky(
            fromRows([
              [1e-300, 0],
              [0, 1],
            ]),
          ),
          Float64Array.of(1e300, 1),
        ),
    ],
    ['norm2', () => norm2(fromRows([[1.5e308, 1.5e308]]))],
    [
      'eigenvalues',
      () =>
        eigenvalues(
          fromRows([
            [1e308, 1e308],
            [1e308, 1e308],
          ]),
        ),
    ],
  ] as const)('%s says so', (name, work) => {
    const error = caught(work);
    expect(error).toBeInstanceOf(NonFiniteError);
    expect(error).toMatchObject({ argument: 'result', index: [] });
    expect((error as Error).message).toContain(`${name}: the result overflows`);
  });

  it('do not keep solve, leastSquares and others from results within it', () => {
    const A = fromRows([
      [1e308, 1e308],
      [1e308, -1e308],
    ]);
    expect(solve(A, Float64Array.of(1, 2))).toEqual(Float64Array.of(1.5e-308, -5e-309));
    const zero = fromRows([
      [1e200, 0, 0],
      [0, 1e200, 0],
      [0, 0, 0],
    ]);
    expect(determinant(zero)).toBe(0);
    const swapped = fromRows([
      [0, 0],
      [1, 0],
    ]);
    expect(determinant(swapped)).toBe(0);
    expect(logDeterminant(zero)).toEqual({ sign: 0, logAbs: Number.NEGATIVE_INFINITY });
    expect(determinant(A)).toBe(Number.NEGATIVE_INFINITY);
    expect(logDeterminant(A)).toEqual({ sign: -1, logAbs: expect.closeTo(Math.log(2) + 616 * Math.log(10), 9) });
    expect(determinant(fromRows([[Number.MAX_VALUE]]))).toBe(Number.MAX_VALUE);
    expect(determinant(fromRows([[-5e-324]]))).toBe(-5e-324);
    const B = fromRows([
      [1.7e308, 1.7e308],
      [1.7e308, -1.7e308],
    ]);
    expect([rank(B), nullSpace(B).cols]).toEqual([2, 0]);
    expect(conditionNumber(B)).toBeCloseTo(1, 12);
    expect(leastSquares(fromRows([[1e308], [1e308]]), Float64Array.of(1e308, 1e308)).X[0]).toBeCloseTo(1, 12);
    expect(solve(diagonal([1e300, 1e-300]), Float64Array.of(1e300, 1e-300))).toEqual(Float64Array.of(1, 1));
    const graded = diagonal([2 ** 1000, 2 ** -500]);
    expect(leastSquares(graded, Float64Array.of(0, 2 ** 500), { tolerance: 0 }).X).toEqual(Float64Array.of(0, 2 ** 1000));
    expect(leastSquares(graded, Float64Array.of(2 ** 500, 2 ** -100)).residualNorms[0]).toBe(2 ** -100);
    const inverted = pseudoInverse(diagonal([2 ** 1000, 2 ** -1000]), { tolerance: 0 });
    expect(inverted).toEqual(diagonal([2 ** -1000, 2 ** 1000]));
  });
});
