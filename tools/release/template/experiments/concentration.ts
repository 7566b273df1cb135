import { columnMeans } from '@x/__NAME__';
import { dense, philox } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';

/** Columns tried, and the probability that any of them breaks the bound although the claim is true. */
const COLUMNS = 50;
const DELTA = 1e-6;

export const experiment: Experiment = {
  id: 'concentration',
  claim: 'The mean of n draws from [0, 1) is within sqrt(log(2 d / delta) / 2 n) of 1/2 for all d columns with probability 1 - delta.',
  source: 'Hoeffding 1963, theorem 1, and a union bound',
  inputs: [],
  async run({ quick, seed }) {
    const sizes = quick ? [100, 1000] : [100, 1000, 10_000];
    const bound = (n: number) => Math.sqrt(Math.log((2 * COLUMNS) / DELTA) / (2 * n));
    const errors = sizes.map((n, k) => {
      const A = dense(n, COLUMNS, philox(seed, k).fillUniform(new Float64Array(n * COLUMNS)));
      return Math.max(...columnMeans(A).map((mean) => Math.abs(mean - 0.5)));
    });
    const shares = errors.map((error, k) => error / bound(sizes[k] as number));
    return {
      measured: `${Math.max(...shares).toFixed(2)} of the bound`,
      bound: '1',
      verdict: shares.every((share) => share <= 1) ? 'holds' : 'failed',
      table: { columns: ['n', 'largest error', 'bound'], rows: sizes.map((n, k) => [n, errors[k] as number, bound(n)]) },
      plots: [
        {
          title: 'Error of a mean',
          x: { label: 'n', scale: 'log' },
          y: { label: 'error', scale: 'log' },
          series: [
            { label: 'measured', kind: 'points', x: sizes, y: errors },
            { label: 'bound', kind: 'line', x: sizes, y: sizes.map(bound) },
          ],
        },
      ],
    };
  },
};
