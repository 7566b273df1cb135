/** Argument checks that every public function shares, so that the same mistake reads the same everywhere. */
import type { Dense, Float } from './dense.ts';
import { ArgumentError, NonFiniteError, ShapeError } from './errors.ts';
import type { Rng } from './random/rng.ts';

/** Sizes stay below this, because the kernel and the offsets of sparse matrices count with 32 bits. */
const SIZES = 2 ** 31;

/** @throws ShapeError unless `value` is a whole number in [least, 2^31). */
export function checkSize(operation: string, name: string, value: number, least: number = 0): void {
  if (!Number.isInteger(value) || value < least || value >= SIZES) {
    throw new ShapeError(`${operation}: ${name} is ${kindOf(value)}; it must be a whole number in [${least}, 2^31)`);
  }
}

/** @throws ArgumentError unless `value` is an object: options, a matrix, the result of another function. */
export function checkObject(operation: string, name: string, value: unknown, what: string = 'an object'): void {
  if (typeof value !== 'object' || value === null) {
    throw new ArgumentError(`${operation}: ${name} is ${kindOf(value)}; it must be ${what}`, name);
  }
}

/** @throws ArgumentError unless `value` is a function, or undefined. */
export function checkCallback(operation: string, name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') {
    throw new ArgumentError(`${operation}: ${name} is ${kindOf(value)}; it must be a function`, name);
  }
}

/** @throws ArgumentError unless `rng` is a generator. */
export function checkRng(operation: string, rng: Rng): void {
  if (typeof rng?.uniform !== 'function' || typeof rng.integer !== 'function') {
    throw new ArgumentError(`${operation}: rng is ${kindOf(rng)}; it must be a generator, as of philox`, 'rng');
  }
}

/** @throws ArgumentError unless `x` is an array of numbers, typed or not. NaN and infinities are numbers. */
export function checkNumbers(operation: string, name: string, x: ArrayLike<number>): void {
  checkObject(operation, name, x, 'an array of numbers');
  checkSize(operation, `${name}.length`, x.length);
  for (let i = 0; i < x.length; i++) if (typeof x[i] !== 'number') checkNumber(operation, `${name}[${i}]`, x[i]);
}

/** @throws ArgumentError unless `value` is a number; NaN and infinities are. */
export function checkNumber(operation: string, name: string, value: unknown): void {
  if (typeof value !== 'number') throw new ArgumentError(`${operation}: ${name} is ${kindOf(value)}; it must be a number`, name);
}

/** @throws ArgumentError unless `data` is a Float64Array or a Float32Array. */
export function checkElements(operation: string, name: string, data: Float): void {
  if (!(data instanceof Float64Array || data instanceof Float32Array)) {
    throw new ArgumentError(`${operation}: ${name} holds ${kindOf(data)}; it must hold Float64Array or Float32Array`, name);
  }
}

/** @throws ArgumentError unless `data` has elements of so many bytes: all operands must be of one type. */
export function checkType(operation: string, name: string, data: Float, { BYTES_PER_ELEMENT: bytes }: { BYTES_PER_ELEMENT: number }): void {
  if (data.BYTES_PER_ELEMENT !== bytes) {
    throw new ArgumentError(`${operation}: ${name} holds ${kindOf(data)}; it must hold Float${8 * bytes}Array`, name);
  }
}

/** What a value that should not be here is, in a word. */
export function kindOf(value: unknown): string {
  if (typeof value === 'function') return value.name || 'a function';
  if (value === null || typeof value !== 'object') return String(value);
  return value.constructor?.name ?? 'an object';
}

/** @throws ArgumentError unless `value` is one of `allowed`. */
export function checkChoice<C extends string>(operation: string, name: string, value: C, allowed: readonly C[]): void {
  if (!allowed.includes(value)) {
    throw new ArgumentError(`${operation}: ${name} is ${kindOf(value)}; it must be one of ${allowed.join(', ')}`, name);
  }
}

/** @throws ArgumentError unless `value` is a whole number in [0, 2^53), as seeds and streams are. */
export function checkSeed(operation: string, name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new ArgumentError(`${operation}: ${name} is ${kindOf(value)}; it must be a whole number in [0, 2^53)`, name);
  }
}

/** @throws ArgumentError unless `value` is a finite number within [least, most]. */
export function checkRange(operation: string, name: string, value: number, least: number, most: number = Number.MAX_VALUE): void {
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw new ArgumentError(`${operation}: ${name} is ${kindOf(value)}; it must lie in [${least}, ${most}]`, name);
  }
}

/** @throws ArgumentError unless A is a matrix of f64 or f32; ShapeError unless its every entry lies inside its data. */
export function checkDense(operation: string, name: string, A: Dense<Float>): void {
  checkObject(operation, name, A, 'a matrix');
  checkElements(operation, name, A.data);
  const { rows, cols, data, offset, rowStride, colStride } = A;
  checkSize(operation, `${name}.rows`, rows);
  checkSize(operation, `${name}.cols`, cols);
  if (rows === 0 || cols === 0) return;
  const down = (rows - 1) * rowStride;
  const right = (cols - 1) * colStride;
  const least = offset + Math.min(down, 0) + Math.min(right, 0);
  const most = offset + Math.max(down, 0) + Math.max(right, 0);
  const whole = Number.isInteger(offset) && Number.isInteger(rowStride) && Number.isInteger(colStride);
  if (!whole)
    throw new ShapeError(
      `${operation}: ${name} has offset ${offset} and strides ${rowStride} and ${colStride}; they must be whole numbers`,
    );
  if (!(least >= 0 && most < data.length)) {
    throw new ShapeError(`${operation}: ${name} reaches from entry ${least} to ${most}; its data has ${data.length} entries`);
  }
}

/** @throws ShapeError unless A is square. */
export function checkSquare(operation: string, name: string, A: Dense<Float>): void {
  checkDense(operation, name, A);
  if (A.rows !== A.cols) throw new ShapeError(`${operation}: ${name} is ${A.rows} x ${A.cols}; it must be square`);
}

/** @throws NonFiniteError naming the first entry that is NaN or infinite. */
export function checkFinite(operation: string, name: string, A: Dense<Float>): void {
  const { rows, cols, data, offset, rowStride, colStride } = A;
  for (let i = 0; i < rows; i++) {
    for (let j = 0, p = offset + i * rowStride; j < cols; j++, p += colStride) {
      // x - x is 0 for finite x and NaN otherwise: one comparison for both cases.
      const x = data[p] as number;
      if (x - x !== 0) throw nonFinite(operation, name, x, i, j);
    }
  }
}

export function nonFinite(operation: string, name: string, x: number, ...index: number[]): NonFiniteError {
  return new NonFiniteError(`${operation}: ${name}[${index.join(', ')}] is ${x}; every entry must be finite`, name, index);
}

/**
 * @throws ArgumentError unless `x` is a Float64Array; ShapeError when it has another length; NonFiniteError naming the first entry that
 *   is NaN or infinite.
 */
export function checkVector(operation: string, name: string, x: Float64Array, length: number = x?.length): void {
  if (!(x instanceof Float64Array)) throw new ArgumentError(`${operation}: ${name} is ${kindOf(x)}; it must be a Float64Array`, name);
  checkLength(operation, name, x, length);
  for (let i = 0; i < length; i++) {
    const value = x[i] as number;
    if (value - value !== 0) throw nonFinite(operation, name, value, i);
  }
}

/** @throws ArgumentError when x is not a vector of f64 or f32; ShapeError when it has another length. */
export function checkLength(operation: string, name: string, x: Float, length: number): void {
  checkElements(operation, name, x);
  if (x.length !== length) throw new ShapeError(`${operation}: ${name} has ${x.length} entries; it must have ${length}`);
}
