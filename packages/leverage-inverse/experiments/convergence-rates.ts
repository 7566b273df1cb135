import { dense, type Iteration, invertLeverageGradient, leverageGradient } from '@x/leverage-inverse';
import { philox } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';

const MODES = ['exact', 'qhat', 'sampled', 'newton-cg'] as const;
/** The paper's objective, by damped Gauss-Newton steps and by its own sampled diagonal: for comparison, outside of the verdict. */
const SQUARED = ['exact', 'paper'] as const;
/** The contraction of steps with 2 Qhat is 1/2 in the norm of Q; decrements are measured in 2 Qhat, which moves with x. */
const QHAT_RATE = 0.55;
/** Of the exact mode: log of a decrement over log of the one before, 2 in the limit. */
const EXACT_ORDER = 1.7;

export const experiment: Experiment = {
  id: 'convergence-rates',
  claim: 'Near the solution steps with 2 Qhat halve the error, and those with the exact Hessian square it',
  source: 'Vaidya 1996 for Qhat <= Q <= 3 Qhat; own derivation of the rates',
  inputs: [],
  async run({ quick, seed, signal, progress }) {
    const [n, d] = quick ? [500, 6] : [5000, 12];
    const rng = philox(seed);
    const A = dense(n, d, rng.fillNormal(new Float64Array(n * d)));
    const x = rng.fillNormal(new Float64Array(d));
    const b = Float64Array.from({ length: n }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += A.data[i * d + j]! * x[j]!;
      return sum - 10 ** (2 * rng.uniform() - 1);
    });
    const c = leverageGradient({ A, b }, x).gradient;
    const series = [];
    const rows: (string | number)[][] = [];
    const rates = new Map<string, number>();
    let order = Number.NaN;
    for (const [k, mode] of MODES.entries()) {
      const { iterations, status } = await invertLeverageGradient({ A, b }, c, { mode, seed, signal });
      const decrements = iterations.map((one) => one.decrement);
      const near = decrements.filter((value) => value < 1e-3 && value > 1e-11);
      const rate = near.length > 1 ? (near.at(-1)! / near[0]!) ** (1 / (near.length - 1)) : 0;
      rates.set(mode, rate);
      if (mode === 'exact') order = orderOf(iterations);
      rows.push([mode, status, iterations.length, iterations.reduce((sum, one) => sum + one.products, 0), rate.toPrecision(2)]);
      series.push({ label: mode, kind: 'line' as const, x: decrements.map((_, i) => i), y: decrements });
      progress((k + 1) / MODES.length, mode);
    }
    for (const mode of SQUARED) {
      const { iterations, status } = await invertLeverageGradient({ A, b }, c, {
        objective: 'least-squares',
        mode,
        seed,
        signal,
        maxIterations: 60,
      });
      const decrements = iterations.map((one) => one.decrement);
      const label = `least-squares, ${mode}`;
      rows.push([label, status, iterations.length, 0, '-']);
      series.push({ label, kind: 'line' as const, x: decrements.map((_, i) => i), y: decrements });
    }
    const rate = rates.get('qhat')!;
    return {
      measured: `contraction ${rate.toFixed(2)} (qhat), order ${order.toFixed(2)} (exact)`,
      bound: `${QHAT_RATE} (qhat), order ${EXACT_ORDER} (exact)`,
      verdict: rate <= QHAT_RATE && order >= EXACT_ORDER ? 'holds' : 'failed',
      table: { columns: ['mode', 'status', 'iterations', 'products', 'contraction below 1e-3'], rows },
      plots: [{ title: 'Newton decrement by iteration', x: { label: 'iteration' }, y: { label: 'decrement', scale: 'log' }, series }],
    };
  },
};

/** The least order of steps that use a Hessian of their own, below a decrement of 0.1 and above rounding; NaN where there is none. */
function orderOf(iterations: readonly Iteration[]): number {
  const orders = iterations.slice(1).flatMap(({ decrement }, k) => {
    const before = iterations[k]!;
    return before.kept || before.decrement > 0.1 || decrement < 1e-14 ? [] : [Math.log(decrement) / Math.log(before.decrement)];
  });
  return orders.length === 0 ? Number.NaN : Math.min(...orders);
}
