import { type Dense, dense, leverageScores, nrm2, singularValues } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';
import { ensemble, ofRank, withCondition } from '@x/testkit';

/** Relative error that a score may have, see the README of leverageScores: one pass without mending. */
const TOLERANCE = 1e-11;

/**
 * The rank that the documentation of leverageScores defines, by another route than theirs: singular values of A with unit columns above
 * max(n, d) 2^-52 of the largest. At condition 1e12 and n = 20,000 some lie below that.
 */
function numericalRank(A: Dense): number {
  const { rows, cols } = A;
  const data = new Float64Array(rows * cols);
  for (let j = 0; j < cols; j++) {
    const column = Float64Array.from({ length: rows }, (_, i) => A.data[A.offset + i * A.rowStride + j * A.colStride]!);
    const norm = nrm2(column);
    for (let i = 0; i < rows; i++) data[i * cols + j] = column[i]! / norm;
  }
  const values = singularValues(dense(rows, cols, data));
  return values.filter((value) => value > Math.max(rows, cols) * 2 ** -52 * values[0]!).length;
}

export const experiment: Experiment = {
  id: 'leverage-sum',
  claim: 'Leverage scores lie in [0, 1] and sum to the numerical rank, also for ill-conditioned, heavy-tailed and rank-deficient matrices',
  source: 'Drineas, Magdon-Ismail, Mahoney, Woodruff 2012, arXiv 1109.3843, section 2',
  inputs: [],
  async run({ quick, seed, progress }) {
    const n = quick ? 2000 : 20_000;
    const d = 20;
    const extreme = withCondition(n, d, 1e12, seed);
    const cases = [
      { name: 'gaussian', A: ensemble('gaussian', n, d, seed), rank: d },
      { name: 'cauchy', A: ensemble('cauchy', n, d, seed), rank: d },
      { name: 'spiked rows', A: ensemble('spiked', n, d, seed), rank: d },
      ...[4, 8].map((digits) => ({ name: `condition 1e${digits}`, A: withCondition(n, d, 10 ** digits, seed), rank: d })),
      { name: 'condition 1e12', A: extreme, rank: numericalRank(extreme) },
      { name: 'rank 7', A: ofRank(n, d, 7, seed), rank: 7 },
    ];
    const results = cases.map(({ name, A, rank }, i) => {
      const { scores, conditionEstimate } = leverageScores(A);
      progress((i + 1) / cases.length, name);
      const sum = scores.reduce((s, t) => s + t, 0);
      const least = scores.reduce((m, t) => Math.min(m, t), 1);
      const most = scores.reduce((m, t) => Math.max(m, t), 0);
      return { name, rank, error: Math.abs(sum - rank), least, most, conditionEstimate, sorted: scores.slice().sort().reverse() };
    });
    const worst = Math.max(...results.map((r) => r.error));
    const holds = results.every((r) => r.error <= d * TOLERANCE && r.least >= 0 && r.most <= 1);
    const ranks = Array.from({ length: 200 }, (_, i) => Math.floor(n ** (i / 199)));
    return {
      measured: `|sum - rank| <= ${worst.toExponential(1)}`,
      bound: `${(d * TOLERANCE).toExponential(1)} (d times 1e-11)`,
      verdict: holds ? 'holds' : 'failed',
      table: {
        columns: ['matrix', 'rank', '|sum - rank|', 'least score', 'largest score', 'condition, at most'],
        rows: results.map((r) => [
          r.name,
          r.rank,
          r.error.toExponential(1),
          r.least.toExponential(1),
          r.most.toFixed(4),
          r.conditionEstimate.toExponential(1),
        ]),
      },
      plots: [
        {
          title: `Leverage scores of ${n} x ${d} matrices, sorted`,
          x: { label: 'place', scale: 'log' },
          y: { label: 'score', scale: 'log' },
          series: results
            .slice(0, 3)
            .map((r) => ({ label: r.name, kind: 'line' as const, x: ranks, y: ranks.map((k) => r.sorted[k - 1]!) })),
        },
      ],
    };
  },
};
