import { basinMap, box, enumerateFixedPoints, loopedNet, refineBoundary } from '@x/fixed-point';
import { dense } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';

export const experiment: Experiment = {
  id: 'basins',
  claim:
    'On a plane through a looped tanh network every start ends in one of the attracting fixed points that the complete enumeration lists, and no other',
  source: 'own derivation; complete enumeration by interval arithmetic',
  inputs: [],
  async run({ quick, signal, progress }) {
    const W = new Float64Array([1.6, 0.25, -0.35, 1.5]);
    const net = loopedNet({ weights: dense(2, 2, W), bias: [0.02, -0.03], activation: 'tanh' });
    const size = quick ? 60 : 160;
    const map = await basinMap(
      net,
      { origin: [0, 0], u: [1.5, 0], v: [0, 1.5] },
      { width: size, signal, onProgress: (part) => progress(0.8 * part) },
    );
    const { points, complete } = await enumerateFixedPoints(net, box(-1.5, 1.5, 2), { signal });
    const attracting = points.filter((point) => point.attracting === true);
    const listed = map.attractors.every((x) =>
      attracting.some(({ enclosure }) => x.every((v, i) => Math.abs(v - enclosure.lower[i]) < 1e-6)),
    );
    const unreached = map.labels.filter((label) => label === 0).length;
    const boundary = refineBoundary(net.evaluate, map, 1e-4);
    const share = map.attractors.map((_, k) => map.labels.filter((label) => label === k + 1).length / map.labels.length);
    // Cells of each basin as points of the plot, thinned.
    const step = Math.ceil(size / 60);
    const cells = map.attractors.map((_, k) => {
      const x: number[] = [];
      const y: number[] = [];
      for (let row = 0; row < size; row += step) {
        for (let col = 0; col < size; col += step) {
          if (map.labels[row * size + col] !== k + 1) continue;
          x.push(1.5 * ((2 * col + 1) / size - 1));
          y.push(1.5 * (1 - (2 * row + 1) / size));
        }
      }
      return { label: `basin ${k + 1}`, kind: 'points' as const, x, y };
    });
    return {
      measured: `${map.attractors.length} attractors met, shares ${share.map((s) => `${(100 * s).toFixed(0)} %`).join(', ')}; ${unreached} starts unreached`,
      bound: `${attracting.length} attracting of ${points.length} fixed points, complete: ${complete ? 'yes' : 'no'}`,
      verdict: complete && listed && map.attractors.length === attracting.length && unreached === 0 ? 'holds' : 'failed',
      plots: [
        {
          title: 'Basins of attraction',
          x: { label: 'x1' },
          y: { label: 'x2' },
          series: [
            ...cells,
            {
              label: 'boundary, bisected',
              kind: 'points',
              x: boundary.filter((_, k) => k % 2 === 0).map((s) => 1.5 * s),
              y: boundary.filter((_, k) => k % 2 === 1).map((t) => 1.5 * t),
            },
          ],
        },
      ],
    };
  },
};
