import { philox } from '@x/linalg';
import { effort, moments, mustFail } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BudgetExceededError,
  heatmap,
  KernelBuilder,
  type KernelOptions,
  KernelOracle,
  PrivacyBudget,
  SpentBuilderError,
} from '../src/index.ts';
import { quantize } from '../src/kernel/builder.ts';
import { absoluteNorm, featureWriter, latticeOf, ONE } from '../src/kernel/lattice.ts';
import { withSeededNoise } from '../src/testing.ts';
import { fuzz } from './fuzz.ts';

const box = (d: number): [number, number][] => Array.from({ length: d }, (_, j) => [-j, 3 + j]);
const kernel = (x: ArrayLike<number>, y: ArrayLike<number>, h: number) => {
  let square = 0;
  for (let j = 0; j < y.length; j++) square += (x[j]! - y[j]!) ** 2;
  return Math.exp(-square / (2 * h * h));
};

/** Sums of whole-number features against the half-kernel at y: an oracle without noise. */
function answer(rows: readonly number[][], y: readonly number[], h: number, step: number): number {
  const lattice = latticeOf(box(y.length), h, step);
  const most = { sum: Math.floor(absoluteNorm(lattice) * ONE), square: ONE * ONE };
  const sums = new Map<number, number>();
  const write = featureWriter(lattice);
  for (const row of rows) {
    const { count, index, value } = write(row, 0);
    quantize(value, count, most);
    for (let k = 0; k < count; k++) sums.set(index[k]!, (sums.get(index[k]!) ?? 0) + value[k]!);
  }
  const { count, index, value } = write(y, 0);
  let sum = 0;
  for (let k = 0; k < count; k++) sum += (sums.get(index[k]!) ?? 0) * value[k]!;
  return sum / ONE;
}

const CASES = fc.integer({ min: 1, max: 3 }).chain((d) => {
  const point = fc.tuple(...box(d).map(([low, high]) => fc.double({ min: low, max: high, noNaN: true })));
  return fc.tuple(fc.array(point, { minLength: 1, maxLength: d === 3 ? 3 : 8 }), point, fc.double({ min: 0.3, max: 2, noNaN: true }));
});

describe('Half-kernel lattice: without noise the answers are sums of Gaussian kernels, within the stated bias', () => {
  const within = (rows: readonly number[][], y: readonly number[], h: number, step: number) => {
    const exact = rows.reduce((sum, x) => sum + kernel(x, y, h), 0);
    const bias = new KernelBuilder({ bounds: box(y.length), bandwidth: h }).release(new PrivacyBudget({ rho: 1 })).query(y).biasPerRow;
    expect(Math.abs(answer(rows, y, h, step) - exact)).toBeLessThan(rows.length * bias);
  };
  it('holds', () =>
    fc.assert(
      fc.property(CASES, ([rows, y, h]) => within(rows, y, h, 0.6)),
      { numRuns: 60 },
    ));
  it('fails for a lattice that is too coarse', () =>
    mustFail(() =>
      fc.assert(
        fc.property(CASES, ([rows, y, h]) => within(rows, y, h, 1)),
        { numRuns: 60 },
      ),
    ));
});

describe('Sensitivity: the whole-number features of any row are within what the noise is made for, and nearly use it up', () => {
  const lengths = (x: readonly number[], h: number) => {
    const lattice = latticeOf(box(x.length), h, 0.6);
    const most = { sum: Math.floor(absoluteNorm(lattice) * ONE), square: ONE * ONE };
    const { count, value } = featureWriter(lattice)(x, 0);
    quantize(value, count, most);
    let sum = 0n;
    let square = 0n;
    for (let k = 0; k < count; k++) {
      sum += BigInt(value[k]!);
      square += BigInt(value[k]!) ** 2n;
    }
    expect(sum <= BigInt(most.sum) && square <= BigInt(most.square)).toBe(true);
    expect(Number(square) / most.square).toBeGreaterThan(0.999);
    expect(Number(sum) / most.sum).toBeGreaterThan(0.99);
  };
  it('holds', () => fc.assert(fc.property(CASES, ([, x, h]) => lengths(x, h))));
  it('fails where rows may be longer', () => {
    const longer = ([, x, h]: [number[][], number[], number]) => {
      const lattice = latticeOf(box(x.length), h, 0.6);
      const { count, value } = featureWriter(lattice)(x, 0);
      let square = 0;
      // The mutant rounds up instead of towards 0.
      for (let k = 0; k < count; k++) square += Math.ceil(value[k]! * ONE) ** 2;
      expect(square).toBeLessThanOrEqual(ONE * ONE);
    };
    mustFail(() => fc.assert(fc.property(CASES, (one) => longer(one as [number[][], number[], number]))));
  });
});

describe('KernelOracle', () => {
  const options = (more: Partial<KernelOptions> = {}): KernelOptions => ({ bounds: box(2), bandwidth: 0.5, ...more });
  const rows = philox(1)
    .fillUniform(new Float64Array(400))
    .map((u, i) => (i % 2 === 0 ? 3 * u : 5 * u - 1));
  it('with a large budget the answers are the sums, one by one and in batches', () => {
    const oracle = withSeededNoise(1, () => new KernelBuilder(options()).add(rows).release(new PrivacyBudget({ rho: 1e8 })));
    const Y = [1, 1, 0, -1, 3, 4, 2.2, 0.4];
    const values = oracle.queryBatch(Float64Array.from(Y));
    for (let i = 0; i < 4; i++) {
      const y = Y.slice(2 * i, 2 * i + 2);
      let exact = 0;
      for (let k = 0; k < rows.length; k += 2) exact += kernel(rows.subarray(k, k + 2), y, 0.5);
      expect(values[i]).toBe(oracle.query(y).value);
      expect(Math.abs(values[i]! - exact)).toBeLessThan(200 * oracle.query(y).biasPerRow + 1e-3);
    }
  });
  it.each([
    [{ rho: 0.5 }, {}, 1],
    [{ rho: 0.5 }, { adjacency: 'replace' }, Math.SQRT2],
    [{ rho: 0.5 }, { rowsPerUser: 3 }, 3],
    // sqrt 2 times the sum of features: 2.0439 a dimension at step 0.6.
    [{ epsilon: 1 }, {}, Math.SQRT2 * 2.0439 ** 2],
  ] as const)('%j, %j: the deviation is %d everywhere inside, whatever the bandwidth', (budget, more, wanted) => {
    for (const bandwidth of [0.2, 0.9]) {
      const oracle = withSeededNoise(1, () => new KernelBuilder(options({ bandwidth, ...more })).release(new PrivacyBudget(budget)));
      for (const y of [
        [0, -1],
        [1.3, 2.2],
        [3, 4],
      ]) {
        expect(oracle.query(y).stddev / wanted).toBeGreaterThan(0.98);
        expect(oracle.query(y).stddev / wanted).toBeLessThan(1.02);
      }
    }
  });
  it('noise is as stated, and intervals cover', () => {
    const builds = effort(1500, 15_000);
    for (const budget of [{ rho: 0.5 }, { epsilon: 1 }]) {
      const half = withSeededNoise(1, () => new KernelBuilder(options({ bandwidth: 2 })).release(new PrivacyBudget(budget)).query([1, 1]));
      const values = withSeededNoise(2, () =>
        Float64Array.from(
          { length: builds },
          () => new KernelBuilder(options({ bandwidth: 2 })).release(new PrivacyBudget(budget)).query([1, 1]).value,
        ),
      );
      const { mean, variance } = moments(values);
      expect(Math.abs(variance / half.stddev ** 2 - 1)).toBeLessThan(6 * Math.sqrt(5 / builds));
      expect(Math.abs(mean)).toBeLessThan((6 * half.stddev) / Math.sqrt(builds));
      const width = half.ci(0.95)[1] - half.value;
      const inside = values.filter((value) => Math.abs(value) <= width).length / builds;
      expect(Math.abs(inside - 0.95)).toBeLessThan(6 * Math.sqrt(0.0475 / builds));
    }
  });
  it('shards merge exactly, builders are one-shot, budgets are kept', () => {
    const make = (points: ArrayLike<number>) => new KernelBuilder(options()).add(points);
    const release = (builder: KernelBuilder) => withSeededNoise(3, () => builder.release(new PrivacyBudget({ rho: 1 })).released.values);
    expect(release(make(rows.subarray(0, 100)).merge(make(rows.subarray(100))))).toEqual(release(make(rows)));
    const builder = make(rows);
    const budget = new PrivacyBudget({ epsilon: 1 });
    builder.release(budget);
    expect(() => builder.add(rows)).toThrow(SpentBuilderError);
    expect(() => make(rows).release(budget)).toThrow(BudgetExceededError);
    expect(() => make(rows).merge(new KernelBuilder(options({ bandwidth: 1 })))).toThrow(/same options/);
  });
  it('rows outside and without numbers count at the bounds; only whole numbers are released', () => {
    const release = (points: number[]) =>
      withSeededNoise(4, () => new KernelBuilder(options()).add(points).release(new PrivacyBudget({ rho: 1 })).released.values);
    const values = release([Number.NaN, 99, -5, Number.NEGATIVE_INFINITY]);
    expect(values).toEqual(release([0, 4, 0, -1]));
    expect(values.every(Number.isInteger)).toBe(true);
  });
  it('auto takes the smaller deviation; heatmaps work', () => {
    const noise = (budget: ConstructorParameters<typeof PrivacyBudget>[0]) =>
      new KernelBuilder(options()).release(new PrivacyBudget(budget)).privacy.noise;
    expect([noise({ epsilon: 1 }), noise({ epsilon: 1, delta: 1e-6 }), noise({ epsilon: 1, delta: 1e-30 })]).toEqual([
      'laplace',
      'gaussian',
      'laplace',
    ]);
    expect(heatmap(new KernelBuilder(options()).release(new PrivacyBudget({ rho: 1 })), { width: 8, height: 4 }).values).toHaveLength(32);
  });
  it('bytes: the round trip keeps answers; anything else is refused; seeded noise says so', () => {
    const make = (budget: ConstructorParameters<typeof PrivacyBudget>[0]) =>
      new KernelBuilder({ bounds: [[0, 1]], bandwidth: 0.5 }).add([0.3]).release(new PrivacyBudget(budget));
    const seeded = withSeededNoise(5, () => [make({ rho: 1 }), make({ epsilon: 1 })]);
    for (const oracle of seeded) {
      const again = KernelOracle.fromBytes(oracle.toBytes());
      expect([again.query([0.4]).value, again.query([0.4]).stddev, again.privacy]).toEqual([
        oracle.query([0.4]).value,
        oracle.query([0.4]).stddev,
        oracle.privacy,
      ]);
      expect(new TextDecoder('latin1').decode(oracle.toBytes())).toContain('NOT PRIVATE');
    }
    fuzz(
      seeded.map((oracle) => oracle.toBytes()),
      (bytes) => KernelOracle.fromBytes(bytes).toBytes(),
      effort(3000, 100_000),
    );
  });
  it('bad options are refused', () => {
    for (const bad of [{ bandwidth: 0 }, { bandwidth: 1e-9 }, { step: 2 }, { noise: 'uniform' }, { bounds: box(4) }]) {
      expect(() => new KernelBuilder(options(bad as never)), JSON.stringify(bad)).toThrow(/KernelBuilder: /);
    }
    const pure = new KernelBuilder(options({ noise: 'gaussian' }));
    expect(() => pure.release(new PrivacyBudget({ epsilon: 1 }))).toThrow(/Gaussian/);
    expect(() => pure.add([1])).toThrow(/2 for each row/);
    expect(() => pure.release(new PrivacyBudget({ rho: 1 })).query([1, Number.NaN])).toThrow(/finite/);
  });
});
