import {
  elliptope,
  philox,
  prepareSpectrahedron,
  type Spectrahedron,
  spectralDikinWalk,
  spectralFrameOf,
  spectraplex,
  uniform,
} from '@x/dikin-sampler';
import type { Experiment } from '@x/report/experiment';
import { fitExponent } from '@x/testkit';

const BODIES: readonly (readonly [string, (n: number) => Spectrahedron])[] = [
  ['elliptope', elliptope],
  ['spectraplex', spectraplex],
];

/** alpha as a function of n and d; the first two are the paper's order of magnitude. */
const SIZES: readonly (readonly [string, (n: number, d: number) => number])[] = [
  ['1 / d', (_, d) => 1 / d],
  ['1 / (4 d)', (_, d) => 0.25 / d],
  ['1 / (d min(n, d))', (n, d) => 1 / (d * Math.min(n, d))],
];

/** From here on an acceptance counts as a stall. */
const STALL = 0.1;

export const experiment: Experiment = {
  id: 'spectrahedron-step',
  claim:
    'The Dikin walk with the log-determinant barrier keeps a constant acceptance with steps of alpha = Theta(1 / d), as theorem 1.3 has it',
  source: 'Gu, Kuang, Ma, Song, Zhang 2024, arXiv 2410.05700, theorem 1.3 and lemma G.9; README, "Where the paper\'s text needs care"',
  inputs: [],
  async run({ quick, seed, signal, progress }) {
    const orders = quick ? [4, 6, 8, 12] : [4, 6, 8, 12, 16, 24];
    const rows: (string | number)[][] = [];
    const rates = new Map<string, number[]>();
    for (const [b, [name, make]] of BODIES.entries()) {
      for (const [k, n] of orders.entries()) {
        progress((b + k / orders.length) / BODIES.length, `${name}, n = ${n}`);
        const prepared = await prepareSpectrahedron(make(n), { signal });
        const d = prepared.dimension;
        // Rates of some hundred steps are known to a few hundredths, and a step of n = 24 costs as much as a hundred of n = 4.
        const steps = Math.min(quick ? 800 : 2000, Math.round(20_000 / n));
        const walk = spectralDikinWalk(spectralFrameOf(prepared, uniform), philox(seed, n));
        // Near stationarity first, with steps that are known to move.
        walk.place(new Float64Array(d));
        walk.advance(steps);
        const typical = walk.position.slice();
        const measured = SIZES.map(([size, alpha]) => {
          walk.place(typical);
          walk.radius = Math.sqrt(alpha(n, d) * d * Math.min(n, d));
          let accepted = 0;
          // In pieces, so that an abort is heard.
          for (let piece = 0; piece < 10; piece++) {
            signal.throwIfAborted();
            accepted += walk.advance(steps / 10);
          }
          const rate = accepted / steps;
          const key = `${name}, ${size}`;
          rates.set(key, [...(rates.get(key) ?? []), rate]);
          return rate.toFixed(3);
        });
        rows.push([name, n, d, ...measured]);
      }
    }
    const last = (key: string) => rates.get(key)!.at(-1)!;
    const paper = BODIES.map(([name]) => last(`${name}, ${SIZES[0]![0]}`));
    const corrected = BODIES.map(([name]) => last(`${name}, ${SIZES[2]![0]}`));
    // With a tenth for the spread of some hundred correlated steps.
    const slopes = BODIES.map(([name]) => fitExponent(orders, rates.get(`${name}, ${SIZES[2]![0]}`)!).slope);
    const stalls = paper.every((rate) => rate < STALL);
    const holds = corrected.every((rate) => rate > 0.25) && slopes.every((slope) => slope > -0.35);
    const n = orders.at(-1)!;
    return {
      measured: `acceptance at n = ${n}: ${Math.max(...paper).toFixed(3)} at most with alpha = 1 / d; ${Math.min(...corrected).toFixed(2)} at least with 1 / (d min(n, d)), which falls as n^${Math.min(...slopes).toFixed(2)}`,
      bound: `a constant; below ${STALL} is a stall`,
      verdict: stalls && holds ? 'refuted-as-documented' : stalls ? 'failed' : 'holds',
      note: 'lemma G.9 bounds ||H^{-1/2} grad log det H|| by 2 d where O(sqrt d) is needed; with alpha = Theta(1 / (d min(n, d))) the acceptance is constant',
      table: { columns: ['body', 'n', 'd', ...SIZES.map(([size]) => `acceptance, alpha = ${size}`)], rows },
      plots: BODIES.map(([name]) => ({
        title: `Acceptance in the ${name}`,
        caption: 'Only the steps that are shorter by 1 / sqrt(n) keep being accepted as the matrices grow.',
        x: { label: 'n', scale: 'log' as const },
        y: { label: 'acceptance' },
        series: SIZES.map(([size]) => ({ label: `alpha = ${size}`, kind: 'line' as const, x: orders, y: rates.get(`${name}, ${size}`)! })),
      })),
    };
  },
};
