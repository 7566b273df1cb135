import { readFileSync } from 'node:fs';
import { csvRows, DistanceBuilder, heatmap, PrivacyBudget } from '@x/dp-kde';
import { withSeededNoise } from '@x/dp-kde/testing';
import type { Experiment } from '@x/report/experiment';
import { rootMeanSquare } from '../test/truth.ts';

const FILE = 'npm:vega-datasets/data/airports.csv';
/** The contiguous states. */
const BOUNDS = [
  [-125, -66],
  [24, 50],
] as const;

export const experiment: Experiment = {
  id: 'airports',
  claim: 'A heatmap of mean distance to the airports of the contiguous states errs by the stated deviation at epsilon = 0.1, 1 and 10',
  source: 'own derivation, README theorems 1 and 2; data: airports of vega-datasets',
  inputs: [FILE],
  async run({ seed, quick, input }) {
    const chunks: number[] = [];
    for await (const chunk of csvRows([readFileSync(input(FILE))], { columns: ['longitude', 'latitude'] })) chunks.push(...chunk);
    const size = quick ? 24 : 60;
    const build = (epsilon: number, s: number) =>
      withSeededNoise(s, () =>
        new DistanceBuilder({ bounds: BOUNDS, resolution: 1024 }).add(chunks).release(new PrivacyBudget({ epsilon })),
      );
    const exact = heatmap(build(1e8, 1), { width: size, height: size });
    const n = chunks.length / 2;
    const repeats = quick ? 10 : 30;
    const results = [0.1, 1, 10].map((epsilon) => {
      const oracles = Array.from({ length: repeats }, (_, r) => build(epsilon, seed + 100 * r));
      const maps = oracles.map((oracle) => heatmap(oracle, { width: size, height: size }).values);
      const error = rootMeanSquare(maps.flatMap((map) => [...map].map((value, i) => value - (exact.values[i] as number))));
      const stated = rootMeanSquare(
        Array.from(
          { length: size },
          (_, i) => oracles[0]!.query(BOUNDS.map(([low, high]) => low + ((i + 0.5) / size) * (high - low))).stddev,
        ),
      );
      return { epsilon, error: error / n, ratio: error / stated, map: maps[0]! };
    });
    const middle = Math.floor(size / 2) * size;
    return {
      measured: results
        .map(({ epsilon, error, ratio }) => `epsilon ${epsilon}: ${error.toPrecision(3)} degrees, ${ratio.toPrecision(3)} of the stated`)
        .join('; '),
      // Pixels of one build share their noise: 30 builds fix the deviation to 15 % or so.
      bound: '0.5 to 2 times the stated deviation',
      verdict: results.every(({ ratio }) => ratio > 0.5 && ratio < 2) ? 'holds' : 'failed',
      plots: [
        {
          title: 'Mean l1 distance to an airport along the middle parallel',
          x: { label: 'longitude' },
          y: { label: 'degrees' },
          series: [
            { label: 'exact', values: exact.values },
            ...results.map(({ epsilon, map }) => ({ label: `epsilon = ${epsilon}`, values: map })),
          ].map(({ label, values }) => ({
            label,
            kind: 'line' as const,
            x: Float64Array.from({ length: size }, (_, i) => BOUNDS[0][0] + ((i + 0.5) / size) * (BOUNDS[0][1] - BOUNDS[0][0])),
            y: Float64Array.from(values.subarray(middle, middle + size), (value) => value / n),
          })),
        },
      ],
    };
  },
};
