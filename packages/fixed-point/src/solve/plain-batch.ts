import { dense } from '@x/linalg';
import type { BatchFn, BatchResult } from './batch.ts';
import type { NormKind, Reason, Settings } from './contract.ts';
import { ASTRONOMIC, PATIENCE, RETURNED } from './run.ts';
import { normAt } from './vectors.ts';

/**
 * Plain iteration of many problems, with the rules of run.ts but no objects for each: all state lies in flat arrays, and what is under way in their
 * first rows. It gives the same bits as one by one, many times faster.
 */
export function plainBatch(
  f: BatchFn,
  starts: Float64Array,
  rows: number,
  d: number,
  settings: Settings,
  signal: AbortSignal | undefined,
): { readonly result: BatchResult; readonly aborted: boolean } {
  const { norm: kind, atol, rtol, maxIterations } = settings;
  const best = starts.slice();
  const residuals = new Float64Array(rows).fill(Infinity);
  const iterations = new Int32Array(rows);
  const reasons = new Array<Reason>(rows).fill('aborted');
  /** Which problem row k of the buffers belongs to. */
  const problem = Int32Array.from({ length: rows }, (_, i) => i);
  /** x_{t-1}, x_t and f(x_t). */
  let buffers = [starts.slice(), starts.slice(), new Float64Array(rows * d)] as const;
  const bestIteration = new Int32Array(rows);
  const limit = new Float64Array(rows);
  const steady = new Uint8Array(rows);
  let active = rows;
  let t = 0;
  let converged = 0;

  /** The rules for one row, all but the first, which is the most frequent end. */
  function judge(i: number, at: number, norm: number, before: Float64Array, F: Float64Array): Reason | undefined {
    if (t === 1) limit[i] = ASTRONOMIC * (norm + normAt(starts, i * d, d, kind));
    if (norm < Infinity && norm > limit[i]) return 'diverged';
    if (t >= maxIterations) return 'max-iterations';
    if (t - bestIteration[i] >= PATIENCE) return 'stagnated';
    steady[i] = t > 1 && isNear(F, before, at, d, RETURNED * norm) ? steady[i] + 1 : 0;
    if (steady[i] === 3) return 'oscillating';
    return norm === Infinity ? 'diverged' : undefined;
  }

  function sweep(before: Float64Array, X: Float64Array, F: Float64Array): void {
    for (let k = 0; k < active; ) {
      const i = problem[k];
      const at = k * d;
      const norm = changeOf(X, F, at, d, kind);
      let reason: Reason | undefined;
      if (norm < residuals[i]) {
        residuals[i] = norm;
        bestIteration[i] = t;
        for (let j = 0, p = i * d; j < d; j++) best[p + j] = X[at + j];
        if (norm <= atol + rtol * normAt(F, at, d, kind)) {
          reason = 'converged';
          converged++;
        }
      }
      reason ??= judge(i, at, norm, before, F);
      if (reason === undefined) {
        k++;
        continue;
      }
      reasons[i] = reason;
      iterations[i] = t;
      // The last row takes its place, and is judged next.
      active--;
      problem[k] = problem[active];
      for (let j = 0, p = active * d; j < d; j++) {
        before[at + j] = before[p + j];
        X[at + j] = X[p + j];
        F[at + j] = F[p + j];
      }
    }
  }

  while (active > 0 && !signal?.aborted) {
    const [before, X, F] = buffers;
    f(X, F, active);
    t++;
    sweep(before, X, F);
    buffers = [X, F, before];
  }
  for (let k = 0; k < active; k++) iterations[problem[k]] = t;
  return { result: { X: dense(rows, d, best), residuals, iterations, reasons, converged, calls: t }, aborted: active > 0 };
}

/** ||F - X|| in one row; Infinity where an entry is NaN. */
function changeOf(X: Float64Array, F: Float64Array, at: number, d: number, kind: NormKind): number {
  if (kind === 'euclidean') {
    const r = new Float64Array(d);
    for (let j = 0; j < d; j++) r[j] = F[at + j] - X[at + j];
    return normAt(r, 0, d, kind);
  }
  let most = 0;
  for (let j = at; j < at + d; j++) {
    const size = Math.abs(F[j] - X[j]);
    if (size > most) most = size;
    else if (size !== size) return Infinity;
  }
  return most;
}

/** Whether a row of both is the same to `within`; the first coordinate that is not settles it. */
function isNear(F: Float64Array, before: Float64Array, at: number, d: number, within: number): boolean {
  for (let j = at; j < at + d; j++) if (!(Math.abs(F[j] - before[j]) <= within)) return false;
  return true;
}
