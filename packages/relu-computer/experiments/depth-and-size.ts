import { buildComputer, type Design, stats } from '@x/relu-computer';
import type { Experiment } from '@x/report/experiment';

const DESIGNS: readonly Design[] = ['basic', 'two-level', 'speculative', 'demux'];

/** Those whose depth does not grow; the tree's is logarithmic in the memory. */
const CONSTANT: readonly Design[] = ['speculative', 'basic', 'two-level'];

/** The paper's layers a step. */
const PAPER = 23;

export const experiment: Experiment = {
  id: 'depth-and-size',
  claim: 'A step takes fewer than 23 ReLU layers, with a number of weights proportional to the memory.',
  source: 'Liang, Sha, Shi, Song, Zhou 2024, arXiv 2410.09375: 23 layers, O(n log n) time a step; own constructions, in the README',
  inputs: [],
  async run({ quick, progress }) {
    const sizes = quick ? [64, 256, 1024, 4096] : [64, 256, 1024, 4096, 16384, 32768];
    const series = DESIGNS.map((design, d) =>
      sizes.map((words, k) => {
        progress((d + k / sizes.length) / DESIGNS.length, design);
        return stats(buildComputer({ words, bits: 16, design }));
      }),
    );
    const depth = (of: Design) => series[DESIGNS.indexOf(of)]!.map(({ strictDepth }) => strictDepth);
    const perWord = series.flatMap((all) => all.map(({ nonzeros }, k) => nonzeros / sizes[k]!));
    const shallow = CONSTANT.every((design) => depth(design).every((layers) => layers < PAPER));
    return {
      measured: `strict depth ${CONSTANT.map((design) => depth(design)[0]).join(', ')}; at most ${Math.max(...perWord).toFixed(0)} weights a word`,
      bound: `depth ${PAPER}; 100 weights a word`,
      verdict: shallow && Math.max(...perWord) <= 100 ? 'holds' : 'failed',
      note: 'Every value is nonnegative, so a linear stage may end in a ReLU as well: the strict depth counts all stages, the factored depth only those that need one.',
      table: {
        columns: ['design', 'words', 'factored depth', 'strict depth', 'neurons', 'weights', 'weights a word'],
        rows: DESIGNS.flatMap((design, d) =>
          series[d]!.map(({ factoredDepth, strictDepth, neurons, nonzeros }, k) => [
            design,
            sizes[k]!,
            factoredDepth,
            strictDepth,
            neurons,
            nonzeros,
            Math.round((10 * nonzeros) / sizes[k]!) / 10,
          ]),
        ),
      },
      plots: [
        {
          title: 'Weights of a step',
          x: { label: 'words of memory', scale: 'log' },
          y: { label: 'weights', scale: 'log' },
          series: DESIGNS.map((design, d) => ({
            label: design,
            kind: 'line' as const,
            x: sizes,
            y: series[d]!.map(({ nonzeros }) => nonzeros),
          })),
        },
      ],
    };
  },
};
