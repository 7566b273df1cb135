import { buildComputer, stats } from '@x/relu-computer';
import type { Experiment } from '@x/report/experiment';

/** Layers of the paper's parts, by its own count. */
const PAPER: Readonly<Record<string, number>> = {
  'read the instruction': 2,
  'read the data': 2,
  subtract: 7,
  'write back': 2,
  'next pc': 6,
  branch: 4,
};

const [WORDS, BITS] = [1024, 16];

export const experiment: Experiment = {
  id: 'layers-of-the-paper',
  claim: 'The design paper23 has 23 layers, in each part of a step as many as the paper counts for it.',
  source: 'Liang, Sha, Shi, Song, Zhou 2024, arXiv 2410.09375: 2 + 2 + 7 + 2 + 6 + 4 layers; the matrices are our own completion',
  inputs: [],
  async run() {
    const computer = buildComputer({ words: WORDS, bits: BITS, design: 'paper23' });
    const { factoredDepth, strictDepth, neurons, nonzeros } = stats(computer);
    const rows = Object.entries(PAPER).map(([part, paper]) => {
      // A layer is a ReLU stage and the linear stage after it.
      const stages = computer.stages.filter((_, k) => computer.parts![Math.floor(k / 2)] === part);
      const names = stages.filter(({ kind }) => kind === 'relu').map(({ name }) => name.slice(part.length + 2));
      const sizes = stats({ stages });
      return { part, paper, ours: sizes.factoredDepth, neurons: sizes.neurons, weights: sizes.nonzeros, names };
    });
    const equal = rows.every(({ paper, ours }) => paper === ours) && factoredDepth === rows.reduce((sum, { paper }) => sum + paper, 0);
    return {
      measured: `${rows.map(({ ours }) => ours).join(' + ')} = ${factoredDepth} layers; ${neurons} neurons and ${nonzeros} weights at ${WORDS} words of ${BITS} bits`,
      bound: `${rows.map(({ paper }) => paper).join(' + ')} = 23 layers`,
      verdict: equal ? 'holds' : 'failed',
      note: `Counting the linear maps between layers as well it is ${strictDepth}, the last one folded into the next pass.`,
      table: {
        columns: ['part', 'layers in the paper', 'layers here', 'neurons', 'weights', 'what they do'],
        rows: rows.map(({ part, paper, ours, neurons: n, weights, names }) => [part, paper, ours, n, weights, names.join('; ')]),
      },
    };
  },
};
