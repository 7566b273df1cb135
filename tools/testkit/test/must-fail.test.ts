import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mustFail } from '../src/index.ts';

const plus = (a: number, b: number) => a + b;
const minus = (a: number, b: number) => a - b;
const crashing = (a: number, _b: number) => (a as unknown as { missing: { deep: number } }).missing.deep;
type Op = (a: number, b: number) => number;

const commutes = (op: Op) => fc.assert(fc.property(fc.integer(), fc.integer(), (a, b) => void expect(op(a, b)).toBe(op(b, a))));
const commutesAsPredicate = (op: Op) => fc.assert(fc.property(fc.integer(), fc.integer(), (a, b) => op(a, b) === op(b, a)));
const commutesAsync = (op: Op) =>
  fc.assert(fc.asyncProperty(fc.integer(), fc.integer(), async (a, b) => void expect(op(a, b)).toBe(op(b, a))));

describe('mustFail', () => {
  it('accepts a plain assertion that fails', () => mustFail(() => expect(1).toBe(2)));
  it('accepts a property that fails by expect', () => mustFail(() => commutes(minus)));
  it('accepts a property that is false', () => mustFail(() => commutesAsPredicate(minus)));
  it('accepts an asynchronous one', () => mustFail(() => commutesAsync(minus)));
  it('accepts a matcher of this kit', () => mustFail(() => expect(100).toBeWithinBinomial(300, 0.1, 1e-6)));

  it('refuses a check that passes', async () => {
    expect(() => mustFail(() => commutes(plus))).toThrow(/cannot tell right from wrong/);
    await expect(mustFail(() => commutesAsync(plus))).rejects.toThrow(/cannot tell right from wrong/);
  });

  it('refuses a mutant that crashes, and says how', async () => {
    expect(() => mustFail(() => commutes(crashing))).toThrow(/crashed .*TypeError/);
    expect(() =>
      mustFail(() => {
        throw new RangeError('out');
      }),
    ).toThrow(/crashed .*RangeError: out/);
    await expect(mustFail(() => commutesAsync(crashing))).rejects.toThrow(/crashed .*TypeError/);
  });

  it('refuses a property that could not be tried', () => {
    expect(() => mustFail(() => fc.assert(fc.property(fc.integer(), () => fc.pre(false))))).toThrow(/crashed/);
  });

  it('does not shrink inside, and restores the settings', () => {
    const before = fc.readConfigureGlobal();
    let runs = 0;
    mustFail(() =>
      fc.assert(
        fc.property(fc.integer({ min: 1000 }), () => {
          runs++;
          return false;
        }),
      ),
    );
    expect(runs).toBe(1);
    expect(fc.readConfigureGlobal()).toEqual(before);
  });
});

describe('set-up', () => {
  it('fixes the seed of fast-check, and prints it', () => {
    expect(fc.readConfigureGlobal()?.seed).toBe(process.env.FC_SEED ? Number(process.env.FC_SEED) : 20_261_124);
    expect(() => commutes(minus)).toThrow(/seed: \d+/);
  });
});
