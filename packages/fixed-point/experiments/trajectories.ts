import { hypercubeFixedPoints, solveFixedPoint } from '@x/fixed-point';
import { philox } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';

const DIMENSION = 10;
const LOOPS = 24;
/** Orbits that the plot shows. */
const SHOWN = 24;

export const experiment: Experiment = {
  id: 'trajectories',
  claim:
    'With d = 10 and noisy weights and biases, 2^10 = 1024 boxes hold one attracting fixed point each; orbits from all of them stay below K^t times their first distance, and disturbed ones end within eta / (1 - K)',
  source:
    'Ke, Li, Liang, Shi, Song 2024, arXiv 2410.11279, theorems 4.1, 4.2 and 5.1 and the figure of 1024 trajectories; constants derived anew (README)',
  inputs: [],
  async run({ quick, seed, progress, signal }) {
    const cube = hypercubeFixedPoints({
      dimension: DIMENSION,
      kind: 'cubic',
      weightNoise: 0.03,
      biasNoise: 0.015,
      noise: 0.02,
      contraction: 0.95,
      seed,
    });
    const { net, contraction: K, noiseRadius: eta, count } = cube;
    const rng = philox(seed, 1);
    const boxes = quick ? 128 : Number(count);
    const ends = new Set<string>();
    const series: { label: string; kind: 'line'; x: number[]; y: number[] }[] = [];
    let worst = 0;
    let sharpest = 0;
    let disturbed = 0;
    for (let index = 0; index < boxes; index++) {
      signal.throwIfAborted();
      const X = cube.box(BigInt(index));
      const { x: p } = solveFixedPoint(net.evaluate, X.lower, { method: 'picard', rtol: 0, atol: 1e-15 });
      ends.add(Array.from(p, (v) => Math.sign(v)).join());
      const distance = (x: Float64Array) => x.reduce((most, v, i) => Math.max(most, Math.abs(v - p[i])), 0);
      let x = X.lower.map((l, i) => (rng.uniform() < 0.5 ? l : X.upper[i]));
      let noisy = x.slice();
      const first = distance(x);
      const errors = [first];
      for (let t = 1; t <= LOOPS; t++) {
        const next = new Float64Array(DIMENSION);
        net.evaluate(x, next);
        x = next;
        errors.push(distance(x));
        // Rounding of one loop, below 1e-15, gathers to 1e-15 / (1 - K).
        worst = Math.max(worst, (errors[t] - 2e-15 / (1 - K)) / (K ** t * first));
        if (errors[t - 1] > 1e-3) sharpest = Math.max(sharpest, errors[t] / errors[t - 1] / K);
        const loop = new Float64Array(DIMENSION);
        net.evaluate(noisy, loop);
        // The worst disturbance pushes away from the fixed point.
        noisy = loop.map((v, i) => v + eta * (v >= p[i] ? 1 : -1));
      }
      disturbed = Math.max(disturbed, distance(noisy) - K ** LOOPS * first);
      if (index % Math.ceil(boxes / SHOWN) === 0) series.push({ label: 'orbits', kind: 'line', x: errors.map((_, t) => t), y: errors });
      if (index % 32 === 0) progress((index + 1) / boxes);
    }
    const limit = eta / (1 - K);
    const first = Math.max(...series.map(({ y }) => y[0]));
    return {
      measured: `${ends.size} different ends; largest error over bound ${worst.toPrecision(3)}; disturbed ${disturbed.toPrecision(3)}`,
      bound: `${boxes} ends; 1; ${limit.toPrecision(3)}`,
      verdict: ends.size === boxes && worst <= 1 && disturbed <= limit * (1 + 1e-12) && sharpest >= 0.5 ? 'holds' : 'failed',
      note: `K = ${K.toPrecision(4)}, eta = ${eta.toPrecision(3)} proved; some loop reduced the error by no more than ${sharpest.toPrecision(3)} K, so K is not idle`,
      plots: [
        {
          title: `Distance to the fixed point: ${series.length} of ${boxes} orbits, and the bound`,
          caption:
            'Orbits start in corners of their boxes. Near the fixed point, where the slope is least, they are much faster than the bound of the whole box.',
          x: { label: 'loop' },
          y: { label: 'largest entry of |x - p|', scale: 'log' },
          series: [
            ...series.map((line, k) => ({ ...line, label: k === 0 ? line.label : '' })),
            {
              label: 'K^t',
              kind: 'line',
              x: Array.from({ length: LOOPS + 1 }, (_, t) => t),
              y: Array.from({ length: LOOPS + 1 }, (_, t) => K ** t * first),
            },
          ],
        },
      ],
    };
  },
};
