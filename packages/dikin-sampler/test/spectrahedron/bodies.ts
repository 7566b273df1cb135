import { type Dense, dense, type Rng } from '@x/linalg';
import { type Spectrahedron, spectrahedron } from '../../src/index.ts';

export function square(n: number, entry: (i: number, j: number) => number): number[][] {
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => entry(i, j)));
}

/** S(x), from the body's own entries. */
export function at(body: Spectrahedron, x: ArrayLike<number>): number[][] {
  const S = square(body.order, () => 0);
  const add = ({ row, col, value }: Spectrahedron['C'], factor: number) => {
    value.forEach((v, p) => {
      const [i, j] = [row[p]!, col[p]!];
      S[i]![j]! += factor * v;
      if (i !== j) S[j]![i]! += factor * v;
    });
  };
  body.A.forEach((A, i) => {
    add(A, x[i]!);
  });
  add(body.C, -1);
  return S;
}

/** A random bounded body of order n with d < n (n + 1) / 2 matrices: all are orthogonal to a positive definite one. */
export function randomSpectrahedron(n: number, d: number, rng: Rng): Spectrahedron {
  const G = rng.fillNormal(new Float64Array(n * n));
  const weight = square(
    n,
    (i, j) => Number(i === j) + Array.from({ length: n }, (_, k) => G[i * n + k]! * G[j * n + k]!).reduce((a, b) => a + b, 0),
  );
  const size = weight.flat().reduce((sum, v) => sum + v * v, 0);
  const A = Array.from({ length: d }, () => {
    const M = randomSymmetric(n, rng);
    const along = M.flatMap((row, i) => row.map((v, j) => v * weight[i]![j]!)).reduce((sum, v) => sum + v, 0) / size;
    return toDense(M.map((row, i) => row.map((v, j) => v - along * weight[i]![j]!)));
  });
  const C = randomSymmetric(n, rng).map((row, i) => row.map((v, j) => 0.2 * v - n * Number(i === j)));
  return spectrahedron({ A, C: toDense(C) });
}

function randomSymmetric(n: number, rng: Rng): number[][] {
  const G = rng.fillNormal(new Float64Array(n * n));
  return square(n, (i, j) => (G[i * n + j]! + G[j * n + i]!) / 2);
}

function toDense(M: readonly (readonly number[])[]): Dense {
  return dense(M.length, M.length, Float64Array.from(M.flat()));
}
