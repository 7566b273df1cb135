import { box, classify, dense, enumerateFixedPoints, loopedNet, solveFixedPoint, verifyCertificate } from '@x/fixed-point';
import { philox } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';
import { type Recurrent, trainFlipFlop } from './shared/flip-flop-training.ts';

const BITS = 3;
const HIDDEN = 5;

export const experiment: Experiment = {
  id: 'flip-flop',
  claim:
    'A tanh network trained to remember three bits has exactly eight attracting fixed points, one for each memory, and saddles between them: all found, each proved to attract or not, nothing else in [-1, 1]^5',
  source:
    'Sussillo and Barak 2013, Neural Computation 25 (the task of three bits and its fixed points, found by optimisation there); complete enumeration by interval arithmetic',
  inputs: [],
  async run({ seed, signal, progress }) {
    const { net: trained, loss } = trainFlipFlop({
      bits: BITS,
      hidden: HIDDEN,
      steps: 3000,
      seed,
      signal,
      onProgress: (part) => progress(0.5 * part),
    });
    const net = loopedNet({ weights: dense(HIDDEN, HIDDEN, trained.W), bias: trained.b, activation: 'tanh' });
    const { points, boundary, complete, boxes } = await enumerateFixedPoints(net, box(-1, 1, HIDDEN), {
      signal,
      onProgress: (part) => progress(0.5 + 0.5 * part),
    });
    const middle = ({ lower, upper }: { lower: Float64Array; upper: Float64Array }) => lower.map((l, i) => l / 2 + upper[i] / 2);
    const attracting = points.filter((point) => point.attracting === true);
    const open = points.filter((point) => point.attracting === 'unknown');
    const memories = new Set(attracting.map(({ enclosure }) => decoded(trained, middle(enclosure)).map(Math.sign).join()));
    const confirmed = points.every((point) => verifyCertificate(net, point).valid);
    // What the search by Newton's method from random starts finds must be among them.
    const rng = philox(seed, 9);
    let missed = 0;
    for (let k = 0; k < 200; k++) {
      const start = Float64Array.from({ length: HIDDEN }, () => 2 * rng.uniform() - 1);
      const run = solveFixedPoint(net.evaluate, start, { method: 'newton', jacobian: net.jacobian });
      if (run.converged && !points.some(({ enclosure }) => run.x.every((v, i) => Math.abs(v - enclosure.lower[i]) < 1e-7))) missed++;
    }
    const byIndex = new Map<number, number>();
    for (const { enclosure } of points) {
      const { index } = classify(net, middle(enclosure));
      byIndex.set(index, (byIndex.get(index) ?? 0) + 1);
    }
    const indices = [...byIndex].sort((a, b) => a[0] - b[0]);
    const holds =
      complete && boundary.length === 0 && attracting.length === 8 && memories.size === 8 && open.length === 0 && confirmed && missed === 0;
    return {
      measured: `${attracting.length} attract, one for each of ${memories.size} memories, of ${points.length} in all; ${open.length} open; enumeration ${complete ? 'complete' : 'not complete'}; checker: ${confirmed ? 'all valid' : 'not all valid'}; 200 searches by Newton found ${missed} others`,
      bound: '8 attract, 8 memories; 0 open; complete; all valid; 0',
      verdict: holds ? 'holds' : 'failed',
      note: `loss after training ${loss.toExponential(1)}; ${boxes} boxes; by number of unstable directions: ${indices.map(([index, count]) => `${index}: ${count}`).join(', ')}`,
      plots: [
        {
          title: 'Fixed points of a trained flip-flop, by what they remember',
          caption: 'Attracting ones at the corners; what lies between them is unstable.',
          x: { label: 'first output' },
          y: { label: 'second output, and a little of the third' },
          series: [true, false].map((attracts) => {
            const outputs = points
              .filter(({ attracting: a }) => a === attracts)
              .map(({ enclosure }) => decoded(trained, middle(enclosure)));
            return {
              label: attracts ? 'attracting' : 'not attracting',
              kind: 'points' as const,
              x: outputs.map(([a, , c]) => a + 0.25 * c),
              y: outputs.map(([, b, c]) => b + 0.15 * c),
            };
          }),
        },
      ],
    };
  },
};

/** What a state says of each bit. */
function decoded({ C, c }: Recurrent, x: Float64Array): number[] {
  return Array.from(c, (v, o) => x.reduce((sum, xi, i) => sum + C[o * x.length + i] * xi, v));
}
