import { dense } from '@x/linalg';
import { type Kernel, withKernel } from '../kernel/instance.ts';
import { floatsAt, placeFloats, wholesAt } from '../kernel/memory.ts';
import { type KernelMap, loadNet, networkOf } from '../kernel/program.ts';
import type { BatchFn, BatchResult } from './batch.ts';
import type { Reason, Settings } from './contract.ts';

/** By the numbers that assembly/judge.ts gives them; what has none is still under way. */
const REASONS: readonly Reason[] = ['aborted', 'converged', 'diverged', 'max-iterations', 'stagnated', 'oscillating'];

const CONVERGED = 1;

/** Entries of the problems that are solved together: half a dozen arrays of this length stay in a cache. */
const TOGETHER = 8192;

/**
 * Plain iteration of many problems, with the rules of run.ts but no objects for each: the kernel judges all of them at once. It gives the same bits as
 * one by one, many times faster.
 */
export function plainBatch(
  f: BatchFn,
  starts: Float64Array,
  rows: number,
  d: number,
  settings: Settings,
  signal: AbortSignal | undefined,
): { readonly result: BatchResult; readonly aborted: boolean } {
  const best = starts.slice();
  const residuals = new Float64Array(rows).fill(Infinity);
  const iterations = new Int32Array(rows);
  const codes = new Int32Array(rows);
  const most = Math.max(64, Math.floor(TOGETHER / d) & ~7);
  let calls = 0;
  for (let from = 0; from < rows && !signal?.aborted; from += most) {
    const to = Math.min(rows, from + most);
    const part = solveTogether(f, starts.subarray(from * d, to * d), to - from, d, settings, signal);
    best.set(part.best, from * d);
    residuals.set(part.residuals, from);
    iterations.set(part.iterations, from);
    codes.set(part.codes, from);
    calls += part.calls;
  }
  const reasons = new Array<Reason>(rows);
  let converged = 0;
  for (let i = 0; i < rows; i++) {
    reasons[i] = REASONS[codes[i]];
    if (codes[i] === CONVERGED) converged++;
  }
  return { result: { X: dense(rows, d, best), residuals, iterations, reasons, converged, calls }, aborted: codes.includes(0) };
}

function solveTogether(f: BatchFn, starts: Float64Array, rows: number, d: number, settings: Settings, signal: AbortSignal | undefined) {
  return withKernel((kernel) => {
    const net = networkOf(f);
    const map = net === undefined ? throughArrays(kernel, f, rows, d) : loadNet(kernel, net);
    const s = placeState(kernel, starts, rows, d, settings);
    let [before, x, value] = [placeFloats(kernel, starts), placeFloats(kernel, starts), kernel.allocate(8 * rows * d)];
    let active = rows;
    let t = 0;
    while (active > 0 && !signal?.aborted) {
      map(active, x, value);
      t++;
      active = kernel.judgeRows(s.state, t, active, before, x, value);
      [before, x, value] = [x, value, before];
    }
    const iterations = wholesAt(kernel, s.iterations, rows).slice();
    for (const i of wholesAt(kernel, s.problem, active)) iterations[i] = t;
    return {
      best: floatsAt(kernel, s.best, rows * d).slice(),
      residuals: floatsAt(kernel, s.residuals, rows).slice(),
      iterations,
      codes: wholesAt(kernel, s.reasons, rows).slice(),
      calls: t,
    };
  });
}

/** A user's map gets arrays of its own: it may keep them, or solve something itself. */
function throughArrays(kernel: Kernel, f: BatchFn, rows: number, d: number): KernelMap {
  const X = new Float64Array(rows * d);
  const F = new Float64Array(rows * d).fill(Number.NaN);
  return (active, x, out) => {
    X.set(floatsAt(kernel, x, active * d));
    f(X, F, active);
    floatsAt(kernel, out, active * d).set(F.subarray(0, active * d));
  };
}

/** What judge.ts keeps, in the order of its fields. */
function placeState(kernel: Kernel, starts: Float64Array, rows: number, d: number, { norm, atol, rtol, maxIterations }: Settings) {
  const wholes = () => {
    const pointer = kernel.allocate(4 * rows);
    wholesAt(kernel, pointer, rows).fill(0);
    return pointer;
  };
  const state = kernel.allocate(64);
  const first = placeFloats(kernel, starts);
  const best = placeFloats(kernel, starts);
  const residuals = placeFloats(kernel, new Float64Array(rows).fill(Infinity));
  const limits = kernel.allocate(8 * rows);
  const [bestIterations, steady, iterations, reasons, problem] = [wholes(), wholes(), wholes(), wholes(), wholes()];
  const order = wholesAt(kernel, problem, rows);
  for (let i = 0; i < rows; i++) order[i] = i;
  floatsAt(kernel, state, 2).set([atol, rtol]);
  wholesAt(kernel, state + 16, 12).set([
    d,
    norm === 'euclidean' ? 1 : 0,
    Math.min(maxIterations, 0x7fffffff),
    first,
    best,
    residuals,
    limits,
    bestIterations,
    steady,
    iterations,
    reasons,
    problem,
  ]);
  return { state, best, residuals, iterations, reasons, problem };
}
