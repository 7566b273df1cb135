import { dense, invertLeverageGradient, leverageGradient } from '@x/leverage-inverse';
import { philox } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';

const MODES = ['exact', 'qhat', 'sampled', 'newton-cg'] as const;
type Mode = (typeof MODES)[number];

export const experiment: Experiment = {
  id: 'cost',
  claim:
    'The multiply-adds of a whole solution grow as n, and as d^3 by exact and d^2 by approximate steps, as the number of iterations hardly grows',
  source: 'own count; README "Solver"',
  inputs: [],
  async run({ quick, seed, signal, progress }) {
    const rowSizes = [500, 1000, 2000, 4000];
    // Numbers of iterations differ between designs: geometric means over several.
    const designs = quick ? 3 : 6;
    const columnSizes = [8, 16, 32];
    const rows: (string | number)[][] = [];
    const series = [];
    const exponents = new Map<string, number>();
    for (const [k, mode] of MODES.entries()) {
      const byRows: number[] = [];
      for (const n of rowSizes) byRows.push(await costOf(mode, n, 8));
      const byColumns: number[] = [];
      for (const d of columnSizes) byColumns.push(await costOf(mode, 1000, d));
      exponents.set(`${mode}, n`, slope(rowSizes, byRows));
      exponents.set(`${mode}, d`, slope(columnSizes, byColumns));
      rows.push([mode, slope(rowSizes, byRows).toFixed(2), slope(columnSizes, byColumns).toFixed(2)]);
      series.push({ label: mode, kind: 'line' as const, x: columnSizes, y: byColumns });
      progress((k + 1) / MODES.length, mode);
    }
    async function costOf(mode: Mode, n: number, d: number): Promise<number> {
      let logs = 0;
      for (let k = 0; k < designs; k++) logs += Math.log(await costOfOne(mode, n, d, 100_000 * k + n + d));
      return Math.exp(logs / designs);
    }
    async function costOfOne(mode: Mode, n: number, d: number, stream: number): Promise<number> {
      const { design, c } = problem(seed, stream, n, d);
      const { iterations } = await invertLeverageGradient(design, c, { mode, seed, signal });
      const evaluation = n * (d ** 2 + { exact: d ** 2 / 2 + d ** 3 / 6, qhat: d ** 2 / 2, sampled: 0, 'newton-cg': 0 }[mode]);
      const draws = mode === 'sampled' || mode === 'newton-cg' ? 20 * d * Math.log(d + 2) * d ** 2 : 0;
      return iterations.reduce((sum, one) => sum + one.evaluations * evaluation + draws + one.products * 2.5 * n * d ** 2, 0);
    }
    const rowsMost = Math.max(...MODES.map((mode) => exponents.get(`${mode}, n`)!));
    const qhat = exponents.get('qhat, d')!;
    const exact = exponents.get('exact, d')!;
    return {
      measured: `exponents: n ${rowsMost.toFixed(2)} at most; d ${exact.toFixed(2)} (exact), ${qhat.toFixed(2)} (qhat)`,
      bound: '1.15; 3.15, 2.3',
      verdict: rowsMost <= 1.15 && exact <= 3.15 && qhat <= 2.3 ? 'holds' : 'failed',
      table: { columns: ['mode', 'exponent of n', 'exponent of d'], rows },
      plots: [
        {
          title: 'Multiply-adds of a whole solution by d',
          x: { label: 'd', scale: 'log' },
          y: { label: 'multiply-adds', scale: 'log' },
          series,
        },
      ],
    };
  },
};

/** Of the line through the logarithms, by least squares. */
function slope(x: readonly number[], y: readonly number[]): number {
  const [u, v] = [x.map(Math.log), y.map(Math.log)];
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const [mu, mv] = [mean(u), mean(v)];
  return u.reduce((sum, value, i) => sum + (value - mu) * (v[i]! - mv), 0) / u.reduce((sum, value) => sum + (value - mu) ** 2, 0);
}

function problem(seed: number, stream: number, n: number, d: number) {
  const rng = philox(seed, stream);
  const A = dense(n, d, rng.fillNormal(new Float64Array(n * d)));
  const x = rng.fillNormal(new Float64Array(d));
  const b = Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += A.data[i * d + j]! * x[j]!;
    return sum - 10 ** (2 * rng.uniform() - 1);
  });
  return { design: { A, b }, x, c: leverageGradient({ A, b }, x).gradient };
}
