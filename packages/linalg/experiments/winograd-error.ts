import { type Dense, dense, gemm } from '@x/linalg';
import type { Experiment } from '@x/report/experiment';
import { type Random, random } from '@x/testkit';

const UNIT = 2 ** -53;
const LEVELS = [0, 1, 2, 3, 4];
/** Rows of the product that are compared with the exact one, spread over all quarters of quarters. */
const SAMPLED = 16;

const LAWS: readonly { readonly name: string; readonly draw: (r: Random) => number }[] = [
  { name: 'uniform(-1, 1)', draw: (r) => 2 * r.uniform() - 1 },
  { name: 'uniform(0, 1)', draw: (r) => r.uniform() },
  { name: 'normal', draw: (r) => r.normal() },
  { name: 'wide range', draw: (r) => (2 * r.uniform() - 1) * 10 ** r.integer(-8, 0) },
];

function square(n: number, draw: (i: number, j: number) => number): Dense {
  return dense(
    n,
    n,
    Float64Array.from({ length: n * n }, (_, p) => draw(Math.floor(p / n), p % n)),
  );
}

/** High and low half of a number: Veltkamp's splitting. */
function split(x: number): [number, number] {
  const c = 134217729 * x;
  const high = c - (c - x);
  return [high, x - high];
}

/** C_ij - (A B)_ij, by products without error (Dekker) and sums with doubled precision: exact to about n^2 u^2. */
function errorAt(A: Dense, B: Dense, C: Dense, i: number, j: number): number {
  const n = A.cols;
  let high = -C.data[i * n + j]!;
  let low = 0;
  for (let l = 0; l < n; l++) {
    const [a, b] = [A.data[i * n + l]!, B.data[l * n + j]!];
    const p = a * b;
    const [ah, al] = split(a);
    const [bh, bl] = split(b);
    const s = high + p;
    const t = s - high;
    low += high - (s - t) + (p - t) + (al * bl - (p - ah * bh - al * bh - ah * bl));
    high = s;
  }
  return -(high + low);
}

const most = (x: Float64Array): number => x.reduce((m, v) => Math.max(m, Math.abs(v)), 0);

interface Errors {
  /** max |error| / (u max|A| max|B|) */
  readonly norm: number;
  /** max |error| / (u |A| |B|), entry by entry. */
  readonly entry: number;
}

function errorsOf(A: Dense, B: Dense, levels: number): Errors {
  const n = A.rows;
  const C = gemm({ A, B, algorithm: 'winograd', levels });
  let [norm, entry] = [0, 0];
  for (let q = 0; q < SAMPLED; q++) {
    const i = Math.floor(((q + 0.5) * n) / SAMPLED);
    for (let j = 0; j < n; j++) {
      const error = Math.abs(errorAt(A, B, C, i, j)) / UNIT;
      let terms = 0;
      for (let l = 0; l < n; l++) terms += Math.abs(A.data[i * n + l]! * B.data[l * n + j]!);
      norm = Math.max(norm, error);
      entry = Math.max(entry, error / terms);
    }
  }
  return { norm: norm / (most(A.data) * most(B.data)), entry };
}

/** The bound of `Errors.norm`; up to O(u). */
const bound = (n: number, levels: number): number =>
  ((n / 2 ** levels) ** 2 + 6 * (n / 2 ** levels)) * 18 ** levels - (levels > 0 ? 6 * n : 0);

export const experiment: Experiment = {
  id: 'winograd-error',
  claim:
    'L levels of Strassen-Winograd err by at most ((n / 2^L)^2 + 6 n / 2^L) 18^L u max|A| max|B|, in practice by about 2^L times as much as the classical product; small entries beside large ones lose the digits that the classical product keeps',
  source: 'Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 23.2; the documentation of gemm',
  inputs: [],
  async run({ quick, seed, signal, progress }) {
    const sizes = quick ? [64, 128, 256] : [64, 128, 256, 512, 1024];
    const cases = LAWS.flatMap(({ name, draw }) =>
      sizes.map((n) => {
        const r = random(seed + n);
        return { name, n, A: square(n, () => draw(r)), B: square(n, () => draw(r)) };
      }),
    );
    const results = cases.flatMap(({ name, n, A, B }, c) =>
      LEVELS.map((levels) => {
        signal.throwIfAborted();
        progress((c + levels / LEVELS.length) / cases.length, `${name}, n = ${n}`);
        return { name, n, levels, ...errorsOf(A, B, levels) };
      }),
    );
    // Blocks of size 1 beside blocks of size 1e-8: the product of the small ones is 1e-16 of what it is computed from.
    const n = 128;
    const r = random(seed);
    const graded = (): Dense => square(n, (i, j) => (2 * r.uniform() - 1) * (i < n / 2 ? 1 : 1e-8) * (j < n / 2 ? 1 : 1e-8));
    const [A, B] = [graded(), graded()];
    const lost = LEVELS.map((levels) => ({ levels, ...errorsOf(A, B, levels) }));
    const classical = results
      .filter((x) => x.levels === 0)
      .concat(lost.filter((x) => x.levels === 0).map((x) => ({ name: 'graded', n, ...x })));
    const used = Math.max(...results.map((x) => x.norm / bound(x.n, x.levels)));
    const holds =
      results.every((x) => x.norm <= bound(x.n, x.levels)) &&
      // gamma_n / u, what rounding in `terms` hides included.
      classical.every((x) => x.entry <= (x.n + 1) * (1 + 1e-12)) &&
      lost.every((x) => x.norm <= bound(n, x.levels) && (x.levels === 0 || x.entry > n + 1));
    const growth = LEVELS.slice(1).map((levels) => {
      const ratios = results
        .filter((x) => x.levels === levels)
        .map((x) => x.norm / results.find((y) => y.levels === 0 && y.n === x.n && y.name === x.name)!.norm);
      return Math.max(...ratios).toFixed(1);
    });
    return {
      measured: `at most ${used.toExponential(1)} of the bound`,
      bound: '1',
      verdict: holds ? 'holds' : 'failed',
      note: `At 1, 2, 3, 4 levels the error is at most ${growth.join(', ')} times that of the classical product. On the graded matrices the error at one level is ${lost[1]!.entry.toExponential(1)} u |A| |B| in some entry, against ${lost[0]!.entry.toFixed(1)} for the classical product and ${n} allowed there.`,
      table: {
        columns: ['entries', 'n', 'levels', 'error / (u max|A| max|B|)', 'bound', 'error / (u |A| |B|), worst entry'],
        rows: [...results, ...lost.map((x) => ({ name: 'graded', n, ...x }))].map((x) => [
          x.name,
          x.n,
          x.levels,
          x.norm.toFixed(1),
          bound(x.n, x.levels).toExponential(1),
          x.entry.toPrecision(2),
        ]),
      },
      plots: LAWS.slice(0, 2).map(({ name }) => ({
        title: `Largest error of a product, ${name}`,
        x: { label: 'n', scale: 'log' as const },
        y: { label: 'error / (u max|A| max|B|)', scale: 'log' as const },
        series: LEVELS.map((levels) => {
          const rows = results.filter((x) => x.name === name && x.levels === levels);
          return {
            label: levels === 0 ? 'classical' : `${levels} levels`,
            kind: 'line' as const,
            x: rows.map((x) => x.n),
            y: rows.map((x) => x.norm),
          };
        }),
      })),
    };
  },
};
