import { prepare, readMps, sample } from '@x/dikin-sampler';
import { highs } from '@x/dikin-sampler/highs';
import { readInput } from '@x/inputs';
import type { Experiment } from '@x/report/experiment';
import { convergenceOutcome, histograms, type Judged, judge, runTable } from './shared/summary.ts';

const AFIRO = 'netlib/afiro.mps.gz';

/** The feasible set of AFIRO is bounded as it stands, so it needs no cut by the objective. */
export const experiment: Experiment = {
  id: 'afiro',
  claim:
    'The feasible set of the Netlib problem AFIRO, which is bounded and of dimension 24, is sampled uniformly to convergence by both walks',
  source: 'Netlib lp/data; Vehtari et al. 2021 for the criterion',
  inputs: [AFIRO],
  async run({ input, quick, seed, signal, progress }) {
    const body = readMps(readInput(input(AFIRO)).toString('latin1'));
    const solver = await highs();
    const prepared = await prepare(body, { solver, signal });
    const walks = quick ? (['cdhr'] as const) : (['cdhr', 'dikin'] as const);
    const judged: Judged[] = [];
    for (const [k, walk] of walks.entries()) {
      const options = { walk, seed, signal, workers: 2, draws: 1000, onProgress: (f: number) => progress((k + f) / walks.length, walk) };
      judged.push(await judge(() => sample(prepared, options)));
    }
    // The objective, and the variables with the largest weight in it.
    const { coefficients } = body.objective!;
    const heavy = [...coefficients.keys()].sort((i, j) => Math.abs(coefficients[j]!) - Math.abs(coefficients[i]!)).slice(0, 4);
    return {
      ...convergenceOutcome(judged),
      table: runTable(judged),
      plots: heavy.map((j) => ({
        title: `AFIRO: marginal of ${body.names[j]}`,
        x: { label: body.names[j]! },
        y: { label: 'density' },
        series: histograms(
          judged.map(({ run }) => run),
          j,
          40,
          ['coordinate hit-and-run', 'Dikin'],
        ),
      })),
    };
  },
};
