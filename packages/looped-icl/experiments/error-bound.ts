import { philox } from '@x/linalg';
import { loopedTransformer, predict, type StepRule, spectrumTasks } from '@x/looped-icl';
import type { Experiment } from '@x/report/experiment';

const RULES: readonly StepRule[] = ['inverse-L', 'chebyshev'];

/** In every tenth loop: its error and its certified bound, the largest over the queries. */
function curve(rule: StepRule, kappa: number, most: number, seed: number) {
  const task = spectrumTasks({ d: 8, n: 64, kappa, queries: 32 }).draw(philox(seed, Math.round(kappa)));
  const counts = Array.from({ length: most / 10 }, (_, k) => 10 * (k + 1));
  return counts.map((loops) => {
    const { predictions, errorBound } = predict(loopedTransformer({ loops, step: rule }), task, task.queries);
    const errors = task.targets.map((target, i) => Math.abs(predictions.data[i]! - target));
    const shares = errors.map((error, i) => error / errorBound!.data[i]!);
    return { loops, error: Math.max(...errors), bound: Math.max(...errorBound!.data), share: Math.max(...shares) };
  });
}

export const experiment: Experiment = {
  id: 'error-bound',
  claim:
    'The distance of every prediction from that of least squares falls exponentially in the number of loops, at a rate set by the condition number, and stays below its certified bound.',
  source: 'Chen, Li, Liang, Shi, Song 2024, arXiv 2410.11268, main theorem, with the constants of the README',
  inputs: [],
  async run({ quick, seed, progress }) {
    const kappas = quick ? [1, 10] : [1, 3, 10, 30, 100];
    const most = quick ? 100 : 400;
    const runs = RULES.flatMap((rule, r) =>
      kappas.map((kappa, k) => {
        progress((r + k / kappas.length) / RULES.length, `${rule}, kappa = ${kappa}`);
        return { rule, kappa, points: curve(rule, kappa, most, seed) };
      }),
    );
    const largest = Math.max(...runs.flatMap(({ points }) => points.map(({ share }) => share)));
    const last = runs.map(({ rule, kappa, points }) => ({ rule, kappa, ...points[points.length - 1]! }));
    return {
      measured: `${largest.toFixed(2)} of the bound at most`,
      bound: '1',
      verdict: largest <= 1 ? 'holds' : 'failed',
      table: {
        columns: ['step rule', 'kappa', 'loops', 'largest error', 'largest bound'],
        rows: last.map(({ rule, kappa, loops, error, bound }) => [rule as string, kappa, loops, error, bound]),
      },
      plots: RULES.map((rule) => ({
        title: `Error and bound, step rule ${rule as string}`,
        x: { label: 'loops' },
        y: { label: 'largest error', scale: 'log' as const },
        series: runs
          .filter((run) => run.rule === rule)
          .flatMap(({ kappa, points }) => [
            { label: `kappa ${kappa}`, kind: 'points' as const, x: points.map(({ loops }) => loops), y: points.map(({ error }) => error) },
            { label: `bound ${kappa}`, kind: 'line' as const, x: points.map(({ loops }) => loops), y: points.map(({ bound }) => bound) },
          ]),
      })),
    };
  },
};
