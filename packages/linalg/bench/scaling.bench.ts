/** How times grow: exponents fitted to them, against what operation counts say. */
import type { Suite } from '@x/bench';
import { type Csr, countSketch, type Dense, dense, gemm, leverageScores, osnap, philox } from '@x/linalg';

const gaussian = (rows: number, cols: number, seed: number): Dense =>
  dense(rows, cols, philox(seed).fillNormal(new Float64Array(rows * cols)));

interface Tall {
  readonly n: number;
  readonly d: number;
}

const leverage = (id: string, title: string, sizes: readonly Tall[], size: (s: Tall) => number, atMost: number): Suite<Tall> => ({
  id,
  title,
  cases: sizes.map((s) => ({ label: `${s.n} x ${s.d}`, parameters: s, size: size(s), flops: 2 * s.n * s.d * s.d })),
  contenders: [
    {
      name: 'leverageScores',
      setup({ n, d }) {
        const A = gaussian(n, d, 1);
        return () => leverageScores(A).scores;
      },
    },
  ],
  exponents: [{ of: 'leverageScores', atMost }],
});

const inRows = leverage(
  'scaling-leverage-rows',
  'Exact leverage scores, growth with the rows: n^1',
  [5000, 10_000, 20_000, 40_000].map((n) => ({ n, d: 50 })),
  ({ n }) => n,
  1.1,
);

const inColumns = leverage(
  'scaling-leverage-columns',
  'Exact leverage scores, growth with the columns: d^2',
  [50, 100, 200, 400].map((d) => ({ n: 20_000, d })),
  ({ d }) => d,
  2.15,
);

/** n rows of ten entries in different columns of 200. */
function tenARow(n: number): Csr {
  const rng = philox(3);
  const indices = Int32Array.from({ length: 10 * n }, (_, p) => 20 * (p % 10) + rng.integer(20));
  const indptr = Int32Array.from({ length: n + 1 }, (_, i) => 10 * i);
  return { rows: n, cols: 200, indptr, indices, data: rng.fillNormal(new Float64Array(10 * n)) };
}

const sketches: Suite<number> = {
  id: 'scaling-sketch',
  title: 'Sketches of sparse matrices with ten entries a row, 200 columns, 832 rows left: growth with the entries, nnz^1',
  cases: [50_000, 100_000, 200_000, 400_000].map((n) => ({ label: `${10 * n} entries`, parameters: n, size: 10 * n })),
  contenders: [
    {
      name: 'countSketch',
      setup(n) {
        const [A, S] = [tenARow(n), countSketch(832, n)];
        return () => S.apply(A);
      },
    },
    {
      name: 'osnap',
      setup(n) {
        const [A, S] = [tenARow(n), osnap(832, n)];
        return () => S.apply(A);
      },
    },
  ],
  exponents: [
    { of: 'countSketch', atMost: 1.1 },
    { of: 'osnap', atMost: 1.1 },
  ],
};

const products: Suite<number> = {
  id: 'scaling-gemm',
  title: 'Square products, growth with the order: n^3 classical, n^2.81 with a level more for each doubling',
  cases: [512, 768, 1024, 1536, 2048].map((n) => ({ label: `n = ${n}`, parameters: n, size: n, flops: 2 * n ** 3 })),
  contenders: (['classical', 'auto'] as const).map((algorithm) => ({
    name: algorithm,
    setup(n: number) {
      const [A, B] = [gaussian(n, n, 1), gaussian(n, n, 2)];
      return () => gemm({ A, B, algorithm });
    },
  })),
  exponents: [
    { of: 'classical', atMost: 3.1 },
    { of: 'auto', atMost: 2.95 },
  ],
};

export const suites: readonly (Suite<Tall> | Suite<number>)[] = [inRows, inColumns, sketches, products];
