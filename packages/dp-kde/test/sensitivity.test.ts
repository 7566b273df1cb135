import { mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import type { Adjacency, Design } from '../src/design.ts';
import { PrivacyBudget } from '../src/index.ts';
import { levelScales, midpoint, sensitivity } from '../src/modes/midpoint.ts';
import type { Block, Mode, Privacy } from '../src/modes/mode.ts';
import { type Mechanism, modeOf, planOf } from '../src/oracle/plan.ts';
import { design, featuresOf } from './modes.ts';
import { atMost, plus, type Rational, rational, toNumber } from './reference.ts';

interface Case {
  readonly mechanism: Mechanism;
  readonly adjacency: Adjacency;
  readonly privacy: Privacy;
}

const CASES: Case[] = (['add-remove', 'replace'] as const).flatMap((adjacency) =>
  (['midpoint', 'brownian', 'tree-paper', 'tree-backurs'] as const).flatMap((mechanism) => {
    const laplace = { mechanism, adjacency, privacy: { kind: 'laplace', epsilon: 0.01 } } as const;
    const gaussian = { mechanism, adjacency, privacy: { kind: 'gaussian', rho: 0.0001 } } as const;
    return mechanism === 'midpoint' ? [laplace] : mechanism === 'brownian' ? [gaussian] : [laplace, gaussian];
  }),
);

/** Privacy loss of a change: sum |change| / b, or sum change^2 / (2 sigma^2), as a fraction of whole numbers. */
function loss(change: ArrayLike<number>, blocks: readonly Block[]): Rational {
  let total: Rational = { p: 0n, q: 1n };
  let i = 0;
  for (const { length, law } of blocks) {
    let sum = 0n;
    for (const end = i + length; i < end; i++) {
      const c = BigInt(change[i] as number);
      sum += law.kind === 'gaussian' ? c * c : c < 0n ? -c : c;
    }
    total = plus(total, { p: sum, q: BigInt(law.parameter) * (law.kind === 'gaussian' ? 2n : 1n) });
  }
  return total;
}

const difference = (a: Float64Array, b: Float64Array) => a.map((value, i) => value - (b[i] as number));

/** The largest loss over all neighbours of some rows, every position of the grid (and outside it) being tried. */
function worst(mode: Mode, blocks: readonly Block[], one: Design, privacy: Privacy): Rational {
  const places = [-1, 2, Number.NaN, ...Array.from({ length: one.cells * one.one + 1 }, (_, u) => u / (one.cells * one.one))];
  const others = [0.2, 0.2, 0.77];
  const features = (rows: readonly number[]) => featuresOf(mode, rows, one, privacy);
  // Brownian's slopes count rows against the total, which under `replace` does not change.
  let most: Rational = { p: 0n, q: 1n };
  const consider = (change: Float64Array) => {
    const found = loss(change, blocks);
    if (!atMost(found, most)) most = found;
  };
  if (one.adjacency === 'add-remove') {
    const without = features(others);
    for (const x of places) consider(difference(features([...others, x]), without));
    return most;
  }
  const all = places.map((x) => features([...others, x]));
  for (const [i, a] of all.entries()) for (const b of all.slice(0, i)) consider(difference(a, b));
  return most;
}

function budgetOf(privacy: Privacy): Rational {
  return rational(privacy.kind === 'laplace' ? privacy.epsilon : privacy.rho);
}

/** Tight: at least 0.99 of the budget, so that neither privacy nor accuracy is given away. */
function audit(
  { mechanism, adjacency, privacy }: Case,
  levels: number,
  blocksOf = (blocks: readonly Block[]): readonly Block[] => blocks,
  least = 0.99,
): void {
  const one = design({ resolution: 2 ** levels, fractionBits: adjacency === 'replace' ? 2 : 3, adjacency });
  const mode = modeOf(mechanism, 0.1);
  const found = worst(mode, blocksOf(mode.blocks(one, privacy)), one, privacy);
  expect(atMost(found, budgetOf(privacy))).toBe(true);
  expect(toNumber(found) / toNumber(budgetOf(privacy))).toBeGreaterThanOrEqual(least);
}

const scaled = (by: number) => (blocks: readonly Block[]) =>
  blocks.map(({ length, law }) => ({ length, law: { ...law, parameter: Math.ceil(by * law.parameter) } }));

describe('Property 2: the loss of every neighbour, in whole numbers', () => {
  it.each(CASES)('$mechanism, $adjacency, $privacy.kind: at most the budget, and at least 0.99 of it', (one) => {
    // No two rows move both counts and sums of the paper's tree the most.
    const least = one.mechanism === 'tree-paper' && one.adjacency === 'replace' ? 0.85 : 0.99;
    for (const levels of [1, 2, 3, 4]) audit(one, levels, undefined, least);
  });
  it.each(CASES)('$mechanism, $adjacency, $privacy.kind: 3 % less noise is seen', (one) => {
    const loose = one.mechanism === 'tree-paper' && one.adjacency === 'replace';
    mustFail(() => audit(one, 3, scaled(loose ? 0.8 : 0.97), 0));
  });
  it('3 % more noise is seen', () => {
    mustFail(() => audit(CASES[0]!, 3, scaled(1.03)));
    mustFail(() => audit(CASES[1]!, 3, scaled(1.03)));
  });

  it('fails for a level that is missing in the number of levels', () => {
    const paper = CASES.find(({ mechanism, adjacency }) => mechanism === 'tree-paper' && adjacency === 'add-remove')!;
    mustFail(() => audit(paper, 3, scaled(3 / 4), 0));
  });
  it.each([1, 3, 5])('fails for the sum of tents truncated at R / 3 (%d levels)', (levels) => {
    const at = (x: number) => {
      let sum = 1;
      let part = x;
      for (const b of levelScales({ levels, adjacency: 'add-remove' })) {
        sum += (0.5 - Math.abs(part - 0.5)) * (1 / b) * widthOf(b);
        part = (2 * part) % 1;
      }
      return sum;
    };
    // Widths fall by half where scales fall by 2^(1/3).
    const widthOf = (b: number) => (b / 0.745) ** 3;
    const cells = 2 ** levels;
    const truncated = at(1 / 3) / (sensitivity({ levels, cells, adjacency: 'add-remove' }) / cells);
    expect(truncated).toBeLessThan(1);
    mustFail(() => audit(CASES[0]!, levels, scaled(truncated), 0));
  });
  it('fails for pure noise of the wrong adjacency', () => {
    const replace = CASES.find(({ mechanism, adjacency }) => mechanism === 'midpoint' && adjacency === 'replace')!;
    const one = (adjacency: Adjacency) => design({ resolution: 8, fractionBits: 2, adjacency });
    const wrong = midpoint.blocks(one('add-remove'), replace.privacy);
    // Without F(R), which add-remove has: only the scales are those of the other adjacency, made for its ends and levels.
    const used = [{ length: 1, law: wrong[0]!.law }, ...wrong.slice(1)];
    mustFail(() => audit(replace, 3, () => used));
  });
  it('fails for ends that forget F(R) when rows are added or removed', () => {
    mustFail(() =>
      audit(
        CASES[0]!,
        3,
        ([ends, ...rest]) => [{ length: 1, law: ends!.law }, { length: 1, law: { kind: 'laplace', parameter: 1 } }, ...rest],
        0,
      ),
    );
  });
  it('fails for `replace` without its factor in the slopes', () => {
    const one = CASES.find(({ mechanism, adjacency }) => mechanism === 'brownian' && adjacency === 'replace')!;
    mustFail(() => audit(one, 3, scaled(1 / 2), 0));
  });
  it('fails for outliers that are not clamped', () => {
    const one = design({ resolution: 8, fractionBits: 3 });
    const privacy: Privacy = { kind: 'laplace', epsilon: 0.01 };
    const blocks = midpoint.blocks(one, privacy);
    const change = featuresOf(midpoint, [1], one, privacy);
    change[0] = 2 * change[0]!;
    mustFail(() => expect(atMost(loss(change, blocks), budgetOf(privacy))).toBe(true));
  });

  it('rowsPerUser multiplies every sensitivity', () => {
    for (const { mechanism, privacy, adjacency } of CASES) {
      const one = design({ resolution: 8, adjacency });
      const three = design({ resolution: 8, adjacency, rowsPerUser: 3 });
      const mode = modeOf(mechanism, 0.1);
      const [a, b] = [mode.blocks(one, privacy), mode.blocks(three, privacy)];
      for (const [i, { law }] of a.entries()) {
        expect(b[i]!.law.parameter / law.parameter).toBeCloseTo(privacy.kind === 'laplace' ? 3 : 9, 3);
      }
    }
  });

  it('columns and the shared number of rows together stay within the budget', () => {
    const bounds = [
      [0, 1],
      [0, 4],
      [-5, 5],
    ] as const;
    for (const adjacency of ['add-remove', 'replace'] as const) {
      const one = design({ bounds, resolution: 16, adjacency });
      const budget = new PrivacyBudget({ rho: 0.01 });
      const plan = planOf(one, 'brownian', 0, budget.grant(1));
      // The change of all slopes of a column is one in size, or twice that; the number of rows changes by one.
      const parts = [
        ...plan.shared.map(({ law }) => ({ p: BigInt(one.one) ** 2n, q: 2n * BigInt(law.parameter) })),
        ...plan.columns.map(([block]) => ({
          p: BigInt(one.cells) * BigInt(one.one) ** 2n * (adjacency === 'replace' ? 4n : 1n),
          q: 2n * BigInt(block!.law.parameter),
        })),
      ];
      const total = parts.reduce(plus);
      expect(atMost(total, rational(0.01))).toBe(true);
      expect(toNumber(total) / 0.01).toBeGreaterThan(0.9999);
      const pure = planOf(one, 'midpoint', 0, new PrivacyBudget({ epsilon: 0.1 }).grant(1));
      const spent = pure.columns.map((blocks) => (sensitivity(one) * one.one) / blocks[0]!.law.parameter).reduce((a, b) => a + b, 0);
      expect(spent).toBeLessThanOrEqual(0.1);
      expect(spent).toBeGreaterThan(0.0999);
    }
  });
});

describe('Theorem 1: constants of midpoint', () => {
  it('sensitivity over the range: 2.209 for deep trees under add-remove, 1.863 under replace', () => {
    const [add, replace] = (['add-remove', 'replace'] as const).map(
      (adjacency) => sensitivity({ levels: 16, cells: 2 ** 16, adjacency }) / 2 ** 16,
    );
    expect(add).toBeCloseTo(1 + 2.7024 / (3 * 0.745), 2);
    expect(replace).toBeCloseTo(1.86324, 2);
  });
});
