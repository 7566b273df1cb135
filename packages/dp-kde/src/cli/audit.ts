import { type Command, command } from '@x/cli';
import { ADJACENCIES } from '../design.ts';
import { MECHANISMS, PrivacyBudget } from '../index.ts';
import { auditBlackBox, auditNoiseLaw, auditSensitivity } from '../testing.ts';
import { BUDGET, budgetOf } from './oracle.ts';

export const audit: Command = command({
  description:
    'Tries to refute what a mechanism promises: all neighbours on a small grid, the laws of its noise, and many builds of two neighbours.',
  options: {
    ...BUDGET,
    mechanism: { type: 'text', choices: MECHANISMS, default: 'midpoint', help: 'the mechanism' },
    adjacency: {
      type: 'text',
      choices: ADJACENCIES,
      default: 'add-remove',
      help: 'which data sets are neighbours; builds are tried for add-remove',
    },
    builds: { type: 'integer', default: 20_000, min: 100, help: 'builds of either neighbour' },
  },
  examples: [{ text: 'The default mechanism:', command: 'dp-kde audit --mechanism midpoint --epsilon 1' }],
  run({ options, progress }) {
    const { mechanism, adjacency, builds } = options;
    const budget = budgetOf(options);
    const sensitivity = auditSensitivity({ mechanism, adjacency, fractionBits: 2, budget: new PrivacyBudget(budget) });
    progress(0.1, 'laws');
    const law =
      mechanism === 'brownian' ? ({ kind: 'gaussian', parameter: 2 ** 40 } as const) : ({ kind: 'laplace', parameter: 2 ** 20 } as const);
    const noise = auditNoiseLaw(law);
    progress(0.2, 'builds');
    const box = { bounds: [[0, 1]], resolution: 8, fractionBits: 4, rows: [0.1, 0.5, 0.8], row: [0] } as const;
    const blackBox = adjacency === 'replace' ? undefined : auditBlackBox({ ...box, mechanism, budget, builds });
    const ok = sensitivity.holds && noise.holds && blackBox?.holds !== false;
    const text = [
      `sensitivity: ${verdict(sensitivity.holds)}; the largest loss of ${sensitivity.neighbours} neighbours is ${sensitivity.loss.toPrecision(6)} of ${sensitivity.allowed}`,
      `noise: ${verdict(noise.holds)}; distance ${noise.distance.toExponential(2)}, chance allows ${noise.allowed.toExponential(2)}`,
      ...(blackBox
        ? [
            `black box: ${verdict(blackBox.holds)}; ${blackBox.measure} is at least ${blackBox.atLeast.toPrecision(3)}, claimed ${blackBox.claimed.toPrecision(3)}`,
          ]
        : []),
    ];
    return { data: { sensitivity, noise, blackBox }, text: text.join('\n'), ok };
  },
});

function verdict(holds: boolean): string {
  return holds ? 'holds' : 'FAILS';
}
