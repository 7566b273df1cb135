import { philox } from '@x/linalg';
import { effort, moments, mustFail } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BudgetExceededError, PrivacyBudget, SpentBuilderError, SquaredBuilder, type SquaredOptions } from '../src/index.ts';
import { withSeededNoise } from '../src/testing.ts';
import { atMost, plus, type Rational, rational, toNumber } from './reference.ts';

const BOUNDS: [number, number][] = [
  [0, 2],
  [-5, 1],
  [10, 11],
];
const CORNER = [2, -5, 11];
const ONE = 2 ** 20;
const release = (points: ArrayLike<number>, budget: PrivacyBudget, more: Partial<SquaredOptions> = {}) =>
  withSeededNoise(1, () => new SquaredBuilder({ bounds: BOUNDS, ...more }).add(points).release(budget));

const POINT = fc.tuple(...BOUNDS.map(([low, high]) => fc.double({ min: low, max: high, noNaN: true })));

describe('Squared Euclidean distances', () => {
  const within = (rows: readonly number[][], y: readonly number[], by = 1) => {
    const exact = rows.reduce((sum, x) => sum + x.reduce((s, v, j) => s + (v - y[j]!) ** 2, 0), 0);
    const { value, stddev, biasPerRow } = release(rows.flat(), new PrivacyBudget({ rho: 1e9 })).query(y);
    expect(Math.abs(by * value - exact)).toBeLessThan(rows.length * biasPerRow + 8 * stddev);
  };
  const CASES = fc.tuple(fc.array(POINT, { minLength: 1, maxLength: 20 }), POINT);
  it('without noise they are the sums, within the stated bias', () => fc.assert(fc.property(CASES, ([rows, y]) => within(rows, y))));
  it('one part in a thousand more is seen', () => mustFail(() => fc.assert(fc.property(CASES, ([rows, y]) => within(rows, y, 1.001)))));

  it.each([
    ['add-remove', { rho: 0.01 }],
    ['replace', { rho: 0.01 }],
    ['add-remove', { epsilon: 0.1 }],
    ['replace', { epsilon: 0.1 }],
  ] as const)('%s, %j: the largest changes lose the budget, and no more; 2 % less noise is seen', (adjacency, budget) => {
    const { laws } = release([], new PrivacyBudget(budget), { adjacency }).released;
    const changes = [1, ...BOUNDS.map(() => (adjacency === 'replace' ? 2 : 1)), ...(adjacency === 'replace' ? [] : [1])].map((c) =>
      BigInt(c * ONE),
    );
    const loss = (by: number): Rational =>
      laws
        .map(
          ({ kind, parameter }, k): Rational =>
            kind === 'gaussian'
              ? { p: changes[k]! ** 2n, q: 2n * BigInt(Math.ceil(by * by * parameter)) }
              : { p: changes[k]!, q: BigInt(Math.ceil(by * parameter)) },
        )
        .reduce(plus);
    const allowed = rational('rho' in budget ? budget.rho : budget.epsilon);
    expect(atMost(loss(1), allowed)).toBe(true);
    expect(toNumber(loss(1)) / toNumber(allowed)).toBeGreaterThan(0.999);
    mustFail(() => expect(atMost(loss(0.98), allowed)).toBe(true));
  });
  it('rows change the numbers by at most what the noise is made for, those outside and NaN too', () => {
    const exact = (row: number[]) => release(row, new PrivacyBudget({ rho: 1e9 })).released.values;
    const nothing = exact([]);
    for (const row of [
      CORNER,
      [0, 1, 10],
      [9e9, -9e9, 9e9],
      [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      [1, -2, 10.5],
    ]) {
      const change = exact(row).map((value, k) => value - nothing[k]!);
      // The same seed gives the same noise, so this is the row's alone.
      for (const c of change) expect(Math.abs(c)).toBeLessThanOrEqual(ONE);
    }
  });

  it('Gaussian noise costs the price of one query in the furthest corner, and less inside', () => {
    const price = 4 * (1 + 9 + 0.25);
    const oracle = release([], new PrivacyBudget({ rho: 0.5 }));
    expect(oracle.query(CORNER).stddev / price).toBeCloseTo(1, 5);
    expect(oracle.query([1, -2, 10.5]).stddev / price).toBeLessThan(0.6);
    expect(release([], new PrivacyBudget({ rho: 0.5 }), { rowsPerUser: 3 }).query(CORNER).stddev / price).toBeCloseTo(3, 5);
  });
  it('noise is as stated', () => {
    const builds = effort(2000, 20_000);
    for (const budget of [{ rho: 0.5 }, { epsilon: 1 }]) {
      const { stddev, value, ci } = release([], new PrivacyBudget(budget)).query(CORNER);
      const half = ci(0.95)[1] - value;
      const values = withSeededNoise(2, () =>
        Float64Array.from(
          { length: builds },
          () => new SquaredBuilder({ bounds: BOUNDS }).release(new PrivacyBudget(budget)).query(CORNER).value,
        ),
      );
      expect(Math.abs(moments(values).variance / stddev ** 2 - 1)).toBeLessThan(6 * Math.sqrt(5 / builds));
      expect(Math.abs(values.filter((v) => Math.abs(v) <= half).length / builds - 0.95)).toBeLessThan(6 * Math.sqrt(0.0475 / builds));
    }
  });
  it('shards, budgets, bad input', () => {
    const rows = philox(1).fillUniform(new Float64Array(60));
    const values = (builder: SquaredBuilder) => withSeededNoise(1, () => builder.release(new PrivacyBudget({ rho: 1 })).released.values);
    const make = (points: ArrayLike<number>) => new SquaredBuilder({ bounds: BOUNDS }).add(points);
    expect(values(make(rows.subarray(0, 30)).merge(make(rows.subarray(30))))).toEqual(values(make(rows)));
    const builder = make(rows);
    const budget = new PrivacyBudget({ rho: 1 });
    builder.release(budget);
    expect(() => builder.add(rows)).toThrow(SpentBuilderError);
    expect(() => make(rows).release(budget)).toThrow(BudgetExceededError);
    expect(() => make([1])).toThrow(/3 for each row/);
    expect(() => release([], new PrivacyBudget({ rho: 1 })).query([1, 2, Number.NaN])).toThrow(/finite/);
    expect(() => new SquaredBuilder({ bounds: [] })).toThrow(/bounds/);
  });
});
