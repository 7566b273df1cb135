/** The slow, obvious oracle: P and P o P as n x n matrices, no kernel, no whitening. */
import { type Dense, dense, gemm, inverse, multiply, type Rng, transpose } from '@x/linalg';
import type { Design } from '../src/index.ts';

export interface Naive {
  readonly slack: number[];
  readonly Ax: Dense;
  readonly P: Dense;
  readonly P2: Dense;
  readonly scores: number[];
}

export function naive({ A, b }: { A: Dense; b?: Float64Array }, x: Float64Array): Naive {
  const { rows: n, cols: d } = A;
  const slack = Array.from({ length: n }, (_, i) => {
    let sum = -(b?.[i] ?? 0);
    for (let j = 0; j < d; j++) sum += A.data[i * d + j]! * x[j]!;
    return sum;
  });
  const Ax = dense(
    n,
    d,
    A.data.map((value, p) => value / slack[Math.floor(p / d)]!),
  );
  const P = multiply(multiply(Ax, inverse(multiply(transpose(Ax), Ax))), transpose(Ax));
  const P2 = dense(
    n,
    n,
    P.data.map((value) => value ** 2),
  );
  return { slack, Ax, P, P2, scores: Array.from({ length: n }, (_, i) => P.data[i * (n + 1)]!) };
}

export function naiveGradient({ Ax, scores }: Naive): Float64Array {
  const { rows: n, cols: d } = Ax;
  return Float64Array.from({ length: d }, (_, j) => scores.reduce((sum, sigma, i) => sum + (i < n ? sigma * Ax.data[i * d + j]! : 0), 0));
}

/** A_x^T (s Sigma - p P o P) A_x. */
export function naiveQuadratic({ Ax, P2, scores }: Naive, s = 3, p = 2): Dense {
  const n = Ax.rows;
  const middle = dense(
    n,
    n,
    P2.data.map((value, q) => (q % (n + 1) === 0 ? s * scores[q / (n + 1)]! : 0) - p * value),
  );
  return multiply(transpose(Ax), gemm({ A: middle, B: Ax }));
}

/** Slacks at x log-uniform in [1 / spread, spread], signs random unless `positive`; heavy rows and duplicates on request. */
export function randomProblem(rng: Rng, n: number, d: number, { spread = 10, positive = false, heavy = false, cone = false } = {}) {
  const A = rng.fillNormal(new Float64Array(n * d));
  const x = rng.fillNormal(new Float64Array(d));
  const b = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const size = heavy ? 1 / Math.max(0.02, Math.abs(rng.normal())) : 1;
    if (i > d && rng.uniform() < 0.05) A.copyWithin(i * d, (i - 1) * d, i * d);
    let product = 0;
    for (let j = 0; j < d; j++) {
      A[i * d + j]! *= size;
      product += A[i * d + j]! * x[j]!;
    }
    if (cone) {
      if (positive && product < 0) for (let j = 0; j < d; j++) A[i * d + j]! *= -1;
      continue;
    }
    const sign = positive || rng.uniform() < 0.5 ? 1 : -1;
    b[i] = product - sign * spread ** (2 * rng.uniform() - 1);
  }
  const design: Design & { A: Dense } = cone ? { A: dense(n, d, A) } : { A: dense(n, d, A), b };
  const signs = Int8Array.from({ length: n }, (_, i) => {
    let product = -b[i]!;
    for (let j = 0; j < d; j++) product += A[i * d + j]! * x[j]!;
    return Math.sign(product);
  });
  return { design, x, signs };
}

/** M v, entry by entry. */
export function times(M: Dense, v: Float64Array): Float64Array {
  return Float64Array.from({ length: M.rows }, (_, i) =>
    v.reduce((sum, value, j) => sum + M.data[M.offset + i * M.rowStride + j * M.colStride]! * value, 0),
  );
}
