import { advise, GPUS, regimes } from '@x/io-pebble';
import type { Experiment, Series } from '@x/report/experiment';

export const experiment: Experiment = {
  id: 'regimes',
  claim:
    'Attention must move Theta(min(n^2 d^2 / M, n^2 d / sqrt M)) words, with the change at M = Theta(d^2); FlashAttention is optimal above, not below.',
  source:
    'Saha and Ye 2024, arXiv 2402.07443; Li, Liang, Shi, Song, Zhou 2024, arXiv 2410.09397; bounds with constants: README, Lower bounds',
  inputs: [],
  async run({ quick }) {
    const [n, d] = [2048, 64];
    const { sizes, schedules, lowerBound, crossovers } = regimes(
      { nq: n, d },
      {},
      { least: 2 ** 9, most: 2 ** 20, steps: quick ? 60 : 240 },
    );
    const best = sizes.map((_, k) => Math.min(...schedules.map(({ words }) => words[k]!)));
    const ratios = best.map((words, k) => words / lowerBound[k]!);
    // From scores in slow memory to scores in fast memory, and back: which of the two flash schedules is ahead is another matter.
    const slow = (name: string) => name === 'smallCache' || name === 'unfused';
    const changes = crossovers.filter(({ from, to }) => slow(from) !== slow(to));
    const change = changes[0];
    const at = (change?.size ?? 0) / d ** 2;
    const holds = ratios.every((ratio) => ratio >= 1) && changes.length === 1 && at >= 0.5 && at <= 0.7;
    const devices = GPUS.map(({ blockKiB }) => {
      const M = (blockKiB * 1024) / 2;
      return { M, words: advise({ nq: n, d }, { words: M }).ranked[0]!.words };
    });
    const series: Series[] = [
      ...schedules.map(({ schedule, words }) => ({ label: schedule, kind: 'line' as const, x: sizes, y: words })),
      { label: 'lower bound (proved)', kind: 'line', x: sizes, y: lowerBound },
      { label: 'GPUs', kind: 'points', x: devices.map(({ M }) => M), y: devices.map(({ words }) => words) },
      { label: 'n^2 d^2 / M', kind: 'line', x: sizes, y: sizes.map((M) => (n * d) ** 2 / M) },
      { label: 'n^2 d / sqrt M', kind: 'line', x: sizes, y: sizes.map((M) => (n ** 2 * d) / Math.sqrt(M)) },
    ];
    const shown = [9, 11, 12, 14, 17, 20].map((power) =>
      sizes.reduce((near, M, k) => (Math.abs(Math.log2(M) - power) < Math.abs(Math.log2(sizes[near]!) - power) ? k : near), 0),
    );
    return {
      measured: `best schedule ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(1)} times the bound; flash2 from ${at.toFixed(2)} d^2 on`,
      bound: 'at least 1; one change, between 0.5 and 0.7 d^2',
      verdict: holds ? 'holds' : 'failed',
      table: {
        columns: ['M', ...schedules.map(({ schedule }) => schedule), 'lower bound', 'best / bound'],
        rows: shown.map((k) => [
          sizes[k]!,
          ...schedules.map(({ words }) => words[k]!),
          Math.round(lowerBound[k]!),
          Number(ratios[k]!.toFixed(2)),
        ]),
      },
      plots: [
        {
          title: `Words moved by attention with n = ${n}, d = ${d}`,
          caption:
            'Exact counts with the best tiles. Below half of d^2 scores go to slow memory; above, FlashAttention with queries outside is best. Dots: shared memory of GPUs, 16 bit.',
          x: { label: 'words of fast memory', scale: 'log' },
          y: { label: 'words moved', scale: 'log' },
          series,
        },
      ],
    };
  },
};
