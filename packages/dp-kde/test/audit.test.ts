import { philox } from '@x/linalg';
import { mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { DistanceBuilder, MECHANISMS, PrivacyBudget } from '../src/index.ts';
import type { Law } from '../src/noise/law.ts';
import { NoiseSampler } from '../src/noise/sampler.ts';
import { systemBits } from '../src/noise/source.ts';
import { auditBlackBox, auditNoiseLaw, auditSensitivity, withSeededNoise } from '../src/testing.ts';

const budgetFor = (mechanism: string) => (mechanism === 'brownian' ? { rho: 0.001 } : { epsilon: 0.1 });
const scaled = (by: number) => (blocks: readonly { length: number; law: Law }[]) =>
  blocks.map(({ length, law }) => ({ length, law: { ...law, parameter: Math.ceil(law.parameter * by) } }));

describe('auditSensitivity', () => {
  for (const mechanism of MECHANISMS) {
    for (const adjacency of ['add-remove', 'replace'] as const) {
      const run = (by = 1) =>
        auditSensitivity({
          mechanism,
          adjacency,
          resolution: 16,
          fractionBits: 2,
          budget: new PrivacyBudget(budgetFor(mechanism)),
          mutate: (plan) => ({ ...plan, shared: scaled(by)(plan.shared), columns: plan.columns.map(scaled(by)) }),
        });
      it(`${mechanism}, ${adjacency}: holds, and is used up`, () => {
        const { loss, allowed, holds, neighbours } = run();
        expect(holds).toBe(true);
        expect(loss / allowed).toBeGreaterThan(mechanism === 'tree-paper' && adjacency === 'replace' ? 0.85 : 0.99);
        expect(neighbours).toBe(adjacency === 'replace' ? (64 * 65) / 2 : 65);
      });
      it(`${mechanism}, ${adjacency}: less noise is found out`, () => mustFail(() => expect(run(0.84).holds).toBe(true)));
    }
  }
  it('refuses grids that it cannot enumerate', () => {
    expect(() => auditSensitivity({ mechanism: 'midpoint', resolution: 4096, budget: new PrivacyBudget({ epsilon: 1 }) })).toThrow(
      /at most 16384/,
    );
  });
});

describe('auditNoiseLaw', () => {
  const laws: Law[] = [
    { kind: 'laplace', parameter: 3 },
    { kind: 'laplace', parameter: 2 ** 30 },
    { kind: 'gaussian', parameter: 40 },
    { kind: 'gaussian', parameter: 2 ** 60 },
  ];
  it.each(laws)('$kind $parameter from the system: holds', (law) => expect(auditNoiseLaw(law)).toMatchObject({ holds: true }));
  it('5 % in the scale, and rounded floating-point noise of the wrong kind, are found out', () => {
    const sampler = new NoiseSampler(systemBits());
    mustFail(() => expect(auditNoiseLaw({ kind: 'laplace', parameter: 100 }, { draw: () => sampler.laplace(95) }).holds).toBe(true));
    mustFail(() => expect(auditNoiseLaw({ kind: 'gaussian', parameter: 10_000 }, { draw: () => sampler.gaussian(9025) }).holds).toBe(true));
    const rng = philox(1);
    const float = () => -100 * Math.log(1 - rng.uniform()) * (rng.uniform() < 0.5 ? -1 : 1);
    mustFail(() => expect(auditNoiseLaw({ kind: 'laplace', parameter: 100 }, { draw: float }).holds).toBe(true));
  });
});

describe('Property 8: auditBlackBox', () => {
  const common = { bounds: [[0, 1]], resolution: 8, fractionBits: 4, rows: [0.1, 0.5, 0.8, 0.8], builds: 20_000 } as const;
  /** The same mechanism with `by` times the noise, under the claim of the right one. */
  const broken = (mechanism: 'midpoint' | 'brownian', by: number) =>
    withSeededNoise(8, () => {
      const claim = mechanism === 'midpoint' ? { epsilon: 1 } : { rho: 0.5 };
      const weak = mechanism === 'midpoint' ? { epsilon: 1 / by } : { rho: 0.5 / by ** 2 };
      const release = (points: ArrayLike<number>) => numbersOf(mechanism, points, weak);
      return auditBlackBox({ ...common, mechanism, row: [mechanism === 'midpoint' ? 0 : 0.3], budget: claim, release });
    });
  it('midpoint and brownian hold', () => {
    for (const mechanism of ['midpoint', 'brownian'] as const) {
      const { holds, atLeast, claimed } = broken(mechanism, 1);
      expect(holds).toBe(true);
      // It sees a good part of the truth, so it can see too much as well.
      expect(atLeast).toBeGreaterThan(0.2 * claimed);
    }
  });
  it('midpoint with a quarter of the noise, brownian with 0.9 of it, are found out', () => {
    mustFail(() => expect(broken('midpoint', 0.25).holds).toBe(true));
    mustFail(() => expect(broken('brownian', 0.9).holds).toBe(true));
  });
});

function numbersOf(
  mechanism: 'midpoint' | 'brownian',
  points: ArrayLike<number>,
  budget: { epsilon: number } | { rho: number },
): Float64Array {
  const builder = new DistanceBuilder({ bounds: [[0, 1]], resolution: 8, fractionBits: 4, mechanism });
  const { shared, columns } = builder.add(points).release(new PrivacyBudget(budget)).releases[0]!;
  return Float64Array.from([...shared, ...columns[0]!]);
}
