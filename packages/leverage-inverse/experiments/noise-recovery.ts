import { dense, invertLeverageGradient, leverageGradient } from '@x/leverage-inverse';
import { philox } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';

const LEVELS = [1e-10, 1e-9, 1e-8, 1e-7, 1e-6];

export const experiment: Experiment = {
  id: 'noise-recovery',
  claim: 'The error of the recovered x grows linearly with the noise of the gradient, over four decades',
  source: 'own derivation: x moves by Q^-1 e to first order',
  inputs: [],
  async run({ quick, seed, signal, progress }) {
    const problems = quick ? 4 : 16;
    const series = [];
    const slopes: number[] = [];
    for (let t = 0; t < problems; t++) {
      const { design, x, c, rng } = problem(seed, t, 400, 2 + (t % 7));
      const e = rng.fillNormal(new Float64Array(x.length));
      const size = Math.hypot(...c) / Math.hypot(...e);
      const errors: number[] = [];
      for (const level of LEVELS) {
        const noisy = c.map((value, j) => value + level * size * e[j]!);
        const found = await invertLeverageGradient(design, noisy, { x0: x, signal });
        errors.push(Math.hypot(...found.x.map((value, j) => value - x[j]!)) / Math.hypot(...x));
      }
      slopes.push(Math.log10(errors.at(-1)! / errors[0]!) / Math.log10(LEVELS.at(-1)! / LEVELS[0]!));
      series.push({ label: `problem ${t}`, kind: 'line' as const, x: LEVELS, y: errors });
      progress((t + 1) / problems);
    }
    const [least, most] = [Math.min(...slopes), Math.max(...slopes)];
    return {
      measured: `slopes of log error against log noise from ${least.toFixed(3)} to ${most.toFixed(3)}`,
      bound: '1 +- 0.1',
      verdict: least >= 0.9 && most <= 1.1 ? 'holds' : 'failed',
      plots: [
        {
          title: 'Noise in the gradient against the error of x, both relative',
          x: { label: 'noise', scale: 'log' },
          y: { label: 'error', scale: 'log' },
          series,
        },
      ],
    };
  },
};

function problem(seed: number, stream: number, n: number, d: number) {
  const rng = philox(seed, stream);
  const A = dense(n, d, rng.fillNormal(new Float64Array(n * d)));
  const x = rng.fillNormal(new Float64Array(d));
  const b = Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += A.data[i * d + j]! * x[j]!;
    return sum - 10 ** (2 * rng.uniform() - 1);
  });
  return { design: { A, b }, x, c: leverageGradient({ A, b }, x).gradient, rng };
}
