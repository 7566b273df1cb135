import type { Suite } from '@x/bench';
import { DistanceBuilder, PrivacyBudget } from '@x/dp-kde';
import { philox } from '@x/linalg';

interface Parameters {
  readonly work: 'add' | 'sample' | 'look up';
  readonly columns: number;
  /** Rows, released numbers or points. */
  readonly count: number;
}

const uniform = (length: number) => philox(1).fillUniform(new Float64Array(length));
const box = (d: number) => Array.from({ length: d }, () => [0, 1] as const);

/** What the bars are counted in: coordinates, samples, look-ups. */
const build: Suite<Parameters> = {
  id: 'build',
  title: 'Operations a second: coordinates added, numbers sampled and released, table look-ups of queryBatch',
  cases: [
    { label: 'rows x 1', parameters: { work: 'add', columns: 1, count: 2 ** 20 }, flops: 2 ** 20 },
    { label: 'rows x 16', parameters: { work: 'add', columns: 16, count: 2 ** 16 }, flops: 2 ** 20 },
    { label: 'release, Laplace', parameters: { work: 'sample', columns: 1, count: 2 ** 16 }, flops: 2 ** 16 },
    { label: 'release, Gaussian', parameters: { work: 'sample', columns: 2, count: 2 ** 16 }, flops: 2 ** 17 },
    { label: 'queryBatch, d = 784', parameters: { work: 'look up', columns: 784, count: 2048 }, flops: 784 * 2048 },
  ],
  contenders: [
    {
      name: '@x/dp-kde',
      setup({ work, columns, count }) {
        if (work === 'add') {
          const builder = new DistanceBuilder({ bounds: box(columns), resolution: 1024, fractionBits: 0 });
          const X = uniform(columns * count);
          let runs = 0;
          // A builder holds 2^42 rows at this resolution.
          return () => {
            builder.add(X);
            return ++runs;
          };
        }
        if (work === 'sample') {
          const mechanism = columns === 1 ? 'midpoint' : 'brownian';
          return () =>
            new DistanceBuilder({ bounds: box(columns), resolution: count, mechanism }).release(
              new PrivacyBudget({ epsilon: 1, delta: 1e-6 }),
            ).design.cells;
        }
        const oracle = new DistanceBuilder({ bounds: box(columns), resolution: 256, mechanism: 'brownian' }).release(
          new PrivacyBudget({ rho: 1 }),
        );
        const Y = uniform(columns * count);
        const out = new Float64Array(count);
        return () => oracle.queryBatch(Y, out)[0];
      },
    },
  ],
};

export const suites: readonly Suite<Parameters>[] = [build];
