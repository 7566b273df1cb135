import { regimes } from '@x/io-pebble';
import type { Experiment } from '@x/report/experiment';

export const experiment: Experiment = {
  id: 'crossovers',
  claim: 'The fast memory at which keeping scores in it becomes best is proportional to d^2, forward and backward, from d = 32 on.',
  source: 'Li, Liang, Shi, Song, Zhou 2024, arXiv 2410.09397, Theorem 1.1; constants measured here',
  inputs: [],
  async run({ quick }) {
    const sizes = quick ? [32, 64, 128] : [32, 64, 128, 256];
    const passes = ['forward', 'backward'] as const;
    const found = passes.map((pass) =>
      sizes.map((d) => {
        const { crossovers } = regimes({ nq: 32 * d, d, pass }, {}, { least: Math.ceil(0.2 * d ** 2), most: 4 * d ** 2, steps: 200 });
        return { d, count: crossovers.length, at: (crossovers.at(-1)?.size ?? 0) / d ** 2 };
      }),
    );
    const limits = [
      [0.5, 0.7],
      [1, 1.3],
    ] as const;
    const fits = found.every((list, p) => list.every(({ at }) => at >= limits[p]![0] && at <= limits[p]![1]));
    const range = (p: number) =>
      `${Math.min(...found[p]!.map(({ at }) => at)).toFixed(2)} to ${Math.max(...found[p]!.map(({ at }) => at)).toFixed(2)}`;
    return {
      measured: `forward ${range(0)} d^2, backward ${range(1)} d^2`,
      bound: '0.5 to 0.7 and 1 to 1.3 d^2 for all d from 32 on',
      verdict: fits ? 'holds' : 'failed',
      table: {
        columns: ['d', 'forward / d^2', 'backward / d^2'],
        rows: sizes.map((d, k) => [d, ...found.map((list) => Number(list[k]!.at.toFixed(3)))]),
      },
      plots: [
        {
          title: 'Crossover in units of d^2',
          x: { label: 'd', scale: 'log' },
          y: { label: 'M / d^2' },
          series: passes.map((pass, p) => ({ label: pass, kind: 'points' as const, x: sizes, y: found[p]!.map(({ at }) => at) })),
        },
      ],
    };
  },
};
