import type { Suite } from '@x/bench';
import { leverageGradient, residentDesign } from '@x/leverage-inverse';
import { problem, type Size } from './problem.ts';

/** V, sigma and g by plain loops. */
function plainGradient({ A, b }: { A: { data: Float64Array; rows: number; cols: number }; b: Float64Array }, x: Float64Array): number {
  const { data, rows: n, cols: d } = A;
  const H = new Float64Array(d * d);
  const row = new Float64Array(d);
  const inverse = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let s = -b[i]!;
    for (let j = 0; j < d; j++) s += data[i * d + j]! * x[j]!;
    inverse[i] = 1 / s;
    for (let j = 0; j < d; j++) row[j] = data[i * d + j]! / s;
    for (let j = 0; j < d; j++) for (let k = 0; k <= j; k++) H[j * d + k]! += row[j]! * row[k]!;
  }
  for (let j = 0; j < d; j++) {
    for (let i = j; i < d; i++) {
      let sum = H[i * d + j]!;
      for (let k = 0; k < j; k++) sum -= H[i * d + k]! * H[j * d + k]!;
      H[i * d + j] = i === j ? Math.sqrt(sum) : sum / H[j * d + j]!;
    }
  }
  const g = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    let sigma = 0;
    for (let j = 0; j < d; j++) {
      let sum = data[i * d + j]! * inverse[i]!;
      for (let k = 0; k < j; k++) sum -= H[j * d + k]! * row[k]!;
      row[j] = sum / H[j * d + j]!;
      sigma += row[j]! ** 2;
    }
    for (let j = 0; j < d; j++) g[j]! += sigma * data[i * d + j]! * inverse[i]!;
  }
  return g[0]!;
}

const evaluations: Suite<Size> = {
  id: 'gradient',
  title: 'Time of one leverage gradient',
  cases: [
    { n: 1e5, d: 20 },
    { n: 2e4, d: 50 },
  ].map((size) => ({ label: `n = ${size.n}, d = ${size.d}`, parameters: size })),
  contenders: [
    {
      name: '@x/leverage-inverse',
      setup(size) {
        const { design, x } = problem(size);
        const resident = residentDesign(design);
        return () => leverageGradient(resident, x).potential;
      },
    },
    {
      name: 'design not resident',
      setup(size) {
        const { design, x } = problem(size);
        return () => leverageGradient(design, x).potential;
      },
    },
    {
      name: 'plain loops',
      setup(size) {
        const { design, x } = problem(size);
        return () => plainGradient(design as never, x);
      },
    },
  ],
  bars: [{ of: '@x/leverage-inverse', over: 'plain loops', atLeast: 3 }],
};

export const suites: readonly Suite<Size>[] = [evaluations];
