import { mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { BudgetExceededError, PrivacyBudget, zcdpDelta, zcdpRho } from '../src/index.ts';

/** sigma of a Gaussian with sensitivity 1, as tabled for Canonne, Kamath and Steinke's conversion. */
const TABLE = [
  [0.1, 1e-6, 39.46],
  [0.5, 1e-6, 8.677],
  [1, 1e-6, 4.531],
  [2, 1e-6, 2.382],
  [4, 1e-6, 1.268],
  [8, 1e-6, 0.689],
  [1, 1e-9, 5.779],
] as const;

const sigma = (rho: number) => 1 / Math.sqrt(2 * rho);
const near = (value: number, wanted: number, relative: number) => expect(Math.abs(value / wanted - 1)).toBeLessThan(relative);

describe('zCDP', () => {
  it.each(TABLE)('(%d, %d) needs sigma = %d', (epsilon, delta, wanted) => near(sigma(zcdpRho(epsilon, delta)), wanted, 8e-4));
  it('fails for the textbook conversion', () => {
    const textbook = (epsilon: number, delta: number) => (Math.sqrt(Math.log(1 / delta) + epsilon) - Math.sqrt(Math.log(1 / delta))) ** 2;
    mustFail(() => near(sigma(textbook(1, 1e-6)), 4.531, 8e-4));
  });
  it('delta is that of a fine grid of orders, never less', () => {
    for (const [rho, epsilon] of [
      [0.02436, 1],
      [0.5, 3],
      [2, 1],
      [1e-4, 0.05],
    ] as const) {
      let least = Number.POSITIVE_INFINITY;
      for (let x = -9; x < 9; x += 1e-4) {
        const a = 1 + Math.exp(x);
        least = Math.min(least, (a - 1) * (a * rho - epsilon) - Math.log(a - 1) + a * Math.log1p(-1 / a));
      }
      near(zcdpDelta(rho, epsilon), Math.min(1, Math.exp(least)), 1e-6);
    }
  });
  it('rho of delta of rho: the round trip is on the safe side', () => {
    for (const [epsilon, delta] of TABLE) {
      const rho = zcdpRho(epsilon, delta);
      expect(zcdpDelta(rho, epsilon)).toBeLessThanOrEqual(delta);
      expect(zcdpDelta(rho * 1.001, epsilon)).toBeGreaterThan(delta);
    }
  });
});

describe('PrivacyBudget', () => {
  it('adds shares exactly, and refuses more', () => {
    const budget = new PrivacyBudget({ epsilon: 1 });
    for (let i = 0; i < 10; i++) budget.debit(0.1, `query ${i}`);
    expect(budget.remaining).toBeLessThan(1e-11);
    expect(() => budget.debit(1e-6, 'one more')).toThrow(BudgetExceededError);
    expect(budget.entries).toHaveLength(10);
  });
  it('an error does not spend', () => {
    const budget = new PrivacyBudget({ rho: 1 });
    budget.debit(0.75, 'a');
    try {
      budget.debit(0.5, 'b');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ name: 'BudgetExceededError', asked: 0.5, remaining: 0.25 });
    }
    expect(budget.remaining).toBe(0.25);
  });
  it('grants: pure budgets epsilon, zCDP budgets rho and the epsilon that it implies', () => {
    expect(new PrivacyBudget({ epsilon: 2 }).grant(0.25)).toEqual({ share: 0.25, parallel: false, epsilon: 0.5 });
    const { epsilon, rho } = new PrivacyBudget({ rho: 0.5 }).grant(1);
    expect([rho, epsilon]).toEqual([0.5, expect.closeTo(1, 12)]);
    expect((epsilon as number) ** 2 / 2).toBeLessThanOrEqual(0.5);
  });
  it('an approximate budget is purely epsilon-private only as a whole', () => {
    const budget = new PrivacyBudget({ epsilon: 1, delta: 1e-6 });
    expect(budget.grant(1).epsilon).toBe(1);
    const half = budget.grant(0.5);
    // Two halves compose to the rho of the whole, which pure halves of epsilon would exceed.
    expect((half.epsilon as number) ** 2).toBeLessThanOrEqual(budget.rho as number);
  });
  it('parallel parts cost their share once', () => {
    const budget = new PrivacyBudget({ epsilon: 1 });
    const parts = budget.parallel(10, 0.5);
    expect([parts.length, budget.remaining]).toEqual([10, 0.5]);
    for (const part of parts) expect(part.debit(1, 'class')).toMatchObject({ epsilon: 0.5, parallel: true });
    expect(new PrivacyBudget({ epsilon: 1, delta: 1e-6 }).parallel(2, 1)[0]).toMatchObject({ epsilon: 1, delta: 1e-6 });
    expect(new PrivacyBudget({ rho: 1 }).parallel(2, 0.5)[0]).toMatchObject({ rho: 0.5 });
  });
  it.each([
    [{}],
    [{ epsilon: 0 }],
    [{ epsilon: -1 }],
    [{ epsilon: Number.NaN }],
    [{ epsilon: 1, delta: 0 }],
    [{ epsilon: 1, delta: 1 }],
    [{ rho: 0 }],
    [{ epsilon: 1, rho: 1 }],
  ])('refuses %j', (options) => expect(() => new PrivacyBudget(options as never)).toThrow(/PrivacyBudget/));
  it.each([0, -1, 1.5, Number.NaN, '1' as never])('refuses a share of %s', (share) =>
    expect(() => new PrivacyBudget({ epsilon: 1 }).debit(share, 'x')).toThrow(/share/),
  );
});
