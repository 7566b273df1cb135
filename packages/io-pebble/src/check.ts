import { ArgumentError } from '@x/linalg/errors';

/** @throws ArgumentError unless `value` is a whole number within [least, most]. */
export function checkWhole(operation: string, name: string, value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new ArgumentError(`${operation}: ${name} is ${value}; it must be a whole number in [${least}, ${most}]`, name);
  }
}

/** @throws ArgumentError unless `value` is one of `allowed`. */
export function checkChoice<C extends string | number>(operation: string, name: string, value: C, allowed: readonly C[]): void {
  if (!allowed.includes(value)) {
    throw new ArgumentError(`${operation}: ${name} is ${String(value)}; it must be one of ${allowed.join(', ')}`, name);
  }
}
