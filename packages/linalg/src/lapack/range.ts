/**
 * The range of numbers. Input whose largest entries are near its ends is scaled by powers of two to where sums and products neither
 * overflow nor are denormal, and results are scaled back: the same digits at every scale, and no NaN from finite numbers. Where that is
 * not needed nothing is scaled, at the price of one fast pass over the input.
 */
import { checkFinite } from '../check.ts';
import { type Dense, dense, type Float } from '../dense.ts';
import { NonFiniteError } from '../errors.ts';
import type { Kernel } from '../kernel/instance.ts';
import { copyIn, type Pointer, view, writeDense } from '../kernel/workspace.ts';

/** Scales are powers of this; its root is a power of two as well. */
const STEP = 2 ** 32;

/** Where the largest entry may be: far above denormal numbers, and so far below the end that sums of many do not overflow. */
export const RANGE: readonly [least: number, most: number] = [2 ** -900, 2 ** 990];

/** Any matrix is out of this one: its columns come to between 2^268 and 2^300, or as near as 2^896 does. */
export const LARGE: typeof RANGE = [2 ** 300, 2 ** 300];

export function rangeOf(like: Float): typeof RANGE {
  return like instanceof Float64Array ? RANGE : [2 ** -60, 2 ** 94];
}

/** How the entries of a matrix are checked: all of them, or those of the lower triangle. */
type Check = (operation: string, name: string, A: Dense<Float>) => void;

/** Not finite where an entry is not, or by overflow. */
function sum(k: Kernel, like: Float, pointer: Pointer, count: number): number {
  return like instanceof Float64Array ? k.dabsSum(count, pointer) : k.sabsSum(count, pointer);
}

/**
 * A matrix that was copied to `pointer`, where it needs scaling.
 *
 * @throws NonFiniteError naming the first entry that is NaN or infinite.
 */
function outOfRange(
  k: Kernel,
  operation: string,
  name: string,
  A: Dense<Float>,
  pointer: Pointer,
  [least, most]: typeof RANGE,
  check: Check,
): Float | undefined {
  const count = A.rows * A.cols;
  const size = sum(k, A.data, pointer, count);
  // The largest is at least size / 2^31. A sum in another order may be another: that changes nothing.
  if (size >= STEP * least && size <= most) return undefined;
  check(operation, name, A);
  return view(k, A.data, pointer, count);
}

/** Scales a matrix that was copied to `pointer`, and returns the power of two; errors as `outOfRange`. */
export function toRange(
  k: Kernel,
  operation: string,
  name: string,
  A: Dense<Float>,
  pointer: Pointer,
  range: typeof RANGE = RANGE,
  check: Check = checkFinite,
): number {
  const x = outOfRange(k, operation, name, A, pointer, range, check);
  return x ? scaled(x, 0, 1, range) : 1;
}

/** The same column by column, for factorisations that commute with that. Undefined where nothing needs it. */
export function columnsToRange(
  k: Kernel,
  operation: string,
  A: Dense,
  pointer: Pointer,
  range: typeof RANGE = RANGE,
): Float64Array | undefined {
  const x = outOfRange(k, operation, 'A', A, pointer, range, checkFinite);
  return x && Float64Array.from({ length: A.cols }, (_, j) => scaled(x, j, A.cols, range));
}

function scaled(x: Float, start: number, step: number, [least, most]: typeof RANGE): number {
  let largest = 0;
  for (let p = start; p < x.length; p += step) largest = Math.max(largest, Math.abs(x[p]!));
  const power = powerFor(largest, least, most);
  times(x, power, start, step);
  return power;
}

/** The power of two that brings a size into [least, most], or as near as 2^896 does; 1 where it is there, or 0. */
export function powerFor(largest: number, least: number, most: number = Number.MAX_VALUE): number {
  let power = 1;
  while (largest > 0 && largest * power < least && power < 2 ** 896) power *= STEP;
  while (largest * power > most) power /= STEP;
  return power;
}

export function times(x: Float, factor: number, start = 0, step = 1): void {
  for (let p = start; p < x.length; p += step) x[p]! *= factor;
}

function allFinite(k: Kernel, like: Float, pointer: Pointer, count: number): boolean {
  return sum(k, like, pointer, count) < Number.POSITIVE_INFINITY || view(k, like, pointer, count).every(Number.isFinite);
}

/** Multiplies a result by a power of two. @throws NonFiniteError where an entry has overflowed. */
export function fromRange(k: Kernel, operation: string, like: Float, pointer: Pointer, count: number, factor = 1): void {
  if (factor !== 1) times(view(k, like, pointer, count), factor);
  if (!(sum(k, like, pointer, count) < Number.POSITIVE_INFINITY)) checkResult(operation, view(k, like, pointer, count));
}

/** @throws NonFiniteError where an entry of what came from finite input is not finite. */
export function checkResult(operation: string, x: Float): void {
  let sum = 0;
  for (let p = 0; p < x.length; p++) sum += x[p]! - x[p]!;
  if (sum !== 0) throw overflow(operation);
}

function overflow(operation: string): NonFiniteError {
  return new NonFiniteError(`${operation}: the result overflows`, 'result', []);
}

/**
 * Where the kernel left the solution of a system that `solve` solves in place of B; its rows times `powers` where there are any.
 * Large B are scaled only when there is an overflow otherwise, as that costs small entries beside them their digits. Where there still
 * is one, `substitute` does the same as `solve`.
 */
export function solveInRange(
  k: Kernel,
  operation: string,
  B: Dense<Float>,
  solve: (x: Pointer) => void,
  substitute: (X: Dense<Float>) => void,
  powers?: Float64Array,
): Pointer {
  const { data, rows, cols } = B;
  const x = writeDense(k, B);
  const [least, most] = rangeOf(data);
  const solution = (): Float => view(k, data, x, rows * cols);
  const attempt = (least: number, most: number, solve: (x: Pointer) => void): boolean => {
    const power = toRange(k, operation, 'B', B, x, [least, most]);
    solve(x);
    // One factor a row, as a product with one of two might overflow.
    if (powers || power !== 1)
      for (let i = 0; i < rows; i++) times(solution().subarray(i * cols, i * cols + cols), (powers?.[i] ?? 1) / power);
    if (allFinite(k, data, x, rows * cols)) return true;
    copyIn(k, B, x);
    return false;
  };
  const { MAX_VALUE } = Number;
  const found =
    attempt(least, MAX_VALUE, solve) ||
    attempt(least, most, solve) ||
    attempt(0, MAX_VALUE, () => substitute(dense(rows, cols, solution())));
  if (!found) throw overflow(operation);
  return x;
}

/** Takes the powers out of the columns of an upper trapezoid; errors as `fromRange`. */
export function columnsFromRange(k: Kernel, operation: string, A: Dense, pointer: Pointer, powers: Float64Array | undefined): void {
  if (!powers) return;
  const n = A.cols;
  const rows = Math.min(A.rows, n);
  for (const [j, power] of powers.entries()) times(view(k, A.data, pointer, n * Math.min(rows, j + 1)), 1 / power, j, n);
  fromRange(k, operation, A.data, pointer, rows * n);
}
