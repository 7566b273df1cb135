/** As a plain regressor: where the loops end, well-known packages of least squares are. */
import { peer } from '@x/bench';
import { type Dense, dense } from '@x/linalg';
import { mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { loopedTransformer, olsPredict, predict } from '../src/index.ts';
import { geometric, normals, seeded, withSpectrum } from './problems.ts';
import { rowsOf } from './reference.ts';

const NAMES = ['ml-matrix@6.15.1', 'ml-regression-multivariate-linear@2.0.4', 'simple-statistics@7.12.1'] as const;
/** Installed on demand, as the benches' are. */
const [matrix, multivariate, statistics] = await Promise.all(NAMES.map((name) => peer(name).catch(() => undefined)));
const missing = [matrix, multivariate, statistics].some((one) => one === undefined);
if (missing && process.env.X_REQUIRE_ALL === '1') throw new Error(`${NAMES.join(', ')} cannot all be installed, and X_REQUIRE_ALL is set`);

describe.skipIf(missing)('after many loops predictions are those of', () => {
  const noisy = (d: number, kappa: number) => {
    const { x, y } = withSpectrum(seeded(d), 40, geometric(d, kappa));
    return {
      x,
      y: dense(
        40,
        1,
        y.data.map((value, i) => value + Math.sin(7 * i)),
      ),
    };
  };
  /** As far as the condition number and some 40 roundings allow. */
  const agree = (context: { x: Dense; y: Dense }, kappa: number, loops: number, theirs: (queries: Dense) => readonly number[]) => {
    const queries = normals(seeded(99), 6, context.x.cols);
    const wanted = theirs(queries);
    const ours = [predict(loopedTransformer({ loops, step: 'chebyshev' }), context, queries).predictions, olsPredict(context, queries)];
    for (const { data } of ours) {
      data.forEach((value, i) => {
        expect(Math.abs(value - wanted[i]!)).toBeLessThanOrEqual(1e-13 * kappa * (1 + Math.abs(wanted[i]!)));
      });
    }
  };
  const solved = (context: { x: Dense; y: Dense }) => (queries: Dense) => {
    const { Matrix, solve } = matrix;
    const W = solve(new Matrix(rowsOf(context.x)), new Matrix(rowsOf(context.y)), true);
    return new Matrix(rowsOf(queries)).mmul(W).to1DArray();
  };
  it.each([10, 1000])('ml-matrix solve, condition number %i', (kappa) => {
    const context = noisy(5, kappa);
    agree(context, kappa, (40 * Math.sqrt(kappa)) | 0, solved(context));
  });
  it('which fails after few loops', () => {
    const context = noisy(5, 1000);
    mustFail(() => agree(context, 1000, 20, solved(context)));
  });
  it('ml-regression-multivariate-linear', () => {
    const context = noisy(5, 10);
    agree(context, 10, 200, (queries) =>
      new multivariate.default(rowsOf(context.x), rowsOf(context.y), { intercept: false, statistics: false })
        .predict(rowsOf(queries))
        .map(([value]: number[]) => value),
    );
  });
  it('simple-statistics linearRegression, on centred data of one input', () => {
    const { x, y } = noisy(1, 1);
    const centred = (A: Dense) =>
      dense(
        40,
        1,
        A.data.map((value) => value - A.data.reduce((a, b) => a + b) / 40),
      );
    const context = { x: centred(x), y: centred(y) };
    const { m, b } = statistics.linearRegression([...context.x.data].map((value, i) => [value, context.y.data[i]!]));
    agree(context, 1, 5, (queries) => [...queries.data].map((value) => m * value + b));
  });
});
