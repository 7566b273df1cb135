import { type Dense, dense, leastSquares, philox } from '@x/linalg';
import {
  conditionNumber,
  type Context as Examples,
  loopedTransformer,
  predict,
  rateBound,
  type StepRule,
  spectrumTasks,
  trace,
} from '@x/looped-icl';
import { splitTable } from '@x/looped-icl/table';
import type { Experiment } from '@x/report/experiment';
import { CARS, cars } from './shared/tables.ts';

const RULES: readonly StepRule[] = ['inverse-L', 'optimal', 'chebyshev'];
/** Below this a curve is rounding. */
const FLOOR = 1e-12;

interface Problem {
  readonly name: string;
  readonly examples: Examples;
  readonly queries: Dense;
  /** Of least squares; with labels that are linear in the inputs, the truth. */
  readonly W: Float64Array;
}

/** ||W_T - W*|| / ||W*|| after 0, 1, 2, ... loops of step size 1 / L. */
function curveOf({ examples, W }: Problem, loops: number): Float64Array {
  const none = dense(0, W.length, new Float64Array());
  const states = trace(loopedTransformer({ loops, engine: 'gram' }), examples, none);
  return Float64Array.of(1, ...Array.from(states, ({ weights }) => length(weights!.data.map((w, i) => w - W[i]!)) / length(W)));
}

/** The largest share that the error of a prediction has of its certified bound, over the step rules. */
function shareOfBound({ examples, queries, W }: Problem, loops: number): number {
  const wanted = Array.from({ length: queries.rows }, (_, q) =>
    queries.data.subarray(q * queries.cols, (q + 1) * queries.cols).reduce((sum, x, j) => sum + x * W[j]!, 0),
  );
  const shares = RULES.flatMap((step) => {
    const { predictions, errorBound } = predict(loopedTransformer({ loops, step }), examples, queries);
    // What is known of the weights themselves is no better than rounding.
    return wanted.map((value, q) => (Math.abs(predictions.data[q]! - value) - FLOOR * Math.abs(value)) / errorBound!.data[q]!);
  });
  return Math.max(...shares);
}

/** Slope of the logarithm over the second half of what is above rounding: least squares. */
function slopeOf(curve: Float64Array): number {
  const end = curve.findIndex((error) => error < FLOOR);
  const last = end < 0 ? curve.length : end;
  const points = Array.from(curve.subarray(0, last), (error, t) => [t, Math.log(error)] as const).slice(Math.floor(last / 2));
  const mean = (of: (point: readonly [number, number]) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [t, y] = [mean(([t]) => t), mean(([, y]) => y)];
  return mean(([s, z]) => (s - t) * (z - y)) / mean(([s]) => (s - t) ** 2);
}

export const experiment: Experiment = {
  id: 'error-bound',
  claim:
    'The error after T loops of step size 1 / L is at most exp(-T / (2 kappa)), in fact (1 - 1/kappa)^T, for condition numbers kappa from 1 to 100 and on a real table; every prediction stays below its certified bound',
  source: 'Chen, Li, Liang, Shi, Song 2024, arXiv 2410.11268, main theorem, with the constants of the README',
  inputs: [CARS],
  async run({ quick, seed, progress, signal, input }) {
    const kappas = quick ? [1, 5, 50] : [1, 2, 5, 10, 50, 100];
    const task = splitTable(cars(input(CARS)), 'Miles_per_Gallon', 0.25, philox(seed));
    const problems: Problem[] = [
      ...kappas.map((kappa) => {
        const { weights, queries, ...examples } = spectrumTasks({ d: 8, n: 64, kappa, queries: 32 }).draw(philox(seed, kappa));
        return { name: `kappa ${kappa}`, examples, queries, W: weights! };
      }),
      { name: 'cars', examples: task, queries: task.queries, W: leastSquares(task.x, dense(task.y.length, 1, task.y)).X.data.slice() },
    ];
    const results = problems.map((problem, i) => {
      signal.throwIfAborted();
      progress(i / problems.length, problem.name);
      const { kappa } = conditionNumber(problem.examples);
      const loops = Math.ceil((quick ? 6 : 12) * kappa) + 4;
      const curve = curveOf(problem, loops);
      const paper = Float64Array.from(curve, (_, t) => rateBound('paper', kappa, t));
      const sharp = Float64Array.from(curve, (_, t) => rateBound('inverse-L', kappa, t));
      const over = Math.max(...Array.from(curve, (error, t) => error / (sharp[t]! + FLOOR)));
      const certified = Math.max(...[1, 10, 40, loops].map((T) => shareOfBound(problem, T)));
      // One loop is all at kappa = 1, and the rest rounding.
      const slope = kappa < 1.5 ? Number.NEGATIVE_INFINITY : slopeOf(curve);
      return { name: problem.name, kappa, curve, paper, sharp, over, certified, slope };
    });
    const over = Math.max(...results.map((result) => result.over));
    const certified = Math.max(...results.map((result) => result.certified));
    const slopes = results.map(({ slope, kappa }) => -slope * kappa).filter((slope) => slope !== Number.POSITIVE_INFINITY);
    const [flattest, steepest] = [Math.min(...slopes), Math.max(...slopes)];
    return {
      measured: `at most ${over.toFixed(3)} (1 - 1/kappa)^T; slopes of the logarithm -${flattest.toFixed(2)}/kappa to -${steepest.toFixed(2)}/kappa; ${certified.toFixed(2)} of the certified bound at most`,
      bound: '1; -1/(2 kappa); 1',
      verdict: over <= 1 && slopes.length >= kappas.length && flattest >= 0.5 && certified <= 1 ? 'holds' : 'failed',
      note: "the paper's exp(-T / (2 kappa)) is the square root of what holds: the slopes are near -1/kappa",
      table: {
        columns: [
          'context',
          'kappa',
          'loops',
          'error',
          '(1 - 1/kappa)^T',
          'exp(-T / (2 kappa))',
          'slope times kappa',
          'share of certified bound',
        ],
        rows: results.map(({ name, kappa, curve, paper, sharp, slope, certified: share }) => {
          const T = curve.length - 1;
          const numbers = [curve[T]!, sharp[T]!, paper[T]!].map((value) => value.toExponential(1));
          return [name, kappa.toPrecision(3), T, ...numbers, Number.isFinite(slope) ? (slope * kappa).toFixed(2) : '', share.toFixed(3)];
        }),
      },
      plots: results.map(({ name, kappa, curve, paper, sharp }) => {
        const x = Float64Array.from(curve, (_, t) => t);
        return {
          title: `Error of the weights and both bounds, ${name}${name === 'cars' ? ` (kappa ${kappa.toPrecision(3)})` : ''}`,
          x: { label: 'loops' },
          y: { label: 'error, relative', scale: 'log' as const },
          series: [
            { label: 'error', kind: 'line' as const, x, y: curve },
            { label: '(1 - 1/kappa)^T', kind: 'points' as const, x: every(x), y: every(sharp) },
            { label: 'exp(-T / (2 kappa))', kind: 'points' as const, x: every(x), y: every(paper) },
          ],
        };
      }),
    };
  },
};

/** Some 30 of the points. */
function every(x: Float64Array): Float64Array {
  const step = Math.ceil(x.length / 30);
  return x.filter((_, t) => t % step === 0);
}

function length(x: Float64Array): number {
  return Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
}
