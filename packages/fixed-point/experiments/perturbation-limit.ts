import { box, certify, certifyMostRobust, cubicLimits, enumerateFixedPoints, loopedNet, solveFixedPoint } from '@x/fixed-point';
import { dense } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';

/** Where the point near 1 of the cubic vanishes, for a bias against it: slope 1 at z = 1 / sqrt 3. */
const LIMIT = 1 / (3 * Math.sqrt(3));

export const experiment: Experiment = {
  id: 'perturbation-limit',
  claim:
    'Symmetric boxes prove the corner of the cubic network for biases of either sign up to 0.15166; grown boxes up to the exact limit 1 / (3 sqrt 3) = 0.19245, beyond which the point is gone',
  source: 'own derivation, README section on constructions',
  inputs: [],
  async run({ quick, seed: _, progress, signal }) {
    const steps = quick ? 20 : 80;
    const net = (bias: number) => loopedNet({ weights: dense(1, 1, new Float64Array([1])), bias: [bias], activation: 'cubic' });
    const symmetric = (bias: number) =>
      [bias, -bias].every((b) =>
        Array.from({ length: 280 }, (_, k) => (k + 1) / 1000).some(
          (r) => certify(net(b), box([1 - r], [1 + r]), { method: 'banach' }).status === 'certified',
        ),
      );
    const grown = (bias: number) => {
      const map = net(-bias);
      const run = solveFixedPoint(map.evaluate, [1], { method: 'newton', jacobian: map.jacobian });
      const outcome = certifyMostRobust(map, run.x);
      return run.x[0] > 0 && outcome.status === 'certified' ? outcome.noiseRadius : 0;
    };
    const proved: number[] = [];
    const biases = Array.from({ length: steps + 1 }, (_, k) => (0.2 * k) / steps);
    for (const [k, bias] of biases.entries()) {
      signal.throwIfAborted();
      proved.push(grown(bias));
      progress((k + 1) / (steps + 10));
    }
    const bisect = (works: (bias: number) => boolean, low: number, high: number) => {
      let [a, b] = [low, high];
      for (let step = 0; step < (quick ? 10 : 16); step++) {
        const middle = (a + b) / 2;
        if (works(middle)) a = middle;
        else b = middle;
      }
      return a;
    };
    const atSymmetric = bisect(symmetric, 0.1, 0.2);
    const atGrown = bisect((bias) => grown(bias) > 0, 0.15, 0.2);
    // Beyond the limit: a complete search right of the middle finds nothing.
    const gone = await enumerateFixedPoints(net(-LIMIT - 1e-4), box([0.3], [2.3]));
    const { bias } = cubicLimits(1);
    const right =
      Math.abs(atSymmetric - bias) < 2e-3 && atGrown <= LIMIT && atGrown > LIMIT - 1e-3 && gone.complete && gone.points.length === 0;
    return {
      measured: `symmetric ${atSymmetric.toFixed(5)}, grown ${atGrown.toFixed(5)}; no point at ${(LIMIT + 1e-4).toFixed(5)}`,
      bound: `${bias.toFixed(5)}; ${LIMIT.toFixed(5)}`,
      verdict: right ? 'holds' : 'failed',
      plots: [
        {
          title: 'Disturbances that a proved box around the corner withstands',
          caption: 'The remaining distance to the limit is proved nearly whole: box and proof give away a thousandth.',
          x: { label: 'bias against the corner' },
          y: { label: 'disturbance of each loop' },
          series: [
            { label: 'proved', kind: 'points', x: biases, y: proved },
            { label: 'exact limit', kind: 'line', x: [0, LIMIT], y: [LIMIT, 0] },
          ],
        },
      ],
    };
  },
};
