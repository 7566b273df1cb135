import { essBulk, type Polytope, polytope, prepare, type Run, sample } from '@x/dikin-sampler';
import { highs } from '@x/dikin-sampler/highs';
import { dense, philox } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';
import { tTest } from '@x/testkit';
import { histograms, mean } from './shared/summary.ts';

const FALSE_ALARM = 1e-6;
const LEAST_ESS = 1000;

interface Functional {
  readonly value: (x: Float64Array) => number;
  readonly expected: number;
}

interface Known {
  readonly name: string;
  readonly body: Polytope;
  readonly truths: readonly Functional[];
}

export const experiment: Experiment = {
  id: 'known-truths',
  claim:
    'Draws have the moments that are known: of the simplex (Dirichlet), of the Birkhoff polytope, and of a simplex skewed by a map of condition 1e4, for both walks',
  source: 'Gu, Kuang, Ma, Song, Zhang 2024, theorem 1.1 (pi is stationary); truths by integration',
  inputs: [],
  async run({ quick, seed, signal, progress }) {
    const bodies = [simplexCase(quick ? 5 : 10), birkhoffCase(quick ? 3 : 4), skewedCase(quick ? 4 : 8, seed)];
    const walks = ['cdhr', 'dikin'] as const;
    const rows: (string | number)[][] = [];
    let worst = { p: 1, statistic: 0 };
    let passed = true;
    let shown: Run | undefined;
    const solver = await highs();
    for (const [k, { name, body, truths }] of bodies.entries()) {
      const prepared = await prepare(body, { solver, signal });
      for (const [w, walk] of walks.entries()) {
        const at = k * walks.length + w;
        const report = (f: number) => progress((at + f) / (bodies.length * walks.length), `${name}, ${walk}`);
        const run = await sample(prepared, { walk, seed, signal, workers: 2, draws: 1500, onProgress: report });
        shown ??= run;
        const chains = truths.map(({ value }) => evaluate(run, value));
        const ess = chains.reduce((least, one) => Math.min(least, essBulk(one)), Number.POSITIVE_INFINITY);
        const verdict = tTest(
          chains.map(batchMeans),
          truths.map(({ expected }) => expected),
          FALSE_ALARM,
        );
        passed &&= verdict.pass && ess >= LEAST_ESS;
        if (verdict.p <= worst.p) worst = verdict;
        rows.push([name, walk, truths.length, Math.floor(ess), Math.abs(verdict.statistic).toFixed(2), verdict.p.toPrecision(2)]);
      }
    }
    const d = shown!.names.length;
    const axis = Array.from({ length: 101 }, (_, i) => (0.6 * i) / 100);
    return {
      measured: `largest deviation ${Math.abs(worst.statistic).toFixed(1)} standard errors, p = ${worst.p.toPrecision(2)} after Bonferroni`,
      bound: `p >= ${FALSE_ALARM.toExponential(0)}, ESS >= ${LEAST_ESS} demanded first`,
      verdict: passed ? 'holds' : 'failed',
      table: { columns: ['body', 'walk', 'moments', 'least ESS', 'largest |t|', 'p, Bonferroni'], rows },
      plots: [
        {
          title: `Simplex in ${d} dimensions: marginal of the first coordinate`,
          x: { label: 'x0' },
          y: { label: 'density' },
          series: [
            ...histograms([shown!], 0, 30, ['draws']),
            { label: `Beta(1, ${d})`, kind: 'line', x: axis, y: axis.map((x) => d * (1 - x) ** (d - 1)) },
          ],
        },
      ],
    };
  },
};

/** Uniform on the simplex is Dirichlet(1, ..., 1) on the barycentric coordinates. */
function dirichlet(d: number, barycentric: (x: Float64Array) => Float64Array): Functional[] {
  return Array.from({ length: d + 1 }, (_, j) => [
    { value: (x: Float64Array) => barycentric(x)[j]!, expected: 1 / (d + 1) },
    { value: (x: Float64Array) => barycentric(x)[j]! ** 2, expected: 2 / ((d + 1) * (d + 2)) },
  ]).flat();
}

const withLast = (x: Float64Array) => Float64Array.of(...x, 1 - x.reduce((sum, v) => sum + v, 0));

function simplexCase(d: number): Known {
  const body = polytope({ A: dense(1, d, new Float64Array(d).fill(1)), b: [1], lower: 0 });
  return { name: `simplex, d = ${d}`, body, truths: dirichlet(d, withLast) };
}

function birkhoffCase(n: number): Known {
  const Aeq = new Float64Array(2 * n ** 3);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      Aeq[i * n * n + i * n + k] = 1;
      Aeq[(n + i) * n * n + k * n + i] = 1;
    }
  }
  const body = polytope({ Aeq: dense(2 * n, n * n, Aeq), beq: new Float64Array(2 * n).fill(1), lower: 0 });
  const means = Array.from({ length: n * n }, (_, k) => ({ value: (x: Float64Array) => x[k]!, expected: 1 / n }));
  // Exchanging rows or columns maps the body to itself, so all entries have the same law.
  const alike = Array.from({ length: n * n - 1 }, (_, k) => ({ value: (x: Float64Array) => x[0]! ** 2 - x[k + 1]! ** 2, expected: 0 }));
  return { name: `Birkhoff, ${n} x ${n}`, body, truths: [...means, ...alike] };
}

/** The simplex mapped by (U diag(1 .. 1e-4) V)^T with random orthogonal U and V, products of reflections. */
function skewedCase(d: number, seed: number): Known {
  const rng = philox(seed, 9999);
  const T = new Float64Array(d * d);
  const reflect = (v: Float64Array, i: number, j: number) => (i === j ? 1 : 0) - (2 * v[i]! * v[j]!) / v.reduce((sum, e) => sum + e * e, 0);
  const [u, v] = [rng.fillNormal(new Float64Array(d)), rng.fillNormal(new Float64Array(d))];
  // Its inverse, which maps back to the simplex, has the singular values 1 .. 1e4.
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) for (let k = 0; k < d; k++) T[i * d + j]! += reflect(u, i, k) * 1e4 ** (k / (d - 1)) * reflect(v, k, j);
  const A = new Float64Array((d + 1) * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      A[i * d + j] = -T[i * d + j]!;
      A[d * d + j]! += T[i * d + j]!;
    }
  }
  const back = (x: Float64Array) =>
    withLast(Float64Array.from({ length: d }, (_, i) => x.reduce((sum, e, j) => sum + T[i * d + j]! * e, 0)));
  const body = polytope({ A: dense(d + 1, d, A), b: [...new Float64Array(d), 1] });
  return { name: `skewed simplex, d = ${d}`, body, truths: dirichlet(d, back) };
}

function evaluate({ samples, chains, draws, names }: Run, value: (x: Float64Array) => number): Float64Array[] {
  const n = names.length;
  return Array.from({ length: chains }, (_, c) =>
    Float64Array.from({ length: draws }, (_, t) => value(samples.subarray((c * draws + t) * n, (c * draws + t + 1) * n))),
  );
}

/** 30 batches a chain, each many autocorrelation times long. */
function batchMeans(chains: readonly Float64Array[]): number[] {
  return chains.flatMap((chain) => {
    const size = Math.floor(chain.length / 30);
    return Array.from({ length: 30 }, (_, k) => mean([...chain.subarray(k * size, (k + 1) * size)]));
  });
}
