import { ArgumentError, type Dense, NonFiniteError, ShapeError } from '@x/linalg';

/** @throws ArgumentError unless `value` lies within [least, most]; NaN does not. */
export function checkRange(operation: string, name: string, value: number, least: number, most: number = Number.MAX_VALUE): void {
  if (!(typeof value === 'number' && value >= least && value <= most)) {
    throw new ArgumentError(`${operation}: ${name} is ${value}; it must lie in [${least}, ${most}]`, name);
  }
}

/** @throws ArgumentError unless `value` is a whole number within [least, most]. */
export function checkWhole(operation: string, name: string, value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new ArgumentError(`${operation}: ${name} is ${value}; it must be a whole number in [${least}, ${most}]`, name);
  }
}

/** @throws ArgumentError unless `value` is one of `allowed`. */
export function checkChoice<C extends string>(operation: string, name: string, value: C, allowed: readonly C[]): void {
  if (!allowed.includes(value)) {
    throw new ArgumentError(`${operation}: ${name} is ${String(value)}; it must be one of ${allowed.join(', ')}`, name);
  }
}

/** @throws ArgumentError unless `x` is a Float64Array; ShapeError for another length; NonFiniteError naming the first bad entry. */
export function checkVector(operation: string, name: string, x: Float64Array, length: number): void {
  if (!(x instanceof Float64Array)) throw new ArgumentError(`${operation}: ${name} must be a Float64Array`, name);
  if (x.length !== length) throw new ShapeError(`${operation}: ${name} has ${x.length} entries; it must have ${length}`);
  const i = x.findIndex((value) => !Number.isFinite(value));
  if (i >= 0) throw new NonFiniteError(`${operation}: ${name}[${i}] is ${x[i]}; every entry must be finite`, name, [i]);
}

/** @throws ArgumentError unless `M` is a matrix of f64; ShapeError unless it is d x d; NonFiniteError naming a bad entry. */
export function checkSquare(operation: string, name: string, M: Dense, d: number): void {
  if (!(M?.data instanceof Float64Array)) throw new ArgumentError(`${operation}: ${name} must be a matrix of a Float64Array`, name);
  if (M.rows !== d || M.cols !== d) throw new ShapeError(`${operation}: ${name} is ${M.rows} x ${M.cols}; it must be ${d} x ${d}`);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      const value = M.data[M.offset + i * M.rowStride + j * M.colStride]!;
      if (!Number.isFinite(value))
        throw new NonFiniteError(`${operation}: ${name}[${i}, ${j}] is ${value}; every entry must be finite`, name, [i, j]);
    }
  }
}

/** @throws ArgumentError unless `signs` is an Int8Array of n entries 1 or -1. */
export function checkSigns(operation: string, signs: Int8Array, n: number): void {
  if (!(signs instanceof Int8Array) || signs.length !== n || signs.some((sign) => sign !== 1 && sign !== -1)) {
    throw new ArgumentError(`${operation}: signs must be an Int8Array of ${n} entries 1 or -1`, 'signs');
  }
}

/** @throws as `checkVector`; ArgumentError naming the first negative entry. */
export function checkWeights(operation: string, name: string, w: Float64Array, length: number): void {
  checkVector(operation, name, w, length);
  const i = w.findIndex((value) => value < 0);
  if (i >= 0) throw new ArgumentError(`${operation}: ${name}[${i}] is ${w[i]}; weights must not be negative`, name);
}

/** @throws ArgumentError unless `f` is a function or left out. */
export function checkFunction(operation: string, name: string, f: unknown): void {
  if (f !== undefined && typeof f !== 'function') throw new ArgumentError(`${operation}: ${name} must be a function`, name);
}
