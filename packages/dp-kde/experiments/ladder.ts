import { DistanceBuilder, type Mechanism, PrivacyBudget } from '@x/dp-kde';
import { withSeededNoise } from '@x/dp-kde/testing';
import { philox } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';
import { rootMeanSquare, Truth } from '../test/truth.ts';

const RUNGS: readonly (readonly [label: string, mechanism: Mechanism, alpha: number])[] = [
  ['tree-backurs, alpha = 0.1', 'tree-backurs', 0.1],
  ['tree-backurs, alpha = 0.01', 'tree-backurs', 0.01],
  ['tree-paper', 'tree-paper', 0.1],
  ['midpoint', 'midpoint', 0.1],
  ['brownian, delta = 1e-6', 'brownian', 0.1],
];

export const experiment: Experiment = {
  id: 'ladder',
  claim:
    'At epsilon = 1 the error of midpoint is at least 80 times below that of the paper tree at n = 1e6 (one cell a row) and does not grow with n, where those of the trees grow as log^1.5 n; brownian at d columns stays at the price of one query, d R sigma',
  source:
    'own derivation, README theorems 1 and 2; Liu, Hu, Reneau, Song, Liu 2024, arXiv 2409.01688; Backurs et al. 2024, arXiv 2403.08917',
  inputs: [],
  async run({ quick, seed, progress }) {
    const sizes = (quick ? [8, 12] : [8, 11, 14, 17, 20]).map((levels) => 2 ** levels);
    const errors = RUNGS.map((): number[] => []);
    /** Root mean squares of the deviations that the oracles state. */
    const stated = RUNGS.map((): number[] => []);
    for (const [s, n] of sizes.entries()) {
      const rows = philox(seed, s).fillUniform(new Float64Array(n));
      const truth = new Truth(rows);
      const ys = philox(seed, 100 + s).fillUniform(new Float64Array(100));
      for (const [r, [, mechanism, alpha]] of RUNGS.entries()) {
        // Errors of one build depend on each other: their root mean square needs many builds.
        const builds = n > 2 ** 14 ? 3 : 16;
        let deviation = 0;
        const found = withSeededNoise(seed + r, () =>
          Array.from({ length: builds }, () => {
            const builder = new DistanceBuilder({ bounds: [[0, 1]], resolution: n, fractionBits: 8, mechanism, alpha }).add(rows);
            const oracle = builder.release(new PrivacyBudget(mechanism === 'brownian' ? { epsilon: 1, delta: 1e-6 } : { epsilon: 1 }));
            deviation = rootMeanSquare([...ys].map((y) => oracle.query([y]).stddev));
            const values = oracle.queryBatch(ys);
            return [...values].map((value, i) => value - truth.at(ys[i] as number));
          }).flat(),
        );
        errors[r]!.push(rootMeanSquare(found));
        stated[r]!.push(deviation);
        progress((s + r / RUNGS.length) / sizes.length, `n = ${n}`);
      }
    }
    const last = sizes.length - 1;
    const ratio = stated[2]![last]! / stated[3]![last]!;
    const growth = stated[3]![last]! / stated[3]![0]!;
    // Noise alone makes the errors of all but the older tree, which counts rows too near.
    const agreement = [2, 3, 4].flatMap((r) => sizes.map((_, s) => errors[r]![s]! / stated[r]![s]!));
    const columns = quick ? [1, 4] : [1, 4, 16, 64];
    const priceOfOne = columns.map((d) => {
      const oracle = withSeededNoise(seed, () =>
        new DistanceBuilder({ bounds: Array.from({ length: d }, () => [0, 1] as const), resolution: 256, mechanism: 'brownian' }).release(
          new PrivacyBudget({ rho: 0.5 }),
        ),
      );
      return oracle.query(new Float64Array(d).fill(0.3)).stddev / d;
    });
    const least = quick ? 35 : 80;
    const holds =
      ratio >= least &&
      growth < 1.1 &&
      growth > 0.9 &&
      agreement.every((a) => a > 0.4 && a < 2.5) &&
      priceOfOne.every((price) => Math.abs(price - 1) < 0.02);
    return {
      measured: `deviations: paper tree ${stated[2]![last]!.toPrecision(3)} R, midpoint ${stated[3]![last]!.toPrecision(3)} R: ${ratio.toPrecision(3)} times; errors are within ${Math.max(...agreement.map((a) => Math.max(a, 1 / a))).toPrecision(2)} of the deviations; midpoint grows by ${growth.toPrecision(2)} from n = ${sizes[0]} to ${sizes[last]}; brownian costs ${priceOfOne.map((p) => p.toFixed(4)).join(', ')} at d = ${columns.join(', ')}`,
      bound: `${least} times; a factor of 2.5; between 0.9 and 1.1; 1 within 2 %`,
      verdict: holds ? 'holds' : 'failed',
      table: {
        columns: ['n = cells', ...RUNGS.map(([label]) => label)],
        rows: sizes.map((n, s) => [n, ...errors.map((e) => e[s]!.toPrecision(3))]),
      },
      plots: [
        {
          title: 'Root mean square error over R at epsilon = 1',
          x: { label: 'n', scale: 'log' },
          y: { label: 'error / R', scale: 'log' },
          series: RUNGS.map(([label], r) => ({ label, kind: 'line' as const, x: sizes, y: errors[r]! })),
        },
      ],
    };
  },
};
