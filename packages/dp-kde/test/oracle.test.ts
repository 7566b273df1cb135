import { inspect } from 'node:util';
import { philox } from '@x/linalg';
import { effort, moments, mustFail } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  addShares,
  BudgetExceededError,
  type BuilderOptions,
  DistanceBuilder,
  DistanceOracle,
  MECHANISMS,
  PrivacyBudget,
  SpentBuilderError,
  TooManyRowsError,
} from '../src/index.ts';
import { withSeededNoise } from '../src/testing.ts';
import { fuzz } from './fuzz.ts';
import { clamped, distanceSum } from './reference.ts';

const PURE = { epsilon: 1 };
const BOUNDS = [
  [0, 1],
  [-10, 30],
] as const;

const options = (more: Partial<BuilderOptions> = {}): BuilderOptions => ({ bounds: BOUNDS, resolution: 64, ...more });

function rows(n: number, seed = 1): Float64Array {
  const rng = philox(seed);
  return Float64Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? rng.uniform() : 40 * rng.uniform() - 10));
}

const budgetFor = (mechanism: string, scale = 1) => new PrivacyBudget(mechanism === 'brownian' ? { rho: scale } : { epsilon: scale });

function seeded(seed: number, points: ArrayLike<number>, more: Partial<BuilderOptions> = {}, budget?: PrivacyBudget): DistanceOracle {
  return withSeededNoise(seed, () =>
    new DistanceBuilder(options(more)).add(points).release(budget ?? budgetFor(more.mechanism ?? 'midpoint')),
  );
}

describe('release', () => {
  it.each(MECHANISMS)('%s: with a large budget the answers are the sums', (mechanism) => {
    const points = rows(200);
    const oracle = seeded(1, points, { mechanism, alpha: 0.01 }, budgetFor(mechanism, 1e8));
    const table = clamped(points, BOUNDS);
    for (const y of [
      [0.3, 4],
      [0, -10],
      [1, 30],
      [-1, 55],
    ]) {
      const answer = oracle.query(y);
      const F = distanceSum(table, y);
      expect(F).toBeLessThanOrEqual(answer.factor * answer.value + answer.bias[0] + 10 * answer.stddev);
      expect(answer.value).toBeLessThanOrEqual(F + answer.bias[1] + 10 * answer.stddev);
      expect(answer.stddev).toBeLessThan(1);
    }
    expect(oracle.rows.value).toBeCloseTo(200, 0);
  });
  it('debits before it draws, once, and only what is there', () => {
    const budget = new PrivacyBudget(PURE);
    new DistanceBuilder(options()).add(rows(3)).release(budget, { share: 0.75 });
    expect(budget.remaining).toBe(0.25);
    const builder = new DistanceBuilder(options()).add(rows(3));
    expect(() => builder.release(budget, { share: 0.5 })).toThrow(BudgetExceededError);
    expect(budget.remaining).toBe(0.25);
    builder.release(budget, { share: 0.25 });
    expect(budget.remaining).toBe(0);
  });
  it('a failure after the debit spends, and the builder dies', () => {
    const budget = new PrivacyBudget(PURE);
    const builder = new DistanceBuilder(options()).add(rows(3));
    vi.spyOn(crypto, 'getRandomValues').mockImplementationOnce(() => {
      throw new Error('no entropy');
    });
    expect(() => builder.release(budget)).toThrow('no entropy');
    vi.restoreAllMocks();
    expect(budget.remaining).toBe(0);
    expect(() => builder.add(rows(1))).toThrow(SpentBuilderError);
  });
  it('is one-shot', () => {
    const builder = new DistanceBuilder(options()).add(rows(3));
    builder.release(new PrivacyBudget(PURE));
    expect(() => builder.release(new PrivacyBudget(PURE))).toThrow(SpentBuilderError);
    expect(() => builder.add(rows(1))).toThrow(SpentBuilderError);
  });
  it('Gaussian noise needs a budget that allows it; parallel parts need add-remove', () => {
    const builder = new DistanceBuilder(options({ mechanism: 'brownian' }));
    expect(() => builder.release(new PrivacyBudget(PURE))).toThrow(/Gaussian/);
    const [part] = new PrivacyBudget(PURE).parallel(2, 1);
    expect(() => new DistanceBuilder(options({ adjacency: 'replace' })).release(part!)).toThrow(/parallel/);
    new DistanceBuilder(options()).release(part!);
  });
  it('auto: midpoint for one column, brownian from two on; pure also at two under replace (closed forms at (1, 1e-6))', () => {
    const chosen = (d: number, adjacency: 'add-remove' | 'replace', delta = 1e-6) => {
      const builder = new DistanceBuilder({ bounds: Array.from({ length: d }, () => [0, 1]), adjacency, resolution: 256 });
      return builder.release(new PrivacyBudget({ epsilon: 1, delta })).privacy[0]!.mechanism;
    };
    expect([1, 2, 3].map((d) => chosen(d, 'add-remove'))).toEqual(['midpoint', 'brownian', 'brownian']);
    expect([1, 2, 3].map((d) => chosen(d, 'replace'))).toEqual(['midpoint', 'midpoint', 'brownian']);
    expect([2, 3].map((d) => chosen(d, 'add-remove', 1e-9))).toEqual(['midpoint', 'brownian']);
    expect(new DistanceBuilder(options()).release(new PrivacyBudget({ rho: 0.1 })).privacy[0]).toMatchObject({
      mechanism: 'brownian',
      rho: 0.1,
    });
  });
  it('refuses more rows than can be summed exactly, and adds nothing then', () => {
    const builder = new DistanceBuilder({ bounds: [[0, 1]], resolution: 2 ** 16, fractionBits: 14 });
    const most = 2 ** 22;
    builder.add(new Float64Array(most));
    expect(() => builder.add([1])).toThrow(TooManyRowsError);
  });
  it('bad rows and bad options are refused', () => {
    expect(() => new DistanceBuilder(options()).add([1, 2, 3])).toThrow(/2 for each row/);
    for (const bad of [
      { bounds: [] },
      { bounds: [[1, 1]] },
      { bounds: [[0, Number.NaN]] },
      { resolution: 100 },
      { resolution: 1 },
      { fractionBits: 30 },
      { adjacency: 'other' },
      { rowsPerUser: 0 },
      { mechanism: 'laplace' },
      { alpha: 0 },
    ]) {
      expect(() => new DistanceBuilder(options(bad as never)), JSON.stringify(bad)).toThrow(/DistanceOracle.builder: /);
    }
  });
});

describe('Properties 4 and 6: standard deviations', () => {
  const builds = effort(2000, 20_000);
  /** Noise at several points, as deviations from the answer without rows. */
  function sample(more: Partial<BuilderOptions>, budget: () => PrivacyBudget, ys: readonly (readonly number[])[]): Float64Array[] {
    const out = ys.map(() => new Float64Array(builds));
    withSeededNoise(5, () => {
      for (let b = 0; b < builds; b++) {
        const oracle = new DistanceBuilder(options({ resolution: 16, ...more })).release(budget());
        for (const [i, y] of ys.entries()) out[i]![b] = oracle.query(y).value;
      }
    });
    return out;
  }
  const YS = [
    [0, -10],
    [1, 30],
    [0.5, 3.3],
    [1 / 3, 30],
    [0.71, 0.4],
    [1.5, -20],
  ] as const;

  it.each(MECHANISMS.flatMap((mechanism) => (['add-remove', 'replace'] as const).map((adjacency) => [mechanism, adjacency] as const)))(
    '%s, %s: as stated, at the ends, between grid points and outside; and unbiased',
    (mechanism, adjacency) => {
      const more = { mechanism, adjacency };
      const samples = sample(more, () => budgetFor(mechanism), YS);
      const oracle = seeded(1, [], { resolution: 16, ...more });
      for (const [i, y] of YS.entries()) {
        const { mean, variance } = moments(samples[i]!);
        const { stddev } = oracle.query(y);
        // Kurtosis of sums of Laplace numbers is at most 6: 6 standard errors, below 1e-8 with the central limit.
        expect(Math.abs(variance / stddev ** 2 - 1)).toBeLessThan(6 * Math.sqrt(5 / builds));
        expect(Math.abs(mean)).toBeLessThan(6 * (stddev / Math.sqrt(builds)));
      }
    },
  );
  it('fails for a deviation that is 20 % off', () => {
    const [values] = sample({ mechanism: 'midpoint' }, () => new PrivacyBudget({ epsilon: 1 / 1.2 }), [YS[3]]);
    const { stddev } = seeded(1, [], { resolution: 16, mechanism: 'midpoint' }).query(YS[3]);
    mustFail(() => expect(Math.abs(moments(values!).variance / stddev ** 2 - 1)).toBeLessThan(6 * Math.sqrt(5 / builds)));
  });

  const worst = (oracle: DistanceOracle) => Math.max(...Array.from({ length: 769 }, (_, i) => oracle.query([i / 768]).stddev));
  const line = (more: Partial<BuilderOptions>, budget: PrivacyBudget) =>
    withSeededNoise(1, () => new DistanceBuilder({ bounds: [[0, 1]], resolution: 4096, ...more }).release(budget));
  it.each([
    ['midpoint', 'add-remove', 3.454],
    ['midpoint', 'replace', 3.019],
    ['brownian', 'add-remove', Math.SQRT1_2],
    ['brownian', 'replace', Math.SQRT1_2],
  ] as const)('%s, %s: the worst deviation is within one part in 50 of %d, on both sides', (mechanism, adjacency, closed) => {
    const found = worst(line({ mechanism, adjacency }, budgetFor(mechanism)));
    expect(found).toBeLessThanOrEqual(1.02 * closed);
    expect(found).toBeGreaterThanOrEqual(0.98 * closed);
  });
  it('fails for the paper tree under the name of midpoint', () => {
    mustFail(() => expect(worst(line({ mechanism: 'tree-paper' }, new PrivacyBudget(PURE)))).toBeLessThanOrEqual(1.02 * 3.454));
  });
  it('brownian: the price of one query of all columns, whatever their ranges', () => {
    const bounds = [
      [0, 1],
      [0, 4],
      [3, 13],
    ] as const;
    for (const adjacency of ['add-remove', 'replace'] as const) {
      const oracle = new DistanceBuilder({ bounds, adjacency, resolution: 256 }).release(new PrivacyBudget({ rho: 0.5 }));
      for (const y of [
        [0, 0, 3],
        [1, 4, 13],
        [0.25, 1, 5.5],
      ])
        expect(oracle.query(y).stddev / 15).toBeCloseTo(1, 6);
    }
  });
});

describe('Property 7: coverage', () => {
  it.each(MECHANISMS)('%s: intervals hold the truth as often as they say', (mechanism) => {
    const builds = effort(4000, 20_000);
    const inside = [0, 0, 0];
    const ys = [
      [0, 3],
      [0.33, 17],
      [0.5, 30],
    ];
    withSeededNoise(9, () => {
      // The half-width is the same for all builds: it depends on laws alone.
      const halves = ys.map((y) => {
        const { value, ...answer } = new DistanceBuilder(options({ mechanism, resolution: 16 })).release(budgetFor(mechanism)).query(y);
        return answer.ci(0.95)[1] - value;
      });
      for (let b = 0; b < builds; b++) {
        const oracle = new DistanceBuilder(options({ mechanism, resolution: 16 })).release(budgetFor(mechanism));
        for (const [i, y] of ys.entries()) if (Math.abs(oracle.query(y).value) <= halves[i]!) inside[i]!++;
      }
    });
    // 6 standard errors of 0.95; the specification's one percent is asked for in the long test, with 20,000 builds.
    const slack = Math.max(0.01, 6 * Math.sqrt((0.95 * 0.05) / builds));
    for (const count of inside) expect(Math.abs(count / builds - 0.95)).toBeLessThan(slack);
  });
  it.each(['midpoint', 'brownian', 'tree-paper'] as const)('%s: the band holds all answers at once as often as it says', (mechanism) => {
    const builds = effort(1500, 10_000);
    let inside = 0;
    withSeededNoise(10, () => {
      const band = new DistanceBuilder(options({ mechanism, resolution: 16 })).release(budgetFor(mechanism)).band(0.95);
      const grid = (j: 0 | 1) =>
        Array.from({ length: 17 }, (_, t) => BOUNDS[j][0] + (t / 16) * (BOUNDS[j][1] - BOUNDS[j][0]) * (1 - 1e-12));
      const Y = Float64Array.from(grid(0).flatMap((a) => grid(1).flatMap((b) => [a, b])));
      for (let b = 0; b < builds; b++) {
        const oracle = new DistanceBuilder(options({ mechanism, resolution: 16 })).release(budgetFor(mechanism));
        if (oracle.queryBatch(Y).every((value) => Math.abs(value) <= band)) inside++;
      }
    });
    // Four thousand simulated paths fix the level to 0.35 %; trees jump, and are looked at on one side only.
    expect(inside / builds).toBeGreaterThan(0.95 - 0.02 - 5 * Math.sqrt(0.0475 / builds));
    expect(inside / builds).toBeLessThan(mechanism === 'tree-paper' ? 1 : 0.95 + 0.02 + 5 * Math.sqrt(0.0475 / builds));
  });
});

describe('Property 9: a query is pure', () => {
  it('the same y gives the same bits, bytes stay, and no randomness is drawn', () => {
    const oracle = new DistanceBuilder(options()).add(rows(50)).release(new PrivacyBudget(PURE));
    const before = oracle.toBytes();
    const draws = vi.spyOn(crypto, 'getRandomValues');
    const { value } = oracle.query([0.2, 7]);
    for (let i = 0; i < 2000; i++) expect(oracle.query([0.2, 7]).value).toBe(value);
    oracle.queryBatch(rows(50_000, 3));
    oracle.band();
    expect(draws).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    expect(oracle.toBytes()).toEqual(before);
  });
  it('Math.random is never asked', () => {
    const asked = vi.spyOn(Math, 'random');
    new DistanceBuilder(options()).add(rows(50)).release(new PrivacyBudget(PURE)).query([0.2, 7]);
    expect(asked).not.toHaveBeenCalled();
    mustFail(() => {
      Math.random();
      expect(asked).not.toHaveBeenCalled();
    });
    vi.restoreAllMocks();
  });
  it('fails for noise that is drawn anew for each query', () => {
    const points = rows(50);
    const fresh = (seed: number) => seeded(seed, points).query([0.2, 7]).value;
    mustFail(() => expect(fresh(1)).toBe(fresh(2)));
  });
  it.each(MECHANISMS)('%s: queryBatch gives what query gives', (mechanism) => {
    const oracle = seeded(3, rows(20), { mechanism });
    const Y = rows(300, 8).map((v) => 1.5 * v);
    const values = oracle.queryBatch(Y);
    for (let i = 0; i < 300; i++) expect(values[i]).toBe(oracle.query(Y.subarray(2 * i, 2 * i + 2)).value);
  });
  it('bad points are refused', () => {
    const oracle = seeded(3, rows(20));
    expect(() => oracle.query([1])).toThrow(/2, one for each column/);
    expect(() => oracle.query([1, Number.NaN])).toThrow(/y\[1\] is NaN/);
    expect(() => oracle.queryBatch(new Float64Array(3))).toThrow(/2 numbers for each point/);
    expect(() => oracle.queryBatch(new Float64Array(4), new Float64Array(3))).toThrow(/must have 2/);
  });
});

describe('Property 10: merging', () => {
  const bytesOf = (build: () => DistanceBuilder, mechanism: string) =>
    withSeededNoise(4, () => build().release(budgetFor(mechanism)).toBytes());
  it.each(MECHANISMS)('%s: shards in any order, empty ones too, give the features of all rows', (mechanism) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 5 }), fc.boolean(), (sizes, backwards) => {
        const shards = sizes.map((n, i) => rows(n, 100 + i));
        const order = backwards ? [...shards].reverse() : shards;
        const make = (points: ArrayLike<number>) => new DistanceBuilder(options({ mechanism })).add(points);
        const whole = bytesOf(() => make(Float64Array.from(shards.flatMap((shard) => [...shard]))), mechanism);
        const merged = bytesOf(() => order.map(make).reduce((a, b) => a.merge(b)), mechanism);
        expect(merged).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });
  it('shares of several builders, added part by part, stand for all rows; one alone says nothing', () => {
    const make = (seed: number) => new DistanceBuilder(options()).add(rows(30, seed));
    const parties = [make(1), make(2)].map((builder) => builder.exportShares(3));
    const servers = [0, 1, 2].map((s) => addShares(parties.map((shares) => shares[s]!)));
    const joined = bytesOf(() => new DistanceBuilder(options()).addFromShares(servers), 'midpoint');
    expect(joined).toEqual(bytesOf(() => make(1).merge(make(2)), 'midpoint'));
    expect(() => new DistanceBuilder(options()).addFromShares(servers.slice(1))).toThrow(/missing/);
    // Mean of 129 uniform numbers on [0, 1): 6 standard errors are 0.152.
    for (const share of parties[0]!)
      expect(Math.abs(share.reduce((a, b) => a + Number(b) / 2 ** 64, 0) / share.length - 0.5)).toBeLessThan(0.153);
  });
  it('combine: values add, and so do variances', () => {
    const parts = [1, 2, 3].map((seed) =>
      seeded(seed, rows(20, seed), { mechanism: seed === 2 ? 'midpoint' : 'brownian' }, budgetFor(seed === 2 ? '' : 'brownian')),
    );
    const all = DistanceOracle.combine(parts);
    const y = [0.4, 2];
    const sum = (of: (one: DistanceOracle) => number) => parts.reduce((total, one) => total + of(one), 0);
    expect(all.query(y).value / sum((one) => one.query(y).value)).toBeCloseTo(1, 10);
    expect(all.query(y).stddev ** 2 / sum((one) => one.query(y).stddev ** 2)).toBeCloseTo(1, 10);
    expect(DistanceOracle.fromBytes(all.toBytes()).query(y).value).toBe(all.query(y).value);
    expect(() => DistanceOracle.combine([parts[0]!, seeded(1, [], { resolution: 32 })])).toThrow(/designs/);
  });
  it('builders of different designs do not merge', () => {
    expect(() => new DistanceBuilder(options()).merge(new DistanceBuilder(options({ resolution: 32 })))).toThrow(/same design/);
  });
});

describe('Property 11: bytes', () => {
  const oracle = (mechanism: (typeof MECHANISMS)[number], n = 40) => seeded(6, rows(n), { mechanism, resolution: 8 });
  it.each(MECHANISMS)('%s: the round trip keeps answers, errors and bytes', (mechanism) => {
    for (const adjacency of ['add-remove', 'replace'] as const) {
      const one = seeded(6, rows(40), { mechanism, adjacency, resolution: 8 });
      const two = DistanceOracle.fromBytes(one.toBytes());
      for (const y of [
        [0.1, 3],
        [2, -20],
      ]) {
        const [a, b] = [one.query(y), two.query(y)];
        expect([b.value, b.stddev, b.bias, b.ci(0.9)]).toEqual([a.value, a.stddev, a.bias, a.ci(0.9)]);
      }
      expect(two.toBytes()).toEqual(one.toBytes());
      expect(two.privacy).toEqual(one.privacy);
    }
  });
  it('their number does not depend on the rows', () => {
    expect(oracle('midpoint', 0).toBytes()).toHaveLength(oracle('midpoint', 5000).toBytes().length);
  });
  it('seeded noise says so', () => {
    expect(oracle('brownian').private).toBe(false);
    expect(new TextDecoder('latin1').decode(oracle('brownian').toBytes())).toContain('NOT PRIVATE');
    const real = new DistanceBuilder(options()).release(new PrivacyBudget(PURE));
    expect(real.private).toBe(true);
    expect(new TextDecoder('latin1').decode(real.toBytes())).not.toContain('NOT PRIVATE');
    expect(DistanceOracle.fromBytes(oracle('brownian').toBytes()).private).toBe(false);
  });
  it('corrupted, cut, lengthened and random bytes are refused with a BadFileError', () => {
    fuzz(
      MECHANISMS.map((mechanism) => oracle(mechanism).toBytes()),
      (bytes) => DistanceOracle.fromBytes(bytes).toBytes(),
      effort(3000, 100_000),
    );
  });
});

describe('what is left after a release', () => {
  it('neither oracle nor builder shows rows or exact sums', () => {
    const builder = new DistanceBuilder({ bounds: [[0, 1]], resolution: 8, fractionBits: 0, mechanism: 'tree-backurs' });
    // 7919 rows in cell 2: a count that noise of scale 4 leaves alone with probability 1/8 at most.
    builder.add(new Float64Array(7919).fill(0.3));
    const oracle = withSeededNoise(3, () => builder.release(new PrivacyBudget({ epsilon: 0.01 })));
    for (const text of [
      inspect(builder, { depth: 9, showHidden: true }),
      inspect(oracle, { depth: 9, showHidden: true }),
      JSON.stringify([builder, oracle]),
    ]) {
      expect(text).not.toContain('7919');
    }
    expect([...new Float64Array(oracle.toBytes().slice(0, Math.floor(oracle.toBytes().length / 8) * 8).buffer)]).not.toContain(7919);
  });
  it('only whole numbers are released', () => {
    for (const mechanism of MECHANISMS) {
      const bytes = seeded(2, rows(50), { mechanism, resolution: 8 }).toBytes();
      expect(DistanceOracle.fromBytes(bytes).toBytes()).toEqual(bytes);
    }
  });
});
