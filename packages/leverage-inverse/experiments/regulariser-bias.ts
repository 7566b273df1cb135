import { dense, invertLeverageGradient, leverageGradient } from '@x/leverage-inverse';
import { philox } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';

const WEIGHTS = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100];

export const experiment: Experiment = {
  id: 'regulariser-bias',
  claim: 'The minimiser of the regularised objective of the abstract is the x behind the gradient',
  source: 'Li, Song, Xu, Yin 2024 (abstract: the objective); own derivation of the bias, README 4',
  inputs: [],
  async run({ seed, signal, progress }) {
    const n = 60;
    const { design, x } = cone(seed, n, 4);
    const c = leverageGradient(design, x).gradient;
    const rows: (string | number)[][] = [];
    const errors: number[] = [];
    for (const [k, weight] of WEIGHTS.entries()) {
      const w = new Float64Array(n).fill(weight);
      const { x: found } = await invertLeverageGradient(design, c, { objective: 'least-squares', w, signal });
      const { x: map } = await invertLeverageGradient(design, c, { objective: 'map', w, signal });
      const error = (at: Float64Array) => Math.hypot(...at.map((value, j) => value - x[j]!)) / Math.hypot(...x);
      errors.push(error(found));
      rows.push([weight, error(found).toExponential(1), error(map).toExponential(1)]);
      progress((k + 1) / WEIGHTS.length);
    }
    const order = Math.log10(errors[2]! / errors[0]!) / Math.log10(WEIGHTS[2]! / WEIGHTS[0]!);
    const largest = errors.at(-1)!;
    return {
      measured: `relative error ${errors[0]!.toExponential(1)} at w = 1e-4, growing as w^${order.toFixed(2)}, ${largest.toFixed(2)} at w = 100`,
      bound: 'no error for any w; corrected: w^2 for small w, all of x for large w',
      verdict: Math.abs(order - 2) <= 0.1 && largest >= 0.9 ? 'refuted-as-documented' : 'failed',
      table: { columns: ['w', 'error, least-squares', 'error, map'], rows },
      plots: [
        {
          title: 'Weight of the regulariser against the error of the minimiser of ||g - c||^2 / 2 + ||W A x||^2 / 2',
          x: { label: 'w', scale: 'log' },
          y: { label: 'error, relative', scale: 'log' },
          series: [{ label: 'least-squares', kind: 'line', x: WEIGHTS, y: errors }],
        },
      ],
    };
  },
};

/** No offsets; rows turned so that x lies in the cone of positive slacks. */
function cone(seed: number, n: number, d: number) {
  const rng = philox(seed, 3);
  const x = rng.fillNormal(new Float64Array(d));
  const A = dense(n, d, rng.fillNormal(new Float64Array(n * d)));
  for (let i = 0; i < n; i++) {
    const row = A.data.subarray(i * d, (i + 1) * d);
    if (row.reduce((sum, value, j) => sum + value * x[j]!, 0) < 0) for (let j = 0; j < d; j++) row[j]! *= -1;
  }
  return { design: { A }, x };
}
