import { ArgumentError, type Dense, NonFiniteError, ShapeError } from '@x/linalg';

/** @throws ArgumentError unless `value` lies within [least, most]; NaN does not. */
export function checkRange(operation: string, name: string, value: number, least: number, most: number = Number.MAX_VALUE): void {
  if (!(typeof value === 'number' && value >= least && value <= most)) {
    throw new ArgumentError(`${operation}: ${name} is ${String(value)}; it must lie in [${least}, ${most}]`, name);
  }
}

/** @throws ArgumentError unless `value` is a whole number within [least, most]. */
export function checkWhole(operation: string, name: string, value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new ArgumentError(`${operation}: ${name} is ${String(value)}; it must be a whole number in [${least}, ${most}]`, name);
  }
}

/** @throws ArgumentError unless `value` is one of `allowed`. */
export function checkChoice<C extends string>(operation: string, name: string, value: C, allowed: readonly C[]): void {
  if (!allowed.includes(value)) {
    throw new ArgumentError(`${operation}: ${name} is ${String(value)}; it must be one of ${allowed.join(', ')}`, name);
  }
}

/** @throws ArgumentError unless `value` is a function. */
export function checkFunction(operation: string, name: string, value: unknown): void {
  if (typeof value !== 'function') throw new ArgumentError(`${operation}: ${name} is ${String(value)}; it must be a function`, name);
}

/**
 * A copy as a Float64Array.
 *
 * @throws ArgumentError unless `x` is an array of numbers; ShapeError when it has another length; NonFiniteError naming the first entry
 *   that is NaN or infinite.
 */
export function finiteVector(operation: string, name: string, x: ArrayLike<number>, length: number = x?.length): Float64Array {
  if (typeof x !== 'object' || x === null || !Number.isInteger(x.length)) {
    throw new ArgumentError(`${operation}: ${name} is ${String(x)}; it must be an array of numbers`, name);
  }
  if (x.length !== length) throw new ShapeError(`${operation}: ${name} has ${x.length} entries; it must have ${length}`);
  const copy = Float64Array.from(x);
  for (const [i, value] of copy.entries()) {
    if (value - value !== 0) throw new NonFiniteError(`${operation}: ${name}[${i}] is ${value}; every entry must be finite`, name, [i]);
  }
  return copy;
}

/**
 * The entries of a matrix, row by row, as a new array.
 *
 * @throws ArgumentError unless it is a matrix; NonFiniteError naming the first entry that is NaN or infinite.
 */
export function finiteMatrix(operation: string, name: string, A: Dense): Float64Array {
  if (!(A?.data instanceof Float64Array)) throw new ArgumentError(`${operation}: ${name} is not a matrix of f64 (see dense)`, name);
  const { rows, cols, data, offset, rowStride, colStride } = A;
  const entries = new Float64Array(rows * cols);
  if (colStride === 1 && rowStride === cols) entries.set(data.subarray(offset, offset + rows * cols));
  else for (let i = 0, p = 0; i < rows; i++) for (let j = 0; j < cols; j++) entries[p++] = data[offset + i * rowStride + j * colStride];
  for (let p = 0; p < entries.length; p++) {
    const value = entries[p];
    if (value - value === 0) continue;
    const [i, j] = [Math.floor(p / cols), p % cols];
    throw new NonFiniteError(`${operation}: ${name}[${i}, ${j}] is ${value}; every entry must be finite`, name, [i, j]);
  }
  return entries;
}
