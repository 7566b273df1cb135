import { ArgumentError, type Dense, NonFiniteError, ShapeError } from '@x/linalg';

/** @throws ArgumentError unless `value` lies within [least, most]; NaN does not. */
export function checkRange(operation: string, name: string, value: number, least: number, most: number = Number.MAX_VALUE): void {
  // Comparison alone would take "0.5" and null.
  if (!(typeof value === 'number' && value >= least && value <= most)) {
    throw new ArgumentError(`${operation}: ${name} is ${String(value)}; it must be a number in [${least}, ${most}]`, name);
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

/** @throws ArgumentError unless `x` is a Float64Array; ShapeError when it has another length; NonFiniteError naming the first bad entry. */
export function checkVector(operation: string, name: string, x: Float64Array, length: number = x?.length): void {
  if (!(x instanceof Float64Array)) throw new ArgumentError(`${operation}: ${name} must be a Float64Array`, name);
  if (x.length !== length) throw new ShapeError(`${operation}: ${name} has ${x.length} entries; it must have ${length}`);
  const bad = x.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new NonFiniteError(`${operation}: ${name}[${bad}] is ${x[bad]}; every entry must be finite`, name, [bad]);
}

/** @throws ArgumentError unless A is a matrix of f64. */
export function checkMatrix(operation: string, name: string, A: Dense): void {
  if (!(typeof A === 'object' && A?.data instanceof Float64Array)) {
    throw new ArgumentError(`${operation}: ${name} must be a matrix of Float64Array, as dense() and fromRows() make`, name);
  }
}

/** @throws NonFiniteError naming the first entry of a row-major matrix that is NaN or infinite. */
export function checkFinite(operation: string, name: string, { data, cols }: Dense): void {
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const index = [Math.floor(bad / cols), bad % cols];
  throw new NonFiniteError(`${operation}: ${name}[${index}] is ${data[bad]}; every entry must be finite`, name, index);
}

/** Squares and products of sizes within it neither overflow nor lose digits below the least normal number. */
const [LEAST, MOST] = [1e-100, 1e100] as const;

/** @throws ArgumentError when the largest size of finite numbers is not 0 and out of range: an entry of H = X^T X / n could not be told. */
export function checkMagnitude(operation: string, name: string, x: Float64Array): void {
  let most = 0;
  for (let i = 0; i < x.length; i++) most = Math.max(most, Math.abs(x[i]!));
  if (most === 0 || (most >= LEAST && most <= MOST)) return;
  throw new ArgumentError(
    `${operation}: the largest entry of ${name} has size ${most}; it must be 0 or lie in [${LEAST}, ${MOST}]: scale it, for example by a power of two`,
    name,
  );
}
