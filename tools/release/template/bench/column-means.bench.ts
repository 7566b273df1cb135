import { columnMeans } from '@x/__NAME__';
import type { Suite } from '@x/bench';
import { dense, philox } from '@x/linalg';

const SIZES = [100, 1000];
const draw = (n: number) => dense(n, n, philox(n).fillUniform(new Float64Array(n * n)));

export const suites: readonly Suite<number>[] = [
  {
    id: 'column-means',
    title: 'Means of the columns of an n x n matrix',
    cases: SIZES.map((n) => ({ label: `n = ${n}`, parameters: n, size: n, flops: 2 * n * n })),
    contenders: [
      {
        name: '@x/__NAME__',
        setup(n) {
          const A = draw(n);
          return () => columnMeans(A);
        },
      },
      {
        name: 'column by column',
        setup(n) {
          const { data } = draw(n);
          return () =>
            Float64Array.from({ length: n }, (_, j) => {
              let sum = 0;
              for (let i = 0; i < n; i++) sum += data[i * n + j] as number;
              return sum / n;
            });
        },
      },
    ],
  },
];
