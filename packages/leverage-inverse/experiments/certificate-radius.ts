import { certify, dense, leverageGradient, leverageHessian, residentDesign } from '@x/leverage-inverse';
import { philox } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';

export const experiment: Experiment = {
  id: 'certificate-radius',
  claim:
    'The certificate is never wrong: the distance to the solution, in the norm of Qhat, stays below the certified radius, over eight decades of it',
  source: 'own derivation, README "The certificate"',
  inputs: [],
  async run({ quick, seed, progress, signal }) {
    const trials = quick ? 200 : 2000;
    const radii: number[] = [];
    const distances: number[] = [];
    const shares: number[] = [];
    let wrong = 0;
    for (let t = 0; t < trials; t++) {
      signal.throwIfAborted();
      const { design, x } = problem(seed, t);
      const c = leverageGradient(design, x).gradient;
      const rng = philox(seed, 1e6 + t);
      const size = 10 ** (-1.5 - 8 * rng.uniform());
      const y = x.map((value) => value * (1 + size * rng.normal()));
      const certificate = certify(design, c, y);
      if (certificate === undefined) continue;
      const Qhat = leverageHessian(design, y, { mode: 'qhat' });
      const d = x.length;
      let square = 0;
      for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) square += (y[i]! - x[i]!) * Qhat.data[i * d + j]! * (y[j]! - x[j]!);
      const distance = Math.sqrt(square);
      if (distance > certificate.radius) wrong++;
      radii.push(certificate.radius);
      distances.push(distance);
      shares.push(distance / certificate.radius);
      if (t % 50 === 0) progress((t + 1) / trials);
    }
    shares.sort((a, b) => a - b);
    return {
      measured: `${wrong} of ${radii.length} certificates wrong; distance over radius: median ${shares[shares.length >> 1]!.toFixed(2)}, largest ${shares.at(-1)!.toFixed(2)}`,
      bound: '0 wrong, at least half of the points certified',
      verdict: wrong === 0 && radii.length >= trials / 2 ? 'holds' : 'failed',
      plots: [
        {
          title: 'Certified radius against the true distance',
          x: { label: 'certified radius', scale: 'log' },
          y: { label: 'distance', scale: 'log' },
          series: [
            { label: 'points', kind: 'points', x: radii, y: distances },
            { label: 'equal', kind: 'line', x: [1e-11, 0.1], y: [1e-11, 0.1] },
          ],
        },
      ],
    };
  },
};

function problem(seed: number, t: number) {
  const rng = philox(seed, t);
  const d = 1 + rng.integer(8);
  const n = 3 * d + 5 + rng.integer(100);
  const A = dense(n, d, rng.fillNormal(new Float64Array(n * d)));
  const x = rng.fillNormal(new Float64Array(d));
  const b = Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += A.data[i * d + j]! * x[j]!;
    return sum - 10 ** (2 * rng.uniform() - 1);
  });
  return { design: residentDesign({ A, b }), x };
}
