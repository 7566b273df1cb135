import { prepare, readBiggJson, sample } from '@x/dikin-sampler';
import { highs } from '@x/dikin-sampler/highs';
import { readInput } from '@x/inputs';
import type { Experiment } from '@x/report/experiment';
import { convergenceOutcome, histograms, judge, runTable } from './shared/summary.ts';

const MODEL = 'metabolic/e_coli_core.json';
/** Reactions whose marginals are drawn: glycolysis, the citrate cycle, respiration and growth. */
const SHOWN = ['PFK', 'PGI', 'AKGDH', 'EX_o2_e', 'BIOMASS_Ecoli_core_w_GAM', 'EX_ac_e'];

export const experiment: Experiment = {
  id: 'e-coli-core',
  claim: 'The flux polytope of e_coli_core (72 x 95) has dimension 24 and is sampled uniformly to convergence',
  source: 'BiGG Models, e_coli_core (Orth, Fleming, Palsson 2010); Vehtari et al. 2021 for the criterion',
  inputs: [MODEL],
  async run({ input, quick, seed, signal, progress }) {
    const body = readBiggJson(readInput(input(MODEL)).toString('utf8'));
    const solver = await highs();
    const prepared = await prepare(body, { solver, signal });
    const judged = await judge(() =>
      sample(prepared, { seed, signal, workers: 2, draws: quick ? 1000 : 2000, onProgress: (fraction) => progress(fraction) }),
    );
    const outcome = convergenceOutcome([judged]);
    const { report, dimension, A } = prepared;
    return {
      ...outcome,
      measured: `dimension ${dimension}; ${outcome.measured}`,
      bound: `dimension 24; ${outcome.bound}`,
      verdict: dimension === 24 ? outcome.verdict : 'failed',
      note: `${report.fixedVariables.length} fluxes are fixed, ${A.rows} inequalities are needed`,
      table: runTable([judged]),
      plots: SHOWN.filter((name) => body.names.includes(name)).map((name) => ({
        title: `e_coli_core: flux through ${name}`,
        x: { label: 'flux, mmol / gDW / h' },
        y: { label: 'density' },
        series: histograms([judged.run], body.names.indexOf(name), 40, [name]),
      })),
    };
  },
};
