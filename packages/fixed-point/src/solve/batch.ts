import { AbortedError, ArgumentError, type Dense, dense } from '@x/linalg';
import { checkFunction, finiteMatrix } from '../check.ts';
import type { FixedPointOptions, Reason, VecFn } from './contract.ts';
import { plainBatch } from './plain-batch.ts';
import { type Run, startRun } from './run.ts';
import { settingsOf } from './settings.ts';

/** Writes f of each of `rows` points, which lie one after the other in `X`, to `out`. */
export type BatchFn = (X: Float64Array, out: Float64Array, rows: number) => void;

export type BatchOptions = Omit<FixedPointOptions, 'jacobian' | 'jvp' | 'onIteration' | 'maxEvaluations'>;

/** One entry or row a problem. */
export interface BatchResult {
  /** The best iterates. */
  readonly X: Dense;
  readonly residuals: Float64Array;
  readonly iterations: Int32Array;
  readonly reasons: readonly Reason[];
  /** How many converged. */
  readonly converged: number;
  /** Calls of f: for many problems a few thousand numbers at a time, as long as one of these is under way. */
  readonly calls: number;
}

/**
 * Solves x = f(x) from many starts at once, each with its own method state and the same rules as `solveFixedPoint`. What has ended is taken
 * out, so f is called for what is under way only.
 *
 * @param f - for many points; by differences (`newton`, `newton-gmres`) it is also called for single ones.
 * @param X0 - one start a row, finite.
 * @throws ArgumentError; NonFiniteError naming the entry; AbortedError when `signal` fires, with the state as a BatchResult in `partial`.
 */
export function solveBatch(f: BatchFn, X0: Dense, options: BatchOptions = {}): BatchResult {
  checkFunction('solveBatch', 'f', f);
  const starts = finiteMatrix('solveBatch', 'X0', X0);
  const { rows, cols: d } = X0;
  if (d === 0) throw new ArgumentError('solveBatch: X0 has no columns; a point needs at least one coordinate', 'X0');
  const settings = settingsOf('solveBatch', d, options);
  if (settings.method === 'picard') {
    const plain = plainBatch(f, starts, rows, d, settings, options.signal);
    if (!plain.aborted) return plain.result;
    throw new AbortedError('solveBatch: aborted before all problems had ended', plain.result);
  }
  const evaluate: VecFn = (x, out) => f(x, out, 1);
  const problem = { dimension: d, evaluate, jacobian: undefined, jvp: undefined, settings };
  const runs = Array.from({ length: rows }, (_, i) => startRun(problem, starts.subarray(i * d, (i + 1) * d)));
  const reasons = new Array<Reason>(rows).fill('aborted');
  let active = runs.map((_, i) => i);
  const X = new Float64Array(rows * d);
  // What f does not write shows as no number.
  const out = new Float64Array(rows * d).fill(Number.NaN);
  const fx = Array.from({ length: rows }, (_, k) => out.subarray(k * d, (k + 1) * d));
  let calls = 0;
  while (active.length > 0) {
    if (options.signal?.aborted) {
      const partial = resultOf(runs, reasons, d, calls);
      throw new AbortedError(`solveBatch: aborted with ${active.length} of ${rows} problems under way`, partial);
    }
    for (const [k, i] of active.entries()) X.set(runs[i].point, k * d);
    f(X, out, active.length);
    calls++;
    active = active.filter((i, k) => {
      const reason = runs[i].absorb(fx[k]);
      if (reason !== undefined) reasons[i] = reason;
      return reason === undefined;
    });
  }
  return resultOf(runs, reasons, d, calls);
}

function resultOf(runs: readonly Run[], reasons: readonly Reason[], d: number, calls: number): BatchResult {
  const X = new Float64Array(runs.length * d);
  for (const [i, run] of runs.entries()) X.set(run.x, i * d);
  return {
    X: dense(runs.length, d, X),
    residuals: Float64Array.from(runs, (run) => run.residual),
    iterations: Int32Array.from(runs, (run) => run.iterations),
    reasons,
    converged: reasons.filter((reason) => reason === 'converged').length,
    calls,
  };
}
