/** Metrics A^T S^{-1} W S^{-1} A + P by their definitions: explicit inverses and plain fixed-point iterations, none of it from src. */
import type { Frame } from '../src/frame.ts';
import { dot, eigen, rowsOf, type Square, slacks, solve, type Vector } from './reference.ts';

/** For the rows a_i / s_i and the slacks of a body of dimension d, the weight of each row. */
export type RowWeights = (d: number) => (scaled: readonly Vector[], s: Vector) => number[];

export function weightedMetric(frame: Frame, x: Vector, weights: RowWeights): number[][] {
  const d = frame.dimension;
  const s = slacks(frame, x);
  const scaled = rowsOf(frame).map((row, k) => row.map((v) => v / s[k]!));
  const G = gram(scaled, weights(d)(scaled, s), d);
  return G.map((row, i) => row.map((v, j) => v + (frame.quadratic?.P[i * d + j] ?? 0)));
}

/** Leverage scores of the rows sqrt(v_i) b_i. */
function scores(rows: readonly Vector[], v: Vector, d: number): number[] {
  const M = gram(rows, v, d);
  return rows.map((row, i) => v[i]! * dot(row, solve(M, row)));
}

function gram(rows: readonly Vector[], v: Vector, d: number): number[][] {
  const M = Array.from({ length: d }, () => new Array<number>(d).fill(0));
  rows.forEach((row, k) => {
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) M[i]![j]! += v[k]! * row[i]! * row[j]!;
  });
  return M;
}

/** Iterations of the fixed points: their rates are at most 0.82 for the sizes of the tests, so 1e-13 is left. */
const MANY = 150;

export function rowWeights(barrier: 'volumetric' | 'vaidya' | 'john' | 'leeSidford'): RowWeights {
  return (d) => (rows) => {
    const n = rows.length;
    const plain = scores(rows, new Array<number>(n).fill(1), d);
    if (barrier === 'volumetric') return plain;
    if (barrier === 'vaidya') return plain.map((sigma) => sigma + d / n);
    let w = new Array<number>(n).fill(d / n);
    if (barrier === 'john') {
      const a = 1 - 1 / Math.log2((2 * n) / d);
      for (let k = 0; k < MANY; k++)
        w = scores(
          rows,
          w.map((v) => v ** a),
          d,
        ).map((sigma) => sigma + d / (2 * n));
      return w;
    }
    const p = 2 * (1 + Math.log(n));
    for (let k = 0; k < MANY; k++) {
      const sigma = scores(
        rows,
        w.map((v) => v ** (1 - 2 / p)),
        d,
      );
      w = w.map((v, i) => v * (sigma[i]! / v) ** ((2 * p) / (p + 2)));
    }
    return w.map((v) => v ** (1 - 2 / p));
  };
}

/** Slacks rounded to the nearest power of 1 + e. */
export function bucketedRows(e: number): RowWeights {
  return () => (_, s) => s.map((v) => (v / Math.exp(Math.round(Math.log(v) / Math.log1p(e)) * Math.log1p(e))) ** 2);
}

/** log of the Gaussian density N(z; x, Phi^{-1}), Phi = d / r^2 G, by the eigenvalues of G. */
export function gaussianLog(G: Square, radius: number, x: Vector, z: Vector): number {
  const d = x.length;
  const scale = d / radius ** 2;
  const { values, vectors } = eigen(G);
  const move = z.map((v, i) => v - x[i]!);
  return values.reduce(
    (log, value, k) => log + 0.5 * Math.log(scale * value) - 0.5 * scale * value * dot(vectors[k]!, move) ** 2,
    (-d / 2) * Math.log(2 * Math.PI),
  );
}
