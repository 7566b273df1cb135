import { certifyDistortion, countSketch, type Dense, gaussianSketch, osnap, type Sketch, spectralDistortion, srht, zeros } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';
import { binomialLimit, ensemble } from '@x/testkit';

/** Of the whole verdict when all is right: half for the bound, over its cases, and half for the certificates. */
const FALSE_ALARM = 1e-6;
const delta = 0.1;
/** Of one certificate. */
const failure = 1e-6;
/** Lanczos steps: too few to find the distortion, so that a certificate has something to add to its estimate. */
const steps = 6;

type Make = (m: number, n: number, options: { seed: number }) => Sketch;
const kinds: [string, Make][] = [
  ['gaussian', gaussianSketch],
  ['srht', srht],
  ['osnap, 4 entries', osnap],
  ['count-sketch', countSketch],
];

export const experiment: Experiment = {
  id: 'subspace-embedding',
  claim:
    'A Gaussian sketch keeps the singular values of an orthonormal U within 1 +- (sqrt d + sqrt(2 ln(2 / delta))) / sqrt m with probability 1 - delta; where CountSketch loses a spike, the certificate after the fact says so',
  source: 'Davidson and Szarek 2001, theorem II.13; certificate: van Dorsselaer, Hochstenbach, van der Vorst 2000',
  inputs: [],
  async run({ quick, seed, signal, progress }) {
    const [n, d, trials] = [quick ? 512 : 4096, 12, quick ? 40 : 200];
    const spikes: Dense = zeros(n, d);
    for (let j = 0; j < d; j++) spikes.data[j * d + j] = 1;
    const bodies: [string, Dense][] = [
      ['gaussian', ensemble('gaussian', n, d, seed)],
      ['spikes', spikes],
    ];
    const sizes = [4 * d, 8 * d, 16 * d, 32 * d];
    const limit = binomialLimit(trials, delta, FALSE_ALARM / 2 / (bodies.length * sizes.length));
    const certificates = kinds.length * bodies.length * sizes.length * trials;
    const wrongLimit = binomialLimit(certificates, failure, FALSE_ALARM / 2);
    const results = kinds.flatMap(([kind, make], a) =>
      bodies.flatMap(([body, A], b) =>
        sizes.map((m, c) => {
          const arm = sizes.length * (bodies.length * a + b) + c;
          progress(arm / (certificates / trials), `${kind}, ${body}, m = ${m}`);
          const width = (Math.sqrt(d) + Math.sqrt(2 * Math.log(2 / delta))) / Math.sqrt(m);
          let [outside, wrong, below, lost] = [0, 0, 0, 0];
          const distortions = Float64Array.from({ length: trials }, (_, t) => {
            signal.throwIfAborted();
            const SA = make(m, n, { seed: seed + t }).apply(A);
            const { distortion, smallest, largest } = spectralDistortion(A, SA);
            if (largest > 1 + width || smallest < 1 - width) outside++;
            if (smallest < 1e-5) lost++;
            // Seeds of their own make certificates independent, given the sketches.
            const options = { steps, failure, seed: seed + arm * trials + t };
            const { certifiedDistortion, distortionEstimate } = certifyDistortion(A, SA, options);
            if (certifiedDistortion < distortion * (1 - 1e-9)) wrong++;
            if (distortionEstimate < distortion * (1 - 1e-9)) below++;
            return distortion;
          }).sort();
          return { kind, body, m, outside, wrong, below, lost, distortions };
        }),
      ),
    );
    const gaussian = results.filter((r) => r.kind === 'gaussian');
    const wrong = results.reduce((s, r) => s + r.wrong, 0);
    const below = results.reduce((s, r) => s + r.below, 0);
    // Of 12 spikes two or more meet in 48 rows with probability 0.78: in none of 40 trials with one of 1e-26.
    const lost = results.find((r) => r.kind === 'count-sketch' && r.body === 'spikes')!.lost;
    // The estimate alone would not pass for a certificate, or the count of those would show nothing.
    const holds = gaussian.every((r) => r.outside <= limit) && wrong <= wrongLimit && below > wrongLimit && lost > 0;
    return {
      measured: `at most ${Math.max(...gaussian.map((r) => r.outside))} of ${trials} outside; ${wrong} of ${certificates} certificates and ${below} of their estimates too small; CountSketch of ${4 * d} rows lost spikes in ${lost} of ${trials}`,
      bound: `${limit} of ${trials} (delta = ${delta}); ${wrongLimit} certificates (failure ${failure.toExponential(0)}), of estimates more; false alarms of both at most ${FALSE_ALARM.toExponential(0)}`,
      verdict: holds ? 'holds' : 'failed',
      table: {
        columns: ['sketch', 'matrix', 'm / d', 'median distortion', 'largest', 'outside the Gaussian bound'],
        rows: results.map((r) => [
          r.kind,
          r.body,
          r.m / d,
          r.distortions[trials >> 1]!.toFixed(3),
          r.distortions[trials - 1]!.toFixed(3),
          r.outside,
        ]),
      },
      plots: bodies.map(([body]) => ({
        title: `Largest distortion of ${trials} sketches, ${body} (d = ${d})`,
        x: { label: 'm / d', scale: 'log' as const },
        y: { label: 'largest distortion' },
        series: kinds.map(([kind]) => {
          const rows = results.filter((r) => r.kind === kind && r.body === body);
          return { label: kind, kind: 'line' as const, x: rows.map((r) => r.m / d), y: rows.map((r) => r.distortions[trials - 1]!) };
        }),
      })),
    };
  },
};
