import type { Problem, Stepper } from './contract.ts';
import { backtracking, directionalDifference } from './newton.ts';
import { addScaled, dot, euclidean } from './vectors.ts';

/** Bounds of the forcing term, the accuracy to which the linear system is solved. */
const LOOSEST = 0.5;
const TIGHTEST = 1e-10;
const MOST_RESTARTS = 20;
/** Relative accuracy of products by differences, with room. */
const NOISE = 1e-7;

/**
 * Inexact Newton: (I - J) s = r by restarted GMRES on products J v, to a relative accuracy that follows the residual's fall
 * (Eisenstat and Walker 1996, choice 2: 0.9 (norm / norm before)^2).
 */
export function newtonGmres(problem: Problem): Stepper {
  const { dimension: d, settings } = problem;
  const jvp = problem.jvp ?? directionalDifference(problem.evaluate, d);
  const linear = gmres(d, Math.min(settings.memory, d));
  let last = Infinity;
  return backtracking(problem, (x, fx, r, s) => {
    const norm = euclidean(r);
    const forcing = Math.min(LOOSEST, Math.max(TIGHTEST, 0.9 * (norm / last) ** 2));
    last = norm;
    linear(
      (v, out) => {
        jvp(x, v, out, fx);
        for (let i = 0; i < d; i++) out[i] = v[i] - out[i];
      },
      r,
      forcing,
      s,
    );
    // Differences cannot tell a product smaller than this from nothing.
    return euclidean(s) > 0 && (problem.jvp !== undefined || euclidean(s) * NOISE <= norm);
  });
}

type LinearMap = (v: Float64Array, out: Float64Array) => void;

/** Restarted GMRES with Arnoldi's process by Gram-Schmidt done twice and Givens rotations; solves A s = b to ||A s - b|| <= accuracy ||b||. */
function gmres(d: number, basis: number): (A: LinearMap, b: Float64Array, accuracy: number, s: Float64Array) => void {
  const V = Array.from({ length: basis + 1 }, () => new Float64Array(d));
  /** Column by column, reduced to upper triangular as it grows. */
  const H = Array.from({ length: basis }, () => new Float64Array(basis + 1));
  const cosines = new Float64Array(basis);
  const sines = new Float64Array(basis);
  const g = new Float64Array(basis + 1);
  const w = new Float64Array(d);

  function cycle(A: LinearMap, target: number, s: Float64Array): number {
    const start = euclidean(w);
    if (start === 0) return 0;
    for (let i = 0; i < d; i++) V[0][i] = w[i] / start;
    g.fill(0);
    g[0] = start;
    let k = 0;
    while (k < basis && Math.abs(g[k]) > target) {
      const column = H[k];
      const next = V[k + 1];
      A(V[k], next);
      column.fill(0);
      for (let pass = 0; pass < 2; pass++) {
        for (let i = 0; i <= k; i++) {
          const part = dot(V[i], next);
          column[i] += part;
          addScaled(next, -part, V[i]);
        }
      }
      const size = euclidean(next);
      for (let i = 0; i < k; i++) {
        const upper = column[i];
        column[i] = cosines[i] * upper + sines[i] * column[i + 1];
        column[i + 1] = cosines[i] * column[i + 1] - sines[i] * upper;
      }
      const h = Math.sqrt(column[k] ** 2 + size ** 2);
      if (!(h > 0) || h === Infinity) break;
      cosines[k] = column[k] / h;
      sines[k] = size / h;
      column[k] = h;
      g[k + 1] = -sines[k] * g[k];
      g[k] *= cosines[k];
      k++;
      if (size <= Number.EPSILON * h) break;
      for (let i = 0; i < d; i++) next[i] /= size;
    }
    for (let i = k - 1; i >= 0; i--) {
      for (let j = i + 1; j < k; j++) g[i] -= H[j][i] * g[j];
      g[i] /= H[i][i];
    }
    for (let i = 0; i < k; i++) addScaled(s, g[i], V[i]);
    return k;
  }

  return (A, b, accuracy, s) => {
    const target = accuracy * euclidean(b);
    s.fill(0);
    w.set(b);
    for (let restart = 0; restart < MOST_RESTARTS; restart++) {
      if (cycle(A, target, s) < basis) return;
      A(s, w);
      for (let i = 0; i < d; i++) w[i] = b[i] - w[i];
      if (!(euclidean(w) > target)) return;
    }
  };
}
