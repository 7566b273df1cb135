/** What a user does first, on every engine that we promise. */
import { solveFixedPoint } from '@x/fixed-point';

export async function smoke(): Promise<unknown> {
  // Only + - * /: the same bits everywhere.
  const run = solveFixedPoint(
    (x, out) => {
      out[0] = (x[0] + 2 / x[0]) / 2;
      out[1] = (x[0] + x[1]) / 3;
    },
    [1, 1],
  );
  return { reason: run.reason, x: Array.from(run.x, (v) => v.toFixed(8)) };
}

export const expected: unknown = { reason: 'converged', x: ['1.41421356', '0.70710678'] };
