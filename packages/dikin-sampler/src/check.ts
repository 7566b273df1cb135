import { ArgumentError, ShapeError } from '@x/linalg';

/** @throws ArgumentError unless `value` lies within [least, most]; NaN does not. */
export function checkRange(operation: string, name: string, value: number, least: number, most: number = Number.MAX_VALUE): void {
  if (!(value >= least && value <= most)) {
    throw new ArgumentError(`${operation}: ${name} is ${value}; it must lie in [${least}, ${most}]`, name);
  }
}

/** @throws ArgumentError unless `value` is a whole number within [least, most]. */
export function checkWhole(operation: string, name: string, value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new ArgumentError(`${operation}: ${name} is ${value}; it must be a whole number in [${least}, ${most}]`, name);
  }
}

/** @throws ShapeError unless `values` has `length` entries. */
export function checkLength(operation: string, name: string, values: ArrayLike<unknown>, length: number): void {
  if (values.length !== length) throw new ShapeError(`${operation}: ${name} has ${values.length} entries; ${length} are needed`);
}

/** @throws ArgumentError unless `value` is one of `allowed`. */
export function checkChoice<C extends string>(operation: string, name: string, value: C, allowed: readonly C[]): void {
  if (!allowed.includes(value)) {
    throw new ArgumentError(`${operation}: ${name} is ${String(value)}; it must be one of ${allowed.join(', ')}`, name);
  }
}
