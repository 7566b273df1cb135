/** A Dikin step in a spectrahedron from the slow formulas, right or broken in one way. */
import type { SpectralFrame } from '../../src/spectrahedron/frame.ts';
import type { Step } from '../mutants.ts';
import { apply, dot, eigen, lowerFactor, type Square, solve, transposeOf } from '../reference.ts';
import { square } from './bodies.ts';
import { logDetMetric, pencilAt } from './reference.ts';

export type SpectralFault =
  | 'none'
  /** delta = L^{-1} xi: the covariance becomes (L^T L)^{-1}. */
  | 'untransposed solve'
  | 'no determinant'
  | 'wrong sign'
  /** ||delta||^2 of the reverse move in G instead of in Phi = G / alpha. */
  | 'no 1/alpha';

/** f(w) = w^T P w / 2 + g^T w, or what the user's density says. */
export function energyAt({ quadratic, energy, pencil: { dimension: d } }: SpectralFrame, w: readonly number[]): number {
  if (energy !== undefined) return energy(Float64Array.from(w));
  if (quadratic === undefined) return 0;
  const P = square(d, (i, j) => quadratic.P[i * d + j]!);
  return 0.5 * dot(w, apply(P, w)) + dot([...quadratic.g], w);
}

/** H + P + r^2 / min(n, d) M. */
export function metricAt({ pencil, quadratic, soft }: SpectralFrame, radius: number, w: readonly number[]): number[][] {
  const d = pencil.dimension;
  const factor = radius ** 2 / Math.min(pencil.order, d);
  return logDetMetric(pencil, w, quadratic?.P).map((row, i) => row.map((v, j) => v + (soft === undefined ? 0 : factor * soft[i * d + j]!)));
}

/** Phi = G / alpha, alpha = r^2 / (d min(n, d)): the square root of alpha. */
export function scaleOf({ pencil: { order: n, dimension: d } }: SpectralFrame, radius: number): number {
  return radius / Math.sqrt(d * Math.min(n, d));
}

export function spectralReferenceStep(frame: SpectralFrame, fault: SpectralFault): Step {
  const d = frame.pencil.dimension;
  const halfLogDeterminant = (L: Square) => L.reduce((sum, row, i) => sum + Math.log(row[i]!), 0);
  let w: number[] = new Array<number>(d).fill(0);
  let z = w;
  return {
    radius: 1,
    get position() {
      return w;
    },
    get proposal() {
      return z;
    },
    place(at) {
      w = [...at];
    },
    propose(noise) {
      const xi = [...noise];
      const scale = scaleOf(frame, this.radius);
      const factorAt = (at: readonly number[]) => lowerFactor(metricAt(frame, this.radius, at));
      const L = factorAt(w);
      const delta = solve(fault === 'untransposed solve' ? L : transposeOf(L), xi).map((v) => v * scale);
      z = w.map((v, j) => v + delta[j]!);
      if (eigen(pencilAt(frame.pencil, z)).values.some((v) => v <= 0)) return Number.NEGATIVE_INFINITY;
      const Lz = factorAt(z);
      const image = apply(transposeOf(Lz), delta);
      const reverse = dot(image, image) / (fault === 'no 1/alpha' ? 1 : scale ** 2);
      const determinant = fault === 'no determinant' ? 0 : halfLogDeterminant(Lz) - halfLogDeterminant(L);
      return (
        energyAt(frame, w) - energyAt(frame, z) + (fault === 'wrong sign' ? -1 : 1) * (determinant - 0.5 * reverse + 0.5 * dot(xi, xi))
      );
    },
    accept() {
      w = z;
    },
  };
}
