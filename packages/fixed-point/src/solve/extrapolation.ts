import type { Problem, Stepper } from './contract.ts';
import { updatingQr } from './updating-qr.ts';
import { addScaled, dot, normOf, subtract } from './vectors.ts';

/** An extrapolated point whose residual is this many times the best one is given up for the plain iterate before it. */
const GROWTH = 10;
/** Directions beyond this condition number are left out of a least-squares problem. */
const CONDITION = 1e12;
const CANCELLED = 1e-12;

/** Writes the limit that the iterates s[0], s[1] = f(s[0]), ... point to. */
type Extrapolate = (s: readonly Float64Array[], out: Float64Array) => void;

/** Plain iteration in cycles; at the end of each the next point is extrapolated from its `length` iterates. */
function cycled({ dimension, settings }: Problem, length: number, extrapolate: Extrapolate): Stepper {
  const point = new Float64Array(dimension);
  const iterates = Array.from({ length }, () => new Float64Array(dimension));
  let filled = 0;
  let best = Infinity;
  let extrapolated = false;
  return {
    point,
    step(fx, _r, norm) {
      // iterates[length - 1] still holds the last plain iterate.
      if (extrapolated && !(norm <= GROWTH * best)) {
        extrapolated = false;
        point.set(iterates[length - 1]);
        return 'plain';
      }
      if (norm === Infinity) return 'diverged';
      best = Math.min(best, norm);
      extrapolated = false;
      if (filled === 0) iterates[filled++].set(point);
      iterates[filled++].set(fx);
      point.set(fx);
      if (filled < length) return 'plain';
      filled = 0;
      extrapolate(iterates, point);
      extrapolated = normOf(point, settings.norm) < Infinity;
      if (!extrapolated) point.set(fx);
      return extrapolated ? 'accelerated' : 'plain';
    },
  };
}

/** Coefficients of the minimal polynomial: u_k is written in u_0 .. u_{k-1}, u_i = s_{i+1} - s_i, and the limit is a weighted mean. */
export function mpe(problem: Problem): Stepper {
  const k = Math.min(problem.settings.memory, problem.dimension);
  const differences = differencesOf(problem.dimension, k + 1);
  const qr = updatingQr(problem.dimension, k);
  const c = new Float64Array(k + 1);
  return cycled(problem, k + 2, (s, out) => {
    const u = differences(s);
    const used = fill(qr, u.slice(0, k));
    qr.solve(u[used], c);
    let sum = 1;
    let size = 1;
    for (let i = 0; i < used; i++) {
      sum -= c[i];
      size += Math.abs(c[i]);
    }
    // Coefficients that cancel point to no limit; rounding would make one up.
    if (Math.abs(sum) <= CANCELLED * size) sum = Number.NaN;
    // The images s_{i+1} instead of the s_i: for an affine f that is one more application of f, for nothing.
    for (let i = 0; i < out.length; i++) out[i] = s[used + 1][i] / sum;
    for (let i = 0; i < used; i++) addScaled(out, -c[i] / sum, s[i + 1]);
  });
}

/** Reduced rank: the affine combination of iterates whose residual is least, s_0 + sum xi_i u_i. */
export function rre(problem: Problem): Stepper {
  const k = Math.min(problem.settings.memory, problem.dimension);
  const differences = differencesOf(problem.dimension, k + 1);
  const second = Array.from({ length: k }, () => new Float64Array(problem.dimension));
  const qr = updatingQr(problem.dimension, k);
  const xi = new Float64Array(k);
  return cycled(problem, k + 2, (s, out) => {
    const u = differences(s);
    const used = fill(
      qr,
      second.map((v, i) => subtract(u[i + 1], u[i], v)),
    );
    qr.solve(u[0], xi);
    out.set(s[1]);
    for (let i = 0; i < used; i++) addScaled(out, -xi[i], u[i + 1]);
  });
}

function differencesOf(d: number, count: number): (s: readonly Float64Array[]) => Float64Array[] {
  const u = Array.from({ length: count }, () => new Float64Array(d));
  return (s) => u.map((v, i) => subtract(s[i + 1], s[i], v));
}

/** Appends columns while the condition allows; returns how many. */
function fill(qr: ReturnType<typeof updatingQr>, columns: readonly Float64Array[]): number {
  qr.clear();
  const room: Float64Array[] = [];
  for (const column of columns) {
    qr.append(column);
    if (qr.condition() > CONDITION) break;
    room.push(column);
  }
  if (room.length < qr.count) {
    qr.clear();
    for (const column of room) qr.append(column);
  }
  return room.length;
}

/** Aitken's delta squared by coordinates: the scalar epsilon algorithm on three iterates. */
export function aitken(problem: Problem): Stepper {
  return cycled(problem, 3, epsilonAlgorithm(problem.dimension, 3, invertEntries));
}

/** The scalar epsilon algorithm, coordinate by coordinate. */
export function sea(problem: Problem): Stepper {
  const length = oddLength(problem.settings.memory);
  return cycled(problem, length, epsilonAlgorithm(problem.dimension, length, invertEntries));
}

/** The vector epsilon algorithm, with the Samelson inverse v / ||v||^2. */
export function vea(problem: Problem): Stepper {
  const length = oddLength(problem.settings.memory);
  return cycled(problem, length, epsilonAlgorithm(problem.dimension, length, samelson));
}

/** 2 p + 1 iterates, p >= 1, for a memory of 2 p or 2 p + 1. */
function oddLength(memory: number): number {
  return 2 * Math.max(1, Math.floor(memory / 2)) + 1;
}

function invertEntries(v: Float64Array): void {
  for (let i = 0; i < v.length; i++) v[i] = 1 / v[i];
}

function samelson(v: Float64Array): void {
  const square = dot(v, v);
  for (let i = 0; i < v.length; i++) v[i] /= square;
}

/**
 * Wynn's rhombus rule e_{k+1}(n) = e_{k-1}(n+1) + (e_k(n+1) - e_k(n))^-1. Coordinates that have converged divide by zero; they keep the
 * last iterate, which is their limit.
 */
function epsilonAlgorithm(d: number, length: number, invert: (v: Float64Array) => void): Extrapolate {
  const columns = [0, 1, 2].map(() => Array.from({ length }, () => new Float64Array(d)));
  return (s, out) => {
    let [before, now, next] = columns;
    for (const [n, iterate] of s.entries()) {
      before[n].fill(0);
      now[n].set(iterate);
    }
    for (let k = 1; k < length; k++) {
      for (let n = 0; n < length - k; n++) {
        invert(subtract(now[n + 1], now[n], next[n]));
        addScaled(next[n], 1, before[n + 1]);
      }
      [before, now, next] = [now, next, before];
    }
    const last = s[length - 1];
    for (let i = 0; i < d; i++) {
      const limit = now[0][i];
      out[i] = limit - limit === 0 ? limit : last[i];
    }
  };
}
