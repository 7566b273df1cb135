import { readFileSync } from 'node:fs';
import { chainsOf, gaussian, type PolytopeInput, polytope, prepare, sample } from '@x/dikin-sampler';
import { highs } from '@x/dikin-sampler/highs';
import { dense } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';
import { zTest } from '@x/testkit';
import { convergenceOutcome, type Judged, judge, mean, runTable } from './shared/summary.ts';

const CARS = 'npm:vega-datasets/data/cars.json';
const BINS = 24;
/** No car of the table does more; the bound makes the flat prior proper. */
const MOST_MILES = 60;

interface Car {
  readonly weight: number;
  readonly miles: number;
}

/**
 * Heavier cars do not go further: mean miles per gallon theta_1 >= ... >= theta_24 over 24 weight classes, flat on the order cone between 0
 * and 60, cars normal around their class's mean with the pooled variance. The posterior is a Gaussian on that polytope.
 */
export const experiment: Experiment = {
  id: 'monotone-regression',
  claim:
    'A Gaussian on an order cone with bounds, the posterior of Bayesian monotone regression, is sampled to convergence, and the Dikin walk and coordinate hit-and-run agree on it',
  source: 'Gu, Kuang, Ma, Song, Zhang 2024, section 1 (log-concave sampling over polytopes); Vehtari et al. 2021 for the criterion',
  inputs: [CARS],
  async run({ input, quick, seed, signal, progress }) {
    const classes = weightClasses(readCars(input(CARS)));
    const means = classes.map((cars) => mean(cars.map((car) => car.miles)));
    const squares = classes.reduce((sum, cars, k) => sum + cars.reduce((s, car) => s + (car.miles - means[k]!) ** 2, 0), 0);
    const variance = squares / (classes.flat().length - BINS);
    const density = gaussian({ mean: means, precision: classes.map((cars) => cars.length / variance) });
    const solver = await highs();
    const prepared = await prepare(polytope({ ...descending(BINS), lower: 0, upper: MOST_MILES }), { solver, signal });
    const walks = ['cdhr', 'dikin'] as const;
    const judged: Judged[] = [];
    for (const [k, walk] of walks.entries()) {
      const options = { density, walk, seed, signal, workers: 2, draws: quick ? 1000 : 1500 };
      judged.push(await judge(() => sample(prepared, { ...options, onProgress: (f) => progress((k + f) / walks.length, walk) })));
    }
    const [first, second] = judged as [Judged, Judged];
    const agreement = zTest(
      first.summary.slice(0, BINS).map((row, k) => row.mean - second.summary[k]!.mean),
      first.summary.slice(0, BINS).map((row, k) => Math.hypot(row.mcse, second.summary[k]!.mcse)),
      new Float64Array(BINS),
      1e-6,
    );
    const outcome = convergenceOutcome(judged);
    const rows = first.summary.slice(0, BINS);
    const weights = classes.map((cars) => mean(cars.map((car) => car.weight)));
    const chain = chainsOf(first.run, BINS >> 1)[0]!;
    return {
      ...outcome,
      measured: `${outcome.measured}; posterior means of the two walks differ by at most ${Math.abs(agreement.statistic).toFixed(1)} standard errors`,
      bound: `${outcome.bound}; no difference beyond chance at 1e-6`,
      verdict: agreement.pass ? outcome.verdict : 'failed',
      table: runTable(judged),
      plots: [
        {
          title: 'Miles per gallon by weight: posterior under the order constraint',
          caption:
            'Band: 5 % to 95 % of the posterior of each class mean. The class means themselves go up in places; the posterior never does.',
          x: { label: 'weight, lbs' },
          y: { label: 'miles per gallon' },
          series: [
            { label: 'cars', kind: 'points', x: classes.flat().map((car) => car.weight), y: classes.flat().map((car) => car.miles) },
            { label: '90 % band', kind: 'band', x: weights, y: rows.map((row) => row.q5), y2: rows.map((row) => row.q95) },
            { label: 'posterior mean', kind: 'line', x: weights, y: rows.map((row) => row.mean) },
            { label: 'class means', kind: 'points', x: weights, y: means },
          ],
        },
        {
          title: 'Trace of one class mean in the first chain',
          x: { label: 'draw' },
          y: { label: 'miles per gallon' },
          series: [{ label: `class ${(BINS >> 1) + 1}`, kind: 'line', x: chain.map((_, t) => t), y: chain }],
        },
      ],
    };
  },
};

function readCars(path: string): Car[] {
  const rows = JSON.parse(readFileSync(path, 'utf8')) as { Weight_in_lbs: number | null; Miles_per_Gallon: number | null }[];
  return rows.flatMap(({ Weight_in_lbs: weight, Miles_per_Gallon: miles }) =>
    weight === null || miles === null ? [] : [{ weight, miles }],
  );
}

/** Classes of nearly equal size, lightest first. */
function weightClasses(cars: readonly Car[]): Car[][] {
  const sorted = [...cars].sort((a, b) => a.weight - b.weight);
  const edge = (k: number) => Math.round((k * sorted.length) / BINS);
  return Array.from({ length: BINS }, (_, k) => sorted.slice(edge(k), edge(k + 1)));
}

/** x_{k+1} - x_k <= 0. */
function descending(n: number): PolytopeInput {
  const A = new Float64Array((n - 1) * n);
  for (let k = 0; k + 1 < n; k++) {
    A[k * n + k] = -1;
    A[k * n + k + 1] = 1;
  }
  return { A: dense(n - 1, n, A), b: new Float64Array(n - 1) };
}
