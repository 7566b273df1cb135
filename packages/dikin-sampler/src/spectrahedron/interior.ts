import { type Dense, dense, eigenvalues, NotConvergedError, trsm } from '@x/linalg';
import { EmptyInteriorError } from '../errors.ts';
import { InfeasibleSpectrahedronError } from './errors.ts';
import { logDet } from './log-det.ts';
import { type LogDetCenter, minimizeLogDet } from './newton.ts';
import { directionOf, type Pencil } from './pencil.ts';

/** Factor between the weights of two stages. */
const GROWTH = 10;

/** Weight of the pull towards y = 0, relative to the Hessian at the start, where the body may be unbounded. */
const PULL = 1e-8;

/**
 * A point with S(y) positive definite: minimises t over S(y) + t I >= 0 along the central path of tau t - log det(S(y) + t I), tau growing.
 * A minimum t below 0 is an interior point. At every stage the Newton step gives a matrix Z > 0 of trace 1 orthogonal to all B_j (recession.ts
 * shows how) with t >= -trace(Z S0) for all y: where that bound is positive, Z proves that there is no point.
 *
 * @param bounded - whether the recession cone is {0}. Where not, a weak pull keeps the path finite, and Z is orthogonal to that accuracy only.
 * @param tolerance - smallest eigenvalues within this of 0, relative to the largest entry of S0, count as 0.
 * @throws InfeasibleSpectrahedronError; EmptyInteriorError with the best y that was found.
 */
export function interiorPoint(pencil: Pencil, bounded: boolean, tolerance: number): Float64Array {
  const { order: n, dimension: d } = pencil;
  const zero = new Float64Array(d);
  const scale = pencil.constant.reduce((largest, v) => Math.max(largest, Math.abs(v)), 0) || 1;
  const unit: Pencil = { ...pencil, constant: pencil.constant.map((v) => v / scale) };
  const start = smallestEigenvalue(unit, zero);
  if (start > tolerance) return zero;

  const extended = withIdentity(unit);
  const barrier = logDet(extended);
  let at: Float64Array = new Float64Array(d + 1);
  at[d] = 1 - 2 * start;
  const P = bounded ? new Float64Array((d + 1) * (d + 1)) : pull(extended, at);
  for (let tau = 1; ; tau *= GROWTH) {
    const g = new Float64Array(d + 1);
    g[d] = tau;
    const result = stage(() => minimizeLogDet(barrier, extended, at, { f: { P, g }, decrement: 0.1, stop: (point) => point[d]! < -1 }));
    if (result !== undefined) at = result.point;
    const t = at[d]!;
    // In the coordinates of `unit`, where the B_j are divided by the scale in S, y is too.
    if (t < -tolerance) return at.subarray(0, d).map((v) => v * scale);
    if (result !== undefined && 'decrement' in result) {
      const { Z, trace } = dualOf(extended, result, tau);
      const value = trace / tau - t;
      if (value < -tolerance) {
        throw new InfeasibleSpectrahedronError(
          `prepareSpectrahedron: no S(x) is positive semidefinite: its smallest eigenvalue is at most ${value * scale} for every x`,
          Z,
          value * scale,
        );
      }
    }
    if (result === undefined || n / tau < tolerance / 4) {
      throw new EmptyInteriorError(
        `prepareSpectrahedron: the body has no interior: the smallest eigenvalue of S(x) is never above ${tolerance * scale} (leave out variables and rows that are fixed, or rescale)`,
        Math.max(0, -t * scale),
        at.subarray(0, d).map((v) => v * scale),
      );
    }
  }
}

/** Undefined where rounding ends the path. */
function stage<R>(minimize: () => R): R | undefined {
  try {
    return minimize();
  } catch (error) {
    if (error instanceof NotConvergedError) return undefined;
    throw error;
  }
}

/** S(y) + t I, with t the last coordinate. */
function withIdentity(pencil: Pencil): Pencil {
  const { order: n, dimension: d, entries } = pencil;
  const diagonal = Array.from({ length: n }, (_, i) => i);
  return {
    ...pencil,
    dimension: d + 1,
    entries: {
      start: Int32Array.from([...entries.start, entries.value.length + n]),
      row: Int32Array.from([...entries.row, ...diagonal]),
      col: Int32Array.from([...entries.col, ...diagonal]),
      value: Float64Array.from([...entries.value, ...diagonal.map(() => 1)]),
    },
    factors: undefined,
  };
}

/** PULL times the diagonal of the Hessian, but for t. */
function pull(extended: Pencil, at: Float64Array): Float64Array {
  const { order: n, dimension: m } = extended;
  const barrier = logDet(extended);
  const L = new Float64Array(n * n);
  const H = new Float64Array(m * m);
  barrier.factor(at, L);
  barrier.derivatives(L, new Float64Array(m), H);
  const P = new Float64Array(m * m);
  for (let j = 0; j < m - 1; j++) P[j * m + j] = PULL * H[j * m + j]!;
  return P;
}

/** Z of trace 1 and trace(Z (S(y) + t I)) tau. */
function dualOf(extended: Pencil, { L, step }: LogDetCenter, tau: number): { readonly Z: Dense; readonly trace: number } {
  const n = extended.order;
  const A = dense(n, n, L);
  const inner = new Float64Array(n * n);
  logDet(extended).along(L, step, inner);
  let trace = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) inner[i * n + j] = (i === j ? 1 : 0) - inner[i * n + j]!;
    trace += inner[i * n + i]!;
  }
  const left = trsm({ A, B: dense(n, n, inner), triangle: 'lower', transposed: true });
  const Z = trsm({ A, B: left, triangle: 'lower', side: 'right' });
  return {
    Z: dense(
      n,
      n,
      Z.data.map((v) => v / tau),
    ),
    trace,
  };
}

/** The smallest eigenvalue of S(y). */
export function smallestEigenvalue(pencil: Pencil, y: ArrayLike<number>): number {
  const { order: n, constant } = pencil;
  const S = new Float64Array(n * n);
  directionOf(pencil, y, S);
  for (let p = 0; p < S.length; p++) S[p] = S[p]! + constant[p]!;
  return leastEigenvalue(S, n);
}

export function leastEigenvalue(S: Float64Array, n: number): number {
  return eigenvalues(dense(n, n, S))[0]!;
}
