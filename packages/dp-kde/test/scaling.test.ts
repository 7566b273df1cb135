import { fitExponent, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { PrivacyBudget } from '../src/index.ts';
import { varianceOfTerms } from '../src/oracle/interval.ts';
import { lengthOf, type Mechanism, modeOf, planOf } from '../src/oracle/plan.ts';
import { design } from './modes.ts';

interface Setting {
  readonly levels?: number;
  readonly epsilon?: number;
  readonly columns?: number;
  readonly alpha?: number;
}

/** Root mean square over y of the stated deviation, which oracle.test.ts compares with that of builds. */
function deviation(mechanism: Mechanism, { levels = 10, epsilon = 1, columns = 1, alpha = 0.1 }: Setting): number {
  const one = design({ bounds: Array.from({ length: columns }, () => [0, 1]), resolution: 2 ** levels, fractionBits: 8 });
  const budget = new PrivacyBudget(mechanism === 'brownian' ? { rho: epsilon * epsilon } : { epsilon });
  const plan = planOf(one, mechanism, alpha, budget.grant(1));
  const most = one.cells * one.one;
  const blocks = plan.columns[0]!;
  const line = modeOf(mechanism, alpha).line(new Float64Array(lengthOf(blocks)), blocks, one, 0);
  let sum = 0;
  for (let i = 0; i < 37; i++) {
    const terms = line.terms(((i + 0.5) / 37) * most);
    const shared = plan.shared.map(({ law }) => ({ law, weight: (columns * one.cells) / 2 }));
    sum += columns * varianceOfTerms(terms) + varianceOfTerms(shared);
  }
  return Math.sqrt(sum / 37) / most;
}

const slope = (x: readonly number[], y: readonly number[]) => fitExponent(x, y).slope;
const LEVELS = [6, 8, 11, 14, 17, 20];
const overLevels = (mechanism: Mechanism) =>
  slope(
    LEVELS,
    LEVELS.map((levels) => deviation(mechanism, { levels })),
  );
const logFree = (mechanism: Mechanism) => expect(Math.abs(overLevels(mechanism))).toBeLessThan(0.1);

describe('Property 5: how errors grow', () => {
  it.each(['midpoint', 'brownian'] as const)('%s: not with the number of cells', (mechanism) => logFree(mechanism));
  it('fails for the paper tree under the name of midpoint', () => mustFail(() => logFree('tree-paper')));
  it('tree-paper: as the 1.5th power of the logarithm of the number of cells', () => {
    expect(overLevels('tree-paper')).toBeGreaterThan(1.35);
    expect(overLevels('tree-paper')).toBeLessThan(1.65);
  });
  it('inversely with epsilon', () => {
    const epsilons = [0.01, 0.1, 1];
    for (const mechanism of ['midpoint', 'brownian', 'tree-paper', 'tree-backurs'] as const) {
      expect(
        Math.abs(
          slope(
            epsilons,
            epsilons.map((epsilon) => deviation(mechanism, { epsilon })),
          ) + 1,
        ),
      ).toBeLessThan(0.05);
    }
  });
  it('with the 1.5th power of the number of columns for pure noise, linearly for Gaussian', () => {
    const columns = [1, 4, 16, 64];
    const over = (mechanism: Mechanism) =>
      slope(
        columns,
        columns.map((d) => deviation(mechanism, { columns: d, levels: 8 })),
      );
    expect(Math.abs(over('midpoint') - 1.5)).toBeLessThan(0.1);
    expect(Math.abs(over('brownian') - 1)).toBeLessThan(0.05);
  });
  it('tree-backurs: inversely with the root of alpha', () => {
    const alphas = [0.4, 0.2, 0.1, 0.05];
    expect(
      Math.abs(
        slope(
          alphas,
          alphas.map((alpha) => deviation('tree-backurs', { alpha, levels: 16 })),
        ) + 0.5,
      ),
    ).toBeLessThan(0.1);
  });
});
