import { type Dense, leverageScores, sampledRows, sampleRows, spectralDistortion } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';
import { binomialLimit, ensemble } from '@x/testkit';

const FALSE_ALARM = 1e-6;
const [eps, delta] = [0.5, 0.1];

export const experiment: Experiment = {
  id: 'row-sampling',
  claim:
    'm = (2 d / eps^2)(1 + eps / 3) ln(2 d / delta) rows sampled by leverage have distortion at most eps with probability 1 - delta; as many rows sampled uniformly do not, where a row alone carries a direction',
  source: 'matrix Bernstein inequality, Tropp 2012, arXiv 1004.4389, theorem 1.4',
  inputs: [],
  async run({ quick, seed, signal, progress }) {
    const [n, d, trials] = [quick ? 2000 : 20_000, 8, quick ? 60 : 300];
    const gaussian = ensemble('gaussian', n, d, seed);
    const spiked: Dense = { ...gaussian, data: gaussian.data.map((x, p) => (p % d < d - 1 ? x : Number(p === d - 1))) };
    const bodies = [
      { name: 'gaussian', A: gaussian },
      { name: 'cauchy', A: ensemble('cauchy', n, d, seed) },
      { name: 'spiked', A: spiked },
    ];
    const arms = bodies.flatMap(({ name, A }) => {
      const { scores } = leverageScores(A);
      return [
        { name, by: 'leverage', A, scores },
        { name, by: 'uniform', A, scores: new Float64Array(n).fill(d / n) },
      ];
    });
    const results = arms.map(({ name, by, A, scores }, k) => {
      const distortions = Float64Array.from({ length: trials }, (_, t) => {
        signal.throwIfAborted();
        return spectralDistortion(A, sampledRows(A, sampleRows(A, { eps, delta, scores, seed: seed + t })) as Dense).distortion;
      }).sort();
      progress((k + 1) / arms.length, `${name}, ${by}`);
      return { name, by, distortions, violations: distortions.filter((x) => x > eps).length };
    });
    const limit = binomialLimit(trials, delta, FALSE_ALARM);
    const ours = results.filter((r) => r.by === 'leverage');
    const control = results.find((r) => r.by === 'uniform' && r.name === 'spiked')!;
    const holds = ours.every((r) => r.violations <= limit) && control.violations > limit;
    const levels = Array.from({ length: trials }, (_, t) => (t + 1) / trials);
    return {
      measured: `at most ${Math.max(...ours.map((r) => r.violations))} of ${trials} beyond eps by leverage, ${control.violations} uniformly on spikes`,
      bound: `${limit} of ${trials} (delta = ${delta}, false alarms ${FALSE_ALARM.toExponential(0)})`,
      verdict: holds ? 'holds' : 'failed',
      table: {
        columns: ['rows', 'sampled by', 'beyond eps', 'median distortion', 'largest'],
        rows: results.map((r) => [
          r.name,
          r.by,
          r.violations,
          r.distortions[trials >> 1]!.toFixed(3),
          r.distortions[trials - 1]!.toFixed(3),
        ]),
      },
      plots: [
        {
          title: `Distortion of ${trials} samples, eps = ${eps}`,
          x: { label: 'fraction of samples' },
          y: { label: 'distortion', scale: 'log' },
          series: [
            ...results.map((r) => ({ label: `${r.name}, ${r.by}`, kind: 'line' as const, x: levels, y: r.distortions })),
            { label: 'eps', kind: 'rule' as const, x: [0], y: [eps] },
          ],
        },
      ],
    };
  },
};
