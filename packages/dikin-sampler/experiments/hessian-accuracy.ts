import { dikinWalk, type Frame, philox } from '@x/dikin-sampler';
import { dense, eigenvalues } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';
import { frameOfRows } from './shared/frames.ts';

/** Slacks rounded to powers of 1 + e make Hessians of every accuracy, each a function of the point. */
const BUCKETS = [0.05, 0.1, 0.2, 0.5, 1, 2, 4, 8];
const KEPT = 0.8;

export const experiment: Experiment = {
  id: 'hessian-accuracy',
  claim:
    'A Hessian that is right to a relative 1 / sqrt d keeps the acceptance of the exact one; theorem 1.1 asks for O(1 / d). A rougher one costs acceptance, never exactness',
  source: 'own derivation: README, "Where the paper\'s text needs care"; Gu, Kuang, Ma, Song, Zhang 2024, theorem 1.1 and lemma D.12',
  inputs: [],
  async run({ quick, seed, signal, progress }) {
    const sizes: readonly (readonly [number, number])[] = [[40, 10], [200, 10], ...(quick ? [] : [[1000, 20] as const])];
    const steps = quick ? 4000 : 10_000;
    const rows: (string | number)[][] = [];
    const series: { label: string; x: number[]; y: number[] }[] = [];
    let least = 1;
    for (const [at, [n, d]] of sizes.entries()) {
      const frame = randomBody(n, d, seed);
      const exact = dikinWalk(frame, philox(seed));
      exact.place(new Float64Array(d));
      exact.advance(steps / 4);
      const typical = exact.position.slice();
      const rate = acceptance(exact, steps, signal);
      const [x, y]: [number[], number[]] = [[], []];
      for (const [k, bucket] of BUCKETS.entries()) {
        progress((at + k / BUCKETS.length) / sizes.length, `n = ${n}, e = ${bucket}`);
        const walk = dikinWalk(frame, philox(seed), { hessian: 'bucketed', bucket });
        exact.place(typical);
        walk.place(typical);
        const error = relativeError(exact.factor(), walk.factor(), d);
        const share = acceptance(walk, steps, signal) / rate;
        if (error <= 1 / Math.sqrt(d)) least = Math.min(least, share);
        rows.push([n, d, bucket, error.toPrecision(2), (error * Math.sqrt(d)).toFixed(2), share.toFixed(3)]);
        x.push(error * Math.sqrt(d));
        y.push(share);
      }
      series.push({ label: `n = ${n}, d = ${d}`, x, y });
    }
    const lost = Math.min(...series.flatMap(({ y }) => y));
    return {
      measured: `at least ${(100 * least).toFixed(0)} % of the acceptance up to errors of 1 / sqrt d; ${(100 * lost).toFixed(0)} % at the roughest`,
      bound: `>= ${100 * KEPT} %`,
      verdict: least >= KEPT ? 'holds' : 'failed',
      table: { columns: ['n', 'd', 'e', 'relative error', 'times sqrt d', 'share of the exact acceptance'], rows },
      plots: [
        {
          title: 'Acceptance against the accuracy of the Hessian',
          x: { label: 'largest relative error of an eigenvalue, times sqrt d', scale: 'log' },
          y: { label: 'share of the exact acceptance' },
          series: series.map((one) => ({ ...one, kind: 'line' as const })),
        },
      ],
    };
  },
};

function acceptance(walk: ReturnType<typeof dikinWalk>, steps: number, signal: AbortSignal): number {
  walk.radius = 0.7;
  let moved = 0;
  for (let piece = 0; piece < 20; piece++) {
    signal.throwIfAborted();
    moved += walk.advance(steps / 20);
  }
  return moved / steps;
}

/** The largest |eigenvalue - 1| of the one metric in the frame of the other, R^{-T} S^T S R^{-1} with upper factors R and S. */
function relativeError(R: Float64Array, S: Float64Array, d: number): number {
  const X = new Float64Array(d * d);
  // Rows of S R^{-1}, by forward substitution.
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      let sum = j < i ? 0 : S[i * d + j]!;
      for (let k = 0; k < j; k++) sum -= X[i * d + k]! * R[k * d + j]!;
      X[i * d + j] = sum / R[j * d + j]!;
    }
  }
  const G = new Float64Array(d * d);
  for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) for (let k = 0; k < d; k++) G[i * d + j]! += X[k * d + i]! * X[k * d + j]!;
  return eigenvalues(dense(d, d, G)).reduce((most, value) => Math.max(most, Math.abs(value - 1)), 0);
}

/** Random unit halfspaces at distance 1 to 2 from the origin. */
function randomBody(n: number, d: number, seed: number): Frame {
  const rng = philox(seed, 17);
  const rows = Array.from({ length: n }, () => {
    const row = [...rng.fillNormal(new Float64Array(d))];
    const norm = Math.hypot(...row);
    return row.map((v) => v / norm);
  });
  return frameOfRows(
    rows,
    rows.map(() => 1 + rng.uniform()),
  );
}
