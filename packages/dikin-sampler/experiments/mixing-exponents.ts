import { dikinWalk, type Frame, philox } from '@x/dikin-sampler';
import type { Experiment } from '@x/report/experiment';
import { fitExponent } from '@x/testkit';
import { cubeFrame, simplexFrame } from './shared/frames.ts';
import { mixing } from './shared/mixing.ts';

const BODIES: readonly (readonly [string, (d: number) => Frame])[] = [
  ['cube', cubeFrame],
  ['simplex', simplexFrame],
];
const BARRIERS = ['log', 'leeSidford'] as const;
/** r of the steps, fixed: with r tuned the exponents would be those of the tuning. Small, so that nearly all are accepted throughout. */
const RADIUS = 0.5;
const LIMITS = { dimension: 2.3, log: 0.7, leeSidford: 0.35 } as const;

export const experiment: Experiment = {
  id: 'mixing-exponents',
  claim:
    'Steps an effective draw grow with the dimension no faster than nu d = O(d^2) where n grows with d; with k copies of every facet they grow in proportion to k for the log barrier, whose nu is n, and hardly for the Lee-Sidford barrier, whose nu is O(d) up to logarithms',
  source: 'Gu, Kuang, Ma, Song, Zhang 2024, arXiv 2410.05700, theorems 1.1 and 1.2',
  inputs: [],
  async run({ quick, seed, signal, progress }) {
    const dimensions = quick ? [5, 10, 20] : [5, 10, 20, 40];
    const copies = quick ? [1, 4, 16] : [1, 2, 4, 8, 16];
    const d = 6;
    const rows: (string | number)[][] = [];
    const measure = (name: string, frame: Frame, barrier: (typeof BARRIERS)[number], steps: number) => {
      const walk = dikinWalk(frame, philox(seed, rows.length), { barrier });
      walk.radius = RADIUS;
      walk.place(new Float64Array(frame.dimension));
      const { typical, acceptance } = mixing(walk, frame.dimension, steps, signal);
      rows.push([name, barrier, frame.dimension, frame.A.rows, typical.toFixed(1), acceptance.toFixed(2)]);
      return typical;
    };
    const byDimension = BODIES.map(([name, make], b) =>
      dimensions.map((dimension, k) => {
        progress((b + k / dimensions.length) / 4, `${name}, d = ${dimension}`);
        return measure(name, make(dimension), 'log', (quick ? 4000 : 5000) * dimension);
      }),
    );
    const byCopies = BARRIERS.map((barrier, b) =>
      copies.map((k, i) => {
        progress((2 + b + i / copies.length) / 4, `${barrier}, ${k} copies`);
        return measure(`cube, ${k} copies`, cubeFrame(d, k), barrier, (quick ? 5000 : 15_000) * (barrier === 'log' ? k : 2));
      }),
    );
    const slopes = byDimension.map((steps) => fitExponent(dimensions, steps).slope);
    const [log, leeSidford] = byCopies.map((steps) => fitExponent(copies, steps).slope) as [number, number];
    const holds = Math.max(...slopes) < LIMITS.dimension && log > LIMITS.log && leeSidford < LIMITS.leeSidford;
    return {
      measured: `d^${slopes.map((slope) => slope.toFixed(2)).join(' (cube), d^')} (simplex); k^${log.toFixed(2)} (log), k^${leeSidford.toFixed(2)} (Lee-Sidford)`,
      bound: `below d^${LIMITS.dimension}; above k^${LIMITS.log} and below k^${LIMITS.leeSidford}`,
      verdict: holds ? 'holds' : 'failed',
      table: { columns: ['body', 'barrier', 'd', 'n', 'steps an effective draw', 'acceptance'], rows },
      plots: [
        {
          title: 'Steps an effective draw against the dimension, log barrier',
          x: { label: 'd', scale: 'log' },
          y: { label: 'steps', scale: 'log' },
          series: BODIES.map(([label], b) => ({ label, kind: 'line', x: dimensions, y: byDimension[b]! })),
        },
        {
          title: `Steps an effective draw in the cube of ${d} dimensions with every facet k times`,
          caption: 'Copies shrink the log barrier’s ellipsoids; Lewis weights share one weight among the copies.',
          x: { label: 'k', scale: 'log' },
          y: { label: 'steps', scale: 'log' },
          series: BARRIERS.map((label, b) => ({ label, kind: 'line', x: copies, y: byCopies[b]! })),
        },
      ],
    };
  },
};
