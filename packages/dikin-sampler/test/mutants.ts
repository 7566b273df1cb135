/** A Dikin step built from the slow formulas, right or broken in one way, to show that each property notices. */
import type { Frame } from '../src/frame.ts';
import { apply, dot, energy, lowerFactor, metric, slacks, solve, transposeOf } from './reference.ts';

/** What the properties ask of a step; `dikinWalk` has it. */
export interface Step {
  radius: number;
  readonly position: ArrayLike<number>;
  readonly proposal: ArrayLike<number>;
  place(w: Float64Array): void;
  propose(noise: Float64Array): number;
  accept(): void;
}

export type Fault =
  | 'none'
  /** delta = L^{-1} xi: the covariance becomes (L^T L)^{-1}. */
  | 'untransposed solve'
  | 'no determinant'
  | 'wrong sign'
  /** ||delta||^2 of the reverse move in G instead of in Phi = G / alpha. */
  | 'no 1/alpha'
  /** The metric is H + I: not affine invariant, though still exact. */
  | 'stray identity';

export function referenceStep(frame: Frame, fault: Fault): Step {
  const d = frame.dimension;
  const factorAt = (w: readonly number[]) => {
    const G = metric(frame, w);
    if (fault === 'stray identity') {
      G.forEach((row, i) => {
        row[i] = row[i]! + 1;
      });
    }
    return lowerFactor(G);
  };
  const halfLogDeterminant = (L: readonly (readonly number[])[]) => L.reduce((sum, row, i) => sum + Math.log(row[i]!), 0);
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
      const scale = this.radius / Math.sqrt(d);
      const L = factorAt(w);
      const delta = solve(fault === 'untransposed solve' ? L : transposeOf(L), xi).map((v) => v * scale);
      z = w.map((v, j) => v + delta[j]!);
      if (slacks(frame, z).some((s) => s <= 0)) return Number.NEGATIVE_INFINITY;
      const Lz = factorAt(z);
      const image = apply(transposeOf(Lz), delta);
      const reverse = dot(image, image) / (fault === 'no 1/alpha' ? 1 : scale ** 2);
      const determinant = fault === 'no determinant' ? 0 : halfLogDeterminant(Lz) - halfLogDeterminant(L);
      return energy(frame, w) - energy(frame, z) + (fault === 'wrong sign' ? -1 : 1) * (determinant - 0.5 * reverse + 0.5 * dot(xi, xi));
    },
    accept() {
      w = z;
    },
  };
}
