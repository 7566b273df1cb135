import { cdhrWalk, dikinWalk, type Frame, hitAndRunWalk, philox, type Walk } from '@x/dikin-sampler';
import type { Experiment } from '@x/report/experiment';
import { frameOfRows, simplexFrame } from './shared/frames.ts';
import { mixing } from './shared/mixing.ts';

const CONDITIONS = [1, 1e2, 1e4];
const WALKS: readonly (readonly [string, (frame: Frame, seed: number) => Walk, number])[] = [
  ['Dikin', (frame, seed) => dikinWalk(frame, philox(seed)), 1],
  ['hit-and-run', (frame, seed) => hitAndRunWalk(frame, philox(seed)), 20],
  ['hit-and-run along axes', (frame, seed) => cdhrWalk(frame, philox(seed)), 20],
];
/** The same chain in other coordinates, but for the coordinates whose effective sizes are estimated. */
const ALIKE = 2;
/** What hit-and-run must lose at condition 1e4, or the bodies are no test. */
const LOSS = 20;

export const experiment: Experiment = {
  id: 'affine-invariance',
  claim:
    'A simplex skewed by maps of condition 1, 1e2 and 1e4 takes the Dikin walk as many steps an effective draw of the slowest coordinate; hit-and-run in the same coordinates needs more and more',
  source: 'Kannan and Narayanan 2012 (affine invariance of the Dikin walk); Gu, Kuang, Ma, Song, Zhang 2024, algorithm 1',
  inputs: [],
  async run({ quick, seed, signal, progress }) {
    const d = quick ? 5 : 10;
    const steps = quick ? 40_000 : 150_000;
    const needed = WALKS.map(([name, make, factor], w) =>
      CONDITIONS.map((condition, c) => {
        progress((w + c / CONDITIONS.length) / WALKS.length, `${name}, condition ${condition}`);
        const walk = make(skewed(d, condition, seed), seed);
        if ('radius' in walk) walk.radius = 1;
        walk.place(new Float64Array(d));
        return mixing(walk, d, steps * factor, signal).worst;
      }),
    );
    const growth = needed.map((one) => one.at(-1)! / one[0]!);
    const spread = Math.max(...needed[0]!) / Math.min(...needed[0]!);
    const holds = spread < ALIKE && growth.slice(1).every((factor) => factor > LOSS);
    return {
      measured: `Dikin: ${needed[0]!.map((v) => v.toFixed(0)).join(', ')} steps; from condition 1 to 1e4 hit-and-run needs ${growth[1]!.toFixed(0)} times as many, along axes ${growth[2]!.toFixed(0)} times`,
      bound: `Dikin within a factor of ${ALIKE}; the others above ${LOSS}`,
      verdict: holds ? 'holds' : 'failed',
      note: 'where a walk has not mixed at all its effective size is overestimated, so that its growth is at least what is shown',
      table: {
        columns: ['walk', ...CONDITIONS.map((condition) => `steps, condition ${condition.toExponential(0)}`)],
        rows: WALKS.map(([name], w) => [name, ...needed[w]!.map((v) => v.toFixed(0))]),
      },
      plots: [
        {
          title: `Steps an effective draw of the slowest coordinate, skewed simplex, d = ${d}`,
          caption: 'In coordinates that fit badly, only the Dikin walk does not notice.',
          x: { label: 'condition', scale: 'log' },
          y: { label: 'steps', scale: 'log' },
          series: WALKS.map(([label], w) => ({ label, kind: 'line', x: CONDITIONS, y: needed[w]! })),
        },
      ],
    };
  },
};

/** The simplex in coordinates u, w = T u, T = U diag(1 .. condition) V with reflections U and V. */
function skewed(d: number, condition: number, seed: number): Frame {
  const rng = philox(seed, 31);
  const reflect = (v: Float64Array, i: number, j: number) => (i === j ? 1 : 0) - (2 * v[i]! * v[j]!) / v.reduce((sum, e) => sum + e * e, 0);
  const [u, v] = [rng.fillNormal(new Float64Array(d)), rng.fillNormal(new Float64Array(d))];
  const axes = Array.from({ length: d }, (_, i) => i);
  const T = axes.map((i) =>
    axes.map((j) => axes.reduce((sum, k) => sum + reflect(u, i, k) * condition ** (k / (d - 1)) * reflect(v, k, j), 0)),
  );
  const { slack } = simplexFrame(d);
  const rows = [...T.map((row) => row.map((t) => -t)), axes.map((j) => T.reduce((sum, row) => sum + row[j]!, 0))];
  return frameOfRows(rows, [...slack]);
}
