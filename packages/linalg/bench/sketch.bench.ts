import type { Suite } from '@x/bench';
import { type Dense, dense, leastSquares, leverageScores, lstsq, philox } from '@x/linalg';
import { Matrix, QrDecomposition } from 'ml-matrix';

interface Size {
  readonly n: number;
  readonly d: number;
}

const gaussian = ({ n, d }: Size): Dense => dense(n, d, philox(1).fillNormal(new Float64Array(n * d)));
const label = ({ n, d }: Size): string => `${n} x ${d}`;
const cases = (...sizes: Size[]): { label: string; parameters: Size; size: number }[] =>
  sizes.map((parameters) => ({ label: label(parameters), parameters, size: parameters.n }));

/** Row norms of the orthogonal factor, the way ml-matrix offers. */
function byMlMatrix({ n, d }: Size): () => Float64Array {
  const { data } = gaussian({ n, d });
  const A = new Matrix(Array.from({ length: n }, (_, i) => Array.from(data.subarray(i * d, (i + 1) * d))));
  return () => {
    const Q = new QrDecomposition(A).orthogonalMatrix;
    return Float64Array.from({ length: n }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += Q.get(i, j) ** 2;
      return sum;
    });
  };
}

const exact: Suite<Size> = {
  id: 'leverage-exact',
  title: 'Exact leverage scores against the QR of ml-matrix',
  cases: cases({ n: 2000, d: 50 }, { n: 20_000, d: 50 }),
  contenders: [
    {
      name: '@x/linalg',
      setup(size) {
        const A = gaussian(size);
        return () => leverageScores(A).scores;
      },
    },
    { name: 'ml-matrix QR', setup: byMlMatrix },
  ],
  bars: [{ of: '@x/linalg', over: 'ml-matrix QR', atLeast: 20, cases: ['20000 x 50'] }],
};

const approximate: Suite<Size> = {
  id: 'leverage-approximate',
  title: 'Approximate leverage scores (OSNAP with 4 entries, 32 directions) against exact ones',
  cases: cases({ n: 20_000, d: 200 }, { n: 100_000, d: 200 }),
  contenders: [
    {
      name: 'approximate',
      setup(size) {
        const A = gaussian(size);
        return () => leverageScores(A, { method: 'approximate', projection: 32 }).scores;
      },
    },
    {
      name: 'exact',
      setup(size) {
        const A = gaussian(size);
        return () => leverageScores(A).scores;
      },
    },
  ],
  bars: [{ of: 'approximate', over: 'exact', atLeast: 4, cases: ['100000 x 200'] }],
};

const solvers: Suite<Size> = {
  id: 'lstsq',
  title: 'Least squares by sketch-and-precondition against a pivoted QR',
  cases: cases({ n: 50_000, d: 200 }, { n: 40_000, d: 800 }),
  contenders: [
    {
      name: 'precondition',
      setup(size) {
        const A = gaussian(size);
        const b = philox(2).fillNormal(new Float64Array(size.n));
        return () => lstsq(A, b, { method: 'precondition' }).x;
      },
    },
    {
      name: 'leastSquares',
      setup(size) {
        const A = gaussian(size);
        const b = philox(2).fillNormal(new Float64Array(size.n));
        return () => leastSquares(A, b).X;
      },
    },
  ],
};

export const suites: readonly Suite<Size>[] = [exact, approximate, solvers];
