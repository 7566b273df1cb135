import { DistanceBuilder, PrivacyBudget } from '@x/dp-kde';
import { auditBlackBox, auditNoiseLaw, auditSensitivity, withSeededNoise } from '@x/dp-kde/testing';
import type { Experiment } from '@x/report/experiment';

const BOX = { bounds: [[0, 1]], resolution: 8, fractionBits: 4, mechanism: 'midpoint' } as const;

export const experiment: Experiment = {
  id: 'audits',
  claim:
    'The audits pass the mechanisms, and find out builds with too little noise: enumeration from 1 % on, the law of noise from 5 %, the black box at a quarter of the noise',
  source: 'own derivation; black-box test by likelihood ratios with Chernoff bounds, law by Dvoretzky, Kiefer, Wolfowitz and Massart',
  inputs: [],
  async run({ quick, seed, progress }) {
    const scales = [1, 0.99, 0.7, 0.5, 0.25];
    const builds = quick ? 10_000 : 40_000;
    const rows = scales.map((scale, i) => {
      const sensitivity = auditSensitivity({
        mechanism: 'midpoint',
        fractionBits: 2,
        budget: new PrivacyBudget({ epsilon: 0.01 }),
        mutate: (plan) => ({
          ...plan,
          columns: plan.columns.map((blocks) =>
            blocks.map(({ length, law }) => ({ length, law: { ...law, parameter: Math.round(scale * law.parameter) } })),
          ),
        }),
      });
      const release = (points: ArrayLike<number>) => {
        const { columns } = new DistanceBuilder(BOX).add(points).release(new PrivacyBudget({ epsilon: 1 / scale })).releases[0]!;
        return columns[0]!;
      };
      const box = withSeededNoise(seed + i, () =>
        auditBlackBox({ ...BOX, rows: [0.1, 0.5, 0.8], row: [0], budget: { epsilon: 1 }, builds, release }),
      );
      progress((i + 1) / (scales.length + 1));
      return { scale, sensitivity, box };
    });
    const law = auditNoiseLaw({ kind: 'laplace', parameter: 1000 }, { draws: quick ? 100_000 : 400_000 });
    const honest = rows[0]!;
    const caught = rows.slice(1).every(({ sensitivity }) => !sensitivity.holds) && !rows[rows.length - 1]!.box.holds;
    return {
      measured: `right noise: loss ${(honest.sensitivity.loss / honest.sensitivity.allowed).toFixed(4)} of the budget, black box at least ${honest.box.atLeast.toPrecision(3)}; a quarter: ${rows[rows.length - 1]!.box.atLeast.toPrecision(3)} where 1 is claimed`,
      bound: 'at most 1 for right noise; more for all others by enumeration, and for a quarter by the black box',
      verdict: honest.sensitivity.holds && honest.box.holds && law.holds && caught ? 'holds' : 'failed',
      table: {
        columns: ['noise', 'largest loss over budget', 'enumeration', 'epsilon at least (black box)', 'black box'],
        rows: rows.map(({ scale, sensitivity, box }) => [
          scale,
          (sensitivity.loss / sensitivity.allowed).toFixed(4),
          sensitivity.holds ? 'holds' : 'refuted',
          box.atLeast.toPrecision(3),
          box.holds ? 'holds' : 'refuted',
        ]),
      },
    };
  },
};
