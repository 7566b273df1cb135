import { box, enumerateFixedPoints, hypercubeFixedPoints, verifyCertificate } from '@x/fixed-point';
import type { Experiment } from '@x/report/experiment';

export const experiment: Experiment = {
  id: 'counts',
  claim:
    'The noisy cubic network has exactly 3^d fixed points in [-1.6, 1.6]^d, of which exactly 2^d attract; and 2^64 attracting ones at d = 64',
  source: 'own derivation, README section on constructions; Ke, Li, Liang, Shi, Song 2024, arXiv 2410.11279, theorem 5.1 for the 2^d',
  inputs: [],
  async run({ quick, seed, progress, signal }) {
    const most = quick ? 4 : 6;
    const rows: (string | number)[][] = [];
    let right = true;
    for (let d = 1; d <= most; d++) {
      const { net } = hypercubeFixedPoints({ dimension: d, kind: 'cubic', weightNoise: 0.01, biasNoise: 0.01, seed });
      const start = performance.now();
      const found = await enumerateFixedPoints(net, box(-1.6, 1.6, d), { signal });
      const seconds = (performance.now() - start) / 1000;
      const attracting = found.points.filter((point) => point.attracting === true).length;
      const repelling = found.points.filter((point) => point.attracting === false).length;
      // The independent check of all is slow at d = 6; of a sample it is as telling.
      const checked = found.points.filter((_, k) => k % Math.ceil(found.points.length / 40) === 0);
      const valid = checked.filter((point) => verifyCertificate(net, point).valid).length;
      right &&=
        found.complete &&
        found.points.length === 3 ** d &&
        attracting === 2 ** d &&
        repelling === 3 ** d - 2 ** d &&
        valid === checked.length;
      rows.push([
        d,
        found.points.length,
        attracting,
        found.complete ? 'yes' : 'no',
        found.boxes,
        `${valid} of ${checked.length}`,
        seconds.toPrecision(2),
      ]);
      progress(d / (most + 1), `d = ${d}`);
    }
    const { net, certificate, count, contraction } = hypercubeFixedPoints({
      dimension: 64,
      kind: 'cubic',
      weightNoise: 0.02,
      biasNoise: 0.01,
      noise: 0,
      seed,
    });
    const product = verifyCertificate(net, certificate).valid;
    const last = rows[rows.length - 1];
    return {
      measured: `${last[1]} points, ${last[2]} attracting at d = ${most}; ${count} at d = 64, K = ${contraction.toPrecision(3)}`,
      bound: `${3 ** most}, ${2 ** most}; ${2n ** 64n}`,
      verdict: right && product && count === 2n ** 64n ? 'holds' : 'failed',
      table: {
        columns: ['d', 'fixed points', 'attracting', 'complete', 'boxes', 'certificates that the checker confirms', 'seconds'],
        rows,
      },
      plots: [
        {
          title: 'Boxes looked at',
          x: { label: 'd' },
          y: { label: 'boxes', scale: 'log' },
          series: [
            { label: 'boxes', kind: 'line', x: rows.map(([d]) => Number(d)), y: rows.map(([, , , , boxes]) => Number(boxes)) },
            { label: '3^d', kind: 'line', x: rows.map(([d]) => Number(d)), y: rows.map(([d]) => 3 ** Number(d)) },
          ],
        },
      ],
    };
  },
};
