import { buildComputer, DESIGNS, type Design, stats } from '@x/relu-computer';
import type { Experiment } from '@x/report/experiment';

const BITS = 16;

/** Those whose depth does not grow; the tree's is logarithmic in the memory. */
const CONSTANT: readonly Design[] = ['speculative', 'basic', 'two-level'];

/** The paper's layers a step, by its own count; ours of its design by that count must be as many. */
const PAPER = 23;

/** Weights of the paper's design are proportional to bits, so a large memory would take gigabytes. */
const MOST_WORDS_OF_PAPER = 4096;

export const experiment: Experiment = {
  id: 'depth-and-size',
  claim:
    "A step of basic, two-level and speculative takes fewer layers than the paper's 23, by its count and by the strict one, whatever the memory; the number of weights is proportional to the memory in all designs.",
  source: 'Liang, Sha, Shi, Song, Zhou 2024, arXiv 2410.09375: 23 layers, O(n log n) time a step; own constructions, in the README',
  inputs: [],
  async run({ quick, progress }) {
    const sizes = quick ? [64, 256, 1024, 4096] : [64, 256, 1024, 4096, 16384, 32768];
    const series = DESIGNS.map((design, d) =>
      sizes
        .filter((words) => design !== 'paper23' || words <= MOST_WORDS_OF_PAPER)
        .map((words, k) => {
          progress((d + k / sizes.length) / DESIGNS.length, design);
          return { words, ...stats(buildComputer({ words, bits: BITS, design })) };
        }),
    );
    const of = (design: Design) => series[DESIGNS.indexOf(design)]!;
    const deepest = (design: Design, count: 'factoredDepth' | 'strictDepth') => Math.max(...of(design).map((sizes) => sizes[count]));
    const strictOfPaper = deepest('paper23', 'strictDepth');
    const same = deepest('paper23', 'factoredDepth') === PAPER;
    const shallow = CONSTANT.every((design) => deepest(design, 'factoredDepth') < PAPER && deepest(design, 'strictDepth') < strictOfPaper);
    // Bits are the cells of the paper's design, words those of the others.
    const most = (cells: (words: number) => number, designs: readonly Design[]) =>
      Math.max(...designs.flatMap((design) => of(design).map(({ words, nonzeros }) => nonzeros / cells(words))));
    const words = DESIGNS.filter((design) => design !== 'paper23');
    const [perWord, perBit] = [most((n) => n, words), most((n) => n * BITS, ['paper23'])];
    const depths = (count: 'factoredDepth' | 'strictDepth') => CONSTANT.map((design) => deepest(design, count)).join(', ');
    return {
      measured: `ReLU stages ${depths('factoredDepth')}; all stages ${depths('strictDepth')}; at most ${perWord.toFixed(0)} weights a word, in paper23 ${perBit.toFixed(0)} a bit`,
      bound: `ReLU stages ${PAPER}, all stages ${strictOfPaper} (paper23); 100 weights a word, or a bit`,
      verdict: same && shallow && perWord <= 100 && perBit <= 100 ? 'holds' : 'failed',
      note: 'The paper counts stages that end in a ReLU (factored depth). The strict depth counts all stages, linear ones too, and is compared with that of paper23. demux grows with the logarithm of the memory.',
      table: {
        columns: ['design', 'words', 'factored depth', 'strict depth', 'neurons', 'weights', 'weights a word'],
        rows: DESIGNS.flatMap((design, d) =>
          series[d]!.map(({ words, factoredDepth, strictDepth, neurons, nonzeros }) => [
            design,
            words,
            factoredDepth,
            strictDepth,
            neurons,
            nonzeros,
            Math.round((10 * nonzeros) / words) / 10,
          ]),
        ),
      },
      plots: [
        {
          title: 'Weights of a step',
          x: { label: 'words of memory', scale: 'log' },
          y: { label: 'weights', scale: 'log' },
          series: [
            ...DESIGNS.map((design, d) => ({
              label: design,
              kind: 'line' as const,
              x: series[d]!.map(({ words }) => words),
              y: series[d]!.map(({ nonzeros }) => nonzeros),
            })),
            // What the paper allows, without its constant, which it does not give.
            { label: 'n log2 n', kind: 'line' as const, x: sizes, y: sizes.map((n) => n * Math.log2(n)) },
          ],
        },
      ],
    };
  },
};
