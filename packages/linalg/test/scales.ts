/** What the tests over the whole range of numbers share. */
import { random } from '@x/testkit';
import { type Dense, dense, type Float, type Lu } from '../src/index.ts';
import { map } from './residuals.ts';

/** 2^k A, each entry rounded once; |k| <= 2046. */
export function times<T extends Float>(k: number, { rows, cols, data }: Dense<T>): Dense<T> {
  const half = Math.trunc(k / 2);
  return dense(rows, cols, data.map((x) => x * 2 ** half * 2 ** (k - half)) as T);
}

/** Whole numbers, so that they are exact at every scale; of full rank, condition below 3; the largest of column j is not in row j. */
export function whole(m: number, n: number, seed: number): Dense {
  const r = random(seed);
  return map(m, n, (i, j) => r.integer(-9, 9) + ((i + 1) % m === j ? 10 * Math.max(m, n) : 0));
}

/** Gaussian elimination with partial pivoting as textbooks have it. */
export function elimination(A: Dense): Lu {
  const { rows: m, cols: n } = A;
  const data = A.data.slice();
  const swaps = new Int32Array(Math.min(m, n));
  for (let p = 0; p < swaps.length; p++) {
    let best = p;
    for (let i = p; i < m; i++) if (Math.abs(data[i * n + p]!) > Math.abs(data[best * n + p]!)) best = i;
    swaps[p] = best;
    for (let j = 0; j < n; j++) [data[p * n + j], data[best * n + j]] = [data[best * n + j]!, data[p * n + j]!];
    for (let i = p + 1; i < m; i++) {
      data[i * n + p]! /= data[p * n + p]!;
      const factor = data[i * n + p]!;
      for (let j = p + 1; j < n; j++) data[i * n + j]! -= factor * data[p * n + j]!;
    }
  }
  return { factors: dense(m, n, data), swaps, zeroPivot: undefined };
}

export function substitute({ factors, swaps }: Lu, B: Dense): Dense {
  const n = factors.rows;
  const X = map(n, B.cols, (i, j) => B.data[i * B.cols + j]!);
  const [x, f] = [X.data, factors.data];
  for (let c = 0; c < B.cols; c++) {
    swaps.forEach((other, i) => {
      [x[i * B.cols + c], x[other * B.cols + c]] = [x[other * B.cols + c]!, x[i * B.cols + c]!];
    });
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) x[i * B.cols + c]! -= f[i * n + j]! * x[j * B.cols + c]!;
    for (let i = n - 1; i >= 0; i--) {
      for (let j = i + 1; j < n; j++) x[i * B.cols + c]! -= f[i * n + j]! * x[j * B.cols + c]!;
      x[i * B.cols + c]! /= f[i * n + i]!;
    }
  }
  return X;
}
