import { lewisWeights } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';
import { ensemble } from '@x/testkit';

/** What the mean ratio over a finite range may exceed the asymptotic one by. */
const SLACK = 0.05;
const powers = [0.5, 1, 1.5, 3, 4, 6, 10];

export const experiment: Experiment = {
  id: 'lewis-rate',
  claim: 'The damped iteration for l_p Lewis weights converges for every p, at the rate |p - 2| / (p + 2)',
  source: 'own derivation, in the documentation of lewisWeights; the undamped iteration (Cohen and Peng 2015, arXiv 1412.0588) needs p < 4',
  inputs: [],
  async run({ quick, seed, signal, progress }) {
    const [n, d] = [quick ? 500 : 4000, 12];
    const bodies = (['gaussian', 'cauchy'] as const).map((name) => ({ name, A: ensemble(name, n, d, seed) }));
    const results = bodies.flatMap(({ name, A }, b) =>
      powers.map((p, k) => {
        const { residuals, weights } = lewisWeights(A, p, { signal });
        progress((b * powers.length + k + 1) / (2 * powers.length), `${name}, p = ${p}`);
        const part = residuals.filter((r) => r < 1e-3 && r > 1e-9);
        const rate = (part.at(-1)! / part[0]!) ** (1 / (part.length - 1));
        return { name, p, residuals, rate, theory: Math.abs(p - 2) / (p + 2), error: Math.abs(weights.reduce((s, w) => s + w, 0) - d) };
      }),
    );
    const excess = Math.max(...results.map((r) => r.rate - r.theory));
    return {
      measured: `rate exceeds |p - 2| / (p + 2) by at most ${excess.toFixed(3)}`,
      bound: `${SLACK}`,
      verdict: excess <= SLACK ? 'holds' : 'failed',
      table: {
        columns: ['rows', 'p', 'iterations to 1e-10', 'rate', '|p - 2| / (p + 2)', '|sum - d|'],
        rows: results.map((r) => [r.name, r.p, r.residuals.length - 1, r.rate.toFixed(3), r.theory.toFixed(3), r.error.toExponential(1)]),
      },
      plots: bodies.map(({ name }) => ({
        title: `Residual max |tau / w - 1|, ${name} rows, ${n} x ${d}`,
        x: { label: 'iteration' },
        y: { label: 'residual', scale: 'log' as const },
        series: results
          .filter((r) => r.name === name)
          .map((r) => ({ label: `p = ${r.p}`, kind: 'line' as const, x: r.residuals.map((_, i) => i), y: r.residuals })),
      })),
    };
  },
};
