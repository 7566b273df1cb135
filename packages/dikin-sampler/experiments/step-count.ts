import { dikinWalk, type Frame, philox, type Walk } from '@x/dikin-sampler';
import type { Experiment } from '@x/report/experiment';
import { fitExponent } from '@x/testkit';
import { cubeFrame } from './shared/frames.ts';
import { mixing } from './shared/mixing.ts';

/** What the bound's exponents may be exceeded by: the spread of the estimates. */
const SPREAD = 0.3;

export const experiment: Experiment = {
  id: 'step-count',
  claim:
    'With the soft threshold I / eta, steps grow as (L R)^2 at most, through the product of L and R alone, and the acceptance does not fall with L; from a start of warmth w they grow as log w at most',
  source: 'Gu, Kuang, Ma, Song, Zhang 2024, arXiv 2410.05700, theorem 1.1: (nu d + d L^2 R^2) log(w / delta) steps',
  inputs: [],
  async run({ quick, seed, signal, progress }) {
    const d = 4;
    const rows: (string | number)[][] = [];

    // A constant f is L-Lipschitz for every L: the walk must take steps of 1 / (L sqrt d) across a body of size R.
    const products = quick ? [4, 8, 16] : [4, 8, 16, 32];
    const bySlope = products.map((product, k) => {
      progress((0.3 * k) / products.length, `L R = ${product}`);
      return [1, 100].map((R) => {
        const walk = softWalk(cubeFrame(d, 1, R), product / R, () => 0, seed);
        const { typical, acceptance } = mixing(walk, d, (quick ? 150 : 400) * product * product, signal);
        rows.push(['flat', `L = ${product / R}, R = ${R}`, typical.toFixed(0), acceptance.toFixed(2)]);
        return typical;
      });
    });
    const inProduct = fitExponent(
      products,
      bySlope.map(([first]) => first!),
    ).slope;
    const apart = Math.max(...bySlope.map(([a, b]) => Math.max(a! / b!, b! / a!)));

    // A peak of slope L in the middle: steps that take no account of L jump off it.
    const slopes = quick ? [1, 100, 10_000] : [1, 10, 100, 1000, 10_000];
    const rates = slopes.map((L, k) => {
      progress(0.3 + (0.3 * k) / slopes.length, `peak, L = ${L}`);
      const peak = (w: Float64Array) => L * Math.hypot(...w);
      const measured = [L, 0].map(
        (declared) => mixing(softWalk(cubeFrame(d), declared, peak, seed), d, quick ? 8000 : 20_000, signal).acceptance,
      );
      rows.push(['peak', `L = ${L}`, '', measured.map((rate) => rate.toFixed(3)).join(' with, without ')]);
      return measured;
    });
    const kept = Math.min(...rates.map(([soft]) => soft!));
    const plain = rates.at(-1)![1]!;

    // Uniform on a corner of side q has warmth q^-d.
    const sides = quick ? [1e-1, 1e-2, 1e-4] : [1e-1, 1e-2, 1e-4, 1e-8];
    const chains = quick ? 200 : 600;
    const times = sides.map((q, k) => {
      progress(0.6 + (0.4 * k) / sides.length, `corner of side ${q}`);
      const time = stepsToSpread(d, q, chains, seed, signal);
      rows.push(['corner', `log w = ${(-d * Math.log(q)).toFixed(1)}`, time, '']);
      return time;
    });
    const logs = sides.map((q) => -d * Math.log(q));
    const inWarmth = fitExponent(logs, times).slope;

    const holds = inProduct <= 2 + SPREAD && apart < 1.5 && kept > 0.2 && plain < 0.05 && inWarmth <= 1 + SPREAD;
    return {
      measured: `(L R)^${inProduct.toFixed(2)}, within ${apart.toFixed(2)} for one product; acceptance ${kept.toFixed(2)} at least up to L = 1e4, ${plain.toFixed(3)} without the threshold; (log w)^${inWarmth.toFixed(2)}`,
      bound: `(L R)^2, (log w)^1, each with ${SPREAD} for the spread of the estimate; a constant acceptance`,
      verdict: holds ? 'holds' : 'failed',
      table: { columns: ['case', 'where', 'steps', 'acceptance'], rows },
      plots: [
        {
          title: 'Steps an effective draw under a soft threshold for slope L, in a cube of half-width R',
          x: { label: 'L R', scale: 'log' },
          y: { label: 'steps', scale: 'log' },
          series: [1, 100].map((R, k) => ({ label: `R = ${R}`, kind: 'line', x: products, y: bySlope.map((one) => one[k]!) })),
        },
        {
          title: 'Acceptance on a peak of slope L',
          caption: 'Without the soft threshold the walk stalls on its peak.',
          x: { label: 'L', scale: 'log' },
          y: { label: 'acceptance' },
          series: ['with the threshold', 'without'].map((label, k) => ({ label, kind: 'line', x: slopes, y: rates.map((one) => one[k]!) })),
        },
        {
          title: 'Steps until chains from a corner of warmth w have left it',
          caption: 'In the corner the walk moves by a constant factor a step: the number of steps is linear in log w.',
          x: { label: 'log w', scale: 'log' },
          y: { label: 'steps', scale: 'log' },
          series: [{ label: 'steps', kind: 'line', x: logs, y: times }],
        },
      ],
    };
  },
};

/** A Dikin walk that takes `energy` for L-Lipschitz in the coordinates of the frame. */
function softWalk(frame: Frame, L: number, energy: (w: Float64Array) => number, seed: number): Walk {
  const d = frame.dimension;
  const soft = Float64Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? L * L : 0));
  const walk = dikinWalk({ ...frame, energy, ...(L > 0 && { soft }) }, philox(seed, 3));
  walk.radius = 1;
  walk.place(new Float64Array(d));
  return walk;
}

/** Steps until the mean over chains, whose coordinates all start uniform on [0, q] of [0, 1], reaches nine tenths of 1/2. */
function stepsToSpread(d: number, q: number, chains: number, seed: number, signal: AbortSignal): number {
  const most = Math.ceil(40 * d * (2 - Math.log(q)));
  const means = new Float64Array(most);
  const rng = philox(seed, 4);
  const walk = dikinWalk(cubeFrame(d, 1, 0.5), philox(seed, 5));
  walk.radius = 1;
  for (let c = 0; c < chains; c++) {
    signal.throwIfAborted();
    walk.place(Float64Array.from({ length: d }, () => q * (1 - rng.uniform()) - 0.5));
    for (let t = 0; t < most; t++) {
      walk.advance(1);
      means[t]! += walk.position.reduce((sum, w) => sum + w + 0.5, 0) / (d * chains);
    }
  }
  const reached = means.findIndex((mean) => mean >= 0.45);
  return reached < 0 ? most : reached + 1;
}
