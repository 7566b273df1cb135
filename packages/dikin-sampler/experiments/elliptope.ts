import { chainsOf, elliptope, prepareSpectrahedron, type Run, sample } from '@x/dikin-sampler';
import type { Experiment } from '@x/report/experiment';
import { ksTest, regularizedBeta, tTest } from '@x/testkit';
import { convergenceOutcome, histograms, type Judged, judge, mean } from './shared/summary.ts';

const FALSE_ALARM = 1e-6;

export const experiment: Experiment = {
  id: 'elliptope',
  claim:
    'Uniform correlation matrices: both walks converge, and (1 + r) / 2 of every correlation r follows Beta(n / 2, n / 2), of variance 1 / (n + 1)',
  source: 'Gu, Kuang, Ma, Song, Zhang 2024, theorem 1.3 (pi is stationary); Lewandowski, Kurowicka, Joe 2009 for the law',
  inputs: [],
  async run({ quick, seed, signal, progress }) {
    // The Dikin walk would take minutes at n = 8, which hit-and-run does in seconds.
    const cases = [
      ...(quick ? [3, 5] : [3, 4, 5, 6, 8]).map((n) => ({ n, walk: 'hitAndRun' as const })),
      ...(quick ? [3, 4] : [3, 4, 5]).map((n) => ({ n, walk: 'dikin' as const })),
    ];
    const most = Math.max(...cases.map(({ n }) => n));
    const judged: Judged[] = [];
    const rows: (string | number)[][] = [];
    let passed = true;
    let worst = 1;
    for (const [k, { n, walk }] of cases.entries()) {
      const prepared = await prepareSpectrahedron(elliptope(n), { signal });
      const report = (fraction: number) => progress((k + fraction) / cases.length, `n = ${n}, ${walk}`);
      const one = await judge(() => sample(prepared, { walk, seed: seed + n, signal, workers: 2, draws: 1000, onProgress: report }));
      judged.push(one);
      const { run, convergence, seconds } = one;
      const d = run.names.length;
      const correlations = run.names.map((_, j) => chainsOf(run, j));
      // Every eighth draw is four autocorrelation times from the next.
      const law = correlations.map(
        (chains) =>
          ksTest(
            chains.flatMap((chain) => [...chain.filter((_, t) => t % 8 === 0)]),
            (r) => regularizedBeta((1 + r) / 2, n / 2, n / 2),
          ).p,
      );
      const p = Math.min(1, d * Math.min(...law));
      const variance = tTest(
        correlations.map((chains) => batchMeans(chains.map((chain) => chain.map((r) => r * r)))),
        correlations.map(() => 1 / (n + 1)),
        FALSE_ALARM,
      );
      passed &&= p >= FALSE_ALARM && variance.pass;
      worst = Math.min(worst, p, variance.p);
      rows.push([
        n,
        walk,
        mean(run.acceptance).toFixed(2),
        Math.round(run.tuning.autocorrelationTime),
        convergence.rhat.toFixed(4),
        Math.floor(Math.min(convergence.essBulk, convergence.essTail)),
        p.toPrecision(2),
        variance.p.toPrecision(2),
        seconds.toFixed(1),
      ]);
    }
    const outcome = convergenceOutcome(judged);
    return {
      ...outcome,
      measured: `n = 3 to ${most}: ${outcome.measured}; least p of law and variance ${worst.toPrecision(2)} after Bonferroni`,
      bound: `${outcome.bound}; p >= ${FALSE_ALARM.toExponential(0)}`,
      verdict: passed ? outcome.verdict : 'failed',
      table: {
        columns: [
          'n',
          'walk',
          'acceptance',
          'autocorrelation time, steps',
          'worst R-hat',
          'least ESS',
          'p, Beta law',
          'p, variance',
          'seconds',
        ],
        rows,
      },
      plots: [3, most].map((n) => plotOf(judged[cases.findIndex((one) => one.n === n)]!.run, n)),
    };
  },
};

/** 30 batches a chain, each many autocorrelation times long. */
function batchMeans(chains: readonly Float64Array[]): number[] {
  return chains.flatMap((chain) => {
    const size = Math.floor(chain.length / 30);
    return Array.from({ length: 30 }, (_, k) => mean([...chain.subarray(k * size, (k + 1) * size)]));
  });
}

function plotOf(run: Run, n: number) {
  const axis = Array.from({ length: 101 }, (_, i) => -1 + i / 50);
  const step = 1e-4;
  const density = axis.map((r) => {
    const at = Math.min(Math.max(r, -1 + step), 1 - step);
    return (regularizedBeta((1 + at + step) / 2, n / 2, n / 2) - regularizedBeta((1 + at - step) / 2, n / 2, n / 2)) / (2 * step);
  });
  return {
    title: `Correlation matrices of order ${n}: the first correlation`,
    x: { label: 'r' },
    y: { label: 'density' },
    series: [
      ...histograms([run], 0, 30, ['draws']),
      { label: `Beta(${n / 2}, ${n / 2}) of (1 + r) / 2`, kind: 'line' as const, x: axis, y: density },
    ],
  };
}
