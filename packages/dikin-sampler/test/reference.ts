/** Slow, obvious formulas, written from the paper and sharing nothing with src but the shape of a frame. Matrices are nested arrays. */
import { csrToDense, toRows } from '@x/linalg';
import type { Frame } from '../src/frame.ts';

export type Vector = readonly number[];
export type Square = readonly (readonly number[])[];

export const dot = (a: Vector, b: Vector): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
export const apply = (M: Square, x: Vector): number[] => M.map((row) => dot(row, x));
export const transposeOf = (M: Square): number[][] => M[0]!.map((_, j) => M.map((row) => row[j]!));
export const rowsOf = (frame: Frame): number[][] => toRows(csrToDense(frame.A));

export function slacks(frame: Frame, w: Vector): number[] {
  return rowsOf(frame).map((row, i) => frame.slack[i]! - dot(row, w));
}

/** f(w) = w^T P w / 2 + g^T w. */
export function energy({ quadratic, dimension: d }: Frame, w: Vector): number {
  if (quadratic === undefined) return 0;
  return 0.5 * dot(w, apply(square(quadratic.P, d), w)) + dot([...quadratic.g], w);
}

/** sum_i a_i a_i^T / s_i^2, plus P. */
export function metric(frame: Frame, w: Vector): number[][] {
  const d = frame.dimension;
  const s = slacks(frame, w);
  const G = frame.quadratic === undefined ? zero(d) : square(frame.quadratic.P, d);
  rowsOf(frame).forEach((row, k) => {
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) G[i]![j]! += (row[i]! * row[j]!) / s[k]! ** 2;
  });
  return G;
}

/** log of the Gaussian density N(z; w, Phi(w)^{-1}), Phi = d / r^2 G, by the eigenvalues of Phi. */
export function logProposal(frame: Frame, radius: number, w: Vector, z: Vector): number {
  const d = frame.dimension;
  const scale = d / radius ** 2;
  const G = metric(frame, w);
  const { values, vectors } = eigen(G);
  const move = z.map((v, i) => v - w[i]!);
  let log = (-d / 2) * Math.log(2 * Math.PI);
  values.forEach((value, k) => {
    log += 0.5 * Math.log(scale * value) - 0.5 * scale * value * dot(vectors[k]!, move) ** 2;
  });
  return log;
}

/** Eigenvalues and unit eigenvectors (rows of `vectors`) of a symmetric matrix by cyclic Jacobi rotations. */
export function eigen(M: Square): { readonly values: number[]; readonly vectors: number[][] } {
  const d = M.length;
  const A = M.map((row) => [...row]);
  const V = identityOf(d);
  for (let sweep = 0; sweep < 60; sweep++) {
    for (let p = 0; p < d; p++) {
      for (let q = p + 1; q < d; q++) {
        if (A[p]![q] === 0) continue;
        const theta = (A[q]![q]! - A[p]![p]!) / (2 * A[p]![q]!);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1);
        const s = t * c;
        for (let k = 0; k < d; k++) [A[k]![p], A[k]![q]] = [c * A[k]![p]! - s * A[k]![q]!, s * A[k]![p]! + c * A[k]![q]!];
        for (let k = 0; k < d; k++) [A[p]![k], A[q]![k]] = [c * A[p]![k]! - s * A[q]![k]!, s * A[p]![k]! + c * A[q]![k]!];
        for (let k = 0; k < d; k++) [V[p]![k], V[q]![k]] = [c * V[p]![k]! - s * V[q]![k]!, s * V[p]![k]! + c * V[q]![k]!];
      }
    }
  }
  return { values: A.map((row, i) => row[i]!), vectors: V };
}

/** Lower Cholesky factor by the defining recurrence. */
export function lowerFactor(M: Square): number[][] {
  const L = zero(M.length);
  for (let i = 0; i < M.length; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = M[i]![j]!;
      for (let k = 0; k < j; k++) sum -= L[i]![k]! * L[j]![k]!;
      L[i]![j] = i === j ? Math.sqrt(sum) : sum / L[j]![j]!;
    }
  }
  return L;
}

/** Solution of M x = b by Gauss and Jordan with pivoting. */
export function solve(M: Square, b: Vector): number[] {
  const d = M.length;
  const A = M.map((row, i) => [...row, b[i]!]);
  for (let k = 0; k < d; k++) {
    let pivot = k;
    for (let i = k; i < d; i++) if (Math.abs(A[i]![k]!) > Math.abs(A[pivot]![k]!)) pivot = i;
    [A[k], A[pivot]] = [A[pivot]!, A[k]!];
    for (let i = 0; i < d; i++) {
      if (i === k) continue;
      const factor = A[i]![k]! / A[k]![k]!;
      for (let j = k; j <= d; j++) A[i]![j]! -= factor * A[k]![j]!;
    }
  }
  return A.map((row, i) => row[d]! / row[i]!);
}

export function logDeterminant(M: Square): number {
  return eigen(M).values.reduce((sum, v) => sum + Math.log(v), 0);
}

function square(P: Float64Array, d: number): number[][] {
  return Array.from({ length: d }, (_, i) => [...P.subarray(i * d, (i + 1) * d)]);
}

function identityOf(d: number): number[][] {
  return zero(d).map((row, i) => row.map((_, j) => (i === j ? 1 : 0)));
}

function zero(d: number): number[][] {
  return Array.from({ length: d }, () => new Array<number>(d).fill(0));
}
