import { exitRule, loopedNet, truncationReport } from '@x/fixed-point';
import { dense, philox } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';

const TOLERANCE = 1e-4;

export const experiment: Experiment = {
  id: 'certified-exit',
  claim: 'Leaving a loop when the change falls below eps errs by up to K / (1 - K) eps; the rule that knows K errs by at most eps',
  source: "own derivation from Banach's theorem, README section on early exit",
  inputs: [],
  async run({ quick, seed, progress, signal }) {
    const d = 20;
    const loops = quick ? 4000 : 20_000;
    const rows: (string | number)[][] = [];
    const naives: number[] = [];
    const certifieds: number[] = [];
    let right = true;
    const factors = [0.5, 0.8, 0.9, 0.95, 0.99, 0.995];
    for (const [k, K] of factors.entries()) {
      signal.throwIfAborted();
      const rng = philox(seed, k);
      // The slope of tanh is at most 1, so ||W||_inf = K is a contraction factor everywhere. Diagonal: the slow direction is the bound's.
      const W = new Float64Array(d * d);
      for (let i = 0; i < d; i++) W[i * d + i] = i === 0 ? K : 0.3 * K;
      const net = loopedNet({ weights: dense(d, d, W), bias: new Float64Array(d), activation: 'tanh' });
      const start = rng.fillUniform(new Float64Array(d)).map((u) => 0.02 * u + 0.01);
      const certified = truncationReport(net.evaluate, start, loops, { tolerance: TOLERANCE, contraction: K });
      let x = start;
      let naive = 0;
      for (; naive < loops; naive++) {
        const next = new Float64Array(d);
        net.evaluate(x, next);
        const change = next.reduce((most, v, i) => Math.max(most, Math.abs(v - x[i])), 0);
        x = next;
        if (change <= TOLERANCE) break;
      }
      // The limit is 0.
      const error = x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      naives.push(error / TOLERANCE);
      certifieds.push(certified.error / TOLERANCE);
      right &&= certified.error <= TOLERANCE && !certified.heuristic;
      const guess = exitRule({ tolerance: TOLERANCE });
      right &&= guess.push(start).heuristic;
      rows.push([
        K,
        naive + 1,
        (error / TOLERANCE).toPrecision(3),
        certified.exitLoop,
        (certified.error / TOLERANCE).toPrecision(3),
        loops - certified.exitLoop,
      ]);
      progress((k + 1) / factors.length);
    }
    const worst = Math.max(...naives);
    return {
      measured: `naive rule errs by ${worst.toPrecision(3)} eps, the certified one by ${Math.max(...certifieds).toPrecision(3)} eps`,
      bound: 'naive fails (over 50 eps somewhere); certified at most 1 eps',
      verdict: right && worst > 50 ? 'holds' : 'failed',
      table: { columns: ['K', 'naive exit', 'its error / eps', 'certified exit', 'its error / eps', 'loops saved'], rows },
      plots: [
        {
          title: 'What leaving early costs',
          x: { label: '1 / (1 - K)', scale: 'log' },
          y: { label: 'error / eps', scale: 'log' },
          series: [
            { label: 'change below eps', kind: 'line', x: factors.map((K) => 1 / (1 - K)), y: naives },
            { label: 'certified', kind: 'line', x: factors.map((K) => 1 / (1 - K)), y: certifieds },
            { label: 'allowed', kind: 'rule', x: [], y: [1] },
          ],
        },
      ],
    };
  },
};
