import { dense, invertLeverageGradient, leverageGradient } from '@x/leverage-inverse';
import { philox } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';

/** Iterations of the exact mode that are few enough. */
const FEW = 25;

export const experiment: Experiment = {
  id: 'heavy-tails',
  claim: 'On heavy-tailed designs the exact mode needs few iterations from the point that phase I finds, and a continuation saves none',
  source: 'own measurement',
  inputs: [],
  async run({ quick, seed, signal, progress }) {
    const trials = quick ? 4 : 20;
    const counts = { long: [] as number[], continuation: [] as number[] };
    for (let t = 0; t < trials; t++) {
      const { design, c } = heavy(seed, t);
      for (const [name, continuation] of [
        ['long', false],
        ['continuation', true],
      ] as const) {
        const { iterations } = await invertLeverageGradient(design, c, { mode: 'exact', continuation, signal });
        counts[name].push(iterations.length);
      }
      progress((t + 1) / trials);
    }
    const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
    const most = Math.max(...counts.long);
    return {
      measured: `at most ${most} iterations; ${sum(counts.long)} in all, ${sum(counts.continuation)} with continuation`,
      bound: `${FEW}; no more than with continuation`,
      verdict: most <= FEW && sum(counts.long) <= sum(counts.continuation) ? 'holds' : 'failed',
      table: {
        columns: ['problem', 'iterations', 'with continuation'],
        rows: counts.long.map((count, t) => [t, count, counts.continuation[t]!]),
      },
    };
  },
};

/** Row sizes 1 / |normal|, column sizes from 0.1 to 10, slacks over four decades. */
function heavy(seed: number, t: number) {
  const rng = philox(seed, t);
  const d = 3 + (t % 10);
  const n = 20 * d + rng.integer(400);
  const sizes = Float64Array.from({ length: d }, (_, j) => 10 ** (-1 + (2 * j) / (d - 1)));
  const x = rng.fillNormal(new Float64Array(d)).map((value, j) => value / sizes[j]!);
  const A = dense(n, d, rng.fillNormal(new Float64Array(n * d)));
  const b = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const size = 1 / Math.max(1e-3, Math.abs(rng.normal()));
    for (let j = 0; j < d; j++) {
      A.data[i * d + j]! *= size * sizes[j]!;
      b[i]! += A.data[i * d + j]! * x[j]!;
    }
    b[i]! -= 10 ** (4 * rng.uniform() - 2);
  }
  return { design: { A, b }, c: leverageGradient({ A, b }, x).gradient };
}
