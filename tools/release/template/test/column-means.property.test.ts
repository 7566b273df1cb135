import { type Dense, dense } from '@x/linalg';
import { matrices, mustFail } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnMeans } from '../src/index.ts';

type Means = (A: Dense) => Float64Array;

describe('Mean value property: the least entry of a column <= its mean <= the greatest', () => {
  /** n additions and one division each round once: relative error n eps of the sum of magnitudes (Higham 2002, section 4.2). */
  const holds = (means: Means) =>
    fc.assert(
      fc.property(matrices({ rows: [1, 20], cols: [1, 5] }), ({ rows, cols, data }) => {
        const A = dense(rows, cols, data);
        const got = means(A);
        for (let j = 0; j < cols; j++) {
          const column = Array.from({ length: rows }, (_, i) => data[i * cols + j] as number);
          const slack = rows * Number.EPSILON * Math.max(...column.map(Math.abs));
          expect(got[j]).toBeGreaterThanOrEqual(Math.min(...column) - slack);
          expect(got[j]).toBeLessThanOrEqual(Math.max(...column) + slack);
        }
      }),
    );

  it('holds', () => holds(columnMeans));
  it('fails for a mean over one row too few', () => mustFail(() => holds((A) => columnMeans(A).map((m) => (m * (A.rows + 1)) / A.rows))));
});
