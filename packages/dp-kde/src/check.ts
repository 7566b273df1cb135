import { ArgumentError } from '@x/linalg/errors';

/** @throws ArgumentError unless `value` is a number within [least, most]; NaN is not. */
export function checkRange(operation: string, name: string, value: number, least: number, most: number): void {
  if (!(typeof value === 'number' && value >= least && value <= most)) {
    throw new ArgumentError(`${operation}: ${name} is ${String(value)}; it must lie in [${least}, ${most}]`, name);
  }
}

/** @throws ArgumentError unless `value` is a whole number within [least, most]. */
export function checkWhole(operation: string, name: string, value: number, least: number, most: number): void {
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
